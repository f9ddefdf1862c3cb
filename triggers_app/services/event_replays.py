"""Replaying a recorded event: to automations as they are saved now, in shadow or for real.

The event does not go through the log again: that would fill windows, and everybody who reads the
log would take it for a second one. The engine judges it where it stands. Where it would fire, the
firing is written as one by hand, marked with the event; windows stay as they are.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec
from django.db import transaction

from events_app.domain.event import from_us, to_us
from events_app.domain.position import Position
from events_app.storage import offsets
from runs_app.reads import deployments
from triggers_app.automation.engine.evaluator import IGNORED_NAME
from triggers_app.automation.engine.explaining import verdict_of_firing
from triggers_app.automation.engine.outcome import RESOLVED
from triggers_app.automation.engine.outcome import Firing as EngineFiring
from triggers_app.automation.firing_record import FiringRecord, children_text
from triggers_app.automation.plan import Plan
from triggers_app.models import Automation, Firing
from triggers_app.reads import snoozes, stored_documents
from triggers_app.services import firing_outbox
from triggers_app.services.explaining import EventNotFound
from triggers_app.services.fates import known_listeners
from triggers_app.services.replay_verdicts import FIRES, ReplayVerdict, judge_all
from triggers_app.storage.history import Past
from triggers_app.storage.replays import FiringOfEvent, event_with_id, firings_of_event

EVALUATOR = "evaluate"
MOST = 20
SECONDS = 5.0
_REPLAYS = UUID("2b8a3f2e-92f4-4f5e-8a52-0c4f7a1d6e93")
REPLAY_LABEL = "flint.replay-of"
_json = msgspec.json.Encoder().encode


class NotEvaluatedYet(Exception):
    """The evaluator has not come to the event: it may still fire by itself."""


@dataclass(frozen=True, slots=True)
class ReplayCandidate:
    """An automation that the event can be replayed to. `effects`: its actions in words.

    `firings` are those of the event, replays included, the oldest first.
    """

    automation: Automation
    verdict: ReplayVerdict
    firings: list[FiringOfEvent]
    effects: list[str]
    snoozed: bool

    @property
    def has_acted(self) -> bool:
        """Whether it has fired for the event already, and not in shadow or snoozed."""
        return any(one.acted for one in self.firings)

    @property
    def chosen(self) -> bool:
        """Whether a page offers it at first."""
        return self.verdict.fate == FIRES and not self.has_acted and not self.snoozed


@dataclass(frozen=True, slots=True)
class ReplayPreview:
    """`more`: so many automations match besides those that are listed."""

    event: Past
    candidates: list[ReplayCandidate]
    more: int

    @property
    def position(self) -> Position:
        return Position(*self.event.position)


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a replay did: `fired` now or by the same request before, all others `left` alone."""

    fired: list[UUID]
    left: list[UUID]


def preview(event_id: UUID, *, now: datetime, only: UUID | None = None) -> ReplayPreview:
    """What the event would do to the automations that listen, or to one, as they are saved now.

    At most 20 are judged, in 5 s. Raises EventNotFound. Eight queries at most, and up to six for
    each automation whose windows matter, on a connection of its own.
    """
    past = _recorded(event_id)
    fired = _firings(past)
    ids = [only] if only else _listeners(past, fired)
    rows = _automations(ids[:MOST])
    verdicts = judge_all(rows, past, seconds=SECONDS)
    return ReplayPreview(past, _candidates(rows, verdicts, fired, now), len(ids[MOST:]))


def replay(
    event_id: UUID,
    automation_ids: Collection[UUID],
    *,
    shadow: bool,
    again: bool,
    author: str,
    key: str,
    now: datetime,
) -> ReplayResult:
    """Fire those of the automations for which it would fire. The same twice does it once.

    Those that have fired for the event are left alone, unless `again`. Without it an event is
    replayed to an automation once, whoever does it; with it once for a `key` of an author.
    Raises EventNotFound and NotEvaluatedYet. Some eight queries, and five for each firing.
    """
    past = _recorded(event_id)
    position = Position(*past.position)
    if offsets.of(EVALUATOR) < position.stream_id:
        raise NotEvaluatedYet
    rows = _automations(list(automation_ids)[:MOST])
    verdicts = judge_all(rows, past, seconds=SECONDS)
    way = f"{'shadow' if shadow else 'real'}/{f'{author}/{key}' if again else 'once'}"
    result = ReplayResult([], [])
    with transaction.atomic():
        fired = _firings(past)
        for row in rows:
            firing_id = uuid5(_REPLAYS, f"{position}/{row.pk}/{way}")
            verdict = verdicts[row.pk]
            mine = [one for one in fired if one.automation_id == row.pk]
            before = any(one.acted and one.id != firing_id for one in mine)
            if verdict.fate != FIRES or (before and not again):
                result.left.append(row.pk)
                continue
            _write(row, verdict, past, firing_id, shadow=shadow, author=author, now=now)
            result.fired.append(firing_id)
    return result


