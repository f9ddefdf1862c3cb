"""`prefect deploy`, `.deploy` and a worker, from the event to the end of the run."""

import json
from collections.abc import Iterator

import pytest

from tests.prefect_client.client import PrefectClient, Running, until

BY_HAND = json.dumps(
    {
        "enabled": True,
        "match": {"prefect.resource.id": "prefect.flow-run.*"},
        "expect": ["prefect.flow-run.Never"],
    }
)


@pytest.fixture(scope="module")
def pool(prefect: PrefectClient) -> str:
    prefect.good("work-pool", "create", "shop-pool", "--type", "process")
    return "shop-pool"


@pytest.fixture(scope="module")
def deployed(prefect: PrefectClient, pool: str) -> str:
    return prefect.good("--no-prompt", "deploy", "--all")


@pytest.fixture(scope="module")
def worker(prefect: PrefectClient, pool: str) -> Iterator[Running]:
    running = prefect.start("cli", ["worker", "start", "--pool", pool, "--name", "packer"])
    until(lambda: "started!" in running.text, prefect)
    yield running
    running.dismiss()


def test_triggers_of_the_file_are_deployed(prefect: PrefectClient, deployed: str) -> None:
    assert "from-yaml-of-several" in deployed
    (single,) = prefect.automations("weigh/from-yaml")
    (several,) = prefect.automations("take/from-yaml-of-several")

    assert (single["trigger"]["expect"], single["enabled"]) == (["deployed.placed"], True)
    assert (several["trigger"]["type"], several["trigger"]["require"]) == ("compound", "all")


def test_deploying_again_leaves_one_automation_per_trigger(
    prefect: PrefectClient, deployed: str
) -> None:
    before = prefect.automations("weigh/from-yaml")

    prefect.good("--no-prompt", "deploy", "-n", "from-yaml")

    assert [each["id"] for each in prefect.automations("weigh/from-yaml")] == [
        each["id"] for each in before
    ]


def test_triggers_of_the_command_take_the_place_of_the_files(
    prefect: PrefectClient, deployed: str
) -> None:
    given = [BY_HAND, "triggers.yaml", "more/triggers.json"]
    options = [word for trigger in given for word in ("--trigger", trigger)]

    prefect.good("--no-prompt", "deploy", "-n", "from-yaml-of-several", *options)

    triggers = [each["trigger"] for each in prefect.automations("take/from-yaml-of-several")]
    assert sorted(trigger["expect"] for trigger in triggers) == [
        ["deployed.from.json"],
        ["deployed.from.yaml"],
        ["deployed.from.yaml.too"],
        ["prefect.flow-run.Never"],
    ]


def test_a_worker_runs_what_the_events_ask_for(
    prefect: PrefectClient, deployed: str, worker: Running
) -> None:
    done = prefect.script(prefect.folder / "deploying.py", "from-python", "shop-pool")
    assert done.code == 0, done.output
    for name in ("shipped", "placed", "billed"):
        prefect.emit(f"deployed.{name}", "deployed.shop", amount=2.5)

    of_file = prefect.run_of("weigh/from-yaml")
    of_python = prefect.run_of("take/from-python")

    assert prefect.messages(of_file) == ["got dict deployed.placed float 2.5"]
    assert json.loads(of_python["parameters"]["order"])["event"] == "deployed.billed"
    assert prefect.messages(of_python)[0].startswith("got str {")
    (seen,) = prefect.post("/work_pools/shop-pool/workers/filter", {})
    assert (seen["name"], seen["status"]) == ("packer", "ONLINE")


def test_a_flow_in_an_image_is_deployed(prefect: PrefectClient) -> None:
    """As far as it goes without Docker: a worker of that type would start the container."""
    prefect.good("work-pool", "create", "docker-pool", "--type", "docker")

    done = prefect.script(prefect.folder / "with_image.py")

    assert done.code == 0, done.output
    deployment = prefect.deployment("in-image/my-deployment")
    assert deployment["job_variables"] == {"image": "my-image-registry/my-image:my-tag"}
    (automation,) = prefect.automations("in-image/my-deployment")
    assert (automation["name"], automation["trigger"]["type"]) == (
        "my-compound-trigger",
        "compound",
    )


def test_the_slots_of_a_pool_are_told(prefect: PrefectClient, pool: str) -> None:
    for command in (["work-pool", "slots", pool], ["work-queue", "slots", "default", "-p", pool]):
        assert json.loads(prefect.good(*command, "--output", "json"))["active_slots"] == 0


def test_ten_runs_lose_and_double_no_state(
    prefect: PrefectClient, deployed: str, worker: Running
) -> None:
    done = prefect.script(prefect.folder / "deploying.py", "ten", "shop-pool")
    assert done.code == 0, done.output

    prefect.run_through("take/ten", 10, seconds=300)


def test_a_deployment_is_paused_and_deleted(prefect: PrefectClient, deployed: str) -> None:
    with prefect.api() as api:
        path = f"/deployments/{prefect.deployment('weigh/from-yaml')['id']}"
        api.patch(path, json={"paused": True})
    assert "'paused': True" in prefect.good("deployment", "inspect", "weigh/from-yaml")

    prefect.good("--no-prompt", "deployment", "delete", "weigh/from-yaml")

    gone = prefect.cli("deployment", "inspect", "weigh/from-yaml")
    assert (gone.code, "not found" in gone.output) == (1, True)
