"""The main jobs, done by keyboard alone."""

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from asgiref.sync import sync_to_async
from playwright.async_api import expect

from runs_app.models import FlowRun
from tests.browser.conftest import Tab
from tests.browser.estate import Estate
from triggers_app.models import AutomationVersion


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def refusals_are_no_complaints(tab: Tab) -> AsyncIterator[None]:
    """The browser itself notes every answer of 422."""
    yield
    tab.complaints[:] = [text for text in tab.complaints if "422" not in text]


async def test_automation_is_switched_off_with_a_reason_and_on_again_by_undo(
    tab: Tab, shown: Estate
) -> None:
    await tab.sign_in("eda")
    await tab.go(f"/automations/{shown.automation.pk}/")
    keys, switch = tab.page.keyboard, tab.page.get_by_role("switch")
    await switch.focus()

    await keys.press("Space")
    await tab.page.get_by_role("dialog").get_by_label("Why").focus()
    await keys.type("the pool moves")
    await keys.press("Enter")

    await expect(switch).not_to_be_checked()
    await expect(switch).to_be_focused()
    newest = AutomationVersion.objects.order_by("-version")
    assert (await newest.afirst()).author == "eda: the pool moves"  # type: ignore[union-attr]
    await tab.page.get_by_role("button", name="Undo").focus()
    await keys.press("Enter")
    await expect(switch).to_be_checked()


async def test_events_are_searched_while_typing_and_back_leads_back(
    tab: Tab, shown: Estate
) -> None:
    await tab.sign_in("vera")
    await tab.go("/events/")
    await tab.page.wait_for_load_state("networkidle")

    await tab.page.keyboard.press("/")
    await tab.page.keyboard.type("nothing.*")

    await expect(tab.page.get_by_text("No event fits this filter.")).to_be_visible()
    await expect(tab.page).to_have_url(re.compile(r"/events/\?q=nothing\.\*$"))
    await expect(tab.page.get_by_label("Query")).to_be_focused()
    await expect(tab.page.locator("#said")).to_have_text("0 events.")
    await tab.page.go_back()
    await expect(tab.page.get_by_role("link", name="orders.file.landed").first).to_be_visible()


async def test_rows_are_walked_with_j_and_k(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("vera")
    await tab.go("/runs/")

    for key in ("j", "j", "k"):
        await tab.page.keyboard.press(key)
    await tab.page.keyboard.press("Enter")

    await expect(tab.page.get_by_role("heading", level=1)).to_have_text("quiet-mole")


async def test_facet_keeps_focus_and_says_what_it_found(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("vera")
    await tab.go("/runs/")
    facet = tab.page.get_by_role("link", name="Failed or crashed 1")
    await facet.focus()

    await tab.page.keyboard.press("Enter")

    await expect(tab.page.get_by_role("link", name="quiet-mole")).to_have_count(0)
    await expect(facet).to_be_focused()
    await expect(tab.page.locator("#said")).to_have_text("1 run.")


async def test_deployment_is_run_after_a_wrong_value_was_put_right(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("eda")
    await tab.go(f"/deployments/{shown.deployment.pk}/new-run/")
    keys = tab.page.keyboard
    await tab.page.get_by_label("customer").fill("acme")
    await tab.page.get_by_label("day").fill("2026-11-22")
    await tab.page.get_by_label("limit").fill("many")

    await keys.press("Enter")
    await expect(tab.page.locator("#problems")).to_be_focused()
    await keys.press("Tab")
    await keys.press("Enter")
    await tab.page.get_by_label("limit").fill("7")
    await keys.press("Enter")

    await expect(tab.page.get_by_role("heading", name="State")).to_be_visible()
    made = await sync_to_async(FlowRun.objects.order_by("-id").first)()
    assert made is not None
    assert made.parameters["limit"] == 7


async def test_event_is_composed_previewed_and_sent(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("eda")
    await tab.go("/events/new/")
    await tab.page.get_by_label("Name").first.fill("order.created")
    await tab.page.get_by_label("Resource").first.fill("order.1")

    await tab.page.keyboard.press("Enter")
    await expect(tab.page.get_by_text("What would be sent")).to_be_visible()
    await tab.page.get_by_role("button", name="Send").focus()
    await tab.page.keyboard.press("Enter")

    await expect(tab.page.get_by_role("heading", level=1)).to_have_text("On its way")


async def test_logs_are_searched_while_typing(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("vera")
    await tab.go(f"/runs/{shown.run.pk}/")
    await tab.page.wait_for_load_state("networkidle")

    await tab.page.get_by_label("Text in the logs").fill("no date")

    await expect(tab.page.locator(".logs li")).to_have_count(1)
    await expect(tab.page.locator("#log-text")).to_be_focused()


async def test_lists_and_forms_work_without_a_script(tab: Tab, shown: Estate) -> None:
    context = await tab.page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    page = await context.new_page()
    plain = Tab(page, tab.address)
    await plain.sign_in("eda")

    await plain.go("/automations/?q=orders-landed")
    await page.get_by_role("link", name="orders-landed").first.click()
    await page.get_by_role("switch").click()
    await page.get_by_role("button", name="Switch off").click()

    await expect(page.get_by_text("Switched off.")).to_be_visible()
    await expect(page.get_by_role("switch")).not_to_be_checked()
    await context.close()
