"""One question each; every scenario returns rows of (figure, value, unit)."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from bench import tree
from bench.client import Client, Row, frames_of, moment, order_event, percentile, until
from bench.streaming import stream

Scenario = Callable[[Client], Awaitable[list[Row]]]


def _on(name: str, resource: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "event",
        "posture": "Reactive",
        "match": {"prefect.resource.id": resource},
        "expect": [name],
        **more,
    }


def _started_by(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Event id → when its run was created; a doubled run shows as a missing one elsewhere."""
    return {run["parameters"]["event"]: moment(run["created"]) for run in runs}


async def ingest(client: Client, events: int = 100_000) -> list[Row]:
    """How many events a second become durable and readable?"""
    tag = uuid4().hex[:8]
    sent = [order_event(f"bench.{tag}.created", f"shop.{n % 997}") for n in range(events)]
    begun = time.perf_counter()
    accepted = await client.send(frames_of(sent))
    found = await until(lambda: client.recorded(f"bench.{tag}."), events)
    durable = time.perf_counter() - begun
    return [
        ("ingest http: accepted", events / accepted, "events/s"),
        ("ingest http: recorded", found / durable, "events/s"),
        ("ingest http: lost", events - found, "events"),
    ]


async def ingest_ws(client: Client, events: int = 40_000) -> list[Row]:
    """The same over Prefect's socket, one event per frame."""
    tag = uuid4().hex[:8]
    sent = [order_event(f"bench.{tag}.created", f"shop.{n % 997}") for n in range(events)]
    begun = time.perf_counter()
    accepted = await client.send_by_socket(sent)
    found = await until(lambda: client.recorded(f"bench.{tag}."), events)
    durable = time.perf_counter() - begun
    return [
        ("ingest ws: accepted", events / accepted, "events/s"),
        ("ingest ws: recorded", found / durable, "events/s"),
        ("ingest ws: lost", events - found, "events"),
    ]


async def fire(client: Client, events: int = 20_000, automations: int = 100) -> list[Row]:
    """Event in → run created, when every tenth event fires one of 100 automations."""
    tag = uuid4().hex[:8]
    name = f"bench.{tag}.created"
    deployment = await client.deployment(f"bench-{tag}")
    made = await client.automations(
        [_on(name, f"shop.{tag}.{n}") for n in range(automations)], deployment
    )
    sent = [
        order_event(name, f"shop.{tag}.{n // 10 % automations}" if n % 10 == 0 else f"cold.{n}")
        for n in range(events)
    ]
    hot = {event["id"] for event in sent[::10]}
    begun = time.time()
    await client.send(frames_of(sent))
    await until(lambda: client.run_count(deployment), len(hot))
    runs = await client.runs(deployment)
    created = _started_by(runs)
    seconds = max(created.values()) - begun
    await client.delete(made)
    return [
        ("fire: events", events / seconds, "events/s"),
        ("fire: runs", len(created) / seconds, "runs/s"),
        (
            "fire: missing or doubled runs",
            len(hot ^ set(created)) + len(runs) - len(created),
            "runs",
        ),
    ]


async def latency(client: Client, rate: float = 10, seconds: float = 20) -> list[Row]:
    """Event sent → run created, at a calm pace."""
    tag = uuid4().hex[:8]
    name = f"bench.{tag}.created"
    deployment = await client.deployment(f"bench-{tag}")
    made = await client.automations([_on(name, f"shop.{tag}")], deployment)
    sent: dict[str, float] = {}
    for _ in range(int(rate * seconds)):
        event = order_event(name, f"shop.{tag}")
        sent[event["id"]] = time.time()
        await client.send([[event]], senders=1)
        await asyncio.sleep(1 / rate)
    await until(lambda: client.run_count(deployment), len(sent))
    created = _started_by(await client.runs(deployment))
    took = [(created[key] - begun) * 1000 for key, begun in sent.items() if key in created]
    await client.delete(made)
    return [
        ("latency: event → run, p50", percentile(took, 50), "ms"),
        ("latency: event → run, p99", percentile(took, 99), "ms"),
        ("latency: missing runs", len(sent) - len(took), "runs"),
    ]


