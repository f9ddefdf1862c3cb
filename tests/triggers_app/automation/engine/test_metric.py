"""Metric triggers: row 11 of docs/semantics.md."""

from itertools import count
from typing import Any, Self

import pytest

from project.lib.json_documents import Document
from tests.menagerie import Stage, compound, ms, named, reactive, trigger, us
from triggers_app.automation.engine.evaluator import Version
from triggers_app.automation.engine.metric import MAX_SAMPLES, merged
from triggers_app.automation.engine.outcome import Sample
from triggers_app.automation.engine.windows import decode_window, encode_window

TYPES = {"Late": "SCHEDULED", "AwaitingRetry": "SCHEDULED"}


def metric(name: str = "successes", comparison: str = "< 0.5", **fields: Any) -> Document:
    operator, threshold = comparison.split()
    query = {"name": name, "threshold": float(threshold), "operator": operator}
    return {"type": "metric", "metric": query | fields}


class Runs(Stage):
    """Sends state events of flow runs."""

    def __init__(self, document: Document, *, resolves: bool = True) -> None:
        super().__init__()
        loaded = Version(named("a"), 1, True, trigger(document), resolves)
        self.evaluator.apply(loaded, log_ms=ms(0))

    def state(self, name: str, at: float, run: str = "1", **fields: Any) -> Self:
        labels = {
            "prefect.state-type": TYPES.get(name, name.upper()),
            "prefect.run-count": fields.pop("run_count", "0"),
        }
        resource = f"prefect.flow-run.{run}"
        self.send(f"prefect.flow-run.{name}", at, resource=resource, labels=labels, **fields)
        return self

    @property
    def changes(self) -> list[tuple[float, str]]:
        return list(zip(self.times, (firing.state for firing in self.firings), strict=True))


def failing(stage: Runs, *seconds: float, state: str = "Failed") -> Runs:
    numbers = count()
    for second in seconds:
        stage.state(state, second, run=f"{second} {next(numbers)}")
    return stage


def test_condition_that_lasts_long_enough_fires_once() -> None:
    stage = failing(Runs(metric()), 10, 200, 400, 500)

    stage.until(600)

    assert stage.changes == [(310, "Triggered")]
    [firing] = stage.firings
    assert (firing.position, firing.counted_total, firing.labels) == (None, 1, {})
    assert firing.triggering and firing.triggering.event.resource_id == "prefect.flow-run.200 1"


def test_condition_is_judged_when_a_sample_leaves() -> None:
    """One bad run is out of sight before its condition has lasted long enough."""
    stage = failing(Runs(metric()), 10).until(2000)

    assert stage.times == []
    assert stage.evaluator.next_deadline_ms is None


def test_leaving_the_condition_resolves() -> None:
    stage = failing(Runs(metric(range=600)), 10, 100)

    stage.state("Completed", 400, run="good").state("Completed", 410, run="better").until(3000)

    assert stage.changes == [(310, "Triggered"), (410, "Resolved")]
    assert stage.firings[1].position is not None


def test_silence_resolves_too() -> None:
    stage = failing(Runs(metric(range=600)), 10).until(3000)

    assert stage.changes == [(310, "Triggered"), (610, "Resolved")]
    assert stage.firings[0].id != stage.firings[1].id


def test_nobody_asks_for_resolved() -> None:
    stage = failing(Runs(metric(range=600), resolves=False), 10).until(3000)

    assert stage.changes == [(310, "Triggered")]


def test_interrupted_condition_starts_anew() -> None:
    stage = failing(Runs(metric(range=600)), 10)

    failing(stage, 100, 101, state="Completed")
    failing(stage, 200, 201, 202).until(502)

    assert stage.changes == [(501, "Triggered")]


@pytest.mark.parametrize(
    ("comparison", "fires"),
    [("< 10", False), ("<= 10", True), (">= 10", True), ("> 10", False), ("> 9.9", True)],
)
def test_average_duration_is_compared(comparison: str, fires: bool) -> None:
    stage = Runs(metric("duration", comparison, range=600))

    stage.state("Running", 10, "a").state("Running", 20, "b").state("Running", 21, "b")
    stage.state("Completed", 25, "a").state("Cancelled", 26, "b").state("Crashed", 27, "c")
    stage.until(326)

    assert bool(stage.times) is fires


