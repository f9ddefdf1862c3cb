"""The log and its readers after a restore: they go on from now, and nothing comes twice."""

import redis
from django.db import transaction

from events_app.domain.position import StreamId
from events_app.models import Event
from events_app.storage import offsets, outbox
from events_app.stream import restarting
from events_app.stream.appending import REMEMBER_IDS_MS


def highest_ms() -> int:
    """The latest log time of which the tables tell."""
    return offsets.highest_ms()


def restart_log(client: redis.Redis, *, above_ms: int) -> StreamId:
    """Empty the log, and let it go on later than `above_ms` and than everything before.

    Returns where it goes on. It remembers the ids that are recorded of the last minutes, so
    that a client that sends once more is told apart.
    """
    at = max(restarting.earliest(client), StreamId(above_ms + 1, 0))
    recent = Event.objects.filter(log_ms__gte=at.ms - REMEMBER_IDS_MS)
    restarting.restart(client, at, known=recent.values_list("id", flat=True).iterator())
    return at


def go_on_from(at: StreamId) -> int:
    """Move every reader there, and drop our own events that had not reached the log.

    They may have reached it after the dump, and what they fired would fire again. How many.
    """
    with transaction.atomic():
        offsets.move_all(at)
        return outbox.drop_all()
