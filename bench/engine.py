"""How many events a second the engine folds on one core, pure: no database, no Redis.

    python bench/engine.py

Prints one table: by number of automations and share of matching events.
"""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from events_app.domain.event import EPOCH, Entry, Event
from events_app.domain.position import StreamId
from project.lib.json_documents import Document
from triggers_app.automation.engine.evaluator import Evaluator, Version
from triggers_app.automation.parsing import parse_trigger

START_MS = 1_700_000_000_000
EVENTS = 100_000
FRAME = 200


def by_name(index: int) -> Document:
    return {"posture": "Reactive", "expect": [f"order.created.{index}"]}


def by_resource(index: int) -> Document:
    match = {"prefect.resource.id": f"customer.{index}"}
    return {"posture": "Reactive", "expect": ["order.created"], "match": match}


def counting(index: int) -> Document:
    return by_name(index) | {"threshold": 3, "within": 60, "for_each": ["prefect.resource.id"]}


def absent(index: int) -> Document:
    return counting(index) | {"posture": "Proactive", "threshold": 1}


def evaluator_with(automations: int, trigger: Callable[[int], Document]) -> Evaluator:
    evaluator = Evaluator()
    for index in range(automations):
        automation_id = UUID(int=index)
        parsed = parse_trigger(trigger(index) | {"id": str(automation_id)})
        evaluator.apply(Version(automation_id, 1, True, parsed), log_ms=START_MS)
    return evaluator


def entries(automations: int, share: float, shared_name: bool) -> list[Entry]:
    """Frames of events, of which `share` match one automation each."""
    every = round(1 / share) if share else EVENTS + 1
    made = []
    for number in range(EVENTS):
        target = number % automations if number % every == 0 else -1 - number % 100
        name = "order.created" if shared_name else f"order.created.{target}"
        resource_id = f"customer.{target}" if shared_name else f"customer.{number % 1000}"
        made.append(
            Event(
                occurred=EPOCH + timedelta(milliseconds=START_MS + number // 100),
                event=name,
                resource={"prefect.resource.id": resource_id, "region": "eu"},
                related=[{"prefect.resource.id": "shop.1", "prefect.resource.role": "shop"}],
                id=UUID(int=number),
            )
        )
    return [
        Entry(StreamId(START_MS + at // 100, at), made[at : at + FRAME])
        for at in range(0, EVENTS, FRAME)
    ]


def measure(
    automations: int, trigger: Callable[[int], Document], share: float
) -> tuple[float, int]:
    evaluator = evaluator_with(automations, trigger)
    frames = entries(automations, share, trigger is by_resource)
    firings = 0
    started = time.perf_counter()
    for frame in frames:
        evaluator.fold(frame)
        if frame.id.seq % (10 * FRAME) == 0:
            firings += len(evaluator.take().firings)
    seconds = time.perf_counter() - started
    return EVENTS / seconds, firings + len(evaluator.take().firings)


def main() -> None:
    print(f"{'trigger':<12} {'automations':>11} {'matching':>9} {'events/s':>10} {'firings':>8}")
    for trigger in (by_name, by_resource, counting, absent):
        for automations in (10, 1_000, 10_000):
            for share in (0.0, 0.1, 1.0):
                rate, firings = measure(automations, trigger, share)
                print(
                    f"{trigger.__name__:<12} {automations:>11,} {share:>9.0%} "
                    f"{rate:>10,.0f} {firings:>8,}"
                )


if __name__ == "__main__":
    main()
