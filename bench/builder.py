"""How long does the server take after an edit in the builder? Prints it in ms.

python -m bench.builder [scale]      starts a PostgreSQL (without fsync) and a Redis of its own and
fills them as `bench.pages` does, with 10,000 automations and 1,000,000 events (times `scale`).
The goals: 40 ms of CPU (p95) for an edit, 150 ms for each part that follows it, 300 ms for the
numbers. The page asks for `follow/` alone, which joins the numbers, the backtest and the problems.
"""

import json
import statistics
import time
from typing import Any

from bench import findings

ROUNDS = 40
HTMX = {"HX-Request": "true"}


def measure() -> None:
    from django.contrib.auth.models import User
    from django.test import Client

    from project.lib.clock import utcnow
    from runs_app.models import Deployment
    from triggers_app.builder.drafts import service as drafts
    from triggers_app.models import Draft

    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    deployment = str(Deployment.objects.order_by("name").values_list("id", flat=True)[0])
    document = findings.drafts_by_name(deployment)["a group of four"]
    draft = drafts.open_new(document, author="bench", now=utcnow())
    root = f"/builder/{draft.pk}/"

    def now() -> Draft:
        return drafts.find(draft.pk, author="bench")

    def fields() -> dict[str, str]:
        found = now()
        return {**drafts.form_of(found), "rev": str(found.rev), "do": ""}

    def op(number: int) -> tuple[str, dict[str, Any]]:
        name = next(name for name in fields() if name.endswith(".expect"))
        return f"{root}op/", fields() | {name: f"orders.{number}"}

    def add(number: int) -> tuple[str, dict[str, Any]]:
        found = now()
        last = found.document["trigger"]["triggers"][-1]["id"]
        do = f"duplicate:{last}" if number % 2 == 0 else f"delete:{last}"
        return f"{root}op/", fields() | {"do": do}

    def yaml(number: int) -> tuple[str, dict[str, Any]]:
        found = now()
        document = {**found.document, "description": str(number)}
        return f"{root}panes/json/", {"text": json.dumps(document), "rev": str(found.rev)}

    def get(part: str) -> Any:
        def ask(number: int) -> tuple[str, None]:
            client.post(*op(number), headers=HTMX)
            return f"{root}{part}", None

        return ask

    asked = {
        "the page": lambda number: (root, None),
        "edit: a field": op,
        "edit: a part more or less": add,
        "edit: typed into JSON": yaml,
        **{part: get(part) for part in PARTS},
    }
    print(f"\n{'request':<32}{'first':>9}{'p50':>9}{'p95':>9}{'CPU p50':>9}{'CPU p95':>9}")
    for label, request in asked.items():
        took = [_ms(client, request, number) for number in range(ROUNDS)]
        first, columns = took[0][0], zip(*took[1:], strict=True)
        figures = [(statistics.median(one), statistics.quantiles(one, n=20)[-1]) for one in columns]
        words = "".join(f"{p50:>9.1f}{p95:>9.1f}" for p50, p95 in figures)
        print(f"{label:<32}{first:>9.1f}{words}")


PARTS = (
    "follow/",
    "findings/",
    "numbers/",
    "panes/yaml/",
    "panes/json/",
    "panes/prefect.yaml/",
    "panes/hcl/",
    "panes/python/",
    "parameters/",
)


def _ms(client: Any, request: Any, number: int) -> tuple[float, float]:
    """On the clock, and of this process's CPU."""
    address, body = request(number)
    headers = {} if address.count("/") == 3 else HTMX
    begun, worked = time.perf_counter(), time.process_time()
    if body is None:
        answer = client.get(address, headers=headers)
    else:
        answer = client.post(address, body, headers=headers)
    took = (time.perf_counter() - begun) * 1000, (time.process_time() - worked) * 1000
    assert answer.status_code in (200, 204, 422), (address, answer.status_code)
    return took


if __name__ == "__main__":
    findings.main(measure)
