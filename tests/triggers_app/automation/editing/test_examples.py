"""Events made up from what a trigger says: the trigger wants them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project.lib.json_documents import Document
from tests.events_app.menagerie import an_event
from tests.menagerie import ZERO, compound, proactive, reactive, sequence
from triggers_app.automation.editing.examples import concrete, example_event, example_of
from triggers_app.automation.engine.explaining import conditions
from triggers_app.automation.engine.selection import Selection
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.triggers import EventTrigger, MetricTrigger

METRIC = {
    "type": "metric",
    "posture": "Metric",
    "match_related": {"prefect.resource.role": "deployment", "prefect.resource.id": "prefect.d.1"},
    "metric": {"name": "duration", "threshold": 60, "operator": ">"},
}
TRIGGERS: dict[str, Document] = {
    "a name": reactive("order.placed"),
    "any name": reactive(),
    "a family": reactive("order.*"),
    "an absence": proactive("heartbeat", within=60),
    "what it follows": reactive("b.done", after=["a.done"]),
    "a pattern": reactive("a", match={"prefect.resource.id": "s3://in/*/[0-9]?.csv"}),
    "a star that is meant": reactive("a", match={"prefect.resource.id": "a[*]b"}),
    "several values": reactive("a", match={"site": ["!north", "south", "west"]}),
    "all but one": reactive("a", match={"site": "!example"}),
    "all but some": reactive("a", match={"site": "!example*"}),
    "a set of others": reactive("a", match={"site": "[!abc]x"}),
    "all but a family, named": reactive("a", match={"env": ["!exam*"]}),
    "nothing long": reactive("a", match={"site": "!?*"}),
    "a glob of nothing, then one of something": reactive("a", match={"site": ["[b-a]", "n?"]}),
    "a name that no event has, then one": reactive("order[0]", "order.placed"),
    "roles counted apart": reactive("a", for_each=["related:flow:prefect.resource.role"]),
    "two related": reactive(
        "a",
        match_related=[
            {"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.prod"},
            {"prefect.resource.role": "flow"},
        ],
    ),
    "counted apart": reactive("a", for_each=["site", "related:flow:prefect.resource.id"]),
    "a metric": METRIC,
}


def leaf(document: Document) -> EventTrigger | MetricTrigger:
    trigger = parse_trigger(document)
    assert isinstance(trigger, EventTrigger | MetricTrigger)
    return trigger


@pytest.mark.parametrize("document", TRIGGERS.values(), ids=TRIGGERS.keys())
def test_the_engine_wants_the_example(document: Document) -> None:
    trigger = leaf(document)
    example: dict[str, Any] = example_of(trigger)
    payload = msgspec.Raw(b"{}")

    event = an_event(event=example["event"], resource=example["resource"])
    event = msgspec.structs.replace(event, related=example["related"], payload=payload)

    unmet = [one.sentence for one in conditions(trigger, event) if not one.met]
    assert unmet == []


VALUES = st.sampled_from(
    ["north", "n*", "?", "[!abc]x", "[!e]*", "!north", "!exam*", "!*e*", "!?*", ["n", "!x"],
     ["!exam*"], ["[b-a]", "a[*]b"], ["!*a*", "!e*"]]
)  # fmt: skip
SPECIFICATIONS = st.dictionaries(
    st.sampled_from(["site", "env", "prefect.resource.id", "prefect.resource.role"]), VALUES
)
WANTING = st.fixed_dictionaries(
    {
        "type": st.just("event"),
        "posture": st.just("Reactive"),
        "expect": st.lists(st.sampled_from(["a", "*.b", "a*c*", "?", "!b", "*"]), max_size=2),
        "after": st.lists(st.sampled_from(["z", "z.*"]), max_size=1),
        "match": SPECIFICATIONS,
        "match_related": st.lists(SPECIFICATIONS, max_size=3),
        "for_each": st.lists(
            st.sampled_from(["site", "related:flow:env", "related:north:site"]), max_size=2
        ),
    }
)


@given(document=WANTING | st.just(METRIC))
def test_the_engine_selects_the_example_of_any_trigger(document: Document) -> None:
    trigger = leaf(document)

    event = example_event(trigger, now=ZERO)

    selection = Selection.of(trigger)
    assert selection.names.match(event.event)
    assert [one.sentence for one in conditions(trigger, event) if not one.met] == []
    assert selection.test is None or selection.test(event)


def test_of_a_tree_the_example_is_that_of_its_first_part() -> None:
    trigger = parse_trigger(sequence(compound(), METRIC, reactive("b")))

    event = example_event(trigger, now=ZERO)

    assert event.event == "prefect.flow-run.Completed"


@pytest.mark.parametrize("trigger", [None, compound()], ids=["no trigger", "no parts"])
def test_without_anything_to_want_some_event_is_the_example(trigger: Document | None) -> None:
    parsed = None if trigger is None else parse_trigger(trigger)

    assert example_event(parsed, now=ZERO).event == "example"


def test_the_example_has_what_windows_are_counted_by() -> None:
    example = example_of(leaf(TRIGGERS["counted apart"]))

    assert example["resource"]["site"] == "example"
    [flow] = example["related"]
    assert (flow["prefect.resource.role"], flow["prefect.resource.id"]) == ("flow", "example")


@pytest.mark.parametrize("document", [reactive("a"), METRIC], ids=["event", "metric"])
def test_the_example_is_marked_as_a_test(document: Document) -> None:
    assert example_of(leaf(document))["resource"]["flint.test"] == "true"


def test_what_the_trigger_says_of_the_mark_wins() -> None:
    document = reactive("a", match={"flint.test": "no"})

    assert example_of(leaf(document))["resource"]["flint.test"] == "no"


@pytest.mark.parametrize(
    ("glob", "text"),
    [("a*", "aexample"), ("?", "x"), ("[ab]c", "ac"), ("[!a]", "b"), ("[", "["), ("", "")],
)
def test_globs_become_a_text(glob: str, text: str) -> None:
    assert concrete(glob) == text
