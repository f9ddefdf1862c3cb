"""Links to pages of objects."""

from typing import Any
from uuid import UUID

import pytest

from triggers_app.automation.templating.budget import Budget
from triggers_app.automation.templating.links import LinkedDocument, page_of, resource_of
from triggers_app.automation.templating.templates import Templates
from triggers_app.automation.templating.views import EventView, ResourceView

ID = UUID("0a8a3c1e-9d0e-4b5e-8f0e-2a1b3c4d5e6f")
EVENT = {"id": str(ID), "occurred": "2026-11-22T12:00:00Z", "event": "x",
         "resource": {"prefect.resource.id": f"prefect.flow-run.{ID}"}}  # fmt: skip


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (LinkedDocument("flow-run", {"id": ID}), f"runs/flow-run/{ID}"),
        (LinkedDocument("deployment", {"id": str(ID)}), f"deployments/deployment/{ID}"),
        (LinkedDocument("spaceship", {"id": ID}), None),
        (LinkedDocument("flow", {"id": "../x"}), None),
        (EventView(EVENT), f"events/event/2026-11-22/{ID}"),
        (ResourceView({"prefect.resource.id": f"prefect.automation.{ID}"}),
         f"automations/automation/{ID}"),
        (ResourceView({"prefect.resource.id": "shop.order.7"}), None),
        (ResourceView({"prefect.resource.id": "prefect.flow-run.x/y"}), None),
        (ResourceView({"prefect.resource.id": "prefect.work-pool.a/b"}),
         "work-pools/work-pool/a%2Fb"),
        ({"id": ID}, None),
        (5, None),
    ],
)  # fmt: skip
def test_a_page_is_known_for_objects_of_prefect(value: Any, path: str | None) -> None:
    assert page_of(value) == path


def test_a_document_is_a_resource() -> None:
    assert resource_of(LinkedDocument("flow", {"id": ID})) == f"prefect.flow.{ID}"
    assert resource_of({"id": ID}) is None


@pytest.mark.parametrize("base", ["https://flint.example.org", "https://flint.example.org/"])
def test_links_begin_with_the_public_address(base: str) -> None:
    templates = Templates(public_url=base)
    run = LinkedDocument("flow-run", {"id": ID})

    def render(text: str) -> Any:
        budget = Budget(lambda: 0.0)
        return templates.render(templates.compile(text), {"flow_run": run}, budget).value

    assert render("{{ flow_run | ui_url }}") == f"https://flint.example.org/runs/flow-run/{ID}"
    assert render("at {{ flow_run|ui_resource_events_url }}.") == (
        f"at https://flint.example.org/events?resource=prefect.flow-run.{ID}."
    )
