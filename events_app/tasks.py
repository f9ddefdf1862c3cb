"""Celery's side of the log. Leases of 5 s, so any monitor shows them, any shutdown ends them."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import django.db
import psycopg
import redis
from celery import shared_task
from django.conf import settings

from events_app.services import keeping, recording, relaying
from events_app.storage import reader
from events_app.stream.log import LogFull
from project.lib import redis_client
from project.lib.clock import utcnow

logger = logging.getLogger(__name__)

LEASE_SECONDS = 5.0
OUTAGES = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    django.db.OperationalError,
    django.db.InterfaceError,
    redis.ConnectionError,
    redis.TimeoutError,
)


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
    with _survives_outages("record events"):
        try:
            report = recording.record(redis_client.client(), seconds_left=lease_clock())
        except (reader.Taken, reader.Stale):
            return  # another process is at work; beat asks again
        if report.rejected:
            logger.warning("PostgreSQL refused %d events; see rejected_event", report.rejected)
        record_events.apply_async(expires=2.0)


@shared_task(name="events.relay", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def relay_outbox(**_: object) -> None:
    with _survives_outages("relay the outbox"):
        try:
            relaying.relay(redis_client.client())
        except LogFull:
            logger.warning("The log is full; our own events wait in the outbox")


@shared_task(name="events.trim", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def trim_log(**_: object) -> None:
    with _survives_outages("trim the log"):
        keeping.trim(redis_client.client())


@shared_task(name="events.keep_partitions", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def keep_partitions(**_: object) -> None:
    with _survives_outages("keep the partitions"):
        kept = keeping.keep_partitions(retention=settings.FLINT_EVENT_RETENTION, now=utcnow())
        for day in kept.dropped_days:
            logger.info("Dropped the events of %s, older than the retention", day)