@pytest.mark.parametrize(
    ("payload", "lateness"),
    [
        ({"validated_state": {"scheduled_time": "2023-11-14T22:13:30Z"}}, 20),
        ({"validated_state": {"scheduled_time": "2023-11-14T22:13:30"}}, 25),
        ({"validated_state": {"scheduled_time": 7}}, 25),
        ({"validated_state": None}, 25),
        ({}, 25),
    ],
    ids=["said", "without zone", "no time", "no state", "not said"],
)
def test_lateness_is_the_time_from_schedule_to_start(payload: Document, lateness: float) -> None:
    stage = Runs(metric("lateness", f"> {lateness - 0.001}", range=600))
    other = Runs(metric("lateness", f"> {lateness}", range=600))

    for one in (stage, other):
        one.state("Scheduled", 5, payload=payload).state("Late", 25).state("Running", 30)
        one.until(500)

    assert (stage.times, other.times) == ([330], [])


def test_late_run_whose_schedule_was_not_seen_should_have_started_15_seconds_before() -> None:
    stage = Runs(metric("lateness", ">= 20", range=600))

    stage.state("Late", 25).state("Running", 30).until(500)

    assert stage.times == [330]


def test_retry_is_not_late() -> None:
    stage = Runs(metric("lateness", ">= 0", range=600))

    stage.state("AwaitingRetry", 10, run_count="1").state("Running", 100).until(500)

    assert stage.times == []


def test_other_events_of_runs_are_no_samples() -> None:
    stage = Runs(metric(range=600)).state("heartbeat", 1).until(500)

    assert stage.times == []


def test_unknown_metric_never_fires() -> None:
    assert failing(Runs(metric("queue", "< 1")), 10).until(500).times == []


def test_only_matching_runs_are_measured() -> None:
    mine = metric(range=600) | {"match": {"prefect.resource.id": "prefect.flow-run.m*"}}
    stage = Runs(mine).state("Failed", 10, run="mine").state("Completed", 11, run="other")

    assert stage.until(310).times == [310]


def test_run_that_never_ends_is_forgotten_after_a_week() -> None:
    stage = Runs(metric("duration", "> 0")).state("Running", 10)

    stage.until(10 + 7 * 86400).take()

    assert [gone.key for gone in stage.outcome.deleted] == [("prefect.flow-run.1",)]


def test_metric_is_a_step_of_a_composite_and_its_end_is_not() -> None:
    stage = Runs(compound(metric(range=600), reactive("go"), require="any"))

    failing(stage, 10).send("go", 20).until(3000)

    assert stage.times == [20, 310]


def test_samples_survive_storage() -> None:
    stage = failing(Runs(metric(range=600)), 10)

    [stored] = stage.evaluator.take().windows

    assert stored.samples == (Sample(us(10), 0.0),)
    assert decode_window(encode_window(stored)) == stored


def test_many_samples_are_put_together_without_changing_the_average() -> None:
    samples = tuple(Sample(us(n), float(n % 7)) for n in reversed(range(MAX_SAMPLES + 1)))

    fewer = merged(samples)

    assert len(fewer) == MAX_SAMPLES // 2 + 1
    assert sum(one.total for one in fewer) == sum(one.total for one in samples)
    assert sum(one.count for one in fewer) == MAX_SAMPLES + 1
    assert merged(fewer) == fewer
    assert fewer[0].us == us(1)


def test_wide_ranges_of_many_runs_stay_small() -> None:
    stage = Runs(metric(range=86400))

    failing(stage, *range(1, MAX_SAMPLES + 200))

    [stored] = stage.evaluator.take().windows
    assert stored.count == MAX_SAMPLES + 199
    assert len(stored.samples) <= MAX_SAMPLES
