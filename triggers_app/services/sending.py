"""Effects outside: webhooks and notifications, each sent at least once, always with one key.

A claim with a lease is committed before the request goes out, and how it ended after it came
back. Whoever is killed in between leaves a lease that runs out; then it is sent again.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from events_app.storage import outbox as event_outbox
from project.lib import wake
from triggers_app.delivery.batch import Job
from triggers_app.delivery.calls import Call, call_for
from triggers_app.delivery.http import Ending, Outside
from triggers_app.delivery.results import Delivered, Rejected, TryAgain
from triggers_app.delivery.telling import told
from triggers_app.domain.backoff import MAX_TRIES
from triggers_app.models import ActionRun, BlockDocument
from triggers_app.storage import brakes, outbox, outside
from triggers_app.storage.outside import Sending

logger = logging.getLogger(__name__)

BATCH = 20  # at once, each in a thread
# Longer than any request may take: name, connection, answer.
LEASE = timedelta(seconds=90)
STOPPED = "Acting was stopped for all automations before it was sent."
_decode = msgspec.json.decode


class Sender:
    """Sends what is due. `clock` is the wall clock."""

    def __init__(self, *, clock: Callable[[], datetime], client: Outside) -> None:
        self._clock = clock
        self._client = client

    def run(self) -> int:
        """Send until nothing is due that nobody else is at; how many requests that were."""
        sent = 0
        while batch := self._claimed():
            sent += len(batch)
            self._send(batch)
        return sent

    def _claimed(self) -> list[Sending]:
        now = self._clock()
        with transaction.atomic():
            if brakes.may_act():
                return outside.claim(BATCH, now=now, until=now + LEASE)
            outside.hold_due(now=now, reason=STOPPED)
            return []

    def _send(self, batch: Sequence[Sending]) -> None:
        jobs = _jobs(batch)
        blocks = outside.blocks([UUID(block) for job in jobs if (block := _block_id(job))])
        with ThreadPoolExecutor(BATCH, thread_name_prefix="send") as threads:
            under_way = {
                threads.submit(self._one, sending, job, blocks): (sending, job)
                for sending, job in zip(batch, jobs, strict=True)
            }
            for finished in as_completed(under_way):
                self._settle(*under_way[finished], finished.result())

    def _one(self, sending: Sending, job: Job, blocks: Mapping[UUID, BlockDocument]) -> Ending:
        """Touches no database: it runs in a thread."""
        if sending.tries > MAX_TRIES:
            return Rejected(f"It was tried {MAX_TRIES} times, and the last never came to its end.")
        block_id = _block_id(job)
        try:
            block = blocks.get(UUID(block_id)) if block_id else None
            call = call_for(job.action, sending.request, block)
            if not isinstance(call, Call):
                return call
            return self._client.send(call, key=job.key, tries=sending.tries, now=self._clock())
        except Exception as error:
            # The text of an unforeseen error may hold an address; its name does not.
            logger.error("Could not send action run %s: %s", job.claimed.id, type(error).__name__)
            return Rejected(f"It failed unexpectedly: {type(error).__name__}.")

    def _settle(self, sending: Sending, job: Job, ending: Ending) -> None:
        now = self._clock()
        with transaction.atomic():
            if not outside.settle(sending, **_values(sending, ending, now)):
                logger.warning("Action run %s was taken over while it was sent", job.claimed.id)
                return
            if not isinstance(ending, TryAgain):
                event_outbox.add(told(job, ending, now=now))
                wake.wake_after_commit("events.relay", queue="actions")


def _values(sending: Sending, ending: Ending, now: datetime) -> dict[str, Any]:
    result = {**sending.result, **ending.result}
    match ending:
        case Delivered():
            return {"state": _State.DONE, "reason": None, "result": result, "settled": now}
        case Rejected(reason):
            return {"state": _State.REJECTED, "reason": reason, "result": result, "settled": now}
        case TryAgain(after, reason):
            return {"reason": reason, "result": result, "not_before": now + after}


_State = ActionRun.State


def _jobs(batch: Sequence[Sending]) -> list[Job]:
    owners = outbox.owners(list({each.claimed.automation_id for each in batch}))
    return [
        Job(each.claimed, _decode(each.claimed.action), owners[each.claimed.automation_id])
        for each in batch
    ]


def _block_id(job: Job) -> str | None:
    return job.action.get("block_document_id")
