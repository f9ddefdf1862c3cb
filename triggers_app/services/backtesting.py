"""Backtests: what an automation would have done with recorded events. The same engine.

A backtest begins with no window open, so what began before `since` is not seen; or, for a
saved automation, where a snapshot left off. Absences are decided by the log's own time, up
to `until`.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import msgspec

from project.lib.kept_connections import kept_connection
from triggers_app.automation.engine.evaluator import Evaluator, Version
from triggers_app.automation.engine.outcome import MAX_COUNTED
from triggers_app.automation.triggers import Trigger
from triggers_app.services.backtest_result import BacktestResult, Tally
from triggers_app.storage import history
from triggers_app.storage.history import Connection, LogSpan, Past
from triggers_app.storage.history_snapshots import Start
from triggers_app.storage.history_sql import Interest

CHECK_EVERY = 1_000  # events between two looks at the clock
PROGRESS_SECONDS = 0.2


class BacktestProgress(msgspec.Struct, frozen=True):
    """How far a backtest has come. `events_total` is an estimate."""

    events_read: int
    events_total: int
    covered_until_ms: int
    firings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be tested over which part of the log (both ends in ms, inclusive).

    Every trigger has an id. `start`: where to go on instead of with nothing. After `seconds`
    the backtest stops, and covers only a part. `most` bounds each list of the result, and
    `most_counted` the counted events of each firing and window in them.
    """

    trigger: Trigger
    since_ms: int
    until_ms: int
    resolves: bool = False
    guarded: bool = False
    automation_id: UUID | None = None
    start: Start | None = None
    seconds: float = 60.0
    most: int = 1000
    most_counted: int = MAX_COUNTED


class Backtest:
    """One backtest: iterate over it for progress, then look at `result`; leave off whenever.

    After `stop` the iteration ends with a result that covers what was read until then.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self.result: BacktestResult | None = None
        self._start = question.start
        self._automation_id: UUID = question.automation_id or uuid4()
        self._tally = Tally(
            question.trigger,
            since_ms=question.since_ms,
            until_ms=question.until_ms,
            most=question.most,
            most_counted=question.most_counted,
        )
        self._evaluator = Evaluator(self._tally)
        self._read = 0
        self._stopped = False
        self._entry = (question.since_ms, -1)

    def stop(self) -> None:
        self._stopped = True

    def run(self) -> BacktestResult:
        """The result, without looking at the progress."""
        for _ in self:
            pass
        assert self.result is not None
        return self.result

    def __iter__(self) -> Iterator[BacktestProgress]:
        with kept_connection() as connection:
            yield from self._over(connection)

    def _over(self, connection: Connection) -> Iterator[BacktestProgress]:
        question = self.question
        span = self._begin()
        interest = Interest.barely(question.trigger)
        total = history.estimate(connection, span, interest=interest)
        oldest_ms = history.oldest_ms(connection)
        waiting = self._start.waiting_for if self._start else ()
        past = history.events(connection, span, interest=interest, waiting_for=waiting)
        ends = time.monotonic() + question.seconds
        reported_at = 0.0
        finished = False
        while not finished and not self._stopped and (now := time.monotonic()) < ends:
            finished = self._some(past)
            if now - reported_at > PROGRESS_SECONDS:
                reported_at = now
                yield self._progress(total)
        self._end(oldest_ms, finished)
        yield self._progress(self._read)

    def _begin(self) -> LogSpan:
        question, evaluator = self.question, self._evaluator
        version = Version(
            self._automation_id,
            1,
            True,
            question.trigger,
            resolves=question.resolves,
            guarded=question.guarded,
        )
        if self._start is None:
            evaluator.apply(version, log_ms=question.since_ms)
            span = LogSpan.since(question.since_ms, question.until_ms)
        else:
            evaluator.restore([version], self._start.windows, log_ms=self._start.position.ms)
            span = LogSpan(self._start.position, question.until_ms)
        evaluator.watch = self._tally.matched
        return span

    def _some(self, events: Iterator[Past]) -> bool:
        """Evaluate the next events; True when there are no more."""
        evaluator, entry = self._evaluator, self._entry
        advance, see = evaluator.advance, evaluator.see
        read = 0
        for position, event, leader_known in events:
            if position[:2] != entry:
                # At every entry, also within a millisecond: a window may be due when it opens.
                entry = position[:2]
                advance(entry[0])
            see(event, position, leader_known=leader_known)
            read += 1
            if read == CHECK_EVERY:
                break
        self._read += read
        self._entry = entry
        return read < CHECK_EVERY

    def _end(self, oldest_ms: int | None, finished: bool) -> None:
        question, evaluator = self.question, self._evaluator
        if finished:
            self._entry = (question.until_ms, 0)
            evaluator.advance(question.until_ms)
        self.result = self._tally.result(
            covered_since_ms=None if oldest_ms is None else max(question.since_ms, oldest_ms),
            covered_until_ms=self._covered_ms,
            starts="snapshot" if self._start else "empty",
            finished=finished,
            events_read=self._read,
            at_work=evaluator.nodes_of(self._automation_id),
        )

    @property
    def _covered_ms(self) -> int:
        return max(self._entry[0], self.question.since_ms)

    def _progress(self, total: int) -> BacktestProgress:
        total = max(total, self._read)
        return BacktestProgress(self._read, total, self._covered_ms, self._tally.firings_total)
