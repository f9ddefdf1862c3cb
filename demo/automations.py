"""Larch's automations: one of every kind of trigger, and how they came to be. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from project.lib.json_documents import Document

_AUTOMATIONS = UUID("6a1de3c4-8f5b-4f44-9f0c-27c1ab9d1f3e")
MINUTE, HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class DemoAutomation:
    """An automation of the demo. `changes` are saved later, so long before the end of history."""

    key: str
    document: Document
    changes: Sequence[tuple[timedelta, Document]] = field(default=())

    @property
    def id(self) -> UUID:
        return uuid5(_AUTOMATIONS, self.key)


def demo_automations(deployments: Mapping[str, UUID]) -> list[DemoAutomation]:
    """All of them; `deployments` are the ids by name."""
    run = _Runs(deployments)
    return [*_orders(run), *_inventory(run), *_data(run), *_learning(run), *_people(run)]


def ids() -> list[UUID]:
    """The ids that the demo's automations have in every database."""
    return [each.id for each in demo_automations(_Anything())]


class _Anything(dict[str, UUID]):
    def __missing__(self, key: str) -> UUID:
        return _AUTOMATIONS


@dataclass(frozen=True, slots=True)
class _Runs:
    deployments: Mapping[str, UUID]

    def __call__(self, deployment: str, **parameters: Any) -> list[Document]:
        target = str(self.deployments[deployment])
        action = {"type": "run-deployment", "deployment_id": target, "parameters": parameters}
        return [action]


def _event(expect: str, posture: str = "Reactive", **rest: Any) -> Document:
    return {"type": "event", "posture": posture, "expect": [expect], **rest}


def _automation(
    name: str, trigger: Document, actions: list[Document], *tags: str, about: str = "", **rest: Any
) -> Document:
    described = {"name": name, "description": about, "tags": ["larch", *tags]}
    return {**described, "trigger": trigger, "actions": actions, **rest}


def _of_deployment(state: str, deployment: str) -> Document:
    """State events of the runs of one deployment."""
    related = {
        "prefect.resource.role": "deployment",
        "prefect.resource.name": deployment,
    }
    return {
        **_event(f"prefect.flow-run.{state}"),
        "match": {"prefect.resource.id": "prefect.flow-run.*"},
        "match_related": related,
    }


def _orders(run: _Runs) -> list[DemoAutomation]:
    batch = _automation(
        "Pick paid orders in batches",
        _event("order.paid", for_each=["warehouse"], threshold=8, within=45 * MINUTE),
        run(
            "pick-batch",
            warehouse="{{ labels.warehouse }}",
            order="{{ event.resource.name }}",
            lines="{{ event.payload.lines }}",
        ),
        "orders",
        about="Eight paid orders of a warehouse make a batch.",
    )
    small = {**batch, "trigger": {**batch["trigger"], "threshold": 5}}
    chase = _automation(
        "Paid, but not shipped within four hours",
        _event(
            "order.shipped",
            "Proactive",
            after=["order.paid"],
            for_each=["prefect.resource.id", "customer"],
            within=4 * HOUR,
        ),
        run(
            "chase-shipment",
            order="{{ labels['prefect.resource.id'] }}",
            customer="{{ labels.customer }}",
            hours=4,
        ),
        "orders",
    )
    fraud = _automation(
        "A customer fails to pay three times",
        _event("payment.failed", for_each=["customer"], threshold=3, within=10 * MINUTE),
        run(
            "open-ticket",
            title="Payments of {{ labels.customer }} fail",
            details="last code {{ event.payload.code }}",
        ),
        "orders",
    )
    greenland = _automation(
        "First order from Greenland",
        _event("order.placed", match={"country": "GL"}),
        run("open-ticket", title="Somebody in Greenland wants {{ event.payload.goods | first }}"),
        "orders",
        about="The sales team asked for this one; it has never happened.",
    )
    return [
        DemoAutomation("batch", small, [(timedelta(days=4, hours=3), batch)]),
        DemoAutomation("chase", chase),
        DemoAutomation("fraud", fraud),
        DemoAutomation("greenland", greenland),
    ]


def _inventory(run: _Runs) -> list[DemoAutomation]:
    silent = _automation(
        "A scanner has gone silent",
        _event("scanner.heartbeat", "Proactive", for_each=["scanner"], within=25 * MINUTE),
        run("restart-scanner", scanner="{{ labels.scanner }}"),
        "inventory",
    )
    slow = _automation(
        "Picking has become slow",
        {
            "type": "metric",
            "match": {"prefect.resource.id": "prefect.flow-run.*"},
            "match_related": {
                "prefect.resource.role": "deployment",
                "prefect.resource.name": "pick-batch",
            },
            "metric": {
                "name": "duration",
                "operator": ">",
                "threshold": 5,
                "range": 2 * HOUR,
                "firing_for": 10 * MINUTE,
            },
        },
        [],
        "inventory",
        about="Tells when the average of two hours is above 5 s, and when it is over.",
        actions_on_trigger=run("open-ticket", title="Picking is slow", priority="high"),
        actions_on_resolve=run("open-ticket", title="Picking is as fast as before", priority="low"),
    )
    return [DemoAutomation("silent", silent), DemoAutomation("slow", slow)]


