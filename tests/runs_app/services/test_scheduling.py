"""Runs made ahead by schedules: so many, none twice, none that is no longer meant."""

import time
from datetime import timedelta
from typing import Any

import pytest

from runs_app.models import Deployment, DeploymentSchedule, FlowRun
from runs_app.services import deployments, restoring, schedules, scheduling
from runs_app.services.schedules import DesiredSchedules
from tests.runs_app.examples import NOW, SCHEMA, a_deployment, run_events
from tests.runs_app.services.test_races import at_once

pytestmark = pytest.mark.django_db
DAILY = {"cron": "0 0 * * *"}
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def silent_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens to wake-ups here."""
    monkeypatch.setattr("project.lib.wake.wake", lambda *_, **__: True)


def scheduled(
    schedule: Any = DAILY, *, deployment: Deployment | None = None, **fields: Any
) -> Deployment:
    deployment = deployment or a_deployment(parameter_openapi_schema=SCHEMA)
    schedules.create(deployment.pk, [DesiredSchedules(schedule=schedule, **fields)], now=NOW)
    return deployment


def times() -> list[str]:
    runs = FlowRun.objects.order_by("next_scheduled_start_time", "id")
    return [f"{run.next_scheduled_start_time:%m-%d %H:%M}" for run in runs]


def test_three_runs_are_made_ahead_as_prefect_makes_them() -> None:
    deployment = scheduled(parameters={"order_id": "7"}, slug="daily")

    assert scheduling.make_ahead(now=NOW) == scheduling.Pass(1, 3)

    assert times() == ["03-02 00:00", "03-03 00:00", "03-04 00:00"]
    run = FlowRun.objects.latest("-next_scheduled_start_time")
    assert (run.deployment_id, run.auto_scheduled, run.state_name) == (
        deployment.pk,
        True,
        "Scheduled",
    )
    assert run.parameters["order_id"] == "7" and "auto-scheduled" in run.tags
    assert run.created_by and run.created_by["type"] == "SCHEDULE"
    assert run.created_by["display_value"] == "daily"
    assert len(run_events()) == 3


def test_the_next_look_makes_what_is_missing_and_nothing_else() -> None:
    scheduled()
    scheduling.make_ahead(now=NOW)

    assert scheduling.make_ahead(now=NOW) == scheduling.Pass(0, 0)
    assert scheduling.make_ahead(now=NOW + timedelta(hours=12, minutes=1)) == scheduling.Pass(1, 1)
    assert times()[-1] == "03-05 00:00"


def test_a_pass_asks_as_much_for_many_as_for_one(django_assert_num_queries: Any) -> None:
    for number in range(20):
        scheduled(deployment=a_deployment(f"d{number}"))

    with django_assert_num_queries(12):
        # Savepoints (4), due, deployments (2), keys, states, the outbox, runs, schedules.
        assert scheduling.make_ahead(now=NOW) == scheduling.Pass(20, 60)


def test_nothing_due_is_one_query(django_assert_num_queries: Any) -> None:
    scheduled()
    scheduling.make_ahead(now=NOW)

    with django_assert_num_queries(1):
        assert not scheduling.wake_scheduler(now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_passes_at_once_make_no_run_twice() -> None:
    for number in range(30):
        scheduled({"interval": 600}, deployment=a_deployment(f"d{number}"))

    at_once(lambda _: scheduling.make_ahead(now=NOW), 4)
    DeploymentSchedule.objects.update(due=NOW, scheduled_until=None)
    at_once(lambda _: scheduling.make_ahead(now=NOW), 4)

    keys = list(FlowRun.objects.values_list("deployment_id", "next_scheduled_start_time"))
    assert len(keys) == len(set(keys)) == 30 * 7


def test_a_change_of_the_schedule_takes_back_what_it_had_made() -> None:
    deployment = scheduled()
    scheduling.make_ahead(now=NOW)
    row = DeploymentSchedule.objects.get()

    schedules.change(deployment.pk, row.pk, {"schedule": {"cron": "0 6 * * *"}}, now=NOW)

    assert times() == []
    scheduling.make_ahead(now=NOW)
    assert times() == ["03-02 06:00", "03-03 06:00", "03-04 06:00"]


def test_a_change_of_the_deployment_makes_its_runs_anew() -> None:
    deployment = scheduled()
    scheduling.make_ahead(now=NOW)

    deployments.change(deployment.pk, {"parameters": {"order_id": "9"}}, now=NOW)
    scheduling.make_ahead(now=NOW)

    assert [run.parameters for run in FlowRun.objects.all()] == [{"order_id": "9"}] * 3


@pytest.mark.parametrize("what", ["pause", "deactivate", "delete schedule", "delete deployment"])
def test_what_rests_or_is_gone_has_no_runs(what: str) -> None:
    deployment = scheduled()
    scheduling.make_ahead(now=NOW)
    row = DeploymentSchedule.objects.get()

    if what == "pause":
        deployments.set_paused(deployment.pk, True, now=NOW)
    elif what == "deactivate":
        schedules.change(deployment.pk, row.pk, {"active": False}, now=NOW)
    elif what == "delete schedule":
        schedules.delete(deployment.pk, row.pk, now=NOW)
    else:
        deployments.delete(deployment.pk, now=NOW)

    assert scheduling.make_ahead(now=NOW + timedelta(days=2)).runs == 0
    assert times() == []


def test_what_goes_on_gets_its_runs_again() -> None:
    deployment = scheduled()
    deployments.set_paused(deployment.pk, True, now=NOW)
    deployments.set_paused(deployment.pk, False, now=NOW)

    assert scheduling.make_ahead(now=NOW).runs == 3


def test_a_run_that_somebody_has_taken_stays() -> None:
    deployment = scheduled()
    scheduling.make_ahead(now=NOW)
    taken = FlowRun.objects.order_by("next_scheduled_start_time")[0]
    FlowRun.objects.filter(pk=taken.pk).update(state_type="PENDING", state_name="Pending")

    deployments.set_paused(deployment.pk, True, now=NOW)

    assert [run.pk for run in FlowRun.objects.all()] == [taken.pk]


def test_what_was_missed_while_nobody_looked_is_not_made_up() -> None:
    scheduled({"interval": 3600, "anchor_date": "2026-03-01T00:00:00Z"})
    scheduling.make_ahead(now=NOW)

    scheduling.make_ahead(now=NOW + 10 * HOUR)

    assert times() == [f"03-01 {hour}:00" for hour in (13, 14, 15, 23)] + [
        "03-02 00:00",
        "03-02 01:00",
    ]


def test_a_schedule_of_every_second_is_bounded() -> None:
    scheduled({"interval": 1})

    assert scheduling.make_ahead(now=NOW).runs == 100
    assert scheduling.make_ahead(now=NOW + timedelta(seconds=30)).schedules == 0
    assert scheduling.make_ahead(now=NOW + timedelta(seconds=60)).runs == 60


def test_a_rule_that_is_over_is_not_looked_at_again() -> None:
    scheduled({"rrule": "DTSTART:20260301T130000\nFREQ=HOURLY;COUNT=2"})

    assert scheduling.make_ahead(now=NOW).runs == 2
    assert scheduling.make_ahead(now=NOW + 3 * HOUR) == scheduling.Pass(1, 0)
    assert DeploymentSchedule.objects.get().due is None


def test_a_schedule_that_cannot_make_a_run_says_why_and_holds_up_nobody() -> None:
    deployment = a_deployment("strict", parameter_openapi_schema={**SCHEMA, "required": ["amount"]})
    scheduled(deployment=deployment)
    scheduled(deployment=a_deployment("other"))

    assert scheduling.make_ahead(now=NOW) == scheduling.Pass(2, 3)

    row = DeploymentSchedule.objects.get(deployment=deployment)
    assert row.problem and "amount" in row.problem
    assert row.due == NOW + HOUR


def test_a_restore_leaves_runs_that_are_yet_to_come() -> None:
    scheduled()
    scheduling.make_ahead(now=NOW)

    held = restoring.hold_unstarted(now=NOW + timedelta(days=1))

    assert held == 1
    assert FlowRun.objects.filter(state_type="SCHEDULED").count() == 2


TIMINGS: list[Any] = [
    {"cron": "7 * * * *", "timezone": "Europe/Berlin"},
    {"cron": "7 3 * * *", "timezone": "America/New_York"},
    {"interval": 3600, "anchor_date": "2026-01-01T00:07:00Z"},
    {"rrule": "DTSTART:20260101T000700\nFREQ=DAILY", "timezone": "Europe/Berlin"},
]


@pytest.mark.slow
def test_a_pass_over_five_thousand_schedules_costs_two_seconds_of_a_processor() -> None:
    one = a_deployment(pool="p", parameter_openapi_schema=SCHEMA)
    many = [Deployment(flow_id=one.flow_id, name=f"d{number}") for number in range(5_000)]
    Deployment.objects.bulk_create(many)
    rows = [
        DeploymentSchedule(deployment=each, schedule=TIMINGS[number % 4], due=NOW)
        for number, each in enumerate(many)
    ]
    DeploymentSchedule.objects.bulk_create(rows)
    first: list[float] = []
    while True:
        begun = time.process_time()
        if not scheduling.make_ahead(now=NOW).schedules:
            break
        first.append(time.process_time() - begun)
    made = FlowRun.objects.count()
    DeploymentSchedule.objects.update(due=NOW)

    # Four passes are one message (runs_app.tasks).
    assert max(sum(first[n : n + 4]) for n in range(len(first))) <= 2.0
    begun = time.process_time()
    while scheduling.make_ahead(now=NOW).schedules:
        pass

    assert time.process_time() - begun <= 2.0
    assert FlowRun.objects.count() == made == 15_000
