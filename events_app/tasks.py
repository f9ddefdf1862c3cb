"""Celery's side of the log. Leases of 5 s, so any monitor shows them, any shutdown ends them."""

import functools
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from celery import shared_task
from django.conf import settings
from django.utils.module_loading import import_string

from events_app.services import keeping, recording, relaying
from events_app.storage import reader
from events_app.stream.log import LogFull
from project.lib import duty, redis_client, wake
from project.lib.clock import utcnow
from project.lib.store_errors import OUTAGES

logger = logging.getLogger(__name__)

LEASE_SECONDS = 5.0


def lease_clock(seconds: float = LEASE_SECONDS) -> Callable[[], float]:
    """How many seconds of the lease are left."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


@contextmanager
def _survives_outages(duty: str) -> Iterator[None]:
    """One line instead of a traceback when a store is away; beat asks again soon."""
    try:
        yield
    except OUTAGES as error:
        logger.warning("Could not %s: %s", duty, str(error).partition("\n")[0])


@shared_task(name="events.record", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def record_events(**_: object) -> None:
    """One lease; it sends itself on."""
    duty.hold(record_events, _record)


def _record() -> bool:
    try:
        report = recording.record(
            redis_client.client(), seconds_left=lease_clock(), projections=_projections()
        )
    except (reader.TakenEntries, reader.Stale):
        return False
    if report.rejected:
        logger.warning("PostgreSQL refused %d events; see rejected_event", report.rejected)
    return True


@functools.cache
def _projections() -> list[recording.Projection]:
    """Of the apps above, which this one does not know."""
    return [import_string(path) for path in settings.FLINT_PROJECTIONS]


def _relay() -> None:
    try:
        relaying.relay(redis_client.client())
    except LogFull:
        logger.warning("The log is full; our own events wait in the outbox")


RELAYING = duty.Duty(wake.RELAY, work=_relay, look=_relay, look_every_seconds=5.0)


@shared_task(name="events.relay", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def relay_outbox(**_: object) -> None:
    RELAYING.serve(relay_outbox)


@shared_task(name="events.keep_partitions", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def keep_partitions(**_: object) -> None:
    with _survives_outages("keep the partitions"):
        kept = keeping.keep_partitions(retention=settings.FLINT_EVENT_RETENTION, now=utcnow())
        for day in kept.dropped_days:
            logger.info("Dropped the events of %s, older than the retention", day)
