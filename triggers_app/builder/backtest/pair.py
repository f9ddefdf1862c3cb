"""Two triggers over the same events: what one fires that the other one does not."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
import redis

from triggers_app.automation.triggers import Trigger
from triggers_app.builder.backtest import jobs
from triggers_app.builder.backtest.jobs import BacktestJob, Wish
from triggers_app.builder.backtest.service import (
    AWAY,
    DEFAULT,
    PERIODS,
    SECONDS,
    BacktestView,
    is_small,
    to_ms,
    until_of,
    view_of,
    waited,
)

LENGTH_MS = to_ms(PERIODS[DEFAULT])


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, and how it works: whether it resolves, and ignores its own events."""

    trigger: Trigger
    resolves: bool = False
    guarded: bool = False


def look(
    automation_id: UUID,
    before: Side,
    after: Side,
    *,
    now: datetime,
    patience: float = 0.0,
    seconds: float = SECONDS,
) -> BacktestView:
    """The backtest of `after` over seven days, with that of `before` as `saved`.

    Begun if nobody has. Both begin with no window open, or one would fire more for that alone.
    At most three queries.
    """
    try:
        since_ms, until_ms = period(automation_id, now=now)

        def wish(side: Side) -> Wish:
            return Wish(
                trigger=side.trigger.model_dump(mode="json"),
                since_ms=since_ms,
                until_ms=until_ms,
                resolves=side.resolves,
                guarded=side.guarded,
                seconds=seconds,
                automation_id=automation_id,
            )

        job = _job(automation_id, [wish(after), wish(before)])
        if jobs.status_of(job.id) is None:
            jobs.ask(job, here=is_small(job))
        return view_of(waited(job.id, patience), DEFAULT, after.trigger, None, until_ms)
    except redis.RedisError:
        return BacktestView("broken", DEFAULT, error=AWAY)


def period(automation_id: UUID, *, now: datetime) -> tuple[int, int]:
    """The log time that is backtested, in ms; the same for ten minutes. Raises RedisError."""
    until_ms = until_of(f"flint:backtest:until:pair:{automation_id}", now)
    return until_ms - LENGTH_MS, until_ms


def _job(automation_id: UUID, wishes: list[Wish]) -> BacktestJob:
    digest = hashlib.sha256(msgspec.json.encode((str(automation_id), wishes))).hexdigest()[:32]
    return BacktestJob(id=digest, draft=f"pair:{digest}", wishes=wishes)
