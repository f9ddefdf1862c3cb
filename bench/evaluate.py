"""The evaluator alone: log → engine → tables, without the door, the recorder and dispatch.

`python -m bench.evaluate` starts a PostgreSQL and a Redis of its own and prints one table.
"""

import os
import time
from datetime import UTC, datetime
from uuid import uuid4

from tests import services


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    running = services.start()
    try:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure()
    finally:
        running.stop()


def measure(events: int = 50_000, automations: int = 100) -> None:
    from events_app.domain.event import RESOURCE_ID, Event
    from events_app.stream import log
    from project.lib import redis_client
    from triggers_app.models import Automation, AutomationVersion
    from triggers_app.services import evaluating

    client = redis_client.client()
    effective_after = log.append_wakeup(client)
    for number in range(automations):
        automation_id = uuid4()
        document = {
            "trigger": {
                "type": "event",
                "posture": "Reactive",
                "id": str(uuid4()),
                "expect": ["order.created"],
                "match": {RESOURCE_ID: f"shop.{number}"},
            },
            "actions": [{"type": "do-nothing"}],
        }
        common = {
            "version": 1,
            "document": document,
            "effective_after_ms": effective_after.ms,
            "effective_after_seq": effective_after.seq,
        }
        Automation.objects.create(id=automation_id, name="bench", change=number + 1, **common)
        AutomationVersion.objects.create(automation_id=automation_id, enabled=True, **common)
    now = datetime.now(UTC)
    for start in range(0, events, 100):
        log.append(
            client,
            [
                Event(
                    id=uuid4(),
                    occurred=now,
                    event="order.created",
                    resource={
                        RESOURCE_ID: f"shop.{n // 10 % automations}" if n % 10 == 0 else f"cold.{n}"
                    },
                )
                for n in range(start, start + 100)
            ],
        )
    begun, cpu = time.perf_counter(), time.process_time()
    memory, read, fired = None, 0, 0
    while read < events:
        report = evaluating.run_lease(
            memory,
            client=client,
            clock=lambda: now,
            wake=str,
            seconds=0.5,
        )
        memory, read, fired = report.memory, read + report.events, fired + report.firings
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    print(f"{events} events, {automations} automations, {fired} firings")
    print(f"{events / seconds:>12,.0f} events/s   {cpu / events * 1e6:6.1f} µs of CPU per event")


if __name__ == "__main__":
    main()
