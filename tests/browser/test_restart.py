"""The web process dies in the middle of an edit: what was typed goes through when it is back."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.test_checks import NAMES, empty_builder, signed_in
from tests.system import Product

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, own_product: Product) -> AsyncIterator[Page]:
    async for opened in signed_in(browser, own_product):
        yield opened


async def test_what_is_typed_and_pressed_while_the_server_restarts_is_done_once(
    page: Page, own_product: Product
) -> None:
    sentence, name = page.locator("#builder-sentence"), page.locator("[name=name]")
    await empty_builder(page, "before")
    await page.locator(NAMES).fill("orders.paid")
    await expect(sentence).to_contain_text("orders.paid happens")

    own_product.kill("web")
    await name.fill("typed while it was away")
    await page.locator(NAMES).fill("orders.sent")
    own_product.wait_until_healthy()

    await expect(sentence).to_contain_text("orders.sent happens")
    await expect(page.locator("#builder-banner")).to_be_hidden()
    await page.reload()
    await expect(name).to_have_value("typed while it was away")
    await expect(page.locator(NAMES)).to_have_value("orders.sent")

    await page.keyboard.press("Control+s")
    await expect(page.locator("#save-dialog")).to_be_visible()
    own_product.kill("web")
    await page.locator("#save-off").click()
    own_product.wait_until_healthy()

    await expect(page.get_by_role("heading", level=1)).to_have_text("typed while it was away")
    with own_product.client() as client:
        kept = client.post("/automations/filter", json={}).json()
    assert [one["name"] for one in kept].count("typed while it was away") == 1
