"""L02, L06, L07."""

from typing import Any

import pytest

from project.lib.json_documents import Document
from tests.menagerie import compound, reactive
from tests.triggers_app.automation.lint.looking import Case, check_fires, check_silent
from triggers_app.automation.lint import absent
from triggers_app.automation.lint.context import LintContext

RESOURCE = "prefect.resource.id"
ROLE = "prefect.resource.role"
MAP = ("trigger", "match_related")


def related(**labels: Any) -> Document:
    renamed = {"id": RESOURCE, "role": ROLE}
    return reactive("e", match_related={renamed.get(k, k): v for k, v in labels.items()})


def keyed(*labels: str, **fields: Any) -> Document:
    return reactive("e", for_each=list(labels), **fields)


def lacking(label: str, share: float, *loc: str | int) -> LintContext:
    return LintContext(lacking={(("trigger", *loc), label): share})


NEGATED = {
    "a tag": Case(
        absent.negated_related,
        related(role="tag", id="!prefect.tag.dev"),
        loc=(*MAP, RESOURCE),
        says="one other related `tag` is enough",
    ),
    "any role": Case(
        absent.negated_related,
        related(id=["x", "!prefect.deployment.1"]),
        loc=(*MAP, RESOURCE),
        fixed=related(id=["x", "!prefect.deployment.1"], role="deployment"),
    ),
    "any role, of a kind of their own": Case(
        absent.negated_related, related(id="!warehouse.7"), loc=(*MAP, RESOURCE)
    ),
    "several roles": Case(
        absent.negated_related,
        related(role=["flow", "tag"], name="!x"),
        loc=(*MAP, "name"),
        says="one other related resource",
    ),
    "a role of which several were seen": Case(
        absent.negated_related,
        related(role=["step"], name="!x"),
        facts=LintContext(related_per_role={"step": 4}),
        loc=(*MAP, "name"),
    ),
}
KEYS = {
    "some lack it": Case(
        absent.missing_key,
        keyed("customer"),
        facts=lacking("customer", 0.25),
        loc=("trigger", "for_each"),
        says="25 % of the matching events have no `customer`",
        fixed=keyed("customer", match={"customer": "*"}),
    ),
    "few lack it": Case(
        absent.missing_key,
        compound(keyed("a"), keyed("b")),
        facts=lacking("b", 0.001, "triggers", 1),
        loc=("trigger", "triggers", 1, "for_each"),
        says="Less than 1 %",
        fixed=compound(keyed("a"), keyed("b", match={"b": "*"})),
    ),
    "all lack it": Case(
        absent.missing_key,
        keyed("a", "b"),
        facts=lacking("b", 1),
        loc=("trigger", "for_each"),
        fixed=keyed("a"),
    ),
    "all lack it, and the whole needs it": Case(
        absent.missing_key,
        compound(keyed("a"), keyed("a"), for_each=["a"]),
        facts=lacking("a", 1, "triggers", 0),
        loc=("trigger", "triggers", 0, "for_each"),
    ),
    "a related one": Case(
        absent.missing_key,
        keyed("related:flow:name"),
        facts=lacking("related:flow:name", 0.5),
        loc=("trigger", "for_each"),
    ),
}
NOTHING = {
    "some lack it": Case(
        absent.negation_of_nothing,
        reactive("e", match={"env": "!dev"}),
        facts=lacking("env", 0.4),
        loc=("trigger", "match", "env"),
        says="40 % of the events",
    ),
    "all lack it": Case(
        absent.negation_of_nothing,
        reactive("e", match={"env": ["!dev"], "a": "b"}),
        facts=lacking("env", 1),
        loc=("trigger", "match", "env"),
        fixed=reactive("e", match={"a": "b"}),
    ),
    "no related one has it": Case(
        absent.negation_of_nothing,
        reactive("e", match_related=[{ROLE: "flow"}, {ROLE: "flow", "env": "!dev"}]),
        facts=lacking("env", 1, "match_related", 1),
        loc=(*MAP, 1, "env"),
        fixed=reactive("e", match_related=[{ROLE: "flow"}, {ROLE: "flow"}]),
    ),
}


@pytest.mark.parametrize("case", NEGATED.values(), ids=NEGATED.keys())
def test_negation_that_another_related_resource_meets_is_named(case: Case) -> None:
    check_fires("L02", case)


@pytest.mark.parametrize("case", KEYS.values(), ids=KEYS.keys())
def test_events_without_the_key_are_named(case: Case) -> None:
    check_fires("L06", case)


@pytest.mark.parametrize("case", NOTHING.values(), ids=NOTHING.keys())
def test_negation_of_an_absent_label_is_named(case: Case) -> None:
    check_fires("L07", case)


SILENT = {
    "a role of which there is one": Case(
        absent.negated_related, related(role="deployment", id="!prefect.deployment.1")
    ),
    "tags, of which events have one here": Case(
        absent.negated_related,
        related(role="tag", id="!prefect.tag.dev"),
        facts=LintContext(related_per_role={"tag": 1}),
    ),
    "no negation": Case(absent.negated_related, related(role="tag", id="prefect.tag.prod")),
    "all events have the key": Case(
        absent.missing_key, keyed("customer"), facts=lacking("customer", 0)
    ),
    "nothing known of the key": Case(absent.missing_key, keyed("customer")),
    "a key that must be there": Case(
        absent.missing_key, keyed("a", match={"a": "x*"}), facts=lacking("a", 0.5)
    ),
    "nothing known of the label": Case(
        absent.negation_of_nothing, reactive("e", match={"env": "!dev"})
    ),
    "one that has to be there": Case(
        absent.negation_of_nothing,
        reactive("e", match={"env": "prod", "b": []}),
        facts=LintContext(lacking={(("trigger",), "env"): 0.4, (("trigger",), "b"): 0.4}),
    ),
}


@pytest.mark.parametrize("case", SILENT.values(), ids=SILENT.keys())
def test_conditions_that_events_can_meet_are_left_alone(case: Case) -> None:
    check_silent(case)
