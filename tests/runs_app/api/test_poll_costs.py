"""What idle clients cost: the polls of `serve` and of workers, in time of a processor.

Counted over the whole product, its databases included; the machine may be busy with others.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from bench.tree import cpu_seconds
from project.lib.clock import utcnow
from tests.system import Product

pytestmark = [pytest.mark.slow, pytest.mark.system]
POLLS = 200
MOST_MS = 8.0
# What 20 `serve` and 5 workers send in a second: a poll every 10 s each; a worker also tells
# every 30 s that it lives, and reads its pool.
RATES = {"serve": 20 / 10, "worker": 5 / 10, "heartbeat": 5 / 30, "pool": 5 / 30}
MOST_LOAD = 0.08  # of one processor, above idle


@pytest.fixture
def http(own_product: Product) -> Iterator[httpx.Client]:
    with own_product.client() as client:
        yield client


def calls(http: httpx.Client) -> dict[str, Callable[[], httpx.Response]]:
    flow = http.post("/flows/", json={"name": "f"}).json()
    http.post("/work_pools/", json={"name": "p", "type": "process"})
    deployment = http.post("/deployments/", json={"name": "d", "flow_id": flow["id"]}).json()

    def post(path: str, **body: Any) -> Callable[[], httpx.Response]:
        return lambda: http.post(path, json={**body, "scheduled_before": utcnow().isoformat()})

    return {
        "serve": post("/deployments/get_scheduled_flow_runs", deployment_ids=[deployment["id"]]),
        "worker": post("/work_pools/p/get_scheduled_flow_runs", work_queue_names=[]),
        "heartbeat": post("/work_pools/p/workers/heartbeat", name="w"),
        "pool": lambda: http.get("/work_pools/p"),
    }


def test_twenty_serve_and_five_workers_cost_less_than_a_twelfth_of_a_processor(
    own_product: Product, http: httpx.Client
) -> None:
    assert own_product.process is not None
    pid = own_product.process.pid

    def cost(work: Callable[[], object]) -> tuple[float, float]:
        """Seconds of a processor, and seconds by the clock."""
        begun, moment = cpu_seconds(pid), time.monotonic()
        work()
        return cpu_seconds(pid) - begun, time.monotonic() - moment

    sent = calls(http)
    for send in sent.values():
        for _ in range(20):
            assert send().status_code < 300
    used, lasted = cost(lambda: time.sleep(10))
    idle = used / lasted

    each_ms = {}
    for name, send in sent.items():
        used, lasted = cost(lambda send=send: [send() for _ in range(POLLS)])  # type: ignore[misc]  # a default of a lambda has no type
        each_ms[name] = 1000 * (used - idle * lasted) / POLLS

    load = sum(each_ms[name] / 1000 * rate for name, rate in RATES.items())
    print(f"idle {idle:.1%}, {each_ms} ms each, {load:.1%} of a processor")
    assert each_ms["serve"] <= MOST_MS
    assert each_ms["worker"] <= MOST_MS
    assert each_ms["heartbeat"] + each_ms["pool"] <= MOST_MS
    assert load <= MOST_LOAD
