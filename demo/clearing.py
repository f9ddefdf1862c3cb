"""Taking the demo away again, and nothing else."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import redis
from django.db import transaction

from demo import company
from demo.automations import ids
from demo.happenings import PREFIX
from demo.loading import caught_up, fence
from events_app.domain.position import StreamId
from events_app.models import EventOutbox, Reader
from events_app.services import recording
from events_app.storage import removing as removing_events
from events_app.stream import log
from runs_app.services import removing
from triggers_app.storage import demo_import

RECORD_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Cleared:
    runs: int
    events: int


def clear(client: redis.Redis, *, clock: Callable[[], datetime]) -> Cleared:
    """Remove automations, deployments, runs and events of the demo. Raises loading.Busy.

    Events are removed once those that are under way have been recorded, or after
    RECORD_SECONDS.
    """
    automation_ids = ids()
    # The owner's next lease finds another epoch, and loads what is left.
    with caught_up(client, clock=clock) as lease, transaction.atomic():
        fence(lease)
        demo_import.delete(automation_ids)
        run_ids = removing.remove_deployed_from(str(company.FLOWS), pool=company.POOL)
    _wait_until_recorded(client, RECORD_SECONDS)
    events = removing_events.remove(_resources(automation_ids, run_ids), prefix=PREFIX)
    return Cleared(len(run_ids), events)


def _resources(automation_ids: list[UUID], run_ids: list[UUID]) -> list[str]:
    return [
        *(f"prefect.automation.{each}" for each in automation_ids),
        *(f"prefect.flow-run.{each}" for each in run_ids),
    ]


def _wait_until_recorded(client: redis.Redis, seconds: float) -> None:
    """Until the outbox is empty and the recorder has come as far as the log is now."""
    gives_up = time.monotonic() + seconds
    while EventOutbox.objects.exists() and time.monotonic() < gives_up:
        time.sleep(0.05)
    goal = log.append_wakeup(client)
    while _recorded() < goal and time.monotonic() < gives_up:
        time.sleep(0.05)


def _recorded() -> StreamId:
    readers = Reader.objects.filter(name=recording.READER)
    row = readers.values_list("position_ms", "position_seq").first()
    return StreamId(*row) if row else StreamId(0, 0)
