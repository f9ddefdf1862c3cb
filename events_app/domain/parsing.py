"""From the bytes of a request to events, or to every problem in them. Pure.

What is accepted can be stored: PostgreSQL's text and jsonb hold it, and it reads back the
same. Decoding is the whole cost for ordinary events; anything unusual (escapes, large
members, another time zone) is looked at once more, and only a refused request is explained.
"""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE, Event, encode_event
from events_app.domain.event_problems import (
    MAX_DEPTH,
    MAX_EVENT_BYTES,
    MAX_LABELS,
    MAX_LITERAL,
    MAX_RELATED,
    MAX_TEXT_BYTES,
    find_problems,
)
from project.lib.problems import Invalid, Problem


class TooLarge(Exception):
    """An event is larger than may be stored; nothing of its request was accepted."""

    def __init__(self, index: int, size_bytes: int) -> None:
        super().__init__(
            f"Event {index} of the request has {size_bytes:,} bytes;"
            f" the limit is {MAX_EVENT_BYTES:,}. Send large data elsewhere and refer to it."
        )
        self.index = index
        self.size_bytes = size_bytes
        self.limit_bytes = MAX_EVENT_BYTES


_decode = msgspec.json.Decoder(list[Event]).decode
_decode_payload = msgspec.json.Decoder(dict[str, Any]).decode
_UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError, OverflowError)
# Numbers that Python reads and PostgreSQL refuses: 1e-20000, or thousands of digits.
_odd_exponent = re.compile(rb"[eE][+-]?[0-9]{4}").search
_many_digits = re.compile(rb"[0-9]{%d}" % (MAX_LITERAL // 2)).search
# The compact form grows by numbers only (`1e15`, 1000000000000000.0), to less than five times.
_SURELY_SMALL = MAX_EVENT_BYTES // 5
_SAFE_TEXT = MAX_TEXT_BYTES // 4  # so many characters have at most MAX_TEXT_BYTES bytes


def parse_events(body: bytes) -> list[Event]:
    """The events of a JSON list, with `occurred` in UTC.

    Raises Invalid with every problem (located from the list: index, field, …), or TooLarge.
    Source: Prefect's POST /api/events; unknown keys of an event are ignored as there.
    """
    try:
        events = _decode(body)
        unusual = b"\\u0000" in body if b"\\" in body else False
        for event in events:
            unusual = _unusual(event) or unusual
    except _UNREADABLE as error:
        raise Invalid(find_problems(body) or [_unexplained(error)]) from None
    if unusual:
        if problems := find_problems(body):
            raise Invalid(problems)
        events = [_in_utc(event) for event in events]
    return _measured(events, body)


def parse_event(body: bytes) -> Event:
    """The same for one event, without a list around it; locations begin with its fields."""
    try:
        events = parse_events(b"[" + body + b"]")
    except Invalid as invalid:
        raise Invalid([problem.at(problem.loc[1:]) for problem in invalid.problems]) from None
    if len(events) != 1:
        raise Invalid([Problem((), "Input should be one event, a JSON object.", "model_type")])
    return events[0]


def _unexplained(error: Exception) -> Problem:
    """What only the fast decoder objects to. Its message names the place itself."""
    return Problem((), f"{str(error).rstrip('.')}.", "value_error")


def _unusual(event: Event) -> bool:
    """Whether the event needs a second look. Raises what `_UNREADABLE` names."""
    payload = bytes(event.payload)
    _decode_payload(payload)
    if event.occurred.tzinfo is not UTC or len(event.event) > _SAFE_TEXT:
        return True
    if not _plain(event.resource) or _odd_exponent(payload):
        return True
    for other in event.related:
        if not _plain(other) or not other.get(RESOURCE_ROLE):
            return True
    return len(event.related) > MAX_RELATED or (len(payload) > MAX_DEPTH and _knotty(payload))


def _knotty(payload: bytes) -> bool:
    """No JSON is nested deeper than it has opening brackets, no number longer than it."""
    if payload.count(b"[") + payload.count(b"{") > MAX_DEPTH:
        return True
    return len(payload) > MAX_LITERAL and _many_digits(payload) is not None


def _plain(resource: dict[str, str]) -> bool:
    if len(resource) > MAX_LABELS or not resource.get(RESOURCE_ID):
        return False
    return len("".join(resource.values())) <= _SAFE_TEXT and len("".join(resource)) <= _SAFE_TEXT


def _in_utc(event: Event) -> Event:
    if event.occurred.tzinfo is UTC:
        return event
    return msgspec.structs.replace(event, occurred=in_utc(event.occurred))


def in_utc(moment: datetime) -> datetime:
    """A moment without a zone is read as UTC. Raises OverflowError near the years 1 and 9999."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _measured(events: list[Event], body: bytes) -> list[Event]:
    """The events, each of which fits. Raises TooLarge."""
    if len(body) <= _SURELY_SMALL:
        return events
    return [_fitting(index, event) for index, event in enumerate(events)]


def _fitting(index: int, event: Event) -> Event:
    """The event, its payload rewritten where only its spelling is too large. Raises TooLarge.

    Escapes, blanks and zeros at the end of a number are spelling: what is measured is what
    every reader of the event gets, as compact JSON.
    """
    spelled = len(encode_event(event))
    if spelled <= _SURELY_SMALL:
        return event
    payload = msgspec.Raw(msgspec.json.encode(_decode_payload(event.payload)))
    compact = msgspec.structs.replace(event, payload=payload)
    size = len(encode_event(compact))
    if size > MAX_EVENT_BYTES:
        raise TooLarge(index, size)
    return event if spelled <= MAX_EVENT_BYTES else compact
