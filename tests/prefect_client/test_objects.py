"""Schedules, variables, artifacts, limits and inputs with the real client: commands and flows."""

import pytest

from tests.prefect_client.client import PrefectClient

NAME = "take/scheduled"


@pytest.fixture(scope="module")
def scheduled(prefect: PrefectClient) -> PrefectClient:
    """A deployment with one schedule, made by `prefect deploy --cron`."""
    prefect.good("work-pool", "create", "objects", "--type", "process")
    entrypoint = ("orders.py:take", "-n", "scheduled", "--pool", "objects")
    prefect.good("--no-prompt", "deploy", *entrypoint, "--cron", "0 4 * * *")
    return prefect


def kinds(prefect: PrefectClient) -> list[str]:
    schedules = prefect.deployment(NAME)["schedules"]
    return sorted(
        next(k for k in ("cron", "interval", "rrule") if k in s["schedule"]) for s in schedules
    )


def test_a_deployment_is_scheduled_paused_and_cleared(scheduled: PrefectClient) -> None:
    schedule = ("deployment", "schedule")
    assert kinds(scheduled) == ["cron"]

    scheduled.good(*schedule, "create", NAME, "--interval", "3600")
    scheduled.good(*schedule, "create", NAME, "--rrule", "FREQ=WEEKLY;BYDAY=MO")
    scheduled.good(*schedule, "create", NAME, "--cron", "*/5 * * * *", "--timezone", "Asia/Tokyo")
    assert kinds(scheduled) == ["cron", "cron", "interval", "rrule"]

    newest = scheduled.deployment(NAME)["schedules"][0]
    assert newest["schedule"]["timezone"] == "Asia/Tokyo"
    scheduled.good(*schedule, "pause", NAME, newest["id"])
    assert scheduled.deployment(NAME)["schedules"][0]["active"] is False
    scheduled.good(*schedule, "resume", NAME, newest["id"])
    scheduled.good(*schedule, "delete", "-y", NAME, newest["id"])
    assert "FREQ=WEEKLY" in scheduled.good(*schedule, "ls", NAME)
    scheduled.good(*schedule, "clear", "-y", NAME)
    assert kinds(scheduled) == []


@pytest.mark.slow
def test_variables_and_limits_are_kept_by_commands(prefect: PrefectClient) -> None:
    prefect.good("variable", "set", "objects_cli", "b")
    assert '"b"' in prefect.good("variable", "get", "objects_cli")
    assert "objects_cli" in prefect.good("variable", "ls")
    prefect.good("--no-prompt", "variable", "unset", "objects_cli")
    assert prefect.cli("variable", "get", "objects_cli").code == 1

    prefect.good("gcl", "create", "objects-cli", "--limit", "2")
    prefect.good("gcl", "update", "objects-cli", "--limit", "3")
    assert "limit=3" in prefect.good("gcl", "inspect", "objects-cli")
    prefect.good("gcl", "disable", "objects-cli")
    assert "objects-cli" in prefect.good("gcl", "ls")
    prefect.good("--no-prompt", "gcl", "delete", "objects-cli")
    prefect.good("concurrency-limit", "create", "objects-tag", "3")
    assert "objects-tag" in prefect.good("concurrency-limit", "inspect", "objects-tag")
    prefect.good("concurrency-limit", "reset", "objects-tag")
    prefect.good("--no-prompt", "concurrency-limit", "delete", "objects-tag")


@pytest.mark.slow
def test_flows_keep_to_limits_leave_artifacts_and_wait_for_input(prefect: PrefectClient) -> None:
    prefect.good("concurrency-limit", "create", "objects-one", "1")
    prefect.good("gcl", "create", "objects-limit", "--limit", "1")
    prefect.good("gcl", "create", "objects-rate", "--limit", "2", "--slot-decay-per-second", "2")

    done = prefect.script(prefect.folder / "objects.py")

    assert done.code == 0, done.output
    for line in (
        "default 3",
        "variable {'a': 1}",
        "artifact # two",
        "apart True",
        "inside",
        "rate True",
        "wrong REJECT",
        "right ACCEPT",
        "answer 7",
    ):
        assert line in done.output
    listed = prefect.good("artifact", "ls")
    assert "objects-text" in listed and "objects-table" in listed
