"""Metric triggers: fire when an average over flow runs has been out of bounds for long enough.

Computed from the state events of flow runs alone:
- lateness: seconds from when a run should have started to when it first ran
- duration: seconds from when it last began to run to its end
- successes: share of Completed among the runs that ended

1. An event that ends a measurement adds a sample, at its event time.
2. A sample counts for `range` of log time from then on; without samples nothing is met.
3. When the average compares with `threshold` as `operator` says, and has done so without a
   break for `firing_for` of log time, the trigger fires (Triggered).
4. When, after that, it does so no longer, the trigger fires as Resolved, if anyone asks.
Source: docs/semantics.md, "Metrics" (Prefect 3.9.1 refuses these triggers).
"""

import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any

from events_app.domain.event import to_us
from events_app.domain.position import Position
from runs_app.domain.states import TERMINAL
from triggers_app.automation.engine.current_event import CurrentEvent
from triggers_app.automation.engine.fate import Fate
from triggers_app.automation.engine.leaf import Leaf, also_counted
from triggers_app.automation.engine.ledger import Agenda
from triggers_app.automation.engine.node import NO_EVENT, ceil_ms
from triggers_app.automation.engine.outcome import RESOLVED, TRIGGERED, Firing, Sample, Window
from triggers_app.automation.triggers import MetricTrigger, Operator

# A run that nothing was heard of for so long will not be measured any more.
DROP_RUN_AFTER_US = 7 * 24 * 3600 * 1_000_000
MAX_SAMPLES = 1000
LATE_AFTER_US = 15 * 1_000_000

_COMPARE: dict[Operator, Callable[[float, float], bool]] = {
    Operator.LT: operator.lt,
    Operator.LTE: operator.le,
    Operator.GT: operator.gt,
    Operator.GTE: operator.ge,
}


class Metric(Leaf):
    """The window () holds the samples; one window per run, what is known of that run."""

    __slots__ = ("firing_for_us", "measure", "meets", "range_us", "resolves")

    def __init__(self, trigger: MetricTrigger, *, resolves: bool, **place: Any) -> None:
        super().__init__(trigger, **place)
        metric = trigger.metric
        self.resolves = resolves
        self.range_us = round(metric.range.total_seconds() * 1_000_000)
        self.firing_for_us = round(metric.firing_for.total_seconds() * 1_000_000)
        self.measure = _MEASURES.get(metric.name, _unknown)
        compare, threshold = _COMPARE[metric.operator], metric.threshold
        self.meets: Callable[[float], bool] = lambda average: compare(average, threshold)

    def agenda(self, window: Window) -> Agenda:
        return self.ledger.sweeps if window.key else self.ledger.deadlines

    def feed(self, moment: CurrentEvent) -> Fate:
        state = moment.event.resource.get("prefect.state-type", "")
        value = self.measure(self, moment, state)
        if value is None:
            return Fate.NO_SAMPLE
        window = self.windows.get(())
        if window is None:
            window = self.new_window(moment, (), moment.us, moment.us)
        window.samples = merged((*window.samples, Sample(moment.us, value)))
        window.count += 1
        window.counted = also_counted(window, moment)
        window.last = moment.whole
        self._judge(window, moment.log_us, moment.position)
        return Fate.SAMPLE

    def due(self, window: Window) -> None:
        if window.key:
            self.drop(window)
        else:
            self._judge(window, window.due_us, None)

    def _judge(self, window: Window, log_us: int, position: Position | None) -> None:
        """Cases 2 to 4, at this log time."""
        window.samples = tuple(
            sample for sample in window.samples if sample.us + self.range_us > log_us
        )
        window.count = sum(sample.count for sample in window.samples)
        if not self._met(window):
            if window.triggered and self.resolves:
                self._fire(window, log_us, position, RESOLVED)
            window.triggered, window.since_us = False, None
        elif window.since_us is None:
            window.since_us = log_us
        elif not window.triggered and log_us >= window.since_us + self.firing_for_us:
            window.triggered = True
            self._fire(window, log_us, position, TRIGGERED)
        self._plan(window)

    def _met(self, window: Window) -> bool:
        if not window.count:
            return False
        return self.meets(sum(sample.total for sample in window.samples) / window.count)

    def _plan(self, window: Window) -> None:
        """Look again when the next sample leaves, or when it has lasted long enough."""
        if not window.samples:
            self.drop(window)
            return
        # A sample may be older than the ones before it.
        window.due_us = min(sample.us for sample in window.samples) + self.range_us
        if window.since_us is not None and not window.triggered:
            window.due_us = min(window.due_us, window.since_us + self.firing_for_us)
        window.end_us = window.due_us
        self.keep(window)
        self.watch(window)

    def _fire(self, window: Window, log_us: int, position: Position | None, state: str) -> None:
        fired_ms = ceil_ms(log_us)
        at = position or Position(fired_ms, 0, NO_EVENT)
        self.send(
            Firing(
                id=self.firing_id(f"{state}/{at}"),
                automation_id=self.automation_id,
                version=self.version,
                trigger_id=self.trigger_id,
                position=position,
                fired_ms=fired_ms,
                triggering=window.last,
                labels={},
                counted=window.counted,
                counted_total=window.count,
                window_start_us=window.since_us,
                window_end_us=log_us,
                state=state,
            ),
        )

    def run(self, moment: CurrentEvent) -> Window | None:
        return self.windows.get((moment.event.resource_id,))

    def remember(self, moment: CurrentEvent, us: int) -> None:
        """A measurement of the event's run began at `us`."""
        window = self.run(moment)
        if window is None:
            window = self.new_window(moment, (moment.event.resource_id,), us, us)
            window.open = False
        window.start_us = window.end_us = us
        window.due_us = moment.log_us + DROP_RUN_AFTER_US
        self.keep(window)
        self.watch(window)

    def since_remembered(self, moment: CurrentEvent) -> float | None:
        """Seconds since the measurement of the event's run began; None if it did not."""
        window = self.run(moment)
        if window is None:
            return None
        self.drop(window)
        return max(0, moment.us - window.start_us) / 1_000_000


