"""Which runs fire a trigger, before and after it is read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project.lib.json_documents import Document
from tests.menagerie import compound, proactive, reactive, sequence, trigger
from triggers_app.automation.loops.run_reach import may_be_reached, reaches

RUN = "prefect.flow-run"
NAMES = st.lists(
    st.sampled_from(
        ["order", "*", "pre*", "*.Completed", "o*r", f"{RUN}.Completed", f"{RUN}*", f"{RUN}.own"]
    ),
    max_size=2,
    unique=True,
)
LEAVES = st.builds(
    lambda make, expect, after, keys: make(*expect, after=after, within=60, for_each=keys),
    st.sampled_from([reactive, proactive]),
    NAMES,
    NAMES,
    st.sampled_from([[], ["prefect.resource.id"]]),
)
GROUPS = st.builds(
    lambda make, children: make(*children), st.sampled_from([compound, sequence]),
    st.lists(LEAVES, min_size=1, max_size=3),
)  # fmt: skip


@given(document=LEAVES | GROUPS)
def test_names_never_rule_out_a_trigger_that_runs_fire(document: Document) -> None:
    assert may_be_reached(document) or not reaches(trigger(document))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (reactive("order.paid"), False),
        (compound(reactive("order.paid"), reactive("stock.low")), False),
        (reactive(), True),
        (reactive("order.*"), True),
        (compound(reactive("order.paid"), reactive("prefect.flow-run.Failed")), True),
        ({"type": "later"}, True),
    ],
    ids=["a name", "names in a group", "every event", "a pattern", "a part", "unknown"],
)
def test_names_that_no_run_emits_need_no_reading(document: Any, expected: bool) -> None:
    assert may_be_reached(document) is expected