async def visible(client: Client, events: int = 100) -> list[Row]:
    """Event sent → a client can count the run; one at a time, whatever the run's stamp says."""
    tag = uuid4().hex[:8]
    name = f"bench.{tag}.created"
    deployment = await client.deployment(f"bench-{tag}")
    made = await client.automations([_on(name, f"shop.{tag}")], deployment)
    took = []
    for number in range(events):
        await asyncio.sleep(0.1)
        event = order_event(name, f"shop.{tag}")
        begun = time.time()
        await client.send([[event]], senders=1)
        while await client.run_count(deployment) <= number:
            await asyncio.sleep(0.004)
        took.append((time.time() - begun) * 1000)
    await client.delete(made)
    return [
        ("visible: event → run can be read, p50", percentile(took, 50), "ms"),
        ("visible: event → run can be read, p99", percentile(took, 99), "ms"),
    ]


async def threshold(client: Client, keys: int = 1000, count: int = 10) -> list[Row]:
    """Every event counts in the window of one of 1,000 keys."""
    tag = uuid4().hex[:8]
    name = f"bench.{tag}.failed"
    deployment = await client.deployment(f"bench-{tag}")
    trigger = _on(
        name, f"host.{tag}.*", threshold=count, within=60, for_each=["prefect.resource.id"]
    )
    made = await client.automations([trigger], deployment)
    sent = [order_event(name, f"host.{tag}.{key}") for _ in range(count) for key in range(keys)]
    begun = time.time()
    await client.send(frames_of(sent))
    await until(lambda: client.run_count(deployment), keys)
    created = _started_by(await client.runs(deployment))
    await client.delete(made)
    return [
        ("threshold: events", len(sent) / (max(created.values()) - begun), "events/s"),
        ("threshold: missing runs", keys - len(created), "runs"),
    ]


async def absence(client: Client, automations: int = 500) -> list[Row]:
    """500 silences due at the same time: how late is the last run?"""
    tag = uuid4().hex[:8]
    deployment = await client.deployment(f"bench-{tag}")
    triggers = [
        {
            "type": "event",
            "posture": "Proactive",
            "match": {"prefect.resource.id": f"job.{tag}.{n}"},
            "after": [f"bench.{tag}.started"],
            "expect": [f"bench.{tag}.finished"],
            "for_each": ["prefect.resource.id"],
            "within": 10,
        }
        for n in range(automations)
    ]
    made = await client.automations(triggers, deployment)
    sent = [order_event(f"bench.{tag}.started", f"job.{tag}.{n}") for n in range(automations)]
    due = {event["id"]: moment(event["occurred"]) + 10 for event in sent}
    await client.send(frames_of(sent), senders=1)
    await until(lambda: client.run_count(deployment), automations)
    created = _started_by(await client.runs(deployment))
    late = [(created[key] - at) * 1000 for key, at in due.items() if key in created]
    await client.delete(made)
    return [
        ("absence: lateness p50", percentile(late, 50), "ms"),
        ("absence: lateness max", max(late), "ms"),
        ("absence: missing runs", automations - len(late), "runs"),
    ]


def _part(name: str) -> dict[str, Any]:
    each = ["prefect.resource.id"]
    return {"type": "event", "posture": "Reactive", "expect": [name], "for_each": each}


async def _composite(client: Client, kind: str, **more: Any) -> list[Row]:
    """500 keys, three steps each: how soon after the last step has all fired?"""
    tag, keys = uuid4().hex[:8], 500
    names = [f"bench.{tag}.{step}" for step in ("one", "two", "three")]
    trigger = {
        "type": kind,
        "within": 120,
        "for_each": ["prefect.resource.id"],
        "triggers": [_part(name) for name in names],
        **more,
    }
    deployment = await client.deployment(f"bench-{tag}")
    made = await client.automations([trigger], deployment)
    last: set[str] = set()
    for name in names:
        sent = [order_event(name, f"shop.{tag}.{key}") for key in range(keys)]
        begun = time.time()
        await client.send(frames_of(sent), senders=1)
        last = {event["id"] for event in sent}
    await until(lambda: client.run_count(deployment), keys, seconds=20)
    runs = await client.runs(deployment)
    created = _started_by(runs)
    await client.delete(made)
    return [
        (f"{kind}: last step sent → all fired", max(created.values()) - begun, "s"),
        (f"{kind}: wrong runs", len(last ^ set(created)) + len(runs) - len(created), "runs"),
    ]


