"""The causal chain of an event: what led to it, and what came of it. Read, never folded.

Backwards: the run that the event involves, the firing that started that, the event of the firing,
and so on. Forwards: firings, the runs they started, the events of these, and whom those fired.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE
from events_app.domain.position import Position
from events_app.reads import events
from events_app.reads.events import RecordedEvent
from events_app.reads.time_limits import QueryTooSlow, time_limit
from triggers_app.automation.own_events import event_id, firing_kind
from triggers_app.models import Firing
from triggers_app.reads import firings as firing_reads
from triggers_app.reads.firings import ListedFiring
from triggers_app.storage import causal_chain as storage
from triggers_app.storage.causal_chain import ChainStep, LaterFiring, RunEvent
from triggers_app.storage.run_causes import run_of_resources

STEPS_BACK = 6
MOST_FIRINGS = 5
MOST_RUNS = 8
MOST_NAMES = 6
MOST_LATER = 3
MOST_LOOKED_AT = 50
SECONDS = 1.0
_OWN = "prefect.automation."
_BUILT_IN = ("prefect.flow-run.", "prefect.task-run.", "prefect.log.", _OWN)


@dataclass(frozen=True, slots=True)
class EventsOfName:
    """Events of one name of a run; `first` is the id of the first. `fired` are distinct."""

    event: str
    count: int
    first: UUID
    fired: list[LaterFiring]
    more_fired: int


@dataclass(frozen=True, slots=True)
class RunEvents:
    """What a run sent, and what fired something. `more`: events whose names are left out."""

    names: list[EventsOfName]
    more: int


@dataclass(frozen=True, slots=True)
class CausalChain:
    """`back`: the nearest first; `goes_on` says that there is more before. `events` by run.

    `partial`: there were too many events of the runs to read them in time.
    """

    event: RecordedEvent
    back: list[ChainStep]
    goes_on: bool
    firings: list[ListedFiring]
    more_firings: int
    events: dict[UUID, RunEvents]
    partial: bool


def causal_chain(event_id_: UUID) -> CausalChain | None:
    """None for an event that is not recorded. Seven queries at most, and one for the time limit."""
    event = events.by_id(event_id_)
    if event is None:
        return None
    back = _back(event)
    listed = firing_reads.of_event(event.id, event.position, waited=event.follows is not None)
    near = listed[:MOST_FIRINGS]
    runs = [one.flow_run_id for firing in near for one in firing.actions]
    run_ids = [one for one in dict.fromkeys(runs) if one is not None][:MOST_RUNS]
    by_run, partial = _forward(run_ids, event.position)
    return CausalChain(
        event,
        back[:STEPS_BACK],
        len(back) > STEPS_BACK,
        near,
        len(listed) - len(near),
        by_run,
        partial,
    )


def _back(event: RecordedEvent) -> list[ChainStep]:
    """One query, two for an event that Flint sent about a firing."""
    if event.event.startswith(_OWN):
        firing_id = _firing_of(event)
        return (
            [] if firing_id is None else storage.back_from_firing(firing_id, steps=STEPS_BACK + 1)
        )
    run_id = run_of_resources((event.resource, *event.related))
    return [] if run_id is None else storage.back_from_run(run_id, steps=STEPS_BACK + 1)


def _firing_of(event: RecordedEvent) -> UUID | None:
    """The firing that an event of Flint's own tells of. One query: ids are made of firings."""
    notice = next(
        (one for one in event.related if one.get(RESOURCE_ROLE) == "automation-triggered-event"),
        {RESOURCE_ID: f"prefect.event.{event.id}"},
    )
    try:
        automation_id = UUID(event.resource_id.removeprefix(_OWN))
        notice_id = UUID(notice[RESOURCE_ID].removeprefix("prefect.event."))
    except ValueError:
        return None
    rows = Firing.objects.filter(automation_id=automation_id, fired__lte=event.occurred)
    latest = rows.order_by("-fired", "-id").values_list("id", "state")[:MOST_LOOKED_AT]
    return next((pk for pk, state in latest if event_id(pk, firing_kind(state)) == notice_id), None)


def _forward(run_ids: Sequence[UUID], position: Position) -> tuple[dict[UUID, RunEvents], bool]:
    """Two queries and one for the time limit; True when it was given up."""
    if not run_ids:
        return {}, False
    try:
        with time_limit(SECONDS):
            sent = storage.events_of_runs(run_ids, since_ms=position.ms)
            fired = storage.fired_by(sent)
    except QueryTooSlow:
        return {}, True
    partial = len(sent) == storage.MOST_EVENTS
    return {
        run_id: _by_name([one for one in sent if one.run_id == run_id], fired) for run_id in run_ids
    }, partial


def _by_name(
    sent: Sequence[RunEvent], fired: Mapping[Position, Sequence[LaterFiring]]
) -> RunEvents:
    """Those first that fired something, then those that the run's own code sent.

    States of the run that fired nothing are only counted.
    """
    by_name: dict[str, list[RunEvent]] = {}
    for one in sent:
        by_name.setdefault(one.event, []).append(one)
    names = []
    for name, alike in by_name.items():
        later = [firing for one in alike for firing in fired.get(one.position, ())]
        first = {firing.automation_id: firing for firing in reversed(later)}
        firings = list(first.values())[:MOST_LATER]
        names.append(
            EventsOfName(name, len(alike), alike[0].id, firings, len(first) - len(firings))
        )
    listed = [one for one in names if one.fired or not one.event.startswith(_BUILT_IN)]
    listed.sort(key=lambda one: not one.fired)
    near = listed[:MOST_NAMES]
    return RunEvents(near, len(sent) - sum(one.count for one in near))
