"""Runs kept tests with the very engine that decides live. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from events_app.domain.event import Entry, Event, to_us
from events_app.domain.parsing import TooLarge, parse_event
from events_app.domain.position import StreamId
from project.lib.json_documents import Document
from project.lib.problems import Invalid
from triggers_app.automation.document import ON_RESOLVE
from triggers_app.automation.engine.evaluator import Evaluator, Version
from triggers_app.automation.engine.fate import Fate
from triggers_app.automation.engine.leaf import Leaf
from triggers_app.automation.engine.outcome import TRIGGERED, Firing
from triggers_app.automation.expected_parameters import (
    ParameterDifference,
    differences,
    rendered_for,
)
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.saved_test import SavedTest
from triggers_app.automation.triggers import Trigger, renumber

NAMES = UUID("0d2b8a43-5a0c-4b8e-9a51-3d1f6f4e8c07")
UNREADABLE = "The trigger is not complete."


@dataclass(frozen=True, slots=True)
class TestResult:
    """`fired` is None where it could not be run. `reason` says in a sentence what came of it.

    `rendered` is what its runs would get, `differences` how that is not what the test expects.
    """

    __test__ = False

    test: SavedTest
    fired: bool | None
    reason: str
    rendered: Sequence[Document] = ()
    differences: Sequence[ParameterDifference] = ()

    @property
    def passes(self) -> bool:
        return self.fired is self.test.fires and not self.differences


def tests_in(document: Document) -> list[SavedTest]:
    """The tests of a document; those that cannot be read are the parser's to tell."""
    options = document.get("flint")
    listed = options.get("tests") if isinstance(options, dict) else None
    try:
        return [SavedTest.model_validate(each) for each in listed or ()]
    except (ValueError, TypeError):
        return []


def run_tests(document: Document) -> list[TestResult]:
    """All tests of a document, also of one whose trigger cannot be read yet."""
    tests = tests_in(document)
    if not tests:
        return []
    try:
        trigger = parse_trigger(document.get("trigger"))
    except Invalid:
        return [TestResult(test, None, UNREADABLE) for test in tests]
    numbers = iter(range(1_000_000))
    trigger = renumber(trigger, lambda node: uuid5(NAMES, f"node {next(numbers)}"))
    return [_run(test, trigger, document) for test in tests]


def _run(test: SavedTest, trigger: Trigger, document: Document) -> TestResult:
    try:
        events = sorted((_received(each), _event(each)) for each in test.events)
    except (Invalid, TooLarge, ValueError, TypeError) as error:
        return TestResult(test, None, f"One of its events cannot be read: {error}")
    except RecursionError:
        return TestResult(test, None, "One of its events is nested too deep.")
    resolves = bool(document.get(ON_RESOLVE))
    firings, matched = _fold(test, trigger, events, resolves=resolves)
    if firings:
        return _fired(test, firings[0], document)
    return TestResult(test, False, f"It does not fire: {_matched(matched, len(events))}.")


def _fired(test: SavedTest, firing: Firing, document: Document) -> TestResult:
    cause = firing.triggering.event.event if firing.triggering else "what did not come"
    rendered = rendered_for(document, firing)
    differing = differences(test.parameters or (), rendered) if test.fires else []
    also = f" But {'; '.join(one.sentence for one in differing)}." if differing else ""
    return TestResult(test, True, f"It fires, because of `{cause}`.{also}", rendered, differing)


def _fold(
    test: SavedTest, trigger: Trigger, events: Sequence[tuple[int, "_Ordered"]], *, resolves: bool
) -> tuple[list[Firing], int]:
    """What fires, and how many of the events some part of the trigger looked for."""
    begin = _ms(test.since) if test.since else events[0][0] if events else 0
    end = _ms(test.until) if test.until else events[-1][0] if events else begin
    evaluator = Evaluator()
    version = Version(uuid5(NAMES, "automation"), 1, True, trigger, resolves=resolves)
    evaluator.apply(version, log_ms=begin)
    matched: set[int] = set()
    place = 0

    def note(leaf: Leaf, fate: Fate, log_ms: int) -> None:
        matched.add(place)

    evaluator.watch = note
    for place, (ms, ordered) in enumerate(events):
        # Followers shall not wait here: their leaders may not be among the events.
        evaluator.fold(Entry(StreamId(max(ms, begin), place), [ordered.event], frozenset({0})))
    evaluator.advance(max(end, begin))
    return [one for one in evaluator.take().firings if one.state == TRIGGERED], len(matched)


@dataclass(frozen=True, slots=True, order=True)
class _Ordered:
    """Events of one time stay in the order of their names and ids: the same every time."""

    name: str
    id: str
    event: Event

    @classmethod
    def of(cls, event: Event) -> "_Ordered":
        return cls(event.event, str(event.id), event)


def _event(document: Document) -> _Ordered:
    bare: dict[str, Any] = {key: value for key, value in document.items() if key != "received"}
    return _Ordered.of(parse_event(json.dumps(bare).encode()))


def _received(document: Document) -> int:
    return _ms(datetime.fromisoformat(str(document.get("received") or document.get("occurred"))))


def _ms(moment: datetime) -> int:
    return to_us(moment) // 1000


def _matched(count: int, total: int) -> str:
    if not total:
        return "there are no events, and nothing was missed"
    return f"{count} of {total} events are looked for by its conditions"


def tests_passed(document: Document) -> dict[str, int]:
    """How many tests there are (`tests_total`) and how many of them hold (`tests_passed`)."""
    results = run_tests(document)
    return {"tests_total": len(results), "tests_passed": sum(one.passes for one in results)}
