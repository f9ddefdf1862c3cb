"""Stores that are away, a full log, a standby, clocks that jump: on separate processes."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.chaos.automations import event_trigger
from tests.chaos.books import connected, redis_of
from tests.chaos.estate import Estate, running_estate
from tests.chaos.senders import insist
from tests.system import wait_for

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("estate"),
]
AWAY = [
    pytest.param(2, id="2 s"),
    pytest.param(30, id="30 s", marks=pytest.mark.slow),
]


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    yield from running_estate()


@pytest.fixture
def client(estate: Estate) -> Iterator[httpx.Client]:
    with estate.product.client() as client:
        yield client


@pytest.fixture
def watched(client: httpx.Client) -> tuple[str, str]:
    """The name of an event, and the deployment that each one of it runs."""
    name = f"outage.{uuid4().hex[:8]}"
    flow = client.post("/flows/", json={"name": name}).raise_for_status().json()
    body = {"name": name, "flow_id": flow["id"]}
    deployment = client.post("/deployments/", json=body).raise_for_status().json()["id"]
    action = {
        "type": "run-deployment",
        "source": "selected",
        "deployment_id": deployment,
        "parameters": {"event": "{{ event.id }}"},
    }
    document = {"name": name, "trigger": event_trigger(name), "actions": [action]}
    client.post("/automations/", json=document).raise_for_status()
    return name, deployment


def some_events(name: str, count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": str(uuid4()),
            "occurred": datetime.now(UTC).isoformat(),
            "event": name,
            "resource": {"prefect.resource.id": f"outage.{number}"},
        }
        for number in range(count)
    ]


def accepted(client: httpx.Client, events: list[dict[str, Any]]) -> Callable[[], bool]:
    return lambda: client.post("/events", json=events).status_code == 204


def refused(client: httpx.Client, path: str, body: object) -> bool:
    answer = client.post(path, json=body)
    return answer.status_code == 503 and int(answer.headers["Retry-After"]) >= 1


def missing(estate: Estate) -> str:
    answer = httpx.get(f"{estate.product.url}/api/ready", timeout=20)
    return str(answer.json()["message"])


def each_ran_once(estate: Estate, watched: tuple[str, str], events: list[dict[str, Any]]) -> None:
    """Every event is recorded once and started one run."""
    wanted = Counter(event["id"] for event in events)
    name, deployment = watched

    def found() -> tuple[Counter[str], Counter[str]]:
        with connected(estate.product) as database:
            recorded = database.execute("SELECT id::text FROM event WHERE event = %s", (name,))
            started = database.execute(
                "SELECT parameters->>'event' FROM flow_run WHERE deployment_id = %s", (deployment,)
            )
            return Counter(row[0] for row in recorded), Counter(row[0] for row in started)

    def told() -> str:
        recorded, started = (sum(counted.values()) for counted in found())
        ended = [process.args for process in estate.processes if process.poll() is not None]
        sentence = f"{len(events)} sent, {recorded} recorded, {started} started; ended: {ended}"
        return f"{sentence}\n{estate.log[-8000:]}\n{sentence}"

    wait_for(lambda: found() == (wanted, wanted), seconds=40, failing=told)
    time.sleep(0.5)  # what is doubled would come now
    assert found() == (wanted, wanted)


@pytest.mark.parametrize("seconds", AWAY)
def test_without_redis_events_are_refused_and_sent_again(
    estate: Estate, client: httpx.Client, watched: tuple[str, str], seconds: float
) -> None:
    events = some_events(watched[0], 20)
    client.post("/events", json=events[:10]).raise_for_status()
    estate.take_away("redis")
    back = time.monotonic() + seconds
    try:
        assert refused(client, "/events", events[10:])
        assert "Redis is not available" in missing(estate)
        time.sleep(max(0.0, back - time.monotonic()))
    finally:
        estate.bring_back("redis")
    insist(accepted(client, events))

    each_ran_once(estate, watched, events)
    estate.product.wait_until_healthy(40)


@pytest.mark.parametrize("seconds", AWAY)
def test_without_postgresql_events_are_accepted_all_the_same(
    estate: Estate, client: httpx.Client, watched: tuple[str, str], seconds: float
) -> None:
    events = some_events(watched[0], 20)
    estate.take_away("postgres")
    back = time.monotonic() + seconds
    try:
        assert accepted(client, events)()
        assert refused(client, "/flows/filter", {})
        assert "Database is not available" in missing(estate)
        time.sleep(max(0.0, back - time.monotonic()))
        assert accepted(client, events)()  # known by their ids
    finally:
        estate.bring_back("postgres")

    each_ran_once(estate, watched, events)
    estate.product.wait_until_healthy(40)


def test_a_full_log_refuses_events_until_its_readers_catch_up(
    estate: Estate, client: httpx.Client, watched: tuple[str, str]
) -> None:
    events, more = some_events(watched[0], 100), some_events(f"{watched[0]}.more", 950)
    recorder = estate.processes[1]
    with redis_of(estate.product) as log:
        os.kill(recorder.pid, signal.SIGSTOP)
        log.hset("flint:log:meta", "max_events", 1_000)
        try:
            wait_for(accepted(client, events), seconds=20)  # what came before is soon forgotten
            assert refused(client, "/events", more)
        finally:
            os.kill(recorder.pid, signal.SIGCONT)
        insist(accepted(client, more), seconds=30)
        log.hdel("flint:log:meta", "max_events")

    each_ran_once(estate, watched, events)


def test_a_request_that_is_sent_twice_counts_once(
    estate: Estate, client: httpx.Client, watched: tuple[str, str]
) -> None:
    events = some_events(watched[0], 30)
    for start in range(0, 30, 10):
        assert accepted(client, events[start : start + 10])()
        assert accepted(client, events[start : start + 10])()
    assert accepted(client, events)()

    each_ran_once(estate, watched, events)


def test_a_clock_of_redis_that_jumped_and_came_back_loses_nothing(
    estate: Estate, client: httpx.Client, watched: tuple[str, str]
) -> None:
    """As if it had been a minute ahead: log time stands still until the clock has caught up."""
    events = some_events(watched[0], 20)
    assert accepted(client, events[:10])()
    ahead = int(time.time() * 1000) + 60_000
    with redis_of(estate.product) as log:
        log.hset("flint:log:meta", "floor", ahead)
    assert accepted(client, events[10:])()

    each_ran_once(estate, watched, events)
    with connected(estate.product) as database:
        row = database.execute(
            "SELECT min(log_ms) FROM event WHERE id = ANY(%s::uuid[])",
            ([event["id"] for event in events[10:]],),
        ).fetchone()
    assert row is not None
    assert row[0] >= ahead


def epoch(estate: Estate) -> int:
    """How often the evaluator changed hands."""
    with connected(estate.product) as database:
        row = database.execute("SELECT epoch FROM reader WHERE name = 'evaluate'").fetchone()
    assert row is not None
    return int(row[0])


def evaluators(estate: Estate) -> tuple[int, int]:
    """Processes that are ready to evaluate, and those that hold the lock."""
    with connected(estate.product) as database:
        row = database.execute(
            "SELECT count(*), count(l.pid) FROM pg_stat_activity a LEFT JOIN pg_locks l"
            " ON l.pid = a.pid AND l.locktype = 'advisory' AND l.classid = 4207100"
            " WHERE a.application_name = 'flint reader evaluate'"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_a_standby_leaves_the_owner_alone_and_takes_over_when_it_dies(
    estate: Estate, client: httpx.Client, watched: tuple[str, str]
) -> None:
    events = some_events(watched[0], 20)
    owner = estate.processes[2]
    estate.start("evaluator")
    wait_for(lambda: evaluators(estate)[0] == 2, seconds=30)
    before, ends = epoch(estate), time.monotonic() + 7  # more than one lease
    while time.monotonic() < ends:
        assert evaluators(estate)[1] <= 1
        time.sleep(0.2)
    assert epoch(estate) == before

    owner.kill()
    assert accepted(client, events)()
    wait_for(lambda: epoch(estate) == before + 1, seconds=10)
    each_ran_once(estate, watched, events)
