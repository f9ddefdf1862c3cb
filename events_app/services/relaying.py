"""From the outbox into the log."""

import redis
from django.db import transaction

from events_app.storage import outbox
from events_app.stream import log

BATCH_EVENTS = 500


def waits() -> bool:
    """Whether anything waits in the outbox. One query."""
    return outbox.waits()


def relay(client: redis.Redis) -> int:
    """Append everything that waits in the outbox, oldest first; how many that was.

    A crash between append and commit leaves rows whose events the log drops the next time,
    for it knows their ids. Raises LogFull; what was appended so far stays appended.
    """
    relayed = count = _relay_batch(client)
    while count == BATCH_EVENTS:
        count = _relay_batch(client)
        relayed += count
    return relayed


def _relay_batch(client: redis.Redis) -> int:
    with transaction.atomic():
        waiting = outbox.take_oldest(BATCH_EVENTS)
        if waiting.events:
            log.append(client, waiting.events)
            outbox.remove(waiting.ids)
    return len(waiting.events)
