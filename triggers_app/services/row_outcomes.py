"""What each event of a list did to automations, in two numbers. Found by index, never folded."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from uuid import UUID

from events_app.domain.position import Position
from events_app.services.event_outcomes import EventOutcome, FiredEvents
from events_app.storage.stored_events import StoredEvent
from triggers_app.automation.causes import causes_of
from triggers_app.automation.engine.evaluator import IGNORED_NAME
from triggers_app.automation.engine.keys import compile_key, sorted_labels
from triggers_app.services.fates import known_listeners
from triggers_app.storage import row_outcomes as storage
from triggers_app.storage.history_fates import Place

MOST_PLACES = 400
MOST_FIRINGS = 5_000


def outcomes_of(events: Sequence[StoredEvent]) -> Mapping[Position, EventOutcome]:
    """Those that fired an automation, or counted in a window. Three queries.

    As automations are saved now; of very many windows only the first are looked at.
    """
    fired = storage.fired_at([(one.position, one.event.follows is not None) for one in events])
    # No more of them are made: thousands of automations may listen to each event.
    places = list(islice(_places(events, fired), MOST_PLACES))
    counted = storage.counted_at(places) if places else {}
    return {
        position: EventOutcome(len(fired.get(position, ())), len(counted.get(position, ())))
        for position in {*fired, *counted}
    }


def fired_between(since: datetime, until: datetime) -> FiredEvents:
    """Events whose firings are of this time, at most of the newest 5,000. One query."""
    return FiredEvents(*storage.fired_between(since, until, limit=MOST_FIRINGS))


def _places(
    events: Sequence[StoredEvent], fired: Mapping[Position, set[UUID]]
) -> Iterator[tuple[Position, Place]]:
    listeners = known_listeners()
    listeners.refresh()
    for position, event in ((one.position, one.event) for one in events):
        if event.event == IGNORED_NAME:
            continue
        matched = listeners.matching(event, without=fired.get(position, set()))
        for automation_id in listeners.guarded(matched, causes_of(event)):
            del matched[automation_id]
        for leaf in chain.from_iterable(matched.values()):
            key = compile_key(sorted_labels(leaf.for_each))(event)
            yield position, Place(leaf.automation_id, leaf.trigger_id, key)
