"""Keys that nobody knows, wherever an automation has keys; and names that are free."""

from typing import Any

import pytest

from tests.menagerie import automation_document, compound, reactive, run_etl
from triggers_app.automation.parsing import parse_automation
from triggers_app.automation.unknown_keys import UnknownKey, unknown_keys, unknown_keys_of

METRIC = {
    "type": "metric",
    "metric": {"name": "lateness", "threshold": 1, "operator": ">", "rang": 300},
}
HOOK = {"type": "call-webhook", "url": "https://example.com/x", "method": "POST", "headers": {}}


def found(**fields: Any) -> list[tuple[str, str | None]]:
    document = automation_document(**fields)
    return [(".".join(map(str, each.loc)), each.meant) for each in unknown_keys(document)]


KINDS: dict[str, tuple[dict[str, Any], list[tuple[str, str | None]]]] = {
    "the automation": ({"action": []}, [("action", "actions")]),
    "Flint's options": ({"flint": {"shadw": True}}, [("flint.shadw", "shadow")]),
    "an event trigger": (
        {"trigger": reactive("e", expects=["a"])},
        [("trigger.expects", "expect")],
    ),
    "a part": (
        {"trigger": compound(reactive("e", thresold=2), reactive("f"))},
        [("trigger.triggers.0.thresold", "threshold")],
    ),
    "a part of a part": (
        {"trigger": compound(compound(reactive("e", widthin=2)))},
        [("trigger.triggers.0.triggers.0.widthin", "within")],
    ),
    "a composite": ({"trigger": compound(reactive("e"), Within=3)}, [("trigger.Within", "within")]),
    "a key of another kind": (
        {"trigger": reactive("e", require="all")},
        [("trigger.require", None)],
    ),
    "nearly a key of another kind": (
        {"trigger": {"type": "sequence", "requires": "any", "within": 1, "triggers": []}},
        [("trigger.requires", "require")],
    ),
    "a metric": ({"trigger": METRIC}, [("trigger.metric.rang", "range")]),
    "a run": ({"actions": [run_etl(params={})]}, [("actions.0.params", "parameters")]),
    "a target": (
        {"actions": [{"type": "pause-deployment", "deployment_idd": "x"}]},
        [("actions.0.deployment_idd", "deployment_id")],
    ),
    "a state": (
        {"actions": [{"type": "change-flow-run-state", "state": "FAILED", "mesage": "m"}]},
        [("actions.0.mesage", "message")],
    ),
    "a notification": (
        {"actions": [{"type": "send-notification", "subjet": "s"}]},
        [("actions.0.subjet", "subject")],
    ),
    "when it fires": (
        {"actions_on_trigger": [{"type": "do-nothing", "colour": 1}]},
        [("actions_on_trigger.0.colour", None)],
    ),
    "when it resolves": (
        {"actions_on_resolve": [run_etl(job_varables={})]},
        [("actions_on_resolve.0.job_varables", "job_variables")],
    ),
    "labels are free": ({"trigger": reactive("e", match={"expects": "a", "nam": "b"})}, []),
    "related labels are free": ({"trigger": reactive("e", match_related=[{"matchs": "a"}])}, []),
    "parameters are free": ({"actions": [run_etl(parameters={"nam": 1})]}, []),
    "job variables are free": ({"actions": [run_etl(job_variables={"enviro": {}})]}, []),
    "an address is known": ({"actions": [HOOK]}, []),
    "another kind of action": ({"actions": [{"type": "dance", "stpe": 1}]}, []),
}


@pytest.mark.parametrize(("fields", "expected"), KINDS.values(), ids=KINDS)
def test_every_place_of_a_key(
    fields: dict[str, Any], expected: list[tuple[str, str | None]]
) -> None:
    assert found(**fields) == expected


def test_of_an_automation_that_was_read_they_are_the_same() -> None:
    automation = parse_automation(automation_document(compound(reactive("e", expects=["a"]))))

    [unknown] = unknown_keys_of(automation)

    assert unknown.loc == ("trigger", "triggers", 0, "expects")
    assert unknown.sentence == (
        "`expects` is not a key of an event trigger and has no effect. Did you mean `expect`?"
    )


def test_an_ordinary_automation_has_none() -> None:
    assert unknown_keys_of(parse_automation(automation_document())) == []


def test_a_long_key_is_told_in_short() -> None:
    assert len(UnknownKey(("x" * 9000,), "a key of it", None).sentence) < 120
