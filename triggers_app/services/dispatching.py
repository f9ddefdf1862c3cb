"""Carrying out actions: claimed in batches, done and settled in one transaction.

A dispatcher that is killed loses its transaction and nothing else: the claim, what was
done and its settlement are one. Whatever one action raises is that action's own: the batch
is done again one by one, and the culprit is refused with its reason.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import msgspec
from django.db import transaction

from events_app.storage import outbox as event_outbox
from project.lib import wake
from project.lib.store_errors import OUTAGES
from triggers_app.automation.causes import endless
from triggers_app.automation.ceiling import DEFAULT_PER_MINUTE, Ceiling
from triggers_app.automation.templating.templates import Templates
from triggers_app.delivery.action_events import events_of
from triggers_app.delivery.batch import Batch, Job
from triggers_app.delivery.registry import KINDS, Deliver, refuse
from triggers_app.delivery.results import Delivered, Rejected, Send, Settlement
from triggers_app.models import ActionRun
from triggers_app.services import switching
from triggers_app.storage import outbox, pausing
from triggers_app.storage.outbox import Claimed, DeliveryOutcome

logger = logging.getLogger(__name__)

BATCH = 500
_decode = msgspec.json.decode
_State = ActionRun.State
_HeldFor = ActionRun.HeldFor
_HELD = {
    _HeldFor.STOPPED: "Acting was stopped for all automations when it came up.",
    _HeldFor.GRACE: "Its automation was deleted with its owner, which may deploy it again.",
}


@dataclass(frozen=True, slots=True)
class Dispatched:
    """How many action runs left the outbox, how many were refused, and how many held back."""

    settled: int
    rejected: int
    held: int = 0


class Dispatcher:
    """Carries out what is pending. `clock` is the wall clock, `timer` answers monotonic seconds.

    `per_minute` is the ceiling of automations that name none of their own, `public_url` what
    links in messages begin with. It keeps the
    compiled templates; everything else is in the tables.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        timer: Callable[[], float],
        per_minute: int = DEFAULT_PER_MINUTE,
        public_url: str = "",
    ) -> None:
        self._clock = clock
        self._timer = timer
        self._per_minute = per_minute
        self._templates = Templates(public_url=public_url)

    def run(self) -> Dispatched:
        """Dispatch until nothing is pending that another dispatcher is not at."""
        states: Counter[str] = Counter()
        more = True
        while more:
            outcomes, more = self._batch()
            states.update(outcome.state for outcome in outcomes)
            if not outcomes:
                continue
            # Also for the events of the firings themselves, which the evaluator left there.
            wake.wake(wake.RELAY, queue="actions")
        return Dispatched(states.total(), states[_State.REJECTED], states[_State.HELD])

    def _batch(self) -> tuple[list[DeliveryOutcome], bool]:
        """What became of one batch, and whether more may be left of what is pending now."""
        now = self._clock()
        try:
            return self._dispatch(lambda: outbox.claim(BATCH, now=now), now)
        except OUTAGES:
            raise  # the database is away, or chose this transaction to give way: nothing is wrong
        except Exception:
            logger.warning("A batch of actions failed; doing them one by one", exc_info=True)
        pending = outbox.pending(BATCH, now=now)
        outcomes = [outcome for pk in pending for outcome in self._alone(pk, now)]
        return outcomes, bool(outcomes)

    def _alone(self, action_run_id: int, now: datetime) -> list[DeliveryOutcome]:
        try:
            return self._dispatch(lambda: outbox.claim_one(action_run_id, now=now), now)[0]
        except OUTAGES:
            raise
        except Exception as error:
            logger.exception("Could not carry out action run %s", action_run_id)
            reason = f"It failed unexpectedly: {type(error).__name__}: {error}"[:2000]
            return self._refuse(action_run_id, Rejected(reason.replace("\x00", "")), now)

    def _refuse(
        self, action_run_id: int, rejected: Rejected, now: datetime
    ) -> list[DeliveryOutcome]:
        try:
            with transaction.atomic():
                jobs = _jobs(outbox.claim_one(action_run_id, now=now))
                return self._finish([(job, rejected) for job in jobs], [], now)
        except OUTAGES:
            raise
        except Exception:
            logger.exception("Could not tell of action run %s", action_run_id)
        outcome = _outcome(action_run_id, rejected)
        outbox.finish_batch([outcome], now=now)
        return [outcome]

    def _dispatch(
        self, claim: Callable[[], Sequence[Claimed]], now: datetime
    ) -> tuple[list[DeliveryOutcome], bool]:
        """Claim, do, settle, tell; one transaction. Whether more is left, see `_batch`.

        Queries: two for the brakes, claim, automations, ceiling and what was done, settle,
        outbox; and those of each kind in the batch.
        """
        with transaction.atomic():
            acting = pausing.may_act()
            claimed = claim()
            if not claimed:
                return [], False
            jobs, held = self._hold(_jobs(claimed), acting, now)
            last: list[Callable[[], None]] = []
            outcomes = self._finish(self._deliver(jobs, now, last), held, now)
            for write in last:
                write()
            # Fewer than were claimed: rendering took its time, and left some.
            return outcomes, len(claimed) == BATCH or len(outcomes) < len(claimed)

    def _hold(
        self, jobs: Sequence[Job], acting: bool, now: datetime
    ) -> tuple[list[Job], list[DeliveryOutcome]]:
        """What may be done, and how it goes on with the rest."""
        done = pausing.acted_lately(list({job.owner.id for job in jobs}), now=now)
        ceiling = Ceiling(done, default=self._per_minute)
        free: list[Job] = []
        held: list[DeliveryOutcome] = []
        for job in jobs:
            outcome = _held_outcome(job, acting, ceiling)
            if outcome is None:
                free.append(job)
            else:
                held.append(outcome)
        return free, held

    def _deliver(
        self, jobs: Sequence[Job], now: datetime, last: list[Callable[[], None]]
    ) -> list[tuple[Job, Settlement | None]]:
        """How each ended; what is left to write just before the commit is added to `last`."""
        done: list[tuple[Job, Settlement | None]] = []
        for kind, group in groupby(_by_kind(jobs), key=_kind):
            batch = Batch(list(group), now, self._templates, self._timer)
            settlements = _deliverer(kind)(batch)
            done += zip(batch.jobs, settlements, strict=True)
            last += batch.last
        return done

    def _finish(
        self,
        done: Sequence[tuple[Job, Settlement | None]],
        held: Sequence[DeliveryOutcome],
        now: datetime,
    ) -> list[DeliveryOutcome]:
        """Write how it went on, with the events that tell of it."""
        settled = [(job, settlement) for job, settlement in done if settlement is not None]
        outcomes = [*held, *(_outcome(job.claimed.id, ending) for job, ending in settled)]
        outbox.finish_batch(outcomes, now=now)
        if settled:
            pausing.note_acted(Counter(job.owner.id for job, _ in settled), now=now)
        events = [event for job, ending in settled for event in events_of(job, ending, now=now)]
        if events:
            event_outbox.add(events)
        if any(outcome.state == _State.SENDING for outcome in outcomes):
            wake.wake_after_commit("triggers.deliver", queue="actions")
        return outcomes


