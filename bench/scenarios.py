"""One question each; every scenario returns rows of (figure, value, unit)."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from bench.client import Client, frames_of, moment, order_event, percentile, until

Row = tuple[str, float, str]
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
        ("ingest: accepted", events / accepted, "events/s"),
        ("ingest: recorded", found / durable, "events/s"),
        ("ingest: lost", events - found, "events"),
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


async def scale(client: Client, sizes: tuple[int, ...] = (10, 1000)) -> list[Row]:
    """Does an event cost more when more automations share its name?"""
    tag = uuid4().hex[:8]
    name = f"bench.{tag}.created"
    deployment = await client.deployment(f"bench-{tag}")
    rows: list[Row] = []
    made: list[str] = []
    for size in sizes:
        begun = time.perf_counter()
        made += await client.automations(
            [_on(name, f"shop.{tag}.{n}") for n in range(len(made), size)], deployment
        )
        create = time.perf_counter() - begun
        before = await client.run_count(deployment)
        sent = [order_event(name, f"cold.{n}") for n in range(20_000)]
        sent.append(order_event(name, f"shop.{tag}.{size - 1}"))
        begun = time.perf_counter()
        await client.send(frames_of(sent))
        await until(lambda: client.run_count(deployment), before + 1)
        rows.append(
            (f"scale: {size} automations", len(sent) / (time.perf_counter() - begun), "events/s")
        )
        rows.append((f"scale: creating up to {size}", size / create, "automations/s"))
    await client.delete(made)
    return rows


ALL: dict[str, Scenario] = {
    "ingest": ingest,
    "fire": fire,
    "latency": latency,
    "threshold": threshold,
    "absence": absence,
    "scale": scale,
}
