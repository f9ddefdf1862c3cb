"""What an event is, and what an entry of the log holds. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from events_app.domain.position import Position, StreamId

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RESOURCE_ID = "prefect.resource.id"
RESOURCE_ROLE = "prefect.resource.role"
EMPTY_PAYLOAD = msgspec.Raw(b"{}")


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A fact. `payload` stays JSON text until someone looks into it.

    `occurred` is aware and in UTC. When the log received the event is a property of its
    place in the log, see `Entry`.
    """

    occurred: datetime
    event: str
    resource: dict[str, str]
    related: list[dict[str, str]] = []
    payload: msgspec.Raw = EMPTY_PAYLOAD
    id: UUID
    follows: UUID | None = None

    @property
    def resource_id(self) -> str:
        return self.resource[RESOURCE_ID]

    def payload_object(self) -> dict[str, Any]:
        decoded: dict[str, Any] = msgspec.json.decode(self.payload)
        return decoded


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log: the frame of events of one accepted request.

    `known_leaders` holds the indexes of followers whose leader stands earlier in the log.
    A frame may be empty: a wake-up.
    """

    id: StreamId
    events: Sequence[Event]
    known_leaders: frozenset[int] = frozenset()

    @property
    def received(self) -> datetime:
        return from_ms(self.id.ms)

    def position(self, index: int) -> Position:
        return Position(self.id.ms, self.id.seq, index)


_decode_frame = msgspec.json.Decoder(list[Event]).decode
_decode_event = msgspec.json.Decoder(Event).decode
_encode = msgspec.json.Encoder().encode


def decode_frame(data: bytes) -> list[Event]:
    """The events of a frame as `encode_frame` wrote it."""
    return _decode_frame(data)


def encode_frame(events: Sequence[Event]) -> bytes:
    return _encode(events)


def decode_event(data: bytes) -> Event:
    """The event as `encode_event` wrote it."""
    return _decode_event(data)


def encode_event(event: Event) -> bytes:
    return _encode(event)


def event_document(event: Event, *, received: datetime | None) -> dict[str, Any]:
    """The event as the API shows it: plain JSON values, keys in Prefect's order."""
    return {
        "occurred": rfc3339(event.occurred),
        "event": event.event,
        "resource": event.resource,
        "related": event.related,
        "payload": event.payload_object(),
        "id": str(event.id),
        "follows": None if event.follows is None else str(event.follows),
        "received": None if received is None else rfc3339(received),
    }


def event_json(event: Event, *, received: datetime | None) -> bytes:
    """`event_document` as JSON text, with the payload passed through as it stands."""
    return _encode(
        {
            "occurred": event.occurred,
            "event": event.event,
            "resource": event.resource,
            "related": event.related,
            "payload": event.payload,
            "id": event.id,
            "follows": event.follows,
            "received": received,
        }
    )


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def from_ms(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)


def to_us(moment: datetime) -> int:
    """Microseconds since the epoch, exact."""
    delta = moment - EPOCH
    return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_us(us: int) -> datetime:
    """The moment, or the nearest one that a datetime can hold (years 1 to 9999)."""
    return EPOCH + timedelta(microseconds=min(max(us, _FIRST_US), _LAST_US))


_FIRST_US = to_us(datetime.min.replace(tzinfo=UTC))
_LAST_US = to_us(datetime.max.replace(tzinfo=UTC))