def _data(run: _Runs) -> list[DemoAutomation]:
    files = {"bucket": "larch-in"}
    checked = _automation(
        "Import a partner's file once it is checked",
        {
            "type": "compound",
            "require": "all",
            "within": 20 * MINUTE,
            "for_each": ["partner"],
            "triggers": [
                _event("file.landed", match={**files, "kind": "delta"}, for_each=["partner"]),
                _event("file.checked", match={**files, "kind": "delta"}, for_each=["partner"]),
            ],
        },
        run(
            "import-file",
            partner="{{ labels.partner }}",
            path="{{ event.payload.path }}",
            rows="{{ event.payload.rows }}",
        ),
        "data",
    )
    full = [
        _event("file.landed", match={**files, "kind": "full", "partner": partner})
        for partner in ("acme", "borel", "cypress")
    ]
    nightly = _automation(
        "Nightly load when all partners have delivered",
        {"type": "compound", "require": "all", "within": 3 * HOUR, "triggers": full},
        run(
            "nightly-load",
            night="{{ event.payload.night }}",
            partners=["acme", "borel", "cypress"],
        ),
        "data",
    )
    build = _automation(
        "Build the models after the nightly load",
        _of_deployment("Completed", "nightly-load"),
        run("dbt-build", after_run="{{ event.resource.name }}"),
        "data",
        "dbt",
    )
    backup = _automation(
        "No backup for more than a day",
        _event("backup.completed", "Proactive", within=26 * HOUR),
        run("open-ticket", title="There was no backup for 26 hours", priority="urgent"),
        "data",
    )
    return [
        DemoAutomation("checked", checked),
        DemoAutomation("nightly", nightly),
        DemoAutomation("build", build),
        DemoAutomation("backup", backup),
    ]


def _learning(run: _Runs) -> list[DemoAutomation]:
    train = _automation(
        "Train when the data and then the features are new",
        {
            "type": "sequence",
            "within": 2 * HOUR,
            "for_each": ["model"],
            "triggers": [
                _event("dataset.published", for_each=["model"]),
                _event("features.refreshed", for_each=["model"]),
            ],
        },
        run("train-model", model="{{ labels.model }}", dataset="{{ event.payload.dataset }}"),
        "ml",
    )
    drift = _automation(
        "Train again when a model drifts",
        _event(
            "model.drift.measured",
            match={"level": "high"},
            for_each=["model"],
            threshold=2,
            within=3 * HOUR,
        ),
        run("train-model", model="{{ labels.model }}", dataset="the newest", epochs=3),
        "ml",
        about="Switched off: it trained all day on the same data.",
    )
    off = {**drift, "enabled": False}
    return [
        DemoAutomation("train", train),
        DemoAutomation("drift", drift, [(timedelta(days=5, hours=6), off)]),
    ]


def _people(run: _Runs) -> list[DemoAutomation]:
    urgent = _automation(
        "Urgent questions become tickets",
        _event("support.ticket.opened", match={"priority": "urgent"}),
        run(
            "open-ticket",
            title="{{ event.payload.subject }}",
            details="{{ event.payload.customer.tier }}",
            priority="urgent",
        ),
        "support",
        about="Questions by phone come without a tier: then the template fails.",
    )
    checkout = _automation(
        "Checkout errors pile up",
        _event("checkout.error", threshold=12, within=15 * MINUTE),
        run("open-ticket", title="12 checkout errors in 15 minutes", priority="urgent"),
        "support",
    )
    failed = _automation(
        "A job of the data team failed",
        {
            **_event("prefect.flow-run.Failed"),
            "match": {"prefect.resource.id": "prefect.flow-run.*"},
            "match_related": [
                {"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.larch"},
                {
                    "prefect.resource.role": "tag",
                    "prefect.resource.id": ["prefect.tag.data", "prefect.tag.ml"],
                },
            ],
        },
        run(
            "open-ticket",
            title="{{ event.resource.name }} failed",
            details="{{ event.resource['prefect.state-message'] }}",
        ),
        "support",
    )
    return [
        DemoAutomation("urgent", urgent),
        DemoAutomation("checkout", checkout),
        DemoAutomation("failed", failed),
    ]
