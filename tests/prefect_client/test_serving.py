"""`serve` with every class of trigger, from the event to the end of the run."""

import json
import signal
from collections.abc import Iterator

import pytest

from tests.prefect_client.client import PrefectClient, Running, until

DEPLOYMENTS = {
    "take/on-one": ["event"],
    "weigh/on-all": ["compound"],
    "take/in-order": ["sequence"],
    "take/when-measured": ["metric"],
    "everything/served": [],
    "pack/served": [],
}


@pytest.fixture(scope="module")
def served(prefect: PrefectClient) -> Iterator[Running]:
    running = prefect.start("script", [str(prefect.folder / "serving.py")])
    until(lambda: "are being served" in running.text, prefect)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def sent(prefect: PrefectClient, served: Running) -> None:
    """All at once, so that the runs need not wait for each other."""
    for name in ("placed", "second", "first", "packed", "second", "paid"):
        prefect.emit(f"served.{name}", "served.shop", amount=9.25)
    run_id = prefect.deployment("everything/served")["id"]
    prefect.post(f"/deployments/{run_id}/create_flow_run", {"parameters": {"number": 3}})


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_every_class_of_trigger_is_deployed(
    prefect: PrefectClient, served: Running, name: str
) -> None:
    triggers = [automation["trigger"]["type"] for automation in prefect.automations(name)]

    assert triggers == DEPLOYMENTS[name]


def test_an_event_runs_the_flow_with_the_whole_event(prefect: PrefectClient, sent: None) -> None:
    run = prefect.run_of("take/on-one")

    event = json.loads(run["parameters"]["order"])
    assert (event["event"], event["payload"]) == ("served.placed", {"amount": 9.25})
    (message,) = prefect.messages(run)
    assert message.startswith('got str {"') and "served.placed" in message


def test_several_events_run_it_once(prefect: PrefectClient, sent: None) -> None:
    run = prefect.run_of("weigh/on-all")

    assert prefect.messages(run) == ["got dict served.paid float 9.25"]


def test_events_in_their_order_run_it_once(prefect: PrefectClient, sent: None) -> None:
    run = prefect.run_of("take/in-order")

    assert run["parameters"] == {"order": "served.second"}


def test_tasks_retries_tags_and_a_subflow(prefect: PrefectClient, sent: None) -> None:
    run = prefect.run_of("everything/served")

    assert prefect.messages(run) == ["got [6, 8] 2 3 8 5"]
    around = {"flow_runs": {"id": {"any_": [run["id"]]}}}
    until(lambda: prefect.post("/task_runs/count", around) == 7, prefect, seconds=20)
    tasks = prefect.post("/task_runs/filter", around)
    assert {task["state_type"] for task in tasks} == {"COMPLETED"}
    (parent,) = [task for task in tasks if task["state"]["state_details"]["child_flow_run_id"]]
    child = prefect.get(f"/flow_runs/{parent['state']['state_details']['child_flow_run_id']}")
    assert (child["parent_task_run_id"], child["state_type"]) == (parent["id"], "COMPLETED")
    listed = prefect.good("task-run", "ls")
    assert "uncertain" in listed and "COMPLETED" in listed


def test_its_end_pauses_what_it_served(prefect: PrefectClient, served: Running, sent: None) -> None:
    for name in DEPLOYMENTS:
        until(lambda name=name: all(r["end_time"] for r in prefect.runs(name)), prefect)  # type: ignore[misc]

    done = served.stop(signal.SIGTERM)

    assert "have been paused" in done.output
    assert all(prefect.deployment(name)["paused"] for name in DEPLOYMENTS)
    # Whatever it listened to, it found: no fallback to asking every few seconds.
    assert "Falling back to polling" not in done.output, done.output
