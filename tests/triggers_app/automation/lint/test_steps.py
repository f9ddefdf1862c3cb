"""L22."""

from typing import Any

import pytest

from project.lib.json_documents import Document
from tests.menagerie import compound, proactive, reactive, sequence
from tests.triggers_app.automation.lint.looking import Case, check_fires, check_silent
from triggers_app.automation.lint import steps

ID = "prefect.resource.id"


def step(*names: str, **match: Any) -> Document:
    return reactive(*names, match=match)


def of_role(role: str, value: str) -> Document:
    return reactive("e", match_related={"prefect.resource.role": role, ID: value})


def second(*parts: Document) -> Case:
    return Case(
        steps.shared_steps,
        sequence(*parts),
        loc=("trigger", "triggers", len(parts) - 1),
        says="and for step",
    )


SHARED = {
    "the same": second(step("a"), step("a")),
    "a name of a pattern": second(step("a.*"), step("a.b")),
    "two patterns": second(step("a*c"), step("ab*")),
    "every event": second(step("a"), step()),
    "patterns and names": second(step("x", "b*"), step("c"), step("a", "bc")),
    "the same label": second(step("a", x=["1", "2*"]), step("a", x="2[0-9]")),
    "what is not excluded": second(step("a", x="!1*"), step("a", x="2")),
    "not the one, not the other": second(step("a", x="!1"), step("a", x="!2")),
    "other labels": second(step("a", x="1"), step("a", y="2")),
    "two tags": second(of_role("tag", "x"), of_role("tag", "y")),
    "deployment and flow": second(of_role("deployment", "x"), of_role("flow", "y")),
    "a part of a part": second(compound(step("a"), step("b")), step("b")),
}
SILENT = {
    "other names": second(step("a"), step("b", "c*")),
    "patterns of other names": second(step("a*"), step("b*"), step("c*.x"), step("c*.y")),
    "names and their case": second(step("a"), step("A")),
    "a pattern that selects nothing": second(step("a[b]"), step("a*")),
    "other values": second(step("a", x=["1", "2"]), step("a", x="3")),
    "values with other beginnings": second(step("a", x="1*"), step("a", x="2*")),
    "values with other ends": second(step("a", x="*1"), step("a", x="*[ab]2")),
    "all but the other": second(step("a", x="!1*"), step("a", x="1*")),
    "two deployments": second(of_role("deployment", "x"), of_role("deployment", "y")),
    "silence": second(step("a"), proactive("a")),
    "no sequence": Case(steps.shared_steps, compound(step("a"), step("a"))),
}


@pytest.mark.parametrize("case", SHARED.values(), ids=SHARED.keys())
def test_steps_that_one_event_can_meet_are_named(case: Case) -> None:
    check_fires("L22", case)


@pytest.mark.parametrize("case", SILENT.values(), ids=SILENT.keys())
def test_steps_with_events_of_their_own_are_left_alone(case: Case) -> None:
    check_silent(case)
