"""Replays: the recorded log, folded with the versions as they really applied.

The evaluator wrote down from where each version applied, so a replay gives exactly the
firings that happened, whatever the batches and restarts were.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from events_app.domain.event import to_us
from events_app.domain.position import Position, StreamId
from project.lib import database
from project.lib.problems import Invalid
from triggers_app.automation.engine.evaluator import Evaluator, Version
from triggers_app.automation.engine.outcome import Firing
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.plan import plan_of
from triggers_app.storage import history, history_snapshots, history_versions, snoozes
from triggers_app.storage.history import Connection, LogSpan, Past
from triggers_app.storage.history_firings import StoredFiring, stored_firings
from triggers_app.storage.history_snapshots import Start
from triggers_app.storage.history_sql import Interest
from triggers_app.storage.history_versions import PastVersion
from triggers_app.storage.snoozes import AppliedSnooze

Step = PastVersion | AppliedSnooze
TAKE_EVERY = 2_000  # events between two looks at what came of them


@dataclass(frozen=True, slots=True)
class Differences:
    """How a replay and what is stored differ. All empty: replay = live.

    `missing` are stored and did not come again, `extra` came and are not stored, `changed`
    have the same id and something else that differs. `from_snapshot` is False when the
    replay began with the first version.
    """

    firings: int
    missing: list[StoredFiring]
    extra: list[StoredFiring]
    changed: list[tuple[StoredFiring, StoredFiring]]
    from_snapshot: bool

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra or self.changed)


def replay_differences(since: datetime, until: datetime) -> Differences:
    """Replay a recorded period of log time and compare its firings with those stored.

    Both ends are inclusive; `until` must lie behind the evaluator.
    """
    since_ms, until_ms = to_us(since) // 1000, to_us(until) // 1000
    with database.connect(application_name="flint replay") as connection:
        start = history_snapshots.newest_before(
            connection, StreamId(since_ms, 0), settled_ms=since_ms
        )
        again = {
            firing.id: StoredFiring.of(firing)
            for firing in replay(connection, start or Start(Position(0, 0, -1)), until_ms=until_ms)
            if firing.fired_ms >= since_ms
        }
        stored = {one.id: one for one in stored_firings(connection, since, until)}
    return Differences(
        firings=len(stored),
        missing=[one for key, one in stored.items() if key not in again],
        extra=[one for key, one in again.items() if key not in stored],
        changed=[(one, again[key]) for key, one in stored.items() if again.get(key, one) != one],
        from_snapshot=start is not None,
    )


def replay(connection: Connection, start: Start, *, until_ms: int) -> Iterator[Firing]:
    """The firings of all automations from a start on, in the order in which they came."""
    versions = history_versions.applied(connection, until_ms=until_ms)
    evaluator = started(Evaluator(), start, versions)
    # Snoozes from before the start, too: what is over by then ends nothing.
    facts = snoozes.applied(connection, since_ms=start.position.ms, until_ms=until_ms)
    steps: list[Step] = [*steps_behind(start, versions), *facts]
    steps.sort(key=lambda step: (step.after, step.log_ms))
    at_work = (engine_version(past) for past in versions if past.works)
    interest = Interest.of(version.trigger for version in at_work if version is not None)
    past = history.events(
        connection,
        LogSpan(start.position, until_ms),
        interest=interest,
        waiting_for=start.waiting_for,
    )
    for number, _ in enumerate(fold(evaluator, past, steps, until_ms=until_ms), start=1):
        if number % TAKE_EVERY == 0:
            yield from evaluator.take().firings
    yield from evaluator.take().firings


def started(evaluator: Evaluator, start: Start, versions: Iterable[PastVersion]) -> Evaluator:
    """The evaluator with the windows of the start, and the versions that were at work."""
    at_work = [
        version
        for past in versions
        if start.versions.get(past.automation_id) == (past.version, True)
        and (version := engine_version(past)) is not None
    ]
    evaluator.restore(at_work, start.windows, log_ms=start.position.ms)
    return evaluator


def steps_behind(start: Start, versions: Iterable[PastVersion]) -> list[PastVersion]:
    """The versions that had not been applied at the start."""
    return [
        past
        for past in versions
        if past.version > start.versions.get(past.automation_id, (0, False))[0]
    ]


def fold(
    evaluator: Evaluator, events: Iterable[Past], steps: Sequence[Step], *, until_ms: int
) -> Iterator[Past]:
    """Fold events, versions and snoozes in the order of the log; yields each event once seen.

    At the end log time has come to `until_ms`.
    """
    waiting = list(reversed(steps))
    entry: tuple[int, ...] = ()
    for past in events:
        if past.position[:2] != entry:
            entry = past.position[:2]
            while waiting and waiting[-1].after < entry:
                take_step(evaluator, waiting.pop())
            # At every entry, also within a millisecond: a window may be due when it opens.
            evaluator.advance(entry[0])
        evaluator.see(past.event, past.position, leader_known=past.leader_known)
        yield past
    while waiting:
        take_step(evaluator, waiting.pop())
    evaluator.advance(until_ms)


def take_step(evaluator: Evaluator, step: Step) -> None:
    """Apply a version or a snooze as the evaluator did."""
    evaluator.advance(step.log_ms)
    if isinstance(step, AppliedSnooze):
        evaluator.snooze(step.fact, log_ms=step.log_ms)
        return
    version = None if step.deleted else engine_version(step)
    if version is None:
        evaluator.remove(step.automation_id)
    else:
        evaluator.apply(version, log_ms=step.log_ms)


def engine_version(past: PastVersion) -> Version | None:
    """The version as the engine takes it; None if this Flint cannot read it."""
    try:
        trigger = parse_trigger(past.document["trigger"])
    except Invalid:
        return None
    resolves = plan_of(past.document, trigger).resolves
    return Version(
        past.automation_id,
        past.version,
        past.enabled,
        trigger,
        resolves=resolves,
        guarded=past.guarded,
    )
