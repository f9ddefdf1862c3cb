"""`/…/history` and `/flow_runs/lateness` as Prefect's clients and pages use them."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs_app.models import FlowRun, TaskRun
from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import NOW, a_deployment, a_run

HOUR = 3600.0
SPAN = {
    "history_start": NOW.isoformat(),
    "history_end": (NOW + timedelta(hours=3)).isoformat(),
    "history_interval_seconds": HOUR,
}


def a_run_that(minutes: float, **fields: Any) -> UUID:
    """A run that was expected so many minutes after the start of the history."""
    run_id = a_run(a_deployment())
    expected = NOW + timedelta(minutes=minutes)
    FlowRun.objects.filter(pk=run_id).update(expected_start_time=expected, **fields)
    return run_id


def counts(history: list[dict[str, Any]]) -> list[dict[str, int]]:
    return [{each["state_name"]: each["count_runs"] for each in h["states"]} for h in history]


def test_runs_are_counted_by_step_and_state(api: ApiClient) -> None:
    done = {"state_type": "COMPLETED", "state_name": "Completed"}
    for minutes in (0, 59.9, 60):
        start = NOW + timedelta(minutes=minutes, seconds=30)
        end = start + timedelta(seconds=10)
        a_run_that(minutes, **done, start_time=start, end_time=end, total_run_time_seconds=10)
    a_run_that(150, state_type="FAILED", state_name="Failed", end_time=NOW)
    for outside in (-1, 180):
        a_run_that(outside)

    history = api.post("/flow_runs/history", SPAN)

    assert counts(history) == [{"Completed": 2}, {"Completed": 1}, {"Failed": 1}]
    assert history[0]["interval_start"] == "2026-03-01T12:00:00Z"
    assert history[0]["interval_end"] == history[1]["interval_start"]
    assert history[0]["states"] == [
        {
            "state_type": "COMPLETED",
            "state_name": "Completed",
            "count_runs": 2,
            "sum_estimated_run_time": 20.0,
            "sum_estimated_lateness": 60.0,
        }
    ]
    # It ended without having begun: it is late no more.
    assert history[2]["states"][0]["sum_estimated_lateness"] == 0.0


def test_a_filter_chooses_the_runs(api: ApiClient) -> None:
    a_run_that(5)
    kept = a_run_that(5, tags=["kept"])

    flow_runs = {"tags": {"all_": ["kept"]}}
    history = api.post("/flow_runs/history", {**SPAN, "flow_runs": flow_runs})

    assert counts(history) == [{"Scheduled": 1}, {}, {}]
    assert FlowRun.objects.filter(pk=kept).exists()


def test_a_running_run_counts_as_long_as_it_runs(api: ApiClient) -> None:
    a_run_that(5, state_type="RUNNING", state_name="Running", state_timestamp=NOW, start_time=NOW)

    (state,) = api.post("/flow_runs/history", SPAN)[0]["states"]

    assert state["sum_estimated_run_time"] > HOUR


def test_the_tasks_of_runs_are_counted_alike(api: ApiClient) -> None:
    run_id = a_run(a_deployment())
    fields = {"created": NOW, "updated": NOW, "flow_run_id": run_id, "task_key": "t"}
    for number in range(3):
        TaskRun.objects.create(
            **fields,
            dynamic_key=str(number),
            name="t",
            state_type="COMPLETED",
            state_name="Cached" if number else "Completed",
            expected_start_time=NOW + timedelta(hours=number),
        )

    history = api.post("/task_runs/history", SPAN)

    assert counts(history) == [{"Completed": 1}, {"Cached": 1}, {"Cached": 1}]


def test_a_history_is_one_query_and_at_most_500_steps(api: ApiClient) -> None:
    api.get("/flow_runs/" + str(a_run_that(5)))
    span = {**SPAN, "history_interval_seconds": 1}

    with CaptureQueriesContext(connection) as queries:
        history = api.post("/flow_runs/history", span)

    assert len(history) == 500
    assert sum("flow_run" in query["sql"] for query in queries) == 1


def test_a_history_that_ends_before_it_begins_is_empty(api: ApiClient) -> None:
    span = {**SPAN, "history_end": (NOW - timedelta(days=1)).isoformat()}

    assert api.post("/flow_runs/history", span) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"history_interval_seconds": 0.5},
        {"history_interval_seconds": None},
        {"history_start": None},
        {"history_end": "9999-12-31T23:59:59Z", "history_interval_seconds": 3e8},
        {"flow_runs": {"no_such": 1}},
    ],
)
def test_a_history_that_cannot_be_is_refused(api: ApiClient, wrong: dict[str, Any]) -> None:
    span = {**SPAN, "history_start": "9999-12-30T00:00:00Z", **wrong}

    assert api.call("POST", "/flow_runs/history", span)[0] == 422


def test_lateness_is_the_average_delay_of_runs(api: ApiClient) -> None:
    assert api.post("/flow_runs/lateness") is None
    a_run_that(0, start_time=NOW + timedelta(seconds=30), end_time=NOW + timedelta(seconds=60))
    a_run_that(0, start_time=NOW - timedelta(seconds=5), end_time=NOW)

    assert api.post("/flow_runs/lateness") == 15.0
    nobody = {"flow_runs": {"id": {"any_": [str(uuid4())]}}}
    assert api.post("/flow_runs/lateness", nobody) is None
