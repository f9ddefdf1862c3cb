"""What two states of an automation would fire, and why an event counts for one of them only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import redis

from events_app.domain.position import Position
from project.lib.problems import Invalid
from triggers_app.builder.backtest import pair
from triggers_app.builder.backtest import service as backtests
from triggers_app.builder.backtest.service import BacktestView
from triggers_app.builder.compare.service import CompareSide, triggers_differ
from triggers_app.models import Automation
from triggers_app.services import verdict_words
from triggers_app.services.backtest_result import WouldBe
from triggers_app.services.draft_explaining import Explained, explain_recorded
from triggers_app.services.explaining import EventNotFound, TookTooLong
from triggers_app.services.verdict_words import Part

MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class FiringDifferences:
    """`state`: same (the triggers say the same), unreadable, waiting (nobody has
    looked yet), running, broken or done.

    `added` and `removed` are the newest; their totals count all that both lists reach.
    """

    state: str
    look: BacktestView | None = None
    added: Sequence[WouldBe] = field(default_factory=tuple)
    removed: Sequence[WouldBe] = field(default_factory=tuple)
    added_total: int = 0
    removed_total: int = 0
    complete: bool = True


@dataclass(frozen=True, slots=True)
class SideVerdict:
    """What an event means to one of the two. `problem` says why there is no verdict."""

    side: CompareSide
    explained: Explained | None = None
    reason: str = ""
    tree: Part | None = None
    problem: str = ""


def look(
    automation_id: UUID, before: CompareSide, after: CompareSide, *, now: datetime, patience: float
) -> FiringDifferences:
    """The backtests of both over seven days, as far as they are. At most three queries."""
    if not triggers_differ(before, after):
        return FiringDifferences("same")
    was, is_now = before.to_backtest, after.to_backtest
    if was is None or is_now is None:
        return FiringDifferences("unreadable")
    view = pair.look(automation_id, was, is_now, now=now, patience=patience)
    if view.state != "done" or view.result is None or view.saved is None:
        state = "running" if view.state in ("waiting", "running") else "broken"
        return FiringDifferences(state, view)
    differing = backtests.differences(view.result, view.saved)
    results = (view.result, view.saved)
    return FiringDifferences(
        "done",
        view,
        differing.added[::-1][:MOST_LISTED],
        differing.removed[::-1][:MOST_LISTED],
        len(differing.added),
        len(differing.removed),
        all(one.finished and len(one.firings) == one.firings_total for one in results),
    )


def explained(
    row: Automation, side: CompareSide, event: UUID | Position, *, now: datetime
) -> SideVerdict:
    """The verdict of one state about a recorded event, folded as the backtest folds."""
    readable = side.to_backtest
    if readable is None:
        return SideVerdict(side, problem="Its trigger cannot be read.")
    try:
        since_ms, _ = pair.period(row.pk, now=now)
        meant = explain_recorded(
            readable.trigger, event, since_ms=since_ms, length_ms=pair.LENGTH_MS, of=row
        )
    except redis.RedisError:
        return SideVerdict(side, problem=backtests.AWAY)
    except EventNotFound:
        return SideVerdict(side, problem="This event is not recorded, or not any more.")
    except TookTooLong:
        return SideVerdict(side, problem="Folding what came before it took longer than 5 seconds.")
    except Invalid as error:
        return SideVerdict(side, problem=str(error.problems[0]))
    if meant.verdict is None:
        return SideVerdict(side, meant, problem="It waits for the event that it follows.")
    return SideVerdict(
        side,
        meant,
        verdict_words.reason_of(readable.trigger, meant.verdict),
        verdict_words.tree_of(readable.trigger, meant.verdict),
    )
