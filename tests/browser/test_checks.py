"""What a person can check of the builder, in the whole product: a real browser, real workers.

Ten checks, (a) to (j), each with the most clicks that it may take. Those that need no workers, (b)
to (f), stand in the test_builder_* files beside this one, and (i) in test_automations.
"""

import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.clicks import begin_anew, clicks, count_clicks
from tests.browser.conftest import tab_to
from tests.system import Product, wait_for

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]
EXAMPLE = "docs/examples/orders/prefect.yaml"
expect.set_options(timeout=15_000)  # the whole product shares the machine with the suite
NAMES = "textarea[id^='field-n.'][id$='.expect']"


async def signed_in(browser: Browser, product: Product, **options: Any) -> AsyncIterator[Page]:
    """A page of the admin; what a script does wrong fails the test."""
    wide = {"viewport": {"width": 1440, "height": 900}}
    context = await browser.new_context(base_url=product.url, **(wide | options))
    opened = await context.new_page()
    await count_clicks(opened)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    await opened.goto("/sign-in/")
    await opened.get_by_label("Name").fill(product.user)
    await opened.get_by_label("Password").fill(product.password)
    await opened.get_by_role("button", name="Sign in").click()
    await opened.wait_for_url(f"{product.url}/")
    await begin_anew(opened)
    yield opened
    await context.close()
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, product: Product) -> AsyncIterator[Page]:
    async for opened in signed_in(browser, product):
        yield opened


@pytest.fixture
def api(product: Product) -> Any:
    product.manage("deploy", "--all", "--prefect-file", EXAMPLE)
    with product.client() as client:
        yield client


def send(api: httpx.Client, name: str, **payload: Any) -> str:
    event_id = str(uuid.uuid4())
    event = {
        "id": event_id,
        "occurred": datetime.now(UTC).isoformat(),
        "event": name,
        "resource": {"prefect.resource.id": f"order.{event_id[:8]}"},
        "payload": payload,
    }
    assert api.post("/events", json=[event]).status_code == 204
    return event_id


def runs_of(api: httpx.Client, deployment: str) -> list[dict[str, Any]]:
    found = {"deployments": {"name": {"any_": [deployment]}}, "sort": "START_TIME_DESC"}
    runs: list[dict[str, Any]] = api.post("/flow_runs/filter", json=found).json()
    return runs


async def empty_builder(page: Page, name: str) -> None:
    await page.goto("/automations/new/")
    await page.get_by_role("link", name="Blank").click()
    await page.locator("#begin-empty").click()
    await expect(page.locator("#builder-form")).to_be_attached()
    await page.wait_for_load_state("load")  # keys need the scripts
    await page.locator("[name=name]").fill(name)


async def run_deployment(page: Page, name: str) -> None:
    """Choose what is done: run this deployment."""
    await page.locator("#builder-tree").get_by_role("button", name="Run a deployment").click()
    await page.locator("[id='field-a.actions.0.deployment_id']").select_option(label=name)
    await expect(page.locator("#builder-sentence")).to_contain_text(f"run {name}")


async def template(page: Page, parameter: str, text: str) -> None:
    row = page.locator("#builder-parameters tr", has_text=parameter)
    await row.locator("select").select_option(label="a template")
    await row.locator("textarea").fill(text)
    await expect(row.locator(".out")).to_contain_text("Valid")


async def save(page: Page) -> None:
    await page.keyboard.press("Control+s")
    await page.locator("#save-on").click()


