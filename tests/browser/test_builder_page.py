"""The builder in a real browser: keyboard only, undo, an ended session, two tabs, a server away."""

import asyncio
import re

from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from playwright.async_api import Browser, Dialog, Page, Route, expect

from tests.browser.conftest import Tab
from tests.browser.estate import Estate
from triggers_app.models import Automation, Draft

# The browser and htmx note every request that failed.
AWAY = ("ERR_FAILED", "htmx:sendError", "htmx:afterRequest")
NAMES = "textarea[id^='field-n.'][id$='.expect']"


async def open_builder(tab: Tab, shown: Estate) -> Page:
    async def asked_to_stay(dialog: Dialog) -> None:
        tab.complaints.append(f"{dialog.type}: {dialog.message}")
        await dialog.accept()

    tab.page.on("dialog", asked_to_stay)
    await tab.sign_in("eda")
    await tab.go(f"/automations/{shown.automation.pk}/edit")
    return tab.page


async def saved_rev(page: Page, rev: int) -> None:
    await expect(page.locator("#builder-saved")).to_contain_text(f"rev {rev}")


async def focus_on(page: Page, selector: str) -> None:
    """By the Tab key alone."""
    for _ in range(150):
        if await page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {selector}")


async def test_compound_is_composed_with_the_keyboard_only(tab: Tab, shown: Estate) -> None:
    page = await open_builder(tab, shown)
    await focus_on(page, ".node-pick")

    await page.keyboard.press("a")  # a second event, and so a group around both
    await expect(page.locator(".node-event")).to_have_count(2)
    await expect(page.locator(NAMES)).to_be_focused()
    await page.keyboard.type("inventory.snapshot.done")
    await expect(page.locator("#builder-sentence")).to_contain_text("inventory.snapshot.done")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+s")
    await page.keyboard.press("Shift+Tab")
    await focus_on(page, "#save-off")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", level=1)).to_have_text("orders-landed")
    made = await sync_to_async(Automation.objects.get)(pk=shown.automation.pk)
    assert [one["expect"] for one in made.document["trigger"]["triggers"]] == [
        ["orders.file.landed"],
        ["inventory.snapshot.done"],
    ]


async def test_moved_part_keeps_the_focus(tab: Tab, shown: Estate) -> None:
    page = await open_builder(tab, shown)
    await page.locator(".node-pick").first.focus()
    await page.keyboard.press("a")
    await expect(page.locator(".node-event")).to_have_count(2)
    first = await page.locator(".node-event").first.get_attribute("id") or ""

    await page.locator(f"#{first} .node-pick").focus()
    await page.keyboard.press("Alt+ArrowDown")

    await expect(page.locator(".node-event").nth(1)).to_have_id(first)
    await expect(page.locator(f"#{first}")).to_be_focused()


async def test_undo_survives_a_reload(tab: Tab, shown: Estate) -> None:
    page = await open_builder(tab, shown)
    within = page.locator("[id^='field-n.'][id$='.within']")
    await within.fill("45 min")
    await saved_rev(page, 2)

    await page.reload()
    await page.locator("#tree-title").click()
    await page.keyboard.press("Control+z")

    await expect(within).to_have_value("30 min")
    await page.keyboard.press("Control+Shift+Z")
    await expect(within).to_have_value("45 min")


async def test_answer_never_takes_the_field_away_from_who_types(tab: Tab, shown: Estate) -> None:
    page = await open_builder(tab, shown)
    names = page.locator(NAMES)
    await names.press("Control+End")

    await page.keyboard.type("\norders.paid\norders.sent\norders.lost", delay=60)

    await expect(names).to_be_focused()
    await expect(names).to_have_value("orders.file.landed\norders.paid\norders.sent\norders.lost")
    await expect(page.locator("#builder-sentence")).to_contain_text("orders.paid")


async def test_ended_session_loses_nothing(tab: Tab, shown: Estate) -> None:
    page = await open_builder(tab, shown)
    await page.wait_for_load_state("networkidle")  # or another part finds out first
    await sync_to_async(Session.objects.all().delete)()

    await page.locator("#field-name").fill("typed after the session had ended")
    await page.get_by_label("Password").wait_for()
    await page.get_by_label("Name").fill("eda")
    await page.get_by_label("Password").fill("a spark in the dark")
    await page.keyboard.press("Enter")

    await expect(page.locator("#builder-banner")).to_contain_text("Your session had ended.")
    await expect(page.locator("#field-name")).to_have_value("typed after the session had ended")
    draft = await sync_to_async(Draft.objects.get)(automation=shown.automation)
    assert draft.document["name"] == "typed after the session had ended"


async def test_two_tabs_keep_what_both_typed(tab: Tab, shown: Estate) -> None:
    page = await open_builder(tab, shown)
    other = await page.context.new_page()
    await other.goto(page.url)

    await other.locator("#field-name").fill("from the other tab")
    await saved_rev(other, 2)
    within = page.locator("[id^='field-n.'][id$='.within']")
    await within.fill("45 min")

    await saved_rev(page, 3)
    await expect(page.locator("#field-name")).to_have_value("from the other tab")
    await expect(within).to_have_value("45 min")
    await expect(within).to_be_focused()