async def compound(client: Client) -> list[Row]:
    """All of three, per key."""
    return await _composite(client, "compound", require="all")


async def sequence(client: Client) -> list[Row]:
    """Three in order, per key."""
    return await _composite(client, "sequence")


async def crash(client: Client, events: int = 10_000) -> list[Row]:
    """kill -9 of evaluator, recorder and dispatcher under load; `make chaos` is longer."""
    tag = uuid4().hex[:8]
    name = f"bench.{tag}.created"
    deployment = await client.deployment(f"bench-{tag}")
    made = await client.automations([_on(name, f"hot.{tag}")], deployment)
    sent = [order_event(name, f"hot.{tag}" if n % 10 == 0 else f"cold.{n}") for n in range(events)]
    frames = frames_of(sent, 50)
    third = len(frames) // 3
    for turn, victim in enumerate(("evaluator", "recorder", "actions")):
        sending = asyncio.create_task(client.send(frames[turn * third : (turn + 1) * third + 3]))
        client.product.kill(victim)
        await sending
    hot = {event["id"] for event in sent[::10]}
    await until(lambda: client.run_count(deployment), len(hot), seconds=30)
    await until(lambda: client.recorded(f"bench.{tag}."), events, seconds=30)
    await asyncio.sleep(1)  # what is doubled would come now
    runs = await client.runs(deployment)
    recorded = await client.recorded(f"bench.{tag}.")
    created = _started_by(runs)
    await client.delete(made)
    return [
        ("crash: events lost or doubled", abs(events - recorded), "events"),
        ("crash: runs missing", len(hot - set(created)), "runs"),
        ("crash: runs doubled", len(runs) - len(created), "runs"),
    ]


async def memory(client: Client) -> list[Row]:
    """The whole tree after all that came before."""
    return [("memory: PSS of all processes", tree.pss_bytes(client.pid) / 1e6, "MB")]


async def scale(client: Client, sizes: tuple[int, ...] = (10, 10_000)) -> list[Row]:
    """Does an event cost more when 10,000 automations share its name, and differ in resource?"""
    tag = uuid4().hex[:8]
    name = f"bench.{tag}.created"
    deployment = await client.deployment(f"bench-{tag}")
    rows: list[Row] = []
    made: list[str] = []
    costs: list[float] = []
    for size in sizes:
        begun = time.perf_counter()
        made += await client.automations(
            [_on(name, f"shop.{tag}.{n}") for n in range(len(made), size)], deployment
        )
        create = time.perf_counter() - begun
        costs.append(await _cost_per_event(client, deployment, name, f"shop.{tag}.{size - 1}"))
        rows.append((f"scale: CPU per event, {size:,} automations", costs[-1], "µs"))
    rows.append(("scale: that is", costs[-1] / costs[0], "times"))
    rows.append(("scale: creating automations", (sizes[-1] - sizes[0]) / create, "per s"))
    return rows


async def _cost_per_event(
    client: Client, deployment: str, name: str, hot: str, events: int = 20_000
) -> float:
    """CPU of the whole tree in µs: 20,000 events that match nothing, then one that does.

    The cheapest of three rounds: whatever else happens in a second only adds.
    """
    prefix = name.rpartition(".")[0] + "."
    costs = []
    for _ in range(3):
        sent = [order_event(name, f"cold.{n}") for n in range(events)]
        sent.append(order_event(name, hot))
        started, before = await client.run_count(deployment), await client.recorded(prefix)
        await asyncio.sleep(2)  # what was saved last is loaded
        begun = tree.cpu_seconds(client.pid)
        await client.send(frames_of(sent))
        await until(lambda: client.run_count(deployment), started + 1)
        await until(lambda: client.recorded(prefix), before + len(sent))
        costs.append((tree.cpu_seconds(client.pid) - begun) / events * 1e6)
    return min(costs)


ALL: dict[str, Scenario] = {
    "ingest": ingest,
    "ingest_ws": ingest_ws,
    "stream": stream,
    "fire": fire,
    "latency": latency,
    "visible": visible,
    "threshold": threshold,
    "compound": compound,
    "sequence": sequence,
    "absence": absence,
    "crash": crash,
    "memory": memory,
    "scale": scale,  # last: it leaves its automations behind
}
