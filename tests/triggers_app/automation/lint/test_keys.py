"""L23."""

import pytest

from tests.menagerie import reactive, run_etl
from tests.triggers_app.automation.lint.looking import Case, check_fires, check_silent
from triggers_app.automation.lint import keys

METRIC = {"name": "lateness", "threshold": 1.0, "operator": ">"}
FIRES = {
    "a slip": Case(
        keys.unknown_key,
        reactive(expects=["a"]),
        loc=("trigger", "expects"),
        says="Did you mean `expect`?",
        fixed=reactive("a"),
    ),
    "what is meant stands there, too": Case(
        keys.unknown_key,
        reactive("b", expects=["a"]),
        loc=("trigger", "expects"),
        says="Did you mean `expect`?",
        fixed=reactive("b"),
    ),
    "like no other": Case(
        keys.unknown_key,
        reactive("b", colour=1),
        loc=("trigger", "colour"),
        says="has no effect.",
        fixed=reactive("b"),
    ),
    "of an action": Case(
        keys.unknown_key,
        fields={"actions": [run_etl(params={"a": 1})]},
        loc=("actions", 0, "params"),
        says="Did you mean `parameters`?",
        fixed=[run_etl(parameters={"a": 1})],
    ),
    "of a metric": Case(
        keys.unknown_key,
        {"type": "metric", "metric": {**METRIC, "rang": 600}},
        loc=("trigger", "metric", "rang"),
        says="Did you mean `range`?",
        fixed={"type": "metric", "metric": {**METRIC, "range": 600}},
    ),
}


@pytest.mark.parametrize("case", FIRES.values(), ids=FIRES)
def test_l23_fires(case: Case) -> None:
    check_fires("L23", case)


def test_l23_is_silent_about_labels() -> None:
    check_silent(Case(keys.unknown_key, reactive("e", match={"expects": "a"})))
