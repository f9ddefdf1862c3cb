"""The watch board: snoozing from a row, and ending it, in the browser."""

from playwright.async_api import expect

from tests.browser.conftest import Tab
from tests.browser.estate import Estate


async def test_a_deadline_is_snoozed_and_the_snooze_ended(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("eda")
    await tab.go("/watch/?q=heartbeat-eu")
    page = tab.page

    await page.get_by_role("row", name="heartbeat-eu").get_by_role("button", name="Snooze").click()
    dialog = page.get_by_role("dialog", name="Snooze heartbeat-eu")
    await dialog.get_by_label("Why").fill("The probe moves")
    await dialog.get_by_role("button", name="4 hours").click()

    await expect(page.locator("#watch .snoozed")).to_contain_text("by eda: The probe moves")
    await page.locator("#watch .snoozed").get_by_role("button").click()
    await expect(page.locator("#watch .snoozed")).to_have_count(0)
    await expect(page.get_by_role("row", name="heartbeat-eu")).to_contain_text("Explain")