async def test_two_events_run_a_deployment_with_a_value_of_the_last(
    page: Page, api: httpx.Client
) -> None:
    """Check (a)."""
    for name in ("checks.file.landed", "checks.stock.counted"):
        send(api, name, count=1)  # of the days before, to try the template on
    await empty_builder(page, "both came")
    await page.locator(NAMES).fill("checks.file.landed")
    await page.locator(".node-pick").first.focus()
    await page.keyboard.press("a")  # a second event, and so a group around both
    await expect(page.locator(".node-event")).to_have_count(2)
    await page.locator(NAMES).fill("checks.stock.counted")
    await page.locator(".node-compound > .node-line > .node-pick").click()
    await page.locator("#builder-selected input[id$='.within']").fill("30 min")
    await run_deployment(page, "receive-order")
    await expect(page.locator("#builder-sentence")).to_contain_text("within 30 minutes")
    await template(page, "param_1", "{{ event }}")
    await template(page, "amount", "{{ event.payload.count }}")
    await expect(page.locator("#builder-saved")).to_contain_text("Saved")
    await save(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("both came")
    assert await clicks(page) <= 5

    send(api, "checks.file.landed", count=1)
    last = send(api, "checks.stock.counted", count=7)

    wait_for(lambda: has_completed(api, "receive-order", 7), seconds=30)
    await page.goto(f"/events/{last}/")
    fates = page.locator("#event-fates")
    await expect(fates.get_by_role("link", name="both came", exact=True)).to_be_visible()


def has_completed(api: httpx.Client, deployment: str, amount: int) -> bool:
    """Whether a run with this parameter has."""
    runs = runs_of(api, deployment)
    done = [run for run in runs if run["state"]["type"] == "COMPLETED"]
    return any(run["parameters"].get("amount") == amount for run in done)


def a_run_of(api: httpx.Client, run: str, then: str) -> dict[str, Any]:
    """An automation that runs `then` when a run of `run` has completed."""
    target = api.get(f"/deployments/name/{then}/{then}").json()["id"]
    after = api.get(f"/deployments/name/{run}/{run}").json()["id"]
    return {
        "name": f"{run} then {then}",
        "trigger": {
            "type": "event",
            "posture": "Reactive",
            "expect": ["prefect.flow-run.Completed"],
            "match_related": {
                "prefect.resource.role": "deployment",
                "prefect.resource.id": f"prefect.deployment.{after}",
            },
        },
        "actions": [{"type": "run-deployment", "deployment_id": target}],
    }


async def test_a_loop_of_two_is_named_and_switched_on_only_when_confirmed(
    page: Page, api: httpx.Client
) -> None:
    """Check (g)."""
    there = a_run_of(api, "receive-order", "ship-order")
    back = a_run_of(api, "ship-order", "receive-order") | {"enabled": False}
    made = [api.post("/automations/", json=each).json()["id"] for each in (there, back)]

    await page.goto(f"/automations/{made[1]}/edit")
    await save(page)

    refused = page.locator("#save-dialog").get_by_role("alert")
    await expect(refused).to_contain_text("receive-order then ship-order")
    await expect(refused).to_contain_text("ship-order then receive-order")
    assert api.get(f"/automations/{made[1]}").json()["enabled"] is False
    await page.get_by_label("Enable anyway").check()
    await page.locator("#save-on").click()
    await expect(page.get_by_text("and switched on.")).to_be_visible()
    assert api.get(f"/automations/{made[1]}").json()["enabled"] is True
    assert await clicks(page) <= 3
    for each in made:  # or the two go on for ever
        api.delete(f"/automations/{each}")


async def test_an_old_firing_tells_everything(page: Page, api: httpx.Client) -> None:
    """Check (h)."""
    deployment = api.get("/deployments/name/receive-order/receive-order").json()["id"]
    action = {
        "type": "run-deployment",
        "deployment_id": deployment,
        "parameters": {"param_1": "{{ event }}", "amount": "{{ event.payload.amount * 2 }}"},
    }
    name = f"twice {time.time_ns()}"
    trigger = {
        "type": "event",
        "posture": "Reactive",
        "expect": [name],
        "threshold": 2,
        "within": 60,
    }
    api.post("/automations/", json={"name": name, "trigger": trigger, "actions": [action]})
    send(api, name, amount=1)
    send(api, name, amount=21)
    wait_for(lambda: has_completed(api, "receive-order", 42), seconds=30)

    await page.goto(f"/firings/?q={name.replace(' ', '+')}")
    await page.locator("main tbody .name").first.click()

    for text in ("2 events", "amount", "42", "Completed"):
        await expect(page.locator("main").get_by_text(text).first).to_be_visible()
    assert await clicks(page) <= 1


async def test_the_keyboard_alone_leads_from_the_overview_to_a_completed_run(
    page: Page, api: httpx.Client
) -> None:
    """Check (j)."""
    keys, name = page.keyboard, f"keys {time.time_ns()}"
    send(api, name, count=1)  # of the days before, to try the template on
    await page.goto("/")
    await tab_to(page, "nav a[href='/automations/']")
    await keys.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Automations")
    await keys.press("n")
    await expect(page.get_by_role("heading", level=1)).to_have_text("New automation")
    await tab_to(page, "#start-empty")
    await keys.press("Enter")
    await expect(page.locator("#begin-empty")).to_be_visible()
    await tab_to(page, "#begin-empty")
    await keys.press("Enter")
    await expect(page.locator("#builder-form")).to_be_attached()

    await tab_to(page, "[name=name]")
    await keys.press("Control+a")
    await keys.type(name)
    await tab_to(page, NAMES)
    await keys.type(name)
    await expect(page.locator("#builder-sentence")).to_contain_text(f"{name} happens")
    await tab_to(page, "#builder-tree button[value='add-action:actions:run-deployment']")
    await keys.press("Enter")
    await tab_to(page, "[id='field-a.actions.0.deployment_id']")
    await keys.type("receive-order")
    await expect(page.locator("#builder-sentence")).to_contain_text("run receive-order")
    for parameter, text in (("param_1", "{{ event }}"), ("amount", "{{ event.payload.count }}")):
        await tab_to(page, f"select[aria-label='How {parameter} is given']")
        await keys.type("a template")
        await tab_to(page, f"textarea[aria-label='{parameter}']")
        await keys.type(text)
    await expect(page.locator("#builder-saved")).to_contain_text("Saved")
    await keys.press("Control+s")
    await tab_to(page, "#save-on", in_dialog=True)
    await keys.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)

    send(api, name, count=11)
    wait_for(lambda: has_completed(api, "receive-order", 11), seconds=30)
    await page.reload()
    await tab_to(page, "main a[href^='/runs/']")
    await keys.press("Enter")
    await expect(page.locator("main").get_by_text("Completed").first).to_be_visible()
    assert await clicks(page) == 0
