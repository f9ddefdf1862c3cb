"""Tests of a draft: kept from recorded events, changed, and run."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events_app.domain.event import event_document, from_ms, rfc3339, to_us
from events_app.domain.position import Position
from project.lib.json_documents import Document
from project.lib.kept_connections import kept_connection
from project.lib.problems import Invalid, Problem
from triggers_app.automation.parsing import parse_automation
from triggers_app.automation.running_tests import run_tests
from triggers_app.automation.saved_test import MOST_EVENTS, MOST_TESTS
from triggers_app.automation.triggers import Trigger
from triggers_app.builder.backtest.service import trigger_of
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.drafts.service import Applied
from triggers_app.models import Draft, Firing
from triggers_app.services.explaining import recorded_event
from triggers_app.storage import history
from triggers_app.storage.history import LogSpan
from triggers_app.storage.history_sql import Interest

LONGEST_LOOK = timedelta(days=7)
LONGEST_NAME = 200


def keep_event(
    draft: Draft, event: UUID | Position, *, fires: bool, rev: int, now: datetime
) -> Applied:
    """Keep what came up to a recorded event. Raises EventNotFound, Invalid."""
    trigger = trigger_of(draft)
    with kept_connection() as connection:
        past = recorded_event(connection, event)
        until_ms = past.position[0]
    name = f"{past.event.event} of {from_ms(until_ms):%d %b %H:%M:%S}"
    return _keep(draft, _test(trigger, until_ms, name, fires=fires), rev=rev, now=now)


def keep_absence(
    draft: Draft, moment: datetime, *, fires: bool, rev: int, now: datetime
) -> Applied:
    """Keep what had come, and what had not, when something was missed. Raises Invalid."""
    until_ms = -(-to_us(moment) // 1000)  # not before it was clear
    test = _test(trigger_of(draft), until_ms, f"Absence of {moment:%d %b %H:%M:%S}", fires=fires)
    return _keep(draft, test, rev=rev, now=now)


def keep_firing(draft: Draft, firing: Firing, *, fires: bool, now: datetime) -> Applied:
    """Keep what led to a firing, which may have been an absence. Raises Invalid."""
    trigger = trigger_of(draft)
    until_ms = to_us(firing.fired) // 1000
    event = firing.triggering_event or {}
    name = f"{event.get('event', 'Absence')} of {firing.fired:%d %b %H:%M:%S}"
    test = _test(trigger, until_ms, name, fires=fires)
    return _keep(draft, test, rev=draft.rev, now=now)


def rename(draft: Draft, number: int, name: str, *, rev: int, now: datetime) -> Applied:
    """Raises Invalid, and LookupError where there is no such test."""

    def change(test: Document) -> Document:
        return {**test, "name": name.strip()[:LONGEST_NAME] or test["name"]}

    return _changed(draft, number, change, "Renamed a test", rev=rev, now=now)


def turn(draft: Draft, number: int, *, rev: int, now: datetime) -> Applied:
    """Expect the opposite. Raises Invalid, and LookupError where there is no such test."""

    def change(test: Document) -> Document:
        return {**test, "fires": test.get("fires") is False}

    return _changed(draft, number, change, "Changed what a test expects", rev=rev, now=now)


def expect_parameters(draft: Draft, number: int, *, on: bool, rev: int, now: datetime) -> Applied:
    """Expect what its runs get now, or anything. Raises Invalid, LookupError: no such test."""

    def of_document(document: Document) -> Document:
        tests = _tests(document)
        bare = {key: value for key, value in tests[number].items() if key != "parameters"}
        tests[number] = _expecting(document, bare) if on else bare
        return _sound(_with(document, tests))

    label = "Changed what parameters a test expects"
    return drafts.edit(
        draft.pk, author=draft.author, rev=rev, change=of_document, label=label, now=now
    )


def _expecting(document: Document, test: Document) -> Document:
    """The test with the parameters that its runs would get now, if it fires and has any."""
    results = run_tests(_with(document, [test]))
    rendered = list(results[0].rendered) if results else []
    return {**test, "parameters": rendered} if any(rendered) else test


def delete(draft: Draft, number: int, *, rev: int, now: datetime) -> Applied:
    """Raises LookupError where there is no such test."""
    return _changed(draft, number, lambda test: None, "Deleted a test", rev=rev, now=now)


def _keep(draft: Draft, test: Document, *, rev: int, now: datetime) -> Applied:
    def change(document: Document) -> Document:
        tests = [*_tests(document), _expecting(document, test) if test["fires"] else test]
        if len(tests) > MOST_TESTS:
            raise Invalid([Problem(("flint", "tests"), f"At most {MOST_TESTS} tests are kept.")])
        return _sound(_with(document, tests))

    return drafts.edit(
        draft.pk, author=draft.author, rev=rev, change=change, label="Kept a test", now=now
    )


def _changed(
    draft: Draft,
    number: int,
    change: Callable[[Document], Document | None],
    label: str,
    *,
    rev: int,
    now: datetime,
) -> Applied:
    def of_document(document: Document) -> Document:
        tests = _tests(document)
        changed = change(tests[number])
        tests[number : number + 1] = [] if changed is None else [changed]
        return _with(document, tests)

    return drafts.edit(
        draft.pk, author=draft.author, rev=rev, change=of_document, label=label, now=now
    )


def _test(trigger: Trigger, until_ms: int, name: str, *, fires: bool) -> Document:
    """What the trigger looks for as far back as its longest window. Raises Invalid."""
    since_ms = until_ms - _look_back(trigger) // timedelta(milliseconds=1)
    interest = Interest.of([trigger])
    with kept_connection() as connection:
        events = []
        span = LogSpan.since(since_ms, until_ms)
        for position, event, _ in history.events(connection, span, interest=interest):
            events.append(event_document(event, received=from_ms(position[0])))
            if len(events) > MOST_EVENTS:
                reason = f"More than {MOST_EVENTS} events led there; a test keeps no more."
                raise Invalid([Problem(("flint", "tests"), reason)])
    return {
        "name": name[:LONGEST_NAME],
        "fires": fires,
        "events": events,
        "since": rfc3339(from_ms(since_ms)),
        "until": rfc3339(from_ms(until_ms)),
    }


def _look_back(trigger: Trigger) -> timedelta:
    windows = [getattr(node, "within", None) for node in trigger.walk()]
    longest = max((each for each in windows if each is not None), default=timedelta(0))
    length = longest if isinstance(longest, timedelta) else timedelta(seconds=float(longest))
    return min(length, LONGEST_LOOK)


def _tests(document: Document) -> list[Any]:
    options = document.get("flint")
    tests = options.get("tests") if isinstance(options, dict) else None
    return list(tests) if isinstance(tests, list) else []


def _with(document: Document, tests: list[Any]) -> Document:
    options = document.get("flint")
    rest = {key: each for key, each in (options or {}).items() if key != "tests"}
    if tests:
        rest["tests"] = tests
    bare = {key: each for key, each in document.items() if key != "flint"}
    return {**bare, "flint": rest} if rest else bare


def _sound(document: Document) -> Document:
    """The document, unless its tests are too much. Raises Invalid."""
    try:
        parse_automation(document)
    except Invalid as error:
        problems = [one for one in error.problems if one.loc[:1] == ("flint",)]
        if problems:
            raise Invalid(problems) from None
    return document
