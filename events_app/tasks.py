"""Celery's side of the log. Leases of 5 s, so any monitor shows them, any shutdown ends them."""

import logging
import time
from collections.abc import Callable

from celery import shared_task

from events_app.services import recording
from events_app.storage import reader
from project.lib import redis_client

logger = logging.getLogger(__name__)

LEASE_SECONDS = 5.0


def lease_clock(seconds: float = LEASE_SECONDS) -> Callable[[], float]:
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


@shared_task(name="events.record", queue="record", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def record_events(**_: object) -> None:
    try:
        report = recording.record(redis_client.client(), seconds_left=lease_clock())
    except reader.Taken:
        return  # the owner is at work; beat asks again
    if report.rejected:
        logger.warning("PostgreSQL refused %d events; see rejected_event", report.rejected)
    record_events.apply_async(expires=2.0)