def _jobs(claimed: Sequence[Claimed]) -> list[Job]:
    owners = outbox.owners(list({each.automation_id for each in claimed}))
    documents = {text: _decode(text) for text in {each.action for each in claimed}}
    return [Job(each, documents[each.action], owners[each.automation_id]) for each in claimed]


def _held_outcome(job: Job, acting: bool, ceiling: Ceiling) -> DeliveryOutcome | None:
    """Why an action is not carried out now; None when it is."""
    claimed, owner = job.claimed, job.owner
    if reason := endless(claimed.causes):
        # Nothing tells of it either: that would feed what goes round.
        result = {"causes": claimed.causes}
        return DeliveryOutcome(claimed.id, _State.REJECTED, reason, result)
    if owner.deleted is not None and claimed.created >= owner.deleted:
        if owner.grace == "over":
            return DeliveryOutcome(claimed.id, _State.DISCARDED, "Its automation was deleted.")
        if owner.grace == "open":
            return _held(job, _HeldFor.GRACE)
    if not acting:
        return _held(job, _HeldFor.STOPPED)
    if not ceiling.admits(owner.id, owner.document) and not claimed.released:
        reason = f"`{owner.name}` may carry out {ceiling.limit(owner.document):,} actions a minute."
        return _held(job, _HeldFor.CEILING, reason)
    return None


def _held(job: Job, held_for: ActionRun.HeldFor, reason: str | None = None) -> DeliveryOutcome:
    given_reason = reason or _HELD[held_for]
    return DeliveryOutcome(job.claimed.id, _State.HELD, given_reason, held_for=held_for.value)


_SWITCHING: Mapping[str, Deliver] = {"switch-automation": switching.switch_automations}


def _deliverer(kind: str) -> Deliver:
    return _SWITCHING.get(kind) or KINDS.get(kind, refuse)


def _kind(job: Job) -> str:
    """Switches of automations are one kind: their rows are locked once, and in order."""
    return "switch-automation" if job.kind in switching.KINDS else job.kind


def _by_kind(jobs: Sequence[Job]) -> list[Job]:
    """Runs first and together, for they are many and independent; the rest as it comes.

    Automations come last: who changes one keeps others from changing any until the commit.
    """
    place = {"run-deployment": 0, "switch-automation": 2}
    return sorted(jobs, key=lambda job: place.get(_kind(job), 1))


def _outcome(action_run_id: int, settlement: Settlement) -> DeliveryOutcome:
    match settlement:
        case Delivered(run_id, result):
            return DeliveryOutcome(action_run_id, _State.DONE, None, result, run_id)
        case Rejected(reason, result):
            return DeliveryOutcome(action_run_id, _State.REJECTED, reason, result)
        case Send(request, host, warnings):
            result = {"warnings": warnings} if warnings else {}
            return DeliveryOutcome(
                action_run_id, _State.SENDING, None, result, request=request, host=host
            )
