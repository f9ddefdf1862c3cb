"""An event that somebody composed by hand: through the same parser as any other, into the log."""

import json
from typing import Any
from uuid import UUID

import redis

from events_app.domain.event import Event
from events_app.domain.parsing import TooLarge, parse_event
from events_app.stream import log
from project.lib.problems import Invalid, Problem


def check(document: dict[str, Any]) -> Event:
    """The event that the document means. Raises Invalid, located from the document's root."""
    try:
        return parse_event(json.dumps(document).encode())
    except TooLarge as error:
        raise Invalid([Problem(("payload",), str(error), "too_large")]) from None


def send(document: dict[str, Any], *, client: redis.Redis) -> UUID:
    """Put it into the log; its id. Raises Invalid, and log.LogFull."""
    event = check(document)
    log.append(client, [event])
    return event.id
