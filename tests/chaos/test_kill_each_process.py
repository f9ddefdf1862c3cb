"""kill -9 of every process in the middle of a load: nothing is lost, nothing doubled."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.system import Product, wait_for

EVENTS = 5_000
EVERY = 10
FRAME = 25
VICTIMS = ("evaluator", "recorder", "actions", "redis", "postgres")

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]


def an_event(number: int) -> dict[str, Any]:
    matching = number % EVERY == 0
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "chaos.order.created" if matching else "chaos.order.seen",
        "resource": {"prefect.resource.id": f"shop.order.{number}"},
    }


def post_until_accepted(client: httpx.Client, frame: list[dict[str, Any]]) -> None:
    """What any well-behaved sender does: the same ids again until they are acknowledged."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        try:
            if client.post("/events", json=frame).status_code == 204:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("The events were not accepted within a minute.")


def deployed(client: httpx.Client) -> str:
    flow = client.post("/flows/", json={"name": "chaos"}).raise_for_status().json()
    body = {"name": "chaos", "flow_id": flow["id"]}
    deployment = str(client.post("/deployments/", json=body).raise_for_status().json()["id"])
    trigger = {"type": "event", "posture": "Reactive", "expect": ["chaos.order.created"]}
    action = {
        "type": "run-deployment",
        "source": "selected",
        "deployment_id": deployment,
        "parameters": {"event": "{{ event.id }}"},
    }
    body = {"name": "chaos", "trigger": trigger, "actions": [action]}
    client.post("/automations/", json=body).raise_for_status()
    return deployment


def run_count(client: httpx.Client, deployment: str) -> int:
    body = {"deployments": {"id": {"any_": [deployment]}}}
    answer = client.post("/flow_runs/count", json=body)
    return int(answer.json()) if answer.status_code == 200 else -1


def started_by(client: httpx.Client, deployment: str) -> Iterator[str]:
    """The event in the parameters of every run."""
    offset = 0
    while True:
        body = {
            "deployments": {"id": {"any_": [deployment]}},
            "sort": "ID_DESC",
            "limit": 200,
            "offset": offset,
        }
        page = client.post("/flow_runs/filter", json=body).raise_for_status().json()
        yield from (run["parameters"]["event"] for run in page)
        offset += len(page)
        if len(page) < 200:
            return


def recorded_ids(client: httpx.Client) -> Iterator[str]:
    body = {"filter": {"event": {"prefix": ["chaos.order."]}}, "limit": 50}
    page = client.post("/events/filter", json=body).raise_for_status().json()
    while True:
        yield from (event["id"] for event in page["events"])
        if not page["next_page"]:
            return
        page = client.get(page["next_page"]).raise_for_status().json()


def kill_in_turn(product: Product, sent: "list[int]") -> None:
    """One victim after each sixth of the load."""
    for turn, victim in enumerate(VICTIMS, start=1):
        wait_for(
            lambda turn=turn: len(sent) * FRAME >= EVENTS * turn // (len(VICTIMS) + 1),  # type: ignore[misc]
            seconds=60,
        )
        product.kill(victim)


def test_nothing_is_lost_or_doubled_when_every_process_is_killed_once(
    own_product: Product,
) -> None:
    with own_product.client() as client:
        survive(own_product, client)


def survive(product: Product, client: httpx.Client) -> None:
    deployment = deployed(client)
    events = [an_event(number) for number in range(EVENTS)]
    expected = {event["id"] for event in events[::EVERY]}
    sent: list[int] = []
    killer = threading.Thread(target=kill_in_turn, args=(product, sent))
    killer.start()

    for start in range(0, EVENTS, FRAME):
        post_until_accepted(client, events[start : start + FRAME])
        sent.append(start)
        time.sleep(0.02)
    killer.join()

    product.wait_until_healthy()
    wait_for(lambda: run_count(client, deployment) >= len(expected), seconds=60)
    time.sleep(2)  # a doubled run would come now
    runs = Counter(started_by(client, deployment))
    assert set(runs) == expected
    assert max(runs.values()) == 1
    recorded = Counter(recorded_ids(client))
    assert recorded == Counter({event["id"]: 1 for event in events})
