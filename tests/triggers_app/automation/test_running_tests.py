"""Kept tests: run by the engine, read with the document, and hidden from Prefect's clients."""

from typing import Any

import pytest

from project.lib.problems import Invalid
from tests.menagerie import compound, proactive, reactive
from triggers_app.automation.document import document, in_shadow, without_tests
from triggers_app.automation.formats.registry import FORMATS, Format
from triggers_app.automation.parsing import parse_automation
from triggers_app.automation.running_tests import run_tests
from triggers_app.automation.saved_test import MOST_TESTS

TWICE = reactive("landed", threshold=2, within=600)
SILENT = proactive("landed", within=600)


def came(name: str, second: int, **fields: Any) -> dict[str, Any]:
    moment = f"2026-11-23T12:{second // 60:02}:{second % 60:02}Z"
    made = {"event": name, "resource": {"prefect.resource.id": "a"}, "occurred": moment}
    return {**made, "id": f"6f1f9a1e-7c52-4a55-9b0d-{second:012}", "received": moment, **fields}


def kept(*events: Any, fires: bool = True, **fields: Any) -> dict[str, Any]:
    return {"name": "a test", "fires": fires, "events": list(events), **fields}


def automation(trigger: Any, *tests: Any) -> dict[str, Any]:
    actions = [{"type": "do-nothing"}]
    return {"name": "a", "trigger": trigger, "actions": actions, "flint": {"tests": list(tests)}}


BOTH = [came("landed", 0), came("landed", 60)]
QUIET: dict[str, Any] = {"since": "2026-11-23T12:00:00Z", "until": "2026-11-23T12:11:00Z"}


@pytest.mark.parametrize(
    ("trigger", "test", "fired"),
    [
        (TWICE, kept(*BOTH), True),
        (TWICE, kept(BOTH[0]), False),
        (TWICE, kept(*reversed(BOTH)), True),
        (TWICE, kept(BOTH[0], came("other", 9)), False),
        (SILENT, kept(**QUIET), True),
        (SILENT, kept(came("landed", 300), **QUIET), False),
        (compound(reactive("landed"), reactive("signed")), kept(BOTH[0]), False),
        (compound(reactive("landed"), reactive("x")), kept(BOTH[0], came("x", 9)), True),
    ],
    ids=["twice", "once", "any order", "another", "silence", "no silence", "one part", "both"],
)
def test_events_fire_as_live(trigger: Any, test: Any, fired: bool) -> None:
    [as_expected] = run_tests(automation(trigger, {**test, "fires": fired}))
    [not_so] = run_tests(automation(trigger, {**test, "fires": not fired}))

    assert (as_expected.fired, as_expected.passes, not_so.passes) == (fired, True, False)


def test_reason_says_how_far_it_came() -> None:
    [result] = run_tests(automation(TWICE, kept(BOTH[0], came("other", 9))))

    assert result.reason == "It does not fire: 1 of 2 events are looked for by its conditions."


@pytest.mark.parametrize("trigger", [None, {"type": "event"}, {"type": "compound", "triggers": []}])
def test_trigger_that_cannot_be_read_fails_every_test(trigger: Any) -> None:
    [result] = run_tests(automation(trigger, kept(*BOTH, fires=False)))

    assert (result.fired, result.passes) == (None, False)


@pytest.mark.parametrize("wrong", [{}, {"event": 7}, {**BOTH[0], "received": "then"}])
def test_event_that_cannot_be_read_fails_its_test_only(wrong: Any) -> None:
    broken, fine = run_tests(automation(TWICE, kept(wrong), kept(*BOTH)))

    assert (broken.fired, fine.passes) == (None, True)


@pytest.mark.parametrize(
    "tests",
    [
        [kept()] * (MOST_TESTS + 1),
        [kept(*[BOTH[0]] * 51)],
        [kept(came("landed", 0, payload={"text": "x" * 70_000}))],
        [{"name": ""}],
        [{"name": "a", "more": 1}],
        [kept(since="noon")],
        "text",
    ],
    ids=["many", "events", "long", "no name", "unknown key", "time", "no list"],
)
def test_what_is_too_much_or_unreadable_is_refused_at_its_place(tests: Any) -> None:
    with pytest.raises(Invalid) as refused:
        parse_automation({**automation(TWICE), "flint": {"tests": tests}})

    assert all(one.loc[:2] == ("flint", "tests") for one in refused.value.problems)


@pytest.mark.parametrize("format", [Format.YAML, Format.JSON])
def test_they_go_with_the_document_and_come_back(format: Format) -> None:
    whole = document(parse_automation(automation(TWICE, kept(*BOTH))))

    [back] = FORMATS[format].read(FORMATS[format].write(whole).text).automations

    assert back.document["flint"]["tests"] == whole["flint"]["tests"]


@pytest.mark.parametrize("format", [Format.HCL, Format.PYTHON, Format.PREFECT_YAML])
def test_format_that_cannot_hold_them_says_so(format: Format) -> None:
    whole = document(parse_automation(automation(TWICE, kept(*BOTH))))

    losses = FORMATS[format].write(whole).losses

    assert ("flint", "tests") in [one.loc for one in losses]


def test_prefects_clients_do_not_see_them() -> None:
    whole = automation(TWICE, kept())

    assert "flint" not in without_tests(whole)
    whole["flint"]["shadow"] = True
    assert without_tests(whole)["flint"] == {"shadow": True}


def test_shadow_leaves_them() -> None:
    shadowed = in_shadow(parse_automation(automation(TWICE, kept())), on=True)
    back = in_shadow(shadowed, on=False)

    assert [one.flint is not None and len(one.flint.tests) for one in (shadowed, back)] == [1, 1]