Measure = Callable[[Metric, CurrentEvent, str], float | None]


def _lateness(metric: Metric, moment: CurrentEvent, state: str) -> float | None:
    labels = moment.event.resource
    if state == "SCHEDULED" and labels.get("prefect.run-count", "0") == "0":
        late = moment.event.event == "prefect.flow-run.Late"
        if not late or metric.run(moment) is None:
            expected_us = _scheduled_us(moment)
            metric.remember(moment, expected_us - LATE_AFTER_US if late else expected_us)
    return metric.since_remembered(moment) if state == "RUNNING" else None


def _scheduled_us(moment: CurrentEvent) -> int:
    """When the run should start: Flint's events say it; else now."""
    state = moment.event.payload_object().get("validated_state")
    text = state.get("scheduled_time") if isinstance(state, dict) else None
    try:
        return to_us(datetime.fromisoformat(str(text)))
    except (TypeError, ValueError):  # not a time, or one without a zone
        return moment.us


def _duration(metric: Metric, moment: CurrentEvent, state: str) -> float | None:
    if state == "RUNNING":
        metric.remember(moment, moment.us)
    return metric.since_remembered(moment) if state in TERMINAL else None


def _successes(metric: Metric, moment: CurrentEvent, state: str) -> float | None:
    return float(state == "COMPLETED") if state in TERMINAL else None


def _unknown(metric: Metric, moment: CurrentEvent, state: str) -> float | None:
    return None


_MEASURES: dict[str, Measure] = {
    "lateness": _lateness,
    "duration": _duration,
    "successes": _successes,
}


def merged(samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """Neighbors put together when there are more samples than can be stored at every event."""
    if len(samples) <= MAX_SAMPLES:
        return samples
    ordered = sorted(samples, key=lambda sample: sample.us)
    pairs = [ordered[at : at + 2] for at in range(0, len(ordered), 2)]
    return tuple(
        Sample(pair[-1].us, sum(one.total for one in pair), sum(one.count for one in pair))
        for pair in pairs
    )
