"""Beginning an automation and trying it, in a real browser."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from playwright.async_api import Page, expect

from events_app.domain.event import Event
from tests.browser.clicks import clicks
from tests.browser.conftest import Tab
from tests.browser.estate import Estate
from tests.browser.test_every_page import _barriers
from tests.web import scene
from triggers_app.automation.engine.explaining import conditions
from triggers_app.automation.parsing import parse_trigger
from triggers_app.models import Draft, Firing

BUILDER = re.compile(r"/builder/[0-9a-f-]{36}/$")
PYTHON = "import os\nos.system('touch /tmp/never')\nAutomation(name='x', trigger=wrong(\n"


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def refusals_are_no_complaints(tab: Tab) -> AsyncIterator[None]:
    """The browser itself notes every answer of 422."""
    yield
    tab.complaints[:] = [text for text in tab.complaints if "422" not in text]


async def tab_to(page: Page, selector: str) -> None:
    """By the keyboard alone."""
    for _ in range(150):
        if await page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {selector}")


async def draft() -> Any:
    return await Draft.objects.order_by("-created").afirst()


def tomorrows(found: Any) -> Event:
    """Another file of the kind, a day later, under other numbers."""
    resource = {**found.resource, "prefect.resource.id": "s3://in/zeta/2026-11-24/17.csv"}
    occurred = found.occurred + timedelta(days=1)
    return Event(
        id=scene.NOBODY, occurred=occurred, event=found.event, resource=resource,
        related=found.related,
    )  # fmt: skip


async def test_a_trigger_from_an_event_matches_tomorrows_event_too(tab: Tab, shown: Estate) -> None:
    """Check (f)."""
    await tab.sign_in("eda")
    await tab.go(f"/events/{shown.event.id}/")

    await tab.page.keyboard.press("c")
    await expect(tab.page.get_by_role("heading", level=1)).to_contain_text("Trigger from")
    await tab.page.get_by_role("button", name="Open in builder").click()

    await expect(tab.page).to_have_url(BUILDER)
    made = parse_trigger((await draft()).document["trigger"])
    assert [one.sentence for one in conditions(made, tomorrows(shown.event)) if not one.met] == []
    assert await clicks(tab.page) <= 1


async def test_a_choice_on_the_ladder_is_counted_at_once(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("eda")
    await tab.go(f"/automations/new/from-event/?event={shown.event.id}")
    outcome = tab.page.locator("#ladder-outcome")

    await tab_to(tab.page, "input[name=resource]")
    await tab.page.keyboard.press("ArrowUp")
    await expect(outcome).to_contain_text("happens for s3://in")
    await tab_to(tab.page, "#related-0")
    await tab.page.keyboard.press("Space")

    await expect(outcome).to_contain_text("related to tag prefect.tag.prod")
    await expect(tab.page.locator("#related-0")).to_be_focused()


async def test_a_sentence_is_filled_with_the_keyboard_only(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("eda")
    await tab.go("/automations/")
    page, keys = tab.page, tab.page.keyboard

    await keys.press("n")
    await expect(page.get_by_role("heading", level=1)).to_have_text("New automation")
    await tab_to(page, "#start-sentence")
    await keys.press("Enter")
    await expect(page.locator("#start-sentence")).to_be_focused()
    await tab_to(page, "#sentence-absent > summary")
    await keys.press("Enter")
    await tab_to(page, "#absent-event")
    await keys.type("heartbeat")
    await keys.press("Enter")

    await expect(page).to_have_url(BUILDER)
    await expect(page.locator("#builder-sentence")).to_contain_text(
        "heartbeat does not happen for 30 minutes"
    )


async def test_what_is_wrong_in_a_text_leads_to_its_place(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("eda")
    await tab.go("/automations/new/?from=paste")
    text = tab.page.get_by_label("Text", exact=True)

    await text.fill(PYTHON)
    await tab.page.get_by_role("button", name="Import").click()
    await expect(tab.page.get_by_text("Read as Python.")).to_be_visible()
    await tab.page.get_by_role("link", name=re.compile("^Line ")).first.click()

    await expect(text).to_be_focused()
    assert await text.input_value() == PYTHON


async def test_an_automation_is_fired_by_hand_and_watched(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("eda")
    await tab.go(f"/automations/{shown.automation.pk}/")
    keys = tab.page.keyboard

    await tab_to(tab.page, "#fire-once")
    await keys.press("Enter")
    await expect(tab.page.get_by_role("heading", level=1)).to_contain_text("once")
    await tab_to(tab.page, "#fire-dialog-opens")
    await keys.press("Enter")
    await tab_to(tab.page, "#fire-now")
    await keys.press("Enter")

    await expect(tab.page.get_by_role("heading", name="Fired by hand")).to_be_focused()
    firing = await Firing.objects.aget(by_hand="eda")
    run = await sync_to_async(scene.run)(shown.deployment, name="by-hand", states="SPRC")
    await firing.action_runs.aupdate(state="done", flow_run_id=run.pk)
    await expect(tab.page.locator("#fire")).to_contain_text("by-hand", timeout=5000)
    await expect(tab.page.get_by_text("all has ended")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_trying_is_sound_at_every_width(scheme: Any, tab: Tab, shown: Estate) -> None:
    await tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await tab.sign_in("eda")
    await tab.go(f"/automations/{shown.automation.pk}/edit?tab=try")
    await expect(tab.page.locator("#fire")).to_contain_text("nightly-load / prod")

    found = []
    for width in (1440, 768, 360):
        await tab.page.set_viewport_size({"width": width, "height": 900})
        found += await _barriers(tab.page, f"try at {width}")
    assert found == []