def _write(
    row: Automation,
    verdict: ReplayVerdict,
    past: Past,
    firing_id: UUID,
    *,
    shadow: bool,
    author: str,
    now: datetime,
) -> None:
    assert verdict.firing is not None
    assert verdict.plan is not None
    plan = replace(verdict.plan, shadow=verdict.plan.shadow or shadow)
    firing = msgspec.structs.replace(
        verdict.firing, id=firing_id, fired_ms=to_us(now) // 1000, version=row.version
    )
    # Somebody decided this: whatever led to the event does not count.
    record = FiringRecord(firing, plan, [str(row.pk)])
    columns = _columns(record, plan, firing) | {
        "automation_id": row.pk,
        "fired": now,
        "by_hand": author,
        "replay_of": past.event.id,
        "created": now,
    }
    stored, new = Firing.objects.get_or_create(id=firing_id, defaults=columns)
    if new and record.has_event:
        resource = record.event.resource | {REPLAY_LABEL: str(past.event.id)}
        event = msgspec.structs.replace(record.event, resource=resource)
        firing_outbox.follow(stored, record.actions, event)


def _columns(record: FiringRecord, plan: Plan, firing: EngineFiring) -> dict[str, Any]:
    """Of the firing as the engine made it. Windows stand where they stood then."""
    start, end = firing.window_start_us, firing.window_end_us
    return {
        "automation_version": firing.version,
        "trigger_id": firing.trigger_id,
        "state": firing.state,
        "triggering_event": None if record.event_text is None else json.loads(record.event_text),
        "labels": firing.labels,
        "counted": json.loads(_json(firing.counted)),
        "counted_total": firing.counted_total,
        "window_start": None if start is None else from_us(start),
        "window_end": None if end is None else from_us(end),
        "verdict": json.loads(_json(verdict_of_firing(plan.trigger, firing))),
        "children": json.loads(children_text(firing)),
        "causes": list(record.causes),
        "shadow": plan.shadow,
    }


def _recorded(event_id: UUID) -> Past:
    past = event_with_id(event_id)
    if past is None:
        raise EventNotFound
    return past


def _firings(past: Past) -> list[FiringOfEvent]:
    waited = past.event.follows is not None
    return firings_of_event(past.event.id, Position(*past.position), waited=waited)


def _listeners(past: Past, fired: Sequence[FiringOfEvent]) -> list[UUID]:
    """Those that fired, then those at work whose conditions the event meets. One query."""
    if past.event.event == IGNORED_NAME:
        return []
    listeners = known_listeners()
    listeners.refresh()
    matched = listeners.matching(past.event, without=set())
    return list(dict.fromkeys([*(one.automation_id for one in fired), *matched]))


def _automations(ids: Collection[UUID]) -> list[Automation]:
    """Those that are not deleted, by name. One query."""
    return list(Automation.objects.filter(pk__in=ids, deleted=None).order_by("name", "id"))


def _candidates(
    rows: Sequence[Automation],
    verdicts: dict[UUID, ReplayVerdict],
    fired: Sequence[FiringOfEvent],
    now: datetime,
) -> list[ReplayCandidate]:
    """Those for which it would fire first. Two queries: what is snoozed, names of deployments."""
    documents = {row.pk: stored_documents.document_or_none(row.document) for row in rows}
    resources = [one for row in rows for one in row.related_resources]
    names = deployments.names(stored_documents.deployments_in(resources))
    quiet = snoozes.in_force(now=now, automation_ids=[row.pk for row in rows])
    candidates = []
    for row in rows:
        verdict, document = verdicts[row.pk], documents[row.pk]
        labels = verdict.firing.labels if verdict.firing else {}
        resolved = verdict.firing is not None and verdict.firing.state == RESOLVED
        candidates.append(
            ReplayCandidate(
                row,
                verdict,
                [one for one in fired if one.automation_id == row.pk],
                stored_documents.effects_of(document, names.get, resolved=resolved),
                any(one.automation_id == row.pk and one.labels in ({}, labels) for one in quiet),
            )
        )
    return sorted(candidates, key=lambda one: one.verdict.fate != FIRES)
