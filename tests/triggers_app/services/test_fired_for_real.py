"""Fire once by hand in the whole product: from the form to a completed run."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.system import Product, wait_for

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]
EXAMPLE = "docs/examples/orders/prefect.yaml"


@pytest.fixture
def browser(product: Product) -> Iterator[httpx.Client]:
    """Of the admin, signed in."""
    with httpx.Client(base_url=product.url, follow_redirects=True, timeout=30) as found:
        form = found.get("/sign-in/")
        given = {"username": product.user, "password": product.password, **hidden(form.text)}
        found.post("/sign-in/", data=given, headers={"Referer": product.url})
        yield found


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    inputs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return dict(inputs)


def an_automation(product: Product) -> str:
    """Switched off, on an event that nobody has sent yet; it runs receive-order."""
    product.manage("deploy", "--all", "--prefect-file", EXAMPLE)
    with product.client() as client:
        deployment = client.get("/deployments/name/receive-order/receive-order").json()
        trigger = {"type": "event", "posture": "Reactive", "expect": ["by.hand"], "threshold": 5,
                   "within": 60}  # fmt: skip
        parameters = {"param_1": "{{ event }}", "amount": "{{ event.payload.amount * 2 }}"}
        action = {"type": "run-deployment", "source": "selected",
                  "deployment_id": deployment["id"], "parameters": parameters}  # fmt: skip
        document = {"name": "by hand", "enabled": False, "trigger": trigger, "actions": [action]}
        made: dict[str, Any] = client.post("/automations/", json=document).json()
        return str(made["id"])


def an_event(product: Product) -> str:
    event_id = str(uuid.uuid4())
    event = {"id": event_id, "occurred": datetime.now(UTC).isoformat(), "event": "by.hand",
             "resource": {"prefect.resource.id": "order.1"},
             "payload": {"amount": 21}}  # fmt: skip
    with product.client() as client:
        client.post("/events", json=[event])
        found = {"filter": {"event": {"name": ["by.hand"]}}}
        wait_for(lambda: client.post("/events/filter", json=found).json()["total"], seconds=15)
    return event_id


def test_an_automation_fired_by_hand_ends_in_a_run_with_values_of_the_event(
    product: Product, browser: httpx.Client
) -> None:
    automation, event = an_automation(product), an_event(product)
    asked = browser.get(f"/automations/{automation}/fire/", params={"event": event})
    assert "&#34;amount&#34;: 42" in asked.text

    address = f"/automations/{automation}/fire/now/"
    fields = {**hidden(asked.text), "event": event}
    shown = browser.post(address, data=fields, headers={"Referer": product.url})
    wait_for(
        lambda: "Completed" in browser.get(shown.url).text, seconds=60, failing=lambda: product.log
    )

    [run_id] = set(re.findall(r"/runs/([0-9a-f-]{36})/", browser.get(shown.url).text))
    with product.client() as client:
        run = client.get(f"/flow_runs/{run_id}").json()
    assert (run["state_type"], run["parameters"]["amount"]) == ("COMPLETED", 42)
    assert run["parameters"]["param_1"]["id"] == event
