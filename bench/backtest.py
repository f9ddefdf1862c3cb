"""How fast is a backtest over recorded events? Prints one table with its goal beside it.

python -m bench.backtest [events]    starts a PostgreSQL of its own; by default a million events,
over seven days. `all` reads everything; the other triggers are narrowed down by PostgreSQL. Each is
run once to warm up, then again until half a second of CPU is spent. The goal: 20 µs of CPU for
an event (read, matched, evaluated, summed up) or for an absence decided, and 5 ms for a
backtest besides. PostgreSQL's own CPU is beside it.
"""

import gc
import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from bench.tree import cpu_seconds
from project.lib.json_documents import Document

if TYPE_CHECKING:
    from triggers_app.services.backtest_result import BacktestResult
    from triggers_app.services.backtesting import Question

GOAL_US, GOAL_FIXED_MS = 20.0, 5.0
EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
UNTIL_MS = 1_700_006_400_000
DAYS = 7
FRAME = 100
BATCH = 10_000
WIDTHS = (10, 10, 10, 10, 10, 10, 15)

REACTIVE: Document = {"type": "event", "posture": "Reactive"}
COUNTED = {"threshold": 50, "within": 3600, "for_each": ["prefect.resource.id"]}
NAMED = REACTIVE | {"expect": ["order.created.7"]}
TRIGGERS: dict[str, Document] = {
    "all, none fires": REACTIVE | {"expect": [], "match": {"region": ["!e*"]}},
    "all, counted per 1,000 keys": REACTIVE | COUNTED,
    "all, each fires": REACTIVE,
    "1 % by name, counted per key": NAMED | COUNTED | {"threshold": 3},
    "0.1 % by resource, each fires": REACTIVE
    | {"expect": ["order.*"], "match": {"prefect.resource.id": "customer.7"}},
    "2 % in a compound": {
        "type": "compound",
        "require": "all",
        "within": 600,
        "triggers": [NAMED, NAMED | {"expect": ["order.created.8"]}],
    },
    "nothing comes": REACTIVE | {"expect": ["order.lost"]},
    "1 % absence of 60 s": NAMED | {"posture": "Proactive", "within": 60},
}


def frames() -> Iterator[Any]:
    import msgspec

    from events_app.domain.event import Entry, Event, from_ms
    from events_app.domain.position import StreamId

    payload = msgspec.Raw(b'{"rows":5210,"max_rows":"5000","customer":{"name":"acme","id":17}}')
    since_ms = UNTIL_MS - DAYS * 86_400_000
    step_ms = DAYS * 86_400_000 / EVENTS
    for first in range(0, EVENTS, FRAME):
        numbers = range(first, min(first + FRAME, EVENTS))
        made = [
            Event(
                occurred=from_ms(since_ms + int(number * step_ms)),
                event=f"order.created.{number % 100}",
                resource={"prefect.resource.id": f"customer.{number % 1009}", "region": "eu"},
                related=[{"prefect.resource.id": "shop.1", "prefect.resource.role": "shop"}],
                payload=payload,
                id=UUID(int=(number * 0x9E3779B97F4A7C15 << 64 | number) % 2**128),
            )
            for number in numbers
        ]
        yield Entry(StreamId(since_ms + int(numbers[-1] * step_ms), 0), made)


def record() -> None:
    """As the recorder would have: in batches, with all indexes."""
    from events_app.storage import partitions, recording
    from project.lib import database

    days = {partitions.day_of(UNTIL_MS - day * 86_400_000) for day in range(DAYS + 1)}
    with database.connect(application_name="flint bench") as connection:
        partitions.ensure(connection, days)
        connection.commit()
        entries = []
        for entry in frames():
            entries.append(entry)
            if len(entries) * FRAME >= BATCH:
                recording.store(connection, entries)
                connection.commit()
                entries = []
        recording.store(connection, entries)
        connection.commit()
        connection.execute("ANALYZE event")


def measure(postgres: int) -> None:
    from triggers_app.automation.parsing import parse_trigger
    from triggers_app.automation.triggers import renumber
    from triggers_app.services.backtesting import Question

    since_ms = UNTIL_MS - DAYS * 86_400_000
    heads = ("read", "matched", "fired", "ms", "goal", "µs/event", "PostgreSQL ms")
    print("trigger".ljust(32) + "".join(map(str.rjust, heads, WIDTHS)))
    for name, document in TRIGGERS.items():
        trigger = renumber(parse_trigger(document), lambda _: uuid4())
        question = Question(trigger=trigger, since_ms=since_ms, until_ms=UNTIL_MS, seconds=600)
        print(_row(name, *_measured(question, postgres)), flush=True)


def _measured(question: "Question", postgres: int) -> tuple["BacktestResult", float, float]:
    """The result, our CPU for it, and PostgreSQL's, in ms."""
    from triggers_app.services.backtesting import Backtest

    Backtest(question).run()
    # As in the processes where backtests run: what is loaded stays.
    gc.collect()
    gc.freeze()
    runs, ours, theirs = 0, time.process_time(), cpu_seconds(postgres)
    while runs == 0 or time.process_time() - ours < 0.5:
        result = Backtest(question).run()
        runs += 1
    ours, theirs = time.process_time() - ours, cpu_seconds(postgres) - theirs
    return result, ours * 1000 / runs, theirs * 1000 / runs


def _row(name: str, result: "BacktestResult", ours: float, theirs: float) -> str:
    read, fired = result.events_read, result.firings_total
    # Absences are decided between events; firings by events are in the cost of those.
    decided = fired if fired > read else 0
    goal = GOAL_FIXED_MS + (read + decided) * GOAL_US / 1000
    figures = (
        f"{read:,}",
        f"{sum(node.matched for node in result.nodes):,}",
        f"{fired:,}",
        f"{ours:.1f}",
        f"≤ {goal:,.0f}",
        f"{ours * 1000 / read:.1f}" if read else "",
        f"{theirs:.1f}",
    )
    return name.ljust(32) + "".join(map(str.rjust, figures, WIDTHS))


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
    from tests import services

    running = services.start()
    try:
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        began = time.perf_counter()
        record()
        print(f"{EVENTS:,} events recorded in {time.perf_counter() - began:.1f} s\n", flush=True)
        measure(running.processes[0].pid)
    finally:
        running.stop()


if __name__ == "__main__":
    main()
