"""How long are the problems of a draft looked for, after every edit? Prints p50 and p95 in ms.

python -m bench.findings [scale]     starts a PostgreSQL (without fsync) and a Redis of its own
and fills them as `bench.pages` does, with 10,000 automations and 1,000,000 events (times `scale`).
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from bench import pages

SCALE = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
ROUNDS = 60


def drafts_by_name(deployment_id: str) -> dict[str, dict[str, Any]]:
    event = {
        "type": "event",
        "posture": "Reactive",
        "expect": ["orders.created"],
        "match": {"customer": ["c1", "!c2"]},
        "for_each": ["customer", "region"],
        "match_related": {"prefect.resource.role": "tag", "prefect.resource.id": "!prefect.tag.t1"},
    }
    many = [
        {**event, "expect": [name]}
        for name in ("orders.*", "rare.*", "orders.paied", "inventory.*")
    ]
    run = {
        "type": "run-deployment",
        "deployment_id": deployment_id,
        "parameters": {
            "customer": "{{ event.resource.customer }}",
            "rows": "{{ event.payload.rows }}",
        },
    }
    follow = {**event, "expect": ["prefect.flow-run.Completed"], "match": {}, "for_each": []}
    return {
        "one event, one run": {"name": "a", "trigger": event, "actions": [run]},
        "a group of four": {
            "name": "a",
            "trigger": {"type": "compound", "require": "all", "within": 600, "triggers": many},
            "actions": [run],
        },
        "every event": {
            "name": "a",
            "trigger": {"type": "event", "posture": "Reactive", "expect": []},
            "actions": [{"type": "do-nothing"}],
        },
        "after any run": {"name": "a", "trigger": follow, "actions": [run]},
    }


def measure() -> None:
    from django.contrib.auth.models import User
    from django.test import Client

    from project.lib.clock import utcnow
    from runs_app.models import Deployment
    from triggers_app.builder.drafts import service as drafts

    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    deployment = str(Deployment.objects.order_by("name").values_list("id", flat=True)[0])
    print(f"\n{'draft':<24}{'first':>9}{'p50':>9}{'p95':>9}")
    for name, document in drafts_by_name(deployment).items():
        draft = drafts.open_new(document, author="bench", now=utcnow())

        def edit(number: int, draft: Any = draft) -> None:
            def change(found: dict[str, Any]) -> dict[str, Any]:
                return {**found, "description": str(number)}

            drafts.edit(draft.pk, author="bench", rev=0, change=change, label="e", now=utcnow())

        def ask(draft: Any = draft) -> None:
            answer = client.get(f"/builder/{draft.pk}/findings/", headers={"HX-Request": "true"})
            assert answer.status_code == 200

        first, *rest = [_ms(edit, ask, number) for number in range(ROUNDS)]
        p95 = statistics.quantiles(rest, n=20)[-1]
        print(f"{name:<24}{first:>9.1f}{statistics.median(rest):>9.1f}{p95:>9.1f}")


def _ms(edit: Callable[[int], None], ask: Callable[[], None], number: int) -> float:
    edit(number)
    begun = time.perf_counter()
    ask()
    return (time.perf_counter() - begun) * 1000


def main(measured: Callable[[], None] = measure) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
    os.environ["DEBUG"] = "0"
    import django

    from tests import services

    running = services.start()
    try:
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        settings.ALLOWED_HOSTS = ["testserver"]
        settings.STORAGES["staticfiles"]["BACKEND"] = (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
        call_command("migrate", verbosity=0)
        pages.AUTOMATIONS, pages.RUNS = int(10_000 * SCALE), int(10_000 * SCALE)
        pages.EVENTS, pages.FIRINGS = int(1_000_000 * SCALE), int(50_000 * SCALE)
        pages.fill()
        measured()
        connections.close_all()
    finally:
        running.stop()


if __name__ == "__main__":
    main()
