"""The event on which a draft's templates are tried, and the others that could be chosen.

In order: the one that the person chose or pasted; the one that fired last in the backtest; the
newest recorded one that the trigger wants; one that is made up from the trigger.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Literal
from uuid import UUID, uuid5

from django.db import OperationalError, transaction

from events_app.domain.parsing import TooLarge, parse_event
from events_app.domain.position import Position
from events_app.storage import stored_events
from events_app.storage.stored_events import StoredEvent
from project.lib.problems import Invalid, Problem
from project.lib.process_memory import process_memory
from project.lib.ttl_cache import TtlCache
from triggers_app.automation.document import meaning
from triggers_app.automation.triggers import Trigger
from triggers_app.builder.backtest import service as backtests
from triggers_app.models import Draft
from triggers_app.services import preview_firing
from triggers_app.services.backtest_result import WouldBe
from triggers_app.services.preview_firing import NAMES, PreviewFiring
from triggers_app.storage import example_events
from triggers_app.storage.history_sql import Interest

Source = Literal["chosen", "pasted", "backtest", "recorded", "made up"]
CHOSEN = "event"  # in Draft.chosen: {"id": …} or {"pasted": text}
LOOK_BACK = timedelta(days=7)
MOST_LOOKED_AT = 100
MOST_OFFERED = 20
SECONDS = 0.3
MOST_PASTED = 200_000  # characters


@dataclass(frozen=True, slots=True)
class ChosenEvent:
    """`recorded` is None for a firing because nothing came. `gone`: the chosen one is not there."""

    source: Source
    recorded: StoredEvent | None
    firing_preview: PreviewFiring
    gone: bool = False

    @property
    def payload(self) -> dict[str, Any]:
        payload = {} if self.recorded is None else self.recorded.event.payload_object()
        return payload if isinstance(payload, dict) else {}


@process_memory
def memory() -> TtlCache:
    """Typing into a template must not search for its event again and again."""
    return TtlCache(seconds=30, most=20_000)


def chosen_event(draft: Draft, trigger: Trigger | None, *, now: datetime) -> ChosenEvent:
    """At most two queries, and for half a minute none where the newest had to be looked for."""
    said = draft.chosen.get(CHOSEN)
    said = said if isinstance(said, dict) else {}
    if isinstance(said.get("pasted"), str):
        try:
            pasted = _pasted(said["pasted"], now)
        except Invalid:
            return _usual(draft, trigger, now, gone=True)
        return ChosenEvent("pasted", pasted, preview_firing.preview_of(trigger, [pasted]))
    if "id" in said:
        return _named(draft, trigger, str(said["id"]), now)
    return _usual(draft, trigger, now)


def _named(draft: Draft, trigger: Trigger | None, text: str, now: datetime) -> ChosenEvent:
    try:
        event_id = UUID(text)
    except ValueError:
        return _usual(draft, trigger, now, gone=True)
    for firing in firings_of(draft):
        if firing.event is not None and firing.event.id == event_id:
            event = on_firings([firing], trigger)[0]
            if event is not None and event.recorded is not None:
                return ChosenEvent("chosen", event.recorded, event.firing_preview)
    recorded = example_events.with_ids([event_id]).get(event_id)
    if recorded is None:
        return _usual(draft, trigger, now, gone=True)
    return ChosenEvent("chosen", recorded, preview_firing.preview_of(trigger, [recorded]))


def _usual(
    draft: Draft, trigger: Trigger | None, now: datetime, *, gone: bool = False
) -> ChosenEvent:
    firings = firings_of(draft)
    if firings and (last := on_firings(firings[-1:], trigger)[0]) is not None:
        return ChosenEvent("backtest", last.recorded, last.firing_preview, gone)
    newest = recent_events(draft, trigger, now=now)
    if newest:
        firing_preview = preview_firing.preview_of(trigger, newest[:1])
        return ChosenEvent("recorded", newest[0], firing_preview, gone)
    example = preview_firing.made_up(trigger, now=now)
    return ChosenEvent("made up", example, preview_firing.preview_of(trigger, [example]), gone)


def firings_of(draft: Draft) -> Sequence[WouldBe]:
    """What the backtest of the draft as it is found, the newest last; empty where there is none."""
    result = backtests.cached_result(draft)
    return () if result is None else result.firings


def on_firings(firings: Sequence[WouldBe], trigger: Trigger | None) -> list[ChosenEvent | None]:
    """Each firing as templates would see it; None where its events are gone. One query."""
    ids = {one.id for firing in firings for one in firing.counted}
    ids |= {firing.event.id for firing in firings if firing.event is not None}
    known = example_events.with_ids(sorted(ids))
    return [_on_firing(firing, known, trigger) for firing in firings]


def _on_firing(
    firing: WouldBe, known: dict[UUID, StoredEvent], trigger: Trigger | None
) -> ChosenEvent | None:
    if firing.event is None:
        return ChosenEvent("backtest", None, preview_firing.absence(firing.labels, firing.fired))
    last = known.get(firing.event.id)
    if last is None:
        return None
    before = [
        known[one.id] for one in firing.counted if one.id in known and one.id != last.event.id
    ]
    firing_preview = preview_firing.preview_of(trigger, [*before, last])
    if not firing_preview.complete:
        # The engine said in the backtest which windows these were.
        firing_preview = PreviewFiring(firing_preview.event_text, firing.labels, firing.fired)
    return ChosenEvent("backtest", last, firing_preview)


def recent_events(draft: Draft, trigger: Trigger | None, *, now: datetime) -> list[StoredEvent]:
    """The newest events that the trigger wants, the newest first. One query, kept for 30 s."""
    if trigger is None:
        return []
    question = (draft.pk, meaning(trigger))
    recent: list[StoredEvent] = memory().ask(
        question,
        lambda: _recent(trigger, now),
        now=now,
        weight=lambda events: 1 + sum(len(bytes(one.event.payload)) // 1_000 for one in events),
    )
    return recent


def _recent(trigger: Trigger, now: datetime) -> list[StoredEvent]:
    try:
        with transaction.atomic():
            stored_events.limit_time(SECONDS)
            events = example_events.newest(
                Interest.of([trigger]), since=now - LOOK_BACK, limit=MOST_LOOKED_AT
            )
    except OperationalError:
        return []  # no index leads there; one can be pasted, or chosen on its own page
    return list(islice(preview_firing.matching(trigger, events), MOST_OFFERED))


def pasted_choice(text: str, *, now: datetime) -> dict[str, Any]:
    """What to keep in `Draft.chosen` for a pasted event. Raises Invalid."""
    _pasted(text, now)
    return {CHOSEN: {"pasted": text}}


def _pasted(text: str, now: datetime) -> StoredEvent:
    """An event as the API shows it or as one sends it: id and time are made where they lack."""
    if len(text) > MOST_PASTED:
        raise Invalid([Problem((), f"It has more than {MOST_PASTED:,} characters.")])
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"at line {error.lineno}, column {error.colno}"
        raise Invalid([Problem((), f"This is not JSON: {error.msg} {where}.")]) from None
    except (ValueError, RecursionError):
        raise Invalid([Problem((), "This JSON cannot be read.")]) from None
    if isinstance(document, dict):
        document.setdefault("id", str(uuid5(NAMES, text)))
        document.setdefault("occurred", now.astimezone(UTC).isoformat())
        document = {name: value for name, value in document.items() if name != "received"}
    try:
        event = parse_event(json.dumps(document).encode())
    except TooLarge as error:
        raise Invalid([Problem((), str(error))]) from None
    return StoredEvent(Position(int(now.timestamp() * 1000), 0, 0), event)
