"""A test event from the builder: made for a part of the trigger, sent for real, and followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from events_app.domain.event import Event, to_us
from events_app.domain.position import Position
from events_app.reads import events
from events_app.reads.events import RecordedEvent
from events_app.storage import offsets
from project.lib.problems import Invalid
from triggers_app.automation.editing.examples import TEST_LABEL, example_of
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.triggers import Leaf, Trigger
from triggers_app.builder.backtest import service as backtests
from triggers_app.builder.parameters.chosen_event import recent_events
from triggers_app.models import Draft
from triggers_app.reads import firings as firing_reads
from triggers_app.services import draft_explaining, verdict_words
from triggers_app.services import explaining as saved_explaining
from triggers_app.services import fates as fate_service
from triggers_app.services.explaining import Explanation
from triggers_app.services.fates import FateRow
from triggers_app.storage import automations

EVALUATOR = "evaluate"
SECONDS = 3.0
_AHEAD_MS = 3_600_000  # where no event of the log can be yet
State = Literal["done", "waiting", "idle"]


@dataclass(frozen=True, slots=True)
class DeliveryStep:
    """One step of an event's way; `at` is when it was taken, where that is known."""

    word: str
    state: State
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an event meant: `of` says to whom, `firing_id` is there when it really fired."""

    of: str
    fate: str
    reason: str
    firing_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """How far a test event has come. `others` are automations that have a say, besides ours."""

    steps: Sequence[DeliveryStep]
    meanings: Sequence[Meaning]
    others: Sequence[FateRow]
    ended: bool


def document_for(draft: Draft, leaf: Leaf, *, now: datetime) -> dict[str, Any]:
    """An event's document without id and time: like the newest that the part wants, else made up.

    One query, see `recent_events`.
    """
    recent = recent_events(draft, leaf, now=now)
    if recent:
        event = recent[0].event
        mark = {TEST_LABEL: event.resource.get(TEST_LABEL, "true")}
        return {
            "event": event.event,
            "resource": event.resource | mark,
            "related": event.related,
            "payload": event.payload_object(),
        }
    return example_of(leaf)


def listeners(event: Event, *, now: datetime) -> list[FateRow]:
    """The automations that would have a say when such an event comes now. Some six queries."""
    nowhere = Position(to_us(now) // 1000 + _AHEAD_MS, 0, 0)
    return _with_a_say(fate_service.fates(event, nowhere).rows)


def _with_a_say(rows: Sequence[FateRow]) -> list[FateRow]:
    return [row for row in rows if row.fate != "ignored"]


def followed(draft: Draft, event_id: UUID, *, sent: datetime, now: datetime) -> Followed:
    """How far an event has come that was sent a moment ago. Some ten queries at its end."""
    accepted = DeliveryStep("Accepted", "done", sent, "The log has it, on disk.")
    recorded = events.by_id(event_id)
    if recorded is None:
        steps = [accepted, DeliveryStep("Recorded", "waiting"), DeliveryStep("Evaluated", "idle")]
        return Followed([*steps, DeliveryStep("Verdict", "idle")], (), (), False)
    kept = DeliveryStep("Recorded", "done", recorded.received, "It is in the table of events.")
    if offsets.of(EVALUATOR) < recorded.position.stream_id:
        steps = [
            accepted,
            kept,
            DeliveryStep("Evaluated", "waiting"),
            DeliveryStep("Verdict", "idle"),
        ]
        return Followed(steps, (), (), False)
    meanings = _meanings(draft, recorded, now)
    verdict = DeliveryStep("Verdict", "done")
    rows = _with_a_say(fate_service.fates(_event(recorded), recorded.position).rows)
    others = [row for row in rows if row.automation_id != draft.automation_id]
    evaluated = DeliveryStep("Evaluated", "done", note="Every automation has seen it.")
    return Followed([accepted, kept, evaluated, verdict], meanings, others, True)


def _event(recorded: RecordedEvent) -> Event:
    return Event(
        id=recorded.id,
        occurred=recorded.occurred,
        event=recorded.event,
        resource=recorded.resource,
        related=recorded.related,
        follows=recorded.follows,
    )


def _meanings(draft: Draft, recorded: RecordedEvent, now: datetime) -> list[Meaning]:
    meanings = []
    if draft.automation_id is not None:
        meanings.append(_of_saved(draft.automation_id, recorded, now))
    try:
        trigger = backtests.trigger_of(draft)
    except Invalid:
        return meanings
    meanings.append(_of_draft(draft, trigger, recorded.position, now))
    return meanings


def _of_saved(automation_id: UUID, recorded: RecordedEvent, now: datetime) -> Meaning:
    of = "As it is saved"
    try:
        explained = saved_explaining.explain(
            automation_id, recorded.position, now=now, seconds=SECONDS
        )
    except (saved_explaining.EventNotFound, saved_explaining.TookTooLong):
        return Meaning(of, "", "It takes longer to explain than one waits here.")
    if explained.verdict is None:
        return Meaning(of, "", " ".join(explained.notes))
    firings = firing_reads.decided_by(
        recorded.position, waited=recorded.follows is not None, limit=50
    )
    ours = [row.id for row in firings if row.automation_id == automation_id]
    reason = _reason(automation_id, explained)
    return Meaning(of, explained.verdict.fate, reason, ours[0] if ours else None)


def _reason(automation_id: UUID, explained: Explanation) -> str:
    """In the words of the builder, if the version that had its say is still the one."""
    assert explained.verdict is not None
    row = automations.automation(automation_id)
    if row is None or row.version != explained.version:
        return explained.verdict.sentence
    return verdict_words.reason_of(parse_trigger(row.document["trigger"]), explained.verdict)


def _of_draft(draft: Draft, trigger: Trigger, position: Position, now: datetime) -> Meaning:
    of = "This draft"
    since_ms, length_ms = backtests.fold_of(draft, now=now)
    try:
        explained = draft_explaining.explain_recorded(
            trigger, position, since_ms=since_ms, length_ms=length_ms, of=draft.automation
        )
    except (saved_explaining.EventNotFound, saved_explaining.TookTooLong):
        return Meaning(of, "", "It takes longer to explain than one waits here.")
    if explained.verdict is None:
        return Meaning(of, "", "It waits for the event that it follows.")
    reason = verdict_words.reason_of(trigger, explained.verdict)
    return Meaning(of, explained.verdict.fate, reason)
