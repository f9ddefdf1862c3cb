"""Events of our own, written in the transaction of the change they tell of."""

from collections.abc import Sequence

from events_app.domain.event import Event, encode_event
from events_app.models.events import EventOutbox


def add(events: Sequence[Event]) -> None:
    """Put events into the outbox, in order, inside the caller's transaction."""
    EventOutbox.objects.bulk_create(
        [EventOutbox(event_id=event.id, body=encode_event(event)) for event in events]
    )
