"""Automations of every kind, and events that they wait for."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from project.lib.json_documents import Document
from tests.system import Product

RESOURCE = "prefect.resource.id"


def event_trigger(*expect: str, **more: Any) -> Document:
    return {"type": "event", "posture": "Reactive", "expect": list(expect), **more}


def keyed(*expect: str) -> Document:
    return event_trigger(*expect, for_each=[RESOURCE])


def absence(*expect: str, **more: Any) -> Document:
    return event_trigger(*expect, **more) | {"posture": "Proactive"}


TRIGGERS: dict[str, Document] = {
    "immediate": event_trigger("chaos.order.created"),
    "counted": event_trigger("chaos.host.failed", threshold=5, within=30, for_each=[RESOURCE]),
    "unanswered": absence(
        "chaos.job.finished", after=["chaos.job.started"], within=10, for_each=[RESOURCE]
    ),
    "silent": absence("chaos.heartbeat", within=10),
    "sequence": {
        "type": "sequence",
        "within": 60,
        "for_each": [RESOURCE],
        "triggers": [keyed("chaos.step.one"), keyed("chaos.step.two")],
    },
    "compound": {
        "type": "compound",
        "require": "all",
        "within": 60,
        "for_each": [RESOURCE],
        "triggers": [keyed("chaos.part.a"), keyed("chaos.part.b")],
    },
}
KEPT_SILENT = "silent"  # fires for as long as it is enabled

# Name, how many resources there are of it, and how often it comes.
_MIX = (
    ("chaos.order.seen", 500, 60),
    ("chaos.order.created", 500, 10),
    ("chaos.host.failed", 20, 10),
    ("chaos.job.started", 100, 3),
    ("chaos.job.finished", 100, 3),
    ("chaos.heartbeat", 1, 1),
    ("chaos.step.one", 50, 3),
    ("chaos.step.two", 50, 3),
    ("chaos.part.a", 50, 3),
    ("chaos.part.b", 50, 3),
)


def endless_events(seed: int) -> Iterator[Document]:
    """The same ids, names and resources for the same seed."""
    source = random.Random(seed)
    weights = [weight for _, _, weight in _MIX]
    while True:
        name, resources, _ = source.choices(_MIX, weights)[0]
        yield {
            "id": str(UUID(int=source.getrandbits(128), version=4)),
            "occurred": datetime.now(UTC).isoformat(),
            "event": name,
            "resource": {RESOURCE: f"chaos.{name.split('.')[1]}.{source.randrange(resources)}"},
        }


@dataclass(frozen=True, slots=True)
class Setting:
    """The ids of what was made, by name."""

    deployment: str
    automations: dict[str, str]


def set_up(product: Product) -> Setting:
    """One automation of each kind; each runs a deployment that no pool executes."""
    with product.client() as client:
        flow = client.post("/flows/", json={"name": "chaos"}).raise_for_status().json()
        body = {"name": "chaos", "flow_id": flow["id"]}
        deployment = str(client.post("/deployments/", json=body).raise_for_status().json()["id"])
        made = {
            name: _automation(client, name, trigger, deployment)
            for name, trigger in TRIGGERS.items()
        }
        after_immediate = event_trigger(
            "prefect.automation.triggered",
            match={RESOURCE: f"prefect.automation.{made['immediate']}"},
        )
        made["chained"] = _automation(client, "chained", after_immediate, deployment)
    return Setting(deployment, made)


def _automation(client: httpx.Client, name: str, trigger: Document, deployment: str) -> str:
    action = {
        "type": "run-deployment",
        "source": "selected",
        "deployment_id": deployment,
        "parameters": {"by": name},
    }
    body = {"name": f"chaos {name}", "trigger": trigger, "actions": [action]}
    answer = client.post("/automations/", content=json.dumps(body))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
