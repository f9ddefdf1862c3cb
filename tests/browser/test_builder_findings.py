"""Problems of a draft in a real browser: found, reached and settled with the keyboard only."""

from asgiref.sync import sync_to_async
from playwright.async_api import Page, expect

from tests.browser.conftest import Tab, tab_to
from tests.browser.estate import Estate
from tests.web import scene
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Draft

NEGATED = {
    "type": "event",
    "posture": "Reactive",
    "expect": ["orders.file.landed"],
    "match": {"bucket": ["in/*", "!in/tmp/*"]},
    "threshold": 3,
    "within": 0,
}
VALUES = "textarea[id$='.match.0.values']"


async def opened(tab: Tab) -> Page:
    document = {"name": "a", "trigger": NEGATED, "actions": [{"type": "do-nothing"}]}
    draft: Draft = await sync_to_async(drafts.open_new)(document, author="eda", now=scene.NOW)
    await tab.sign_in("eda")
    await tab.go(f"/builder/{draft.pk}/")
    await tab.page.locator("#dock-tab-problems").focus()
    await tab.page.keyboard.press("Enter")
    return tab.page


async def test_fix_is_made_and_undone_with_the_keyboard_only(tab: Tab, shown: Estate) -> None:
    page = await opened(tab)
    finding = page.locator("[id^='finding-L01']")

    await tab_to(page, "[id^='fix-L01']")
    await page.keyboard.press("Enter")

    await expect(finding).to_have_count(0)
    await expect(page.locator(VALUES)).to_have_value("in/*")
    await expect(page.locator("#findings-title")).to_be_focused()
    await page.keyboard.press("Control+z")
    await expect(page.locator(VALUES)).to_have_value("in/*\n!in/tmp/*")
    await expect(finding).to_have_count(1)


async def test_a_finding_leads_to_its_field(tab: Tab, shown: Estate) -> None:
    page = await opened(tab)

    await tab_to(page, "[id^='to-L01']")
    await page.keyboard.press("Enter")

    await expect(page.locator(VALUES)).to_be_focused()


async def test_what_is_typed_brings_problems_and_takes_them_away(tab: Tab, shown: Estate) -> None:
    page = await opened(tab)
    finding = page.locator("[id^='finding-L05']")
    await expect(finding).to_have_count(1)

    await page.locator("input[id$='.within']").fill("1 min")
    await expect(finding).to_have_count(0)
    await expect(page.locator("#said")).to_contain_text("problem")
    await page.locator("input[id$='.within']").fill("")

    await expect(finding).to_have_count(1)
    await expect(page.locator(".node-event .node-findings")).to_contain_text("problems")


async def test_many_are_switched_off_together_and_enter_does_nothing_by_itself(
    tab: Tab, shown: Estate
) -> None:
    await tab.sign_in("eda")
    await tab.go("/automations/?status=on")
    page = tab.page

    await page.locator("input[name=id]").first.check()
    await page.locator("#bulk-off-opens").click()
    await page.get_by_label("Why").fill("too quiet")
    await page.keyboard.press("Enter")
    await expect(page.locator("#bulk-off")).to_be_visible()
    await page.locator("#bulk-off-button").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Switched off")
    await expect(page.locator("tbody tr")).to_have_count(1)