async def test_server_that_is_away_is_tried_again_until_it_has_everything(
    tab: Tab, shown: Estate
) -> None:
    page = await open_builder(tab, shown)
    away = re.compile("/op/$")

    async def refuse(route: Route) -> None:
        await route.abort()

    await page.route(away, refuse)
    await page.locator("#field-name").fill("typed while nobody listened")
    await expect(page.locator("#builder-banner")).to_contain_text("trying again.")
    await page.unroute(away)

    await saved_rev(page, 2)
    await expect(page.locator("#builder-banner")).to_be_hidden()
    tab.complaints[:] = [text for text in tab.complaints if not any(one in text for one in AWAY)]


async def test_key_pressed_while_the_server_is_away_is_done_once_it_is_back(
    tab: Tab, shown: Estate
) -> None:
    page = await open_builder(tab, shown)
    left = [2]

    async def refuse_twice(route: Route) -> None:
        left[0] -= 1
        await (route.abort() if left[0] >= 0 else route.continue_())

    await page.route(re.compile("/op/$"), refuse_twice)
    await page.locator(".node-pick").first.focus()
    await page.keyboard.press("a")
    await expect(page.locator("#builder-banner")).to_contain_text("trying again.")
    await page.keyboard.press("a")  # waits for the first

    await expect(page.locator(".node-event")).to_have_count(3)
    await expect(page.locator("#builder-banner")).to_be_hidden()
    tab.complaints[:] = [text for text in tab.complaints if not any(one in text for one in AWAY)]


async def test_what_is_typed_before_the_scripts_have_come_is_sent(tab: Tab, shown: Estate) -> None:
    page = await open_builder(tab, shown)
    came = asyncio.Event()

    async def slow(route: Route) -> None:
        await came.wait()
        await route.continue_()

    await page.route(re.compile(r"/js/builder[^/]*\.js"), slow)
    await page.goto(page.url, wait_until="commit")
    await page.locator("#field-name").fill("typed at once")
    came.set()

    await expect(page.locator("#builder-saved")).to_contain_text("rev 2")
    await page.reload()
    await expect(page.locator("#field-name")).to_have_value("typed at once")


async def test_back_shows_the_draft_as_it_is_now(tab: Tab, shown: Estate) -> None:
    page = await open_builder(tab, shown)
    await page.locator("#field-name").fill("renamed")
    await saved_rev(page, 2)

    await tab.go("/events/")
    await page.go_back()

    await expect(page.locator("#field-name")).to_have_value("renamed")
    await saved_rev(page, 2)


async def test_refusal_leads_to_the_field(tab: Tab, shown: Estate) -> None:
    page = await open_builder(tab, shown)
    await page.locator("[id^='field-n.'][id$='.within']").fill("soon")
    await page.keyboard.press("Control+s")
    await page.get_by_role("button", name="Save and switch on").click()

    reason = page.locator("#save-refused a").first
    await expect(reason).to_contain_text("Write a time such as")
    await reason.click()

    await expect(page.locator("[id^='field-n.'][id$='.within']")).to_be_focused()
    tab.complaints[:] = [text for text in tab.complaints if "422" not in text]


async def test_keys_are_listed(tab: Tab, shown: Estate) -> None:
    page = await open_builder(tab, shown)

    await page.locator("#tree-title").click()
    await page.keyboard.press("?")

    await expect(page.get_by_role("dialog", name="Keys")).to_contain_text("undo the last step")


async def test_what_is_typed_outlives_an_answer_to_another_part(tab: Tab, shown: Estate) -> None:
    page = await open_builder(tab, shown)
    await page.wait_for_load_state("networkidle")
    names = page.locator(NAMES)
    await page.route(re.compile("/op/$"), lambda route: route.abort())
    await names.fill("typed.but.not.sent")
    other = await page.context.new_page()
    await other.goto(page.url)
    await other.locator("#field-name").fill("from the other tab")
    await saved_rev(other, 2)

    await page.unroute(re.compile("/op/$"))

    await expect(page.locator("#field-name")).to_have_value("from the other tab")
    await expect(names).to_have_value("typed.but.not.sent")
    await expect(page.locator("#builder-sentence")).to_contain_text("typed.but.not.sent")
    tab.complaints[:] = [text for text in tab.complaints if not text.startswith("error: ")]


async def test_without_a_script_the_form_is_applied_and_saved(
    tab: Tab, shown: Estate, browser: Browser
) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{tab.address}/automations/{shown.automation.pk}/edit")
    await page.get_by_label("Name").fill("eda")
    await page.get_by_label("Password").fill("a spark in the dark")
    await page.keyboard.press("Enter")
    await page.get_by_label("Events", exact=True).fill("orders.paid")

    await page.get_by_role("button", name="Apply", exact=True).click()
    await expect(page.locator("#builder-sentence")).to_contain_text("orders.paid happens")
    await page.get_by_role("button", name="Save…").click()
    await page.get_by_role("button", name="Save disabled").click()

    await expect(page.get_by_role("status").first).to_contain_text("Saved as version 3")
    await context.close()
