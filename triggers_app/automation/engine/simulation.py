"""Runs written-down scenarios through the engine, under the rules of the log.

The form of a scenario is described in tests/conformance/README.md.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec

from events_app.domain.event import EPOCH, Entry, Event
from events_app.domain.position import StreamId
from triggers_app.automation.engine.evaluator import Evaluator, Version
from triggers_app.automation.engine.outcome import Firing
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.triggers import Trigger, renumber

Scenario = Mapping[str, Any]

# Second 0 of every scenario; any date far from both ends of the calendar would do.
ZERO_MS = 1_700_000_000_000
_ZERO = EPOCH + timedelta(milliseconds=ZERO_MS)


@dataclass(frozen=True, slots=True)
class SimulatedFiring:
    """`at_seconds` is log time since second 0; `child_firings` counts direct children."""

    at_seconds: float
    triggering_event_index: int | None
    triggering_labels: dict[str, str]
    child_firings: int


@dataclass(slots=True)
class ScenarioLog:
    """A scenario as the log would hold it."""

    trigger: Trigger
    enabled: bool
    entries: list[Entry]
    until_ms: int
    index_by_id: dict[UUID, int] = field(default_factory=dict)


def simulate(scenario: Scenario) -> list[SimulatedFiring]:
    """The firings of one scenario; raises Invalid if its trigger is not one."""
    script = script_of(scenario)
    evaluator = Evaluator()
    automation_id = _id("automation")
    evaluator.apply(Version(automation_id, 1, script.enabled, script.trigger), log_ms=ZERO_MS)
    for entry in script.entries:
        evaluator.fold(entry)
    evaluator.advance(script.until_ms)
    return [_simulated(firing, script) for firing in evaluator.take().firings]


def script_of(scenario: Scenario) -> ScenarioLog:
    """The entries of the log, one per event: log time never decreases, no id comes twice."""
    counter = iter(range(10_000))
    trigger = renumber(
        parse_trigger(scenario["trigger"]), lambda _: _id(f"trigger {next(counter)}")
    )
    until = scenario["clock_advances"]["run_until_seconds"]
    script = ScenarioLog(trigger, scenario.get("enabled", True), [], _ms(until))
    for index, entry in _entries(scenario["events"], script.until_ms):
        script.index_by_id[entry.events[0].id] = index
        script.entries.append(entry)
    return script


def _entries(documents: Sequence[Mapping[str, Any]], until_ms: int) -> Iterator[tuple[int, Entry]]:
    log_ms, seen = ZERO_MS, set[UUID]()
    known = set[UUID]()
    for index, document in enumerate(documents):
        offset = document["offset_seconds"]
        log_ms = max(log_ms, _ms(document.get("received_offset_seconds", offset)))
        event = _event(document, index)
        if log_ms > until_ms or event.id in seen:
            continue
        seen.add(event.id)
        leader_known = event.follows in known
        known.add(event.id)
        yield (
            index,
            Entry(StreamId(log_ms, index), [event], frozenset({0} if leader_known else ())),
        )


def _event(document: Mapping[str, Any], index: int) -> Event:
    ref, follows = document.get("ref"), document.get("follows")
    return Event(
        occurred=_ZERO + timedelta(seconds=document["offset_seconds"]),
        event=document["event"],
        resource=document["resource"],
        related=document.get("related", []),
        payload=msgspec.Raw(json.dumps(document.get("payload", {})).encode()),
        id=_id(f"event {index}" if ref is None else f"ref {ref}"),
        follows=None if follows is None else _id(f"ref {follows}"),
    )


def _simulated(firing: Firing, script: ScenarioLog) -> SimulatedFiring:
    event = firing.triggering
    return SimulatedFiring(
        at_seconds=(firing.fired_ms - ZERO_MS) / 1000,
        triggering_event_index=None if event is None else script.index_by_id[event.event.id],
        triggering_labels=firing.labels,
        child_firings=len(firing.child_firings),
    )


def _ms(seconds: float) -> int:
    return ZERO_MS + round(seconds * 1000)


def _id(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)
