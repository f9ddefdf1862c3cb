"""The backtest of a draft: started, looked at, compared with the saved version, summed up.

Results are kept for ten minutes by what was asked: the trigger, the period, and the version
that it is compared with. So an edit of an action, or undoing, asks for nothing new.
"""

import contextlib
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
import redis

from events_app.domain.event import from_ms, to_us
from project.lib import database, redis_client
from project.lib.clock import utcnow
from project.lib.problems import Invalid, Problem
from project.lib.process_memory import process_memory
from project.lib.ttl_cache import TtlCache
from triggers_app.automation.document import ON_RESOLVE, meaning
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.triggers import Trigger
from triggers_app.builder.backtest import jobs
from triggers_app.builder.backtest.jobs import BacktestJob, BacktestStatus, Wish
from triggers_app.models import AutomationVersion, Draft
from triggers_app.services import backtest_questions as questions
from triggers_app.services.backtest_result import BacktestResult, WouldBe
from triggers_app.services.backtesting import BacktestProgress
from triggers_app.storage import history
from triggers_app.storage.history import LogSpan
from triggers_app.storage.history_sql import Interest, interest_condition

ALONE_SECONDS = 5.0  # without a script the page waits, and then shows what there is
PERIODS = {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
DEFAULT = "7d"
# So few are read in 50 ms; another process would only cost more.
FEW_EVENTS = 3_000
SECONDS = 20.0
POLL_SECONDS = 0.025
AWAY = "Redis is away, where backtests note how far they are. Try again in a moment."

State = Literal["done", "running", "waiting", "broken", "unreadable"]


@dataclass(frozen=True, slots=True)
class BacktestView:
    """A backtest as it stands.

    `trigger` is None when the draft's cannot be read: `problems` say what is missing. `base` is
    the saved version it is compared with, `saved` that one's result; both None where there is
    nothing to compare.
    """

    state: State
    period: str
    trigger: Trigger | None = None
    problems: list[Problem] = field(default_factory=list)
    progress: BacktestProgress | None = None
    result: BacktestResult | None = None
    saved: BacktestResult | None = None
    base: int | None = None
    seconds: float = 0.0
    error: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class BacktestDifferences:
    """What the draft would fire more, and what it would not any more; the newest of each."""

    added: list[WouldBe]
    removed: list[WouldBe]


@dataclass(frozen=True, slots=True)
class EffectOfEdit:
    """What enabling would mean, taken from the past. `covered`: the time that was looked at."""

    firings: int
    covered: timedelta
    per_day: float
    busiest_hour: int
    busiest_minute: int


def look(
    draft: Draft, *, now: datetime, patience: float = 0.0, seconds: float = SECONDS
) -> BacktestView:
    """The backtest of the draft as it is now; begun if nobody has. Waits `patience` seconds."""
    return begin(draft, now=now, seconds=seconds)(patience)


def begin(
    draft: Draft, *, now: datetime, seconds: float = SECONDS
) -> Callable[[float], BacktestView]:
    """Have it begun, and then ask how it stands, waiting so many seconds at most.

    At most seven queries: the recorder's offset, the base version, what is recorded.
    """
    period = period_of(draft)
    broken = BacktestView("broken", period, error=AWAY)
    try:
        trigger = trigger_of(draft)
        until_ms = until_of(_until_key(draft, period), now)
        job, base = _job(draft, trigger, period, until_ms, seconds)
        if jobs.status_of(job.id) is None:
            jobs.ask(job, here=is_small(job))
        else:
            jobs.newest(job.draft, job.id)
    except Invalid as error:
        unreadable = BacktestView("unreadable", period, problems=error.problems)
        return lambda patience: unreadable
    except redis.RedisError:
        return lambda patience: broken

    def stands(patience: float) -> BacktestView:
        try:
            return view_of(waited(job.id, patience), period, trigger, base, until_ms)
        except redis.RedisError:
            return broken

    return stands


def waited(job_id: str, patience: float) -> BacktestStatus | None:
    """How the job stands when it has ended, or after so many seconds."""
    ends, pause = time.monotonic() + patience, POLL_SECONDS
    while (status := jobs.status_of(job_id)) is None or status.state in ("waiting", "running"):
        if (left := ends - time.monotonic()) <= 0:
            break
        time.sleep(min(pause, left))
        pause *= 2
    return status


def cached_result(draft: Draft) -> BacktestResult | None:
    """The result for the draft as it is now, if there is one already. Starts nothing."""
    period = period_of(draft)
    try:
        job_id = redis_client.client().get(_until_key(draft, period))
        if not isinstance(job_id, bytes):
            return None
        job, _ = _job(draft, trigger_of(draft), period, int(job_id), SECONDS)
        status = jobs.status_of(job.id)
    except (Invalid, redis.RedisError):
        return None
    return status.results[0] if status is not None and status.state == "done" else None


def refresh(draft: Draft) -> None:
    """Forget up to when the draft was backtested: the next look reads up to now."""
    with contextlib.suppress(redis.RedisError):
        redis_client.client().delete(_until_key(draft, period_of(draft)))


def effect_of(result: BacktestResult) -> EffectOfEdit:
    """How often it would fire, by what it would have done in the time that is covered."""
    since = result.covered_since or result.covered_until
    covered = max(result.covered_until - since, timedelta(0))
    days = covered / timedelta(days=1)
    return EffectOfEdit(
        firings=result.firings_total,
        covered=covered,
        per_day=result.firings_total / days if days else 0.0,
        busiest_hour=result.busiest_hour,
        busiest_minute=result.busiest_minute,
    )


def differences(result: BacktestResult, saved: BacktestResult) -> BacktestDifferences:
    """By event, time and labels; where lists are cut off, as far back as both of them reach."""
    reach = max(_reach(result), _reach(saved))
    here = {_identity(one): one for one in result.firings if one.fired >= reach}
    there = {_identity(one): one for one in saved.firings if one.fired >= reach}
    return BacktestDifferences(
        added=[one for key, one in here.items() if key not in there],
        removed=[one for key, one in there.items() if key not in here],
    )


def period_of(draft: Draft) -> str:
    chosen = draft.chosen.get("backtest_period")
    return chosen if chosen in PERIODS else DEFAULT


def trigger_of(draft: Draft) -> Trigger:
    """The draft's trigger, also where the rest of it cannot be read yet. Raises Invalid."""
    trigger: Trigger = _memory().ask(
        (draft.pk, draft.rev), lambda: _read_trigger(draft), now=utcnow()
    )
    return trigger


def _read_trigger(draft: Draft) -> Trigger:
    document = draft.document.get("trigger")
    if document is None:
        raise Invalid([Problem(("trigger",), "It has no trigger yet.", "missing")])
    try:
        trigger = parse_trigger(document)
    except Invalid as error:
        problems = [Problem(("trigger", *one.loc), one.msg, one.type) for one in error.problems]
        raise Invalid(problems) from None
    if any(node.id is None for node in trigger.walk()):
        raise Invalid([Problem(("trigger",), "A part of the trigger has no id yet.", "missing")])
    return trigger


def fold_of(draft: Draft, *, now: datetime) -> tuple[int, int]:
    """Where an explanation begins to fold, as the backtest does (log time in ms); its length."""
    period = period_of(draft)
    length_ms = to_ms(PERIODS[period])
    try:
        return until_of(_until_key(draft, period), now) - length_ms, length_ms
    except redis.RedisError:
        return to_us(now) // 1000 - length_ms, length_ms


def periods(*, now: datetime) -> list[str]:
    """Those that there are events for, and one more than that. One query."""
    oldest: int | None = _memory().ask("oldest", _oldest_ms, now=now)
    recorded = timedelta(0) if oldest is None else now - from_ms(oldest)
    shorter = [name for name, length in PERIODS.items() if length < recorded]
    return list(PERIODS)[: max(2, len(shorter) + 1)]


def _oldest_ms() -> int | None:
    return history.oldest_ms(database.current())


def view_of(
    status: BacktestStatus | None,
    period: str,
    trigger: Trigger,
    base: int | None,
    until_ms: int,
) -> BacktestView:
    until = from_ms(until_ms)
    if status is None:
        return BacktestView("waiting", period, trigger, until=until)
    results = [*status.results, None, None]
    return BacktestView(
        _STATES.get(status.state, "broken"),
        period,
        trigger,
        progress=status.progress,
        result=results[0],
        saved=results[1],
        base=base,
        seconds=status.seconds,
        error=status.error,
        until=until,
    )


_STATES: dict[str, State] = {"done": "done", "running": "running", "waiting": "waiting"}


def _job(
    draft: Draft, trigger: Trigger, period: str, until_ms: int, seconds: float
) -> tuple[BacktestJob, int | None]:
    """What is to be run, and the version that the draft is compared with.

    One query; none for what another part of the page has asked just before.
    """
    question = (draft.pk, draft.rev, draft.base_version, period, until_ms, seconds)
    job: tuple[BacktestJob, int | None] = _memory().ask(
        question, lambda: _new_job(draft, trigger, period, until_ms, seconds), now=utcnow()
    )
    return job


def _new_job(
    draft: Draft, trigger: Trigger, period: str, until_ms: int, seconds: float
) -> tuple[BacktestJob, int | None]:
    since_ms = until_ms - to_ms(PERIODS[period])
    saved, guarded = _saved(draft)
    same = saved is not None and meaning(saved) == meaning(trigger)
    document = draft.document

    def wish(of: Trigger, *, goes_on: bool) -> Wish:
        return Wish(
            trigger=of.model_dump(mode="json"),
            since_ms=since_ms,
            until_ms=until_ms,
            resolves=bool(document.get(ON_RESOLVE)),
            seconds=seconds,
            automation_id=_automation_id(draft),
            goes_on=goes_on,
            guarded=guarded,
        )

    wishes = [wish(trigger, goes_on=same)]
    if saved is not None and not same:
        # Both begin with nothing; else the saved one would fire more for that alone.
        wishes.append(wish(saved, goes_on=False))
    content = msgspec.json.encode((str(draft.pk), wishes))
    job = BacktestJob(
        id=hashlib.sha256(content).hexdigest()[:32], draft=str(draft.pk), wishes=wishes
    )
    return job, draft.base_version if len(wishes) > 1 else None


def _saved(draft: Draft) -> tuple[Trigger | None, bool]:
    """The trigger of the version that the draft began with, and whether that is guarded.

    One query, for drafts of one.
    """
    automation_id = _automation_id(draft)
    if automation_id is None or draft.base_version is None:
        return None, False
    row = AutomationVersion.objects.filter(
        automation_id=automation_id, version=draft.base_version
    ).first()
    if row is None:
        return None, False
    try:
        return parse_trigger(row.document["trigger"]), row.guarded
    except (Invalid, KeyError):
        return None, False


def is_small(job: BacktestJob) -> bool:
    """Whether few events are to be read for it. Two queries for the draft, two for the rest."""
    return all(
        (place > 0 and jobs.is_known(wish)) or _reads_few(wish)
        for place, wish in enumerate(job.wishes)
    )


def _reads_few(wish: Wish) -> bool:
    """Whether there are few events of its names, and no followers besides. Two queries."""
    span = LogSpan.since(wish.since_ms, wish.until_ms)
    interest = Interest.of([parse_trigger(wish.trigger)])
    connection = database.current()
    leaders = history.leaders_condition(connection, span, interest=interest)
    if leaders != interest_condition(interest):
        return False
    return history.estimate(connection, span, interest=interest) <= FEW_EVENTS


@process_memory
def _memory() -> TtlCache:
    """What every part of a page asks for again: jobs of drafts, and where the records begin."""
    return TtlCache(seconds=60, most=200)


def _automation_id(draft: Draft) -> UUID | None:
    pk: Any = draft.automation_id
    return pk if isinstance(pk, UUID) else None


def until_of(key: str, now: datetime) -> int:
    """The end stays for ten minutes, so that results of edits can be compared and reused."""
    client = redis_client.client()
    if isinstance(until := client.get(key), bytes):
        return int(until)
    until_ms = questions.recorded_until(to_us(now) // 1000)
    client.set(key, until_ms, ex=jobs.KEPT_SECONDS)
    return until_ms


def _until_key(draft: Draft, period: str) -> str:
    return f"flint:backtest:until:{draft.pk}:{period}"


def to_ms(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)


def _identity(firing: WouldBe) -> tuple[object, ...]:
    event = firing.event and (firing.event.position or firing.event.id)
    return (firing.fired, event, firing.state, tuple(sorted(firing.labels.items())))


def _reach(result: BacktestResult) -> datetime:
    cut_off = len(result.firings) < result.firings_total
    return result.firings[0].fired if cut_off and result.firings else result.since
