"""How fast are the numbers beside a choice, and completion, on a full house? Prints a table.

python -m bench.choices [scale]     fills the house of bench.pages (1,000,000 events), with 10,000
automations, in a PostgreSQL of its own, and asks the builder's addresses. Goals: numbers 300 ms,
suggestions 150 ms. "first" is with nothing remembered, "again" is the next value that is typed;
counting up to 200,000 events exactly is asked by the page after a guess has been shown.
"""

import os
import statistics
import sys
import time
from collections.abc import Iterator

from project.lib.json_documents import Document

ROUNDS = 5
NUMBERS_MS, SUGGEST_MS = 300, 150
AUTOMATIONS = 10_000

TAG = {"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.t3"}
TRIGGERS: dict[str, Document] = {
    "a name": {"expect": ["orders.paid"]},
    "a beginning of names": {"expect": ["orders.*"]},
    "every event": {},
    "a label of 180,000": {"expect": ["orders.paid"], "match": {"customer": "c1*"}},
    "related of 180,000": {"expect": ["orders.paid"], "match_related": TAG},
    "ids of 180,000": {"expect": ["orders.paid"], "match": {"prefect.resource.id": "*7"}},
    "a label of 900,000": {"match": {"customer": "c1*"}, "for_each": ["customer"]},
    "all kinds of 900,000": {"match": {"customer": "c1*"}, "match_related": TAG},
    "one id of 900,000": {"match": {"prefect.resource.id": "r77"}},
    "a label of a rare name": {"expect": ["rare.*"], "match": {"customer": "c1*"}},
    "nothing of 900,000": {"match": {"customer": "nobody*"}},
}
COUNTED = {"a label of 180,000", "related of 180,000", "ids of 180,000"}
SUGGESTIONS = {
    "names": "kind=event_name&q=or",
    "labels": "kind=label_key&q=c",
    "values": "kind=label_value&label=customer&q=c1",
    "ids": "kind=label_value&label=prefect.resource.id&q=r",
    "related": "kind=related_value&label=prefect.resource.id",
    "for each": "kind=for_each",
    "deployments": "kind=deployment&q=flow-7",
    "automations": "kind=automation&q=automation-0",
}


def questions() -> Iterator[tuple[str, str, str, int]]:
    """Name, address first and again, goal in ms."""
    from django.urls import reverse

    from project.lib.clock import utcnow
    from triggers_app.builder.drafts import service as drafts

    for name, asked in TRIGGERS.items():
        node = {"type": "event", "posture": "Reactive", "expect": [], **asked}
        draft = drafts.open_new({"name": name, "trigger": node}, author="bench", now=utcnow())
        address = reverse("builder:numbers", args=[draft.pk])
        yield f"numbers: {name}", address, address, NUMBERS_MS
        if name in COUNTED:
            exact = f"{address}?exact=1"
            yield f"counted then: {name}", exact, exact, 0
    whole = {"type": "compound", "require": "any", "within": None, "triggers": [
        {"type": "event", "posture": "Reactive", "expect": [], **asked}
        for asked in TRIGGERS.values()
    ]}  # fmt: skip
    draft = drafts.open_new({"name": "whole", "trigger": whole}, author="bench", now=utcnow())
    address = reverse("builder:numbers", args=[draft.pk])
    yield f"numbers: a tree of {len(TRIGGERS)}", address, address, NUMBERS_MS
    node_id = draft.document["trigger"]["triggers"][1]["id"]
    for name, query in SUGGESTIONS.items():
        address = f"{reverse('builder:suggest', args=[draft.pk])}?node={node_id}&{query}"
        yield f"suggest: {name}", address, f"{address}1", SUGGEST_MS


def measure() -> int:
    from django.contrib.auth.models import User
    from django.test import Client

    from project.lib.process_memory import clear_all

    def ms(address: str) -> float:
        begun = time.perf_counter()
        answer = client.get(address, headers={"HX-Request": "true"})
        assert answer.status_code == 200, (address, answer.status_code)
        return (time.perf_counter() - begun) * 1000

    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    client.get("/automations/")
    print(f"\n{'question':<40}{'first ms':>10}{'again ms':>10}{'goal':>7}")
    slow = 0
    for name, first, again, goal in questions():
        firsts, agains = [], []
        for _ in range(ROUNDS):
            clear_all()
            firsts.append(ms(first))
            agains.append(ms(again))
        median = statistics.median(firsts)
        flag = " <-- slow" if goal and median > goal else ""
        slow += bool(flag)
        row = f"{name:<40}{median:>10.1f}{statistics.median(agains):>10.1f}"
        print(f"{row}{goal or '':>7}{flag}", flush=True)
    return slow


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
    os.environ["DEBUG"] = "0"
    from tests import services

    running = services.start()
    try:
        from django.conf import settings

        django.setup()
        settings.ALLOWED_HOSTS = ["testserver"]
        settings.STORAGES["staticfiles"]["BACKEND"] = (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
        from django.core.management import call_command
        from django.db import connections

        from bench import pages

        call_command("migrate", verbosity=0)
        pages.AUTOMATIONS = int(AUTOMATIONS * pages.SCALE)
        pages.RUNS, pages.FIRINGS = 2_000, 2_000  # nobody asks for them here
        pages.fill()
        slow = measure()
        connections.close_all()
    finally:
        running.stop()
    sys.exit(f"{slow} answers are slow." if slow else 0)


if __name__ == "__main__":
    main()
