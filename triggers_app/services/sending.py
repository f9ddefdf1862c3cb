"""Effects outside: webhooks and notifications, each sent at least once, always with one key.

A claim with a lease is committed before the request goes out, and how it ended after it came
back. Whoever is killed in between leaves a lease that runs out; then it is sent again.

Each request is settled when it ends, and its place is given to another: nobody waits for the
slowest. A host has a few places only, in all processes together.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from events_app.storage import outbox as event_outbox
from project.lib import stopping, wake
from triggers_app.automation.backoff import MAX_TRIES
from triggers_app.delivery.action_events import events_of
from triggers_app.delivery.batch import Job
from triggers_app.delivery.calls import Call
from triggers_app.delivery.http import Ending, OutgoingClient
from triggers_app.delivery.http_request import call_for
from triggers_app.delivery.results import Delivered, Rejected, TryAgain
from triggers_app.models import ActionRun, BlockDocument
from triggers_app.storage import outbox, outgoing, pausing
from triggers_app.storage.outgoing import Sending

logger = logging.getLogger(__name__)

AT_ONCE = 400  # of one process; each is a connection, and no thread
PER_HOST = 5
# Much longer than http.DEADLINE_SECONDS: nobody else sends what is still under way.
LEASE = timedelta(seconds=90)
LOOK_SECONDS = 1.0
STOP_SECONDS = 2.0
STOPPED = "Acting was stopped for all automations before it was sent."
INTERRUPTED = "Its process was stopped while it was sent."
_decode = msgspec.json.decode
UnderWay = dict["Future[Ending]", tuple[Sending, Job]]


class Sender:
    """Sends what is due. `clock` is the wall clock; `stops` says when the process has to end."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        client: OutgoingClient,
        stops: Callable[[], bool] = stopping.stop_requested,
    ) -> None:
        self._clock = clock
        self._client = client
        self._stops = stops
        self._poked: Future[None] = Future()

    def poke(self) -> None:
        """From another thread: something more is due."""
        if not self._poked.done():
            self._poked.set_result(None)

    def run(self) -> int:
        """Send until nothing is due that nobody else is at; how many requests that were."""
        sent = 0
        under_way: UnderWay = {}
        while not self._stops():
            self._poked = Future()
            batch = self._claimed(AT_ONCE - len(under_way))
            sent += len(batch)
            under_way.update(self._begun(batch))
            if not under_way:
                return sent
            awaited: set[Future[Any]] = {*under_way, self._poked}
            wait(awaited, LOOK_SECONDS, FIRST_COMPLETED)
            self._finish_ended(under_way)
        self._give_back(under_way)
        return sent

    def _claimed(self, limit: int) -> list[Sending]:
        now = self._clock()
        with transaction.atomic():
            if pausing.may_act():
                return outgoing.claim(limit, per_host=PER_HOST, now=now, until=now + LEASE)
            outgoing.hold_due(now=now, reason=STOPPED)
            return []

    def _begun(self, batch: Sequence[Sending]) -> UnderWay:
        if not batch:
            return {}
        jobs = _jobs(batch)
        blocks = outgoing.blocks([UUID(block) for job in jobs if (block := _block_id(job))])
        return {
            self._begin(sending, job, blocks): (sending, job)
            for sending, job in zip(batch, jobs, strict=True)
        }

    def _begin(
        self, sending: Sending, job: Job, blocks: Mapping[UUID, BlockDocument]
    ) -> "Future[Ending]":
        if sending.tries > MAX_TRIES:
            return _ended(
                Rejected(f"It was tried {MAX_TRIES} times, and the last never came to its end.")
            )
        block_id = _block_id(job)
        try:
            block = blocks.get(UUID(block_id)) if block_id else None
            call = call_for(job.action, sending.request, block)
        except Exception as error:
            return _ended(_unforeseen(job, error))
        if not isinstance(call, Call):
            return _ended(call)
        return self._client.submit(call, key=job.key, tries=sending.tries, now=self._clock())

    def _finish_ended(self, under_way: UnderWay) -> None:
        for finished in [future for future in under_way if future.done()]:
            sending, job = under_way.pop(finished)
            self._finish(sending, job, _ending(job, finished))

    def _give_back(self, under_way: UnderWay) -> None:
        """Wait a little for what is under way; the rest is for the next process, at once."""
        wait(under_way, STOP_SECONDS)
        self._finish_ended(under_way)
        for future, (sending, job) in under_way.items():
            future.cancel()
            self._finish(sending, job, TryAgain(timedelta(0), INTERRUPTED))

    def _finish(self, sending: Sending, job: Job, ending: Ending) -> None:
        now = self._clock()
        with transaction.atomic():
            if not outgoing.finish(sending, **_values(sending, ending, now)):
                logger.warning("Action run %s was taken over while it was sent", job.claimed.id)
                return
            if not isinstance(ending, TryAgain):
                event_outbox.add(events_of(job, ending, now=now))
                wake.wake_after_commit("events.relay", queue="actions")


def _ended(ending: Ending) -> "Future[Ending]":
    future: Future[Ending] = Future()
    future.set_result(ending)
    return future


def _ending(job: Job, finished: "Future[Ending]") -> Ending:
    try:
        return finished.result()
    except CancelledError:
        return TryAgain(timedelta(0), INTERRUPTED)
    except Exception as error:
        return _unforeseen(job, error)


def _unforeseen(job: Job, error: Exception) -> Rejected:
    # The text of an unforeseen error may hold an address; its name does not.
    logger.error("Could not send action run %s: %s", job.claimed.id, type(error).__name__)
    return Rejected(f"It failed unexpectedly: {type(error).__name__}.")


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


def _jobs(batch: Iterable[Sending]) -> list[Job]:
    owners = outbox.owners(list({each.claimed.automation_id for each in batch}))
    return [
        Job(each.claimed, _decode(each.claimed.action), owners[each.claimed.automation_id])
        for each in batch
    ]


def _block_id(job: Job) -> str | None:
    return job.action.get("block_document_id")
