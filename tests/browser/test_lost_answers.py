"""The server did what was asked, and died before its answer left: nothing is done twice."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Tab
from tests.browser.estate import Estate
from tests.web import scene
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Automation, AutomationVersion, Draft

TRIGGER = {"type": "event", "posture": "Reactive", "expect": ["parts.landed"], "threshold": 1}


@sync_to_async
def begun() -> Draft:
    document = {"name": "parts", "trigger": TRIGGER, "actions": [{"type": "do-nothing"}]}
    return drafts.open_new(document, author="eda", now=scene.NOW)


@pytest_asyncio.fixture(loop_scope="session")
async def page(tab: Tab, shown: Estate) -> AsyncIterator[Page]:
    """The builder with a draft of something new."""
    draft = await begun()
    await tab.sign_in("eda")
    await tab.go(f"/builder/{draft.pk}/")
    await expect(tab.page.locator("#builder-backtest[aria-busy=false]")).to_be_attached()
    yield tab.page
    tab.complaints.clear()  # the browser notes every answer that did not come


async def lose_the_answer(page: Page, path: str) -> None:
    """Of the next request there."""

    async def lost(route: Route) -> None:
        await route.fetch(max_redirects=0)
        await route.abort("connectionreset")

    await page.route(path, lost, times=1)


async def test_new_automation_is_saved_once_and_said_to_be(page: Page) -> None:
    await lose_the_answer(page, "**/save/")

    await page.keyboard.press("Control+s")
    await page.locator("#save-on").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("parts")
    await expect(page.get_by_text("Saved as version 1 and switched on.").first).to_be_visible()
    saved = [one async for one in Automation.objects.filter(name="parts")]
    assert [one.version for one in saved] == [1]


async def test_change_is_one_version(page: Page, tab: Tab, shown: Estate) -> None:
    before = shown.group.version
    await tab.go(f"/automations/{shown.group.pk}/edit")
    await page.locator("[name=name]").fill("another name")
    await expect(page.locator("#builder-saved")).to_contain_text("Saved")
    await lose_the_answer(page, "**/save/")

    await page.keyboard.press("Control+s")
    await page.locator("#save-off").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("another name")
    await expect(page.get_by_text(f"Saved as version {before + 1}").first).to_be_visible()
    versions = AutomationVersion.objects.filter(automation_id=shown.group.pk)
    assert max([one.version async for one in versions]) == before + 1


async def test_who_reloads_after_a_save_without_an_answer_learns_that_it_is_saved(
    page: Page,
) -> None:
    address = page.url
    await page.route("**/save/", lambda route: route.abort("connectionreset"))
    async with page.expect_request("**/save/"):
        await page.keyboard.press("Control+s")
        await page.locator("#save-off").click()
    await page.unroute("**/save/")
    await expect(page.get_by_role("heading", level=1)).to_have_text("parts")

    await page.goto(address)

    await expect(page.get_by_role("heading", level=1)).to_have_text("parts")
    await expect(page.locator("#builder-form")).to_have_count(0)


@pytest.mark.parametrize("lost", ["first", "second"])
async def test_condition_is_added_once_and_taken_back_once(page: Page, lost: str) -> None:
    conditions = page.locator(".node-event")
    await page.locator(".node-pick").first.focus()
    if lost == "first":
        await lose_the_answer(page, "**/op/")
    await page.keyboard.press("a")
    await expect(conditions).to_have_count(2)
    await expect(page.locator("#builder-banner")).to_be_hidden()
    await page.locator(".node-pick").first.focus()
    await page.keyboard.press("a")
    await expect(conditions).to_have_count(3)

    if lost == "second":
        await lose_the_answer(page, "**/op/")
    await page.locator(".node-pick").first.focus()
    await page.keyboard.press("Control+z")

    await expect(conditions).to_have_count(2)  # not 1, as when the second press undoes as well
    await expect(page.locator("#builder-banner")).to_be_hidden()
