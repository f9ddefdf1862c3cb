"""The command palette and the list of keys, with the keyboard only."""

from playwright.async_api import expect

from tests.browser.conftest import Tab
from tests.browser.estate import Estate


async def test_control_k_leads_to_an_automation(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("eda")
    page = tab.page

    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("option").first).to_contain_text("New automation")
    await page.keyboard.type("orders-landed")
    await expect(page.get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", level=1)).to_have_text("orders-landed")


async def test_arrows_choose_and_escape_goes_back(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("vera")
    page = tab.page
    await page.locator("[data-palette]").focus()

    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("option", selected=True)).to_contain_text("Events")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_role("option", selected=True)).to_contain_text("Account")
    await page.keyboard.press("Escape")

    await expect(page.locator("#palette")).to_be_hidden()
    await expect(page.locator("[data-palette]")).to_be_focused()


async def test_question_mark_lists_the_keys_of_this_page(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("eda")
    await tab.go("/automations/")
    page = tab.page

    await page.keyboard.press("?")

    keys = page.get_by_role("dialog", name="Keys")
    await expect(keys).to_contain_text("New automation")
    await expect(keys).to_contain_text("Ctrl K")


async def test_builder_has_keys_of_its_own(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("eda")
    await tab.go(f"/automations/{shown.automation.pk}/edit")

    await tab.page.keyboard.press("?")

    await expect(tab.page.get_by_role("dialog", name="Keys")).to_contain_text("undo the last step")
