"""kill -9 of the broker: its messages are gone, and nothing else."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.system import Product, wait_for

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
EVENTS = 40
# Two seconds are promised on a machine of its own; the tests share theirs.
LATEST_SECONDS = 6.0


def test_a_killed_broker_loses_nothing_and_delays_little(own_product: Product) -> None:
    with own_product.client() as client:
        deployment = a_deployment(client)
        an_automation(client, deployment)
        sent = {}
        for number in range(EVENTS):
            if number == EVENTS // 4:
                own_product.kill("broker")
            sent[number] = datetime.now(UTC)
            client.post("/events", json=[ping(number)]).raise_for_status()
            time.sleep(0.1)

        wait_for(lambda: len(runs_of(client, deployment)) == EVENTS, seconds=30)
        runs = runs_of(client, deployment)

    late = [
        (datetime.fromisoformat(run["created"]) - sent[run["parameters"]["n"]]).total_seconds()
        for run in runs
    ]
    assert sorted(run["parameters"]["n"] for run in runs) == list(range(EVENTS))
    assert max(late) < LATEST_SECONDS


def ping(number: int) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "broker.ping",
        "resource": {"prefect.resource.id": "ping.1"},
        "payload": {"n": number},
    }


def a_deployment(client: httpx.Client) -> str:
    flow = client.post("/flows/", json={"name": "broker"}).json()["id"]
    made = client.post("/deployments/", json={"name": "broker", "flow_id": flow})
    return str(made.json()["id"])


def an_automation(client: httpx.Client, deployment: str) -> None:
    action = {
        "type": "run-deployment",
        "source": "selected",
        "deployment_id": deployment,
        "parameters": {"n": "{{ event.payload.n }}"},
    }
    trigger = {"type": "event", "posture": "Reactive", "expect": ["broker.ping"], "threshold": 1}
    body = {"name": "broker", "trigger": {**trigger, "within": 0}, "actions": [action]}
    client.post("/automations/", json=body).raise_for_status()


def runs_of(client: httpx.Client, deployment: str) -> list[dict[str, Any]]:
    body = {"deployments": {"id": {"any_": [deployment]}}, "limit": 200}
    found: list[dict[str, Any]] = client.post("/flow_runs/filter", json=body).json()
    return found
