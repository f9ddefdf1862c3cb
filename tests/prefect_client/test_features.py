"""What else a flow does under the real client: it waits, is cancelled, breaks, tells of itself."""

from collections.abc import Iterator

import pytest

from project.lib.json_documents import Document
from tests.prefect_client.client import PrefectClient, Running, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(prefect: PrefectClient) -> Iterator[Running]:
    script = str(prefect.folder / "serving_features.py")
    running = prefect.start("script", [script])
    until(lambda: "are being served" in running.text, prefect)
    yield running
    running.stop()


def started(prefect: PrefectClient, deployment: str, **body: object) -> Document:
    run_of = prefect.deployment(deployment)["id"]
    run: Document = prefect.post(f"/deployments/{run_of}/create_flow_run", body)
    return run


def state_of(prefect: PrefectClient, run: Document) -> str:
    found: str = prefect.get(f"/flow_runs/{run['id']}")["state"]["type"]
    return found


def test_run_deployment_inside_a_flow_waits_for_its_subflow(
    prefect: PrefectClient, served: Running
) -> None:
    started(prefect, "order-and-wait/here")

    run = prefect.run_of("order-and-wait/here")

    assert prefect.messages(run) == ["got COMPLETED"]
    around = {"flow_runs": {"parent_flow_run_id": {"any_": [run["id"]]}}}
    (child,) = prefect.post("/flow_runs/filter", around)
    parent = prefect.get(f"/task_runs/{child['parent_task_run_id']}")
    assert parent["state"]["state_details"]["child_flow_run_id"] == child["id"]
    history = prefect.get(f"/task_run_states/?task_run_id={parent['id']}")
    assert [state["type"] for state in history][-2:] == ["RUNNING", "COMPLETED"]


def test_a_running_flow_is_cancelled_by_its_event(prefect: PrefectClient, served: Running) -> None:
    run = started(prefect, "slow/here")
    until(lambda: state_of(prefect, run) == "RUNNING", prefect)

    prefect.good("flow-run", "cancel", run["id"])

    until(lambda: state_of(prefect, run) == "CANCELLED", prefect, seconds=30)


def test_a_flow_whose_process_dies_is_crashed(prefect: PrefectClient, served: Running) -> None:
    run = started(prefect, "dying/here")

    until(lambda: state_of(prefect, run) == "CRASHED", prefect)


def test_watching_a_run_shows_its_logs_and_its_end(prefect: PrefectClient, served: Running) -> None:
    shown = prefect.cli("deployment", "run", "failing/here", "--watch")

    assert shown.code == 1
    for word in ("prefect.flow-run.Running", "prefect.flow-run.Failed", "no stock", "'Failed'"):
        assert word in shown.output, shown.output


def test_events_that_a_flow_emits_are_streamed(prefect: PrefectClient, served: Running) -> None:
    streaming = prefect.start("cli", ["event", "stream", "--format", "json"])
    started(prefect, "tell/here")

    until(lambda: streaming.text.count("features.told") >= 2, prefect)

    streaming.stop()
    assert '"features.1"' in streaming.text and '"features.2"' in streaming.text


def test_the_clients_own_classes_get_what_they_ask_for(prefect: PrefectClient) -> None:
    done = prefect.script(prefect.folder / "listening.py")

    assert done.code == 0, done.output
    assert done.output.splitlines() == [
        "set ACCEPT RUNNING",
        "set ACCEPT COMPLETED",
        "states ['PENDING', 'RUNNING', 'COMPLETED']",
        "flow states ['RUNNING']",
        "task runs [('renamed', 1)]",
        "flow runs [True]",
        "event prefect.flow-run.Running",
        "line told",
        "left []",
    ]


@pytest.mark.timeout(2400)
def test_two_workers_never_get_one_run(prefect: PrefectClient) -> None:
    """Two hundred runs, six at once, as the pool allows."""
    prefect.good("work-pool", "create", "busy-pool", "--type", "process")
    prefect.good("work-pool", "set-concurrency-limit", "busy-pool", "6")
    deployed = prefect.script(prefect.folder / "deploying.py", "busy", "busy-pool")
    assert deployed.code == 0, deployed.output
    start = ["worker", "start", "--pool", "busy-pool", "--name"]
    for name in ("one", "two"):
        prefect.start("cli", [*start, name])  # ends with the product

    prefect.run_through("take/busy", 200, seconds=2100)


def test_a_metric_runs_its_deployment_after_five_minutes(prefect: PrefectClient) -> None:
    serving = prefect.start("script", [str(prefect.folder / "serving.py")])
    until(lambda: "are being served" in serving.text, prefect)
    started(prefect, "pack/served", parameters={"parcels": 1})

    run = prefect.run_of("take/when-measured", seconds=420)

    assert prefect.messages(run) == ["got str measured"]
    serving.stop()
