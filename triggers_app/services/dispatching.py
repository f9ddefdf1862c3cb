"""Carrying out actions: claimed in batches, done and settled in one transaction.

A dispatcher that is killed loses its transaction and nothing else: the claim, what was
done and its settlement are one. Whatever one action raises is that action's own: the batch
is done again one by one, and the culprit is refused with its reason.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import msgspec
from django.db import InterfaceError, OperationalError, transaction

from triggers_app.delivery.batch import Batch, Job
from triggers_app.delivery.registry import KINDS, refuse
from triggers_app.delivery.results import Delivered, Rejected, Settlement
from triggers_app.engine.templates import Templates
from triggers_app.models import ActionRun
from triggers_app.storage import outbox
from triggers_app.storage.outbox import Claimed, Outcome

logger = logging.getLogger(__name__)

BATCH = 500
_decode = msgspec.json.decode


@dataclass(frozen=True, slots=True)
class Dispatched:
    """How many action runs were settled, and how many of them refused."""

    settled: int
    rejected: int


class Dispatcher:
    """Carries out what is pending. `clock` is the wall clock, `timer` answers monotonic seconds.

    It keeps the compiled templates; everything else is in the tables.
    """

    def __init__(self, *, clock: Callable[[], datetime], timer: Callable[[], float]) -> None:
        self._clock = clock
        self._timer = timer
        self._templates = Templates()

    def run(self) -> Dispatched:
        """Dispatch until nothing is pending that another dispatcher is not at."""
        settled = rejected = 0
        while outcomes := self._batch():
            settled += len(outcomes)
            rejected += sum(outcome.state == ActionRun.State.REJECTED for outcome in outcomes)
        return Dispatched(settled, rejected)

    def _batch(self) -> list[Outcome]:
        now = self._clock()
        try:
            return self._dispatch(lambda: outbox.claim(BATCH, now=now), now)
        except (OperationalError, InterfaceError):
            raise  # the database is away, or chose this transaction to give way: nothing is wrong
        except Exception:
            logger.warning("A batch of actions failed; doing them one by one", exc_info=True)
        return [
            outcome
            for action_run_id in outbox.pending(BATCH, now=now)
            for outcome in self._alone(action_run_id, now)
        ]

    def _alone(self, action_run_id: int, now: datetime) -> list[Outcome]:
        try:
            return self._dispatch(lambda: outbox.claim_one(action_run_id, now=now), now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.exception("Could not carry out action run %s", action_run_id)
            reason = f"It failed unexpectedly: {type(error).__name__}: {error}"[:2000]
            outcome = _outcome(action_run_id, Rejected(reason.replace("\x00", "")))
            outbox.settle([outcome], now=now)
            return [outcome]

    def _dispatch(self, claim: Callable[[], Sequence[Claimed]], now: datetime) -> list[Outcome]:
        """Claim, do, settle; one transaction. Queries: 3, and those of each kind in the batch."""
        with transaction.atomic():
            claimed = claim()
            if not claimed:
                return []
            outcomes = [
                _outcome(job.claimed.id, settlement)
                for job, settlement in self._deliver(claimed, now)
                if settlement is not None
            ]
            outbox.settle(outcomes, now=now)
        return outcomes

    def _deliver(
        self, claimed: Sequence[Claimed], now: datetime
    ) -> list[tuple[Job, Settlement | None]]:
        owners = outbox.owners(list({each.automation_id for each in claimed}))
        documents = {text: _decode(text) for text in {each.action for each in claimed}}
        jobs = [Job(each, documents[each.action], owners[each.automation_id]) for each in claimed]
        done: list[tuple[Job, Settlement | None]] = []
        # Kinds in the order in which they come: a pause before a resume stays before it.
        for kind, group in groupby(_by_kind(jobs), key=_kind):
            batch = Batch(list(group), now, self._templates, self._timer)
            settlements = KINDS.get(kind, refuse)(batch)
            done += zip(batch.jobs, settlements, strict=True)
        return done


def _kind(job: Job) -> str:
    return str(job.action.get("type"))


def _by_kind(jobs: Sequence[Job]) -> list[Job]:
    """Runs first and together, for they are many and independent; the rest as it comes."""
    return sorted(jobs, key=lambda job: _kind(job) != "run-deployment")


def _outcome(action_run_id: int, settlement: Settlement) -> Outcome:
    if isinstance(settlement, Delivered):
        state, reason, run_id = ActionRun.State.DONE, None, settlement.flow_run_id
    else:
        state, reason, run_id = ActionRun.State.REJECTED, settlement.reason, None
    return Outcome(action_run_id, state.value, reason, settlement.result, run_id)
