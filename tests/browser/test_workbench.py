"""What a person does in the workbench, with a real browser and a strict CSP."""

from asgiref.sync import sync_to_async
from playwright.async_api import expect

from tests.browser.conftest import Tab
from tests.browser.estate import Estate
from tests.web import scene


async def test_signing_in_leads_to_the_page_that_was_asked_for(tab: Tab, shown: Estate) -> None:
    await tab.go(f"/runs/{shown.run.pk}/")
    await tab.page.get_by_label("Name").fill("eda")
    await tab.page.get_by_label("Password").fill("a spark in the dark")
    await tab.page.keyboard.press("Enter")

    await expect(tab.page.get_by_role("heading", level=1)).to_have_text(shown.run.name)


async def test_overview_shows_an_event_that_arrives_while_it_is_open(
    tab: Tab, shown: Estate
) -> None:
    await tab.sign_in("vera")
    newest = tab.page.get_by_role("region", name="Newest events").get_by_role("link")

    await sync_to_async(scene.event)("just.now.landed", seq=99)

    await expect(newest.nth(1)).to_have_text("just.now.landed", timeout=5000)


async def test_run_shows_what_started_it_and_leads_there(tab: Tab, shown: Estate) -> None:
    await tab.sign_in("vera")
    await tab.go(f"/runs/{shown.run.pk}/")

    await tab.page.locator("#run-cause").get_by_role("link", name="Fired").click()

    await expect(tab.page.get_by_role("heading", level=1)).to_have_text("Firing of orders-landed")


async def test_refused_switch_says_why_beside_it(tab: Tab, shown: Estate) -> None:
    metric = {"name": "queue", "threshold": 1, "operator": ">"}
    trigger = {"type": "metric", "posture": "Metric", "metric": metric}
    unknown = await sync_to_async(scene.automation)("queues", trigger=trigger, enabled=False)
    await tab.sign_in("eda")
    await tab.go(f"/automations/{unknown.pk}/")

    await tab.page.get_by_role("switch").click()

    await expect(tab.page.get_by_role("alert")).to_contain_text("Flint computes the metrics")
    # The browser itself notes every answer of 422.
    assert [text for text in tab.complaints if "422" not in text] == []
    tab.complaints.clear()


async def test_theme_is_kept_from_page_to_page(tab: Tab, shown: Estate) -> None:
    await tab.page.emulate_media(color_scheme="light")
    await tab.sign_in("vera")

    await tab.page.locator(".account > summary").click()
    await tab.page.get_by_role("button", name="Light or dark").click()
    await tab.go("/events/")

    assert await tab.page.locator("html").get_attribute("data-theme") == "dark"


async def test_skip_link_is_the_first_stop_and_leads_to_the_content(
    tab: Tab, shown: Estate
) -> None:
    await tab.sign_in("vera")
    await tab.go("/events/")

    await tab.page.keyboard.press("Tab")
    await expect(tab.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await tab.page.keyboard.press("Enter")

    await expect(tab.page.locator("#main")).to_be_focused()


async def test_id_is_copied_whole(tab: Tab, shown: Estate) -> None:
    await tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await tab.sign_in("vera")
    await tab.go(f"/events/{shown.event.id}/")

    await tab.page.get_by_role("button", name="Copy event id").click()

    await expect(tab.page.locator("#said")).to_have_text("Copied.")
    assert await tab.page.evaluate("navigator.clipboard.readText()") == str(shown.event.id)


async def test_stopping_all_acting_is_said_on_every_page_until_it_goes_on(
    tab: Tab, shown: Estate
) -> None:
    await tab.sign_in("eda")
    await tab.go("/brakes/")
    await tab.page.locator("#stop-opens").click()
    await tab.page.get_by_label("Why").fill("The bank is closed.")
    await tab.page.locator("#stop-button").click()

    banner = tab.page.locator("#braked")
    await expect(banner).to_contain_text("Acting is stopped: The bank is closed.")
    await tab.go("/events/")
    await banner.get_by_role("link").click()
    await tab.page.locator("#resume").click()
    await expect(banner).to_be_empty()
