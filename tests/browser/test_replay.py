"""Replaying an event in the browser: looked at, asked back, done once, and marked."""

from uuid import uuid4

from asgiref.sync import sync_to_async
from playwright.async_api import expect

from events_app.models import Reader
from tests.browser.conftest import Tab
from tests.browser.estate import Estate
from tests.web import scene
from triggers_app.models import Automation, Firing

AT_ONCE = {"threshold": 1, "within": 0.0}


@sync_to_async
def at_once() -> Automation:
    """It fires at each event alone, and the evaluator is past all of them."""
    Reader.objects.update_or_create(
        name="evaluate", defaults={"position_ms": 2**53, "position_seq": 0, "epoch": 1}
    )
    return scene.automation("at-once", trigger=AT_ONCE | {"id": str(uuid4())})


async def test_an_event_is_replayed_for_real_after_a_question(tab: Tab, shown: Estate) -> None:
    automation = await at_once()
    await tab.sign_in("eda")
    await tab.go(f"/events/{shown.event.id}/")
    await tab.page.keyboard.press("r")
    await expect(tab.page.get_by_role("heading", level=1)).to_contain_text("Replay")

    await tab.go(f"/events/{shown.event.id}/replay/?automation={automation.pk}")
    page = tab.page
    await expect(page.get_by_role("checkbox", name="Replay to at-once")).to_be_checked()
    await page.get_by_role("button", name="Replay for real…").click()
    dialog = page.get_by_role("dialog", name="Replay this event for real?")
    await expect(dialog).to_contain_text("at-once")
    await dialog.get_by_role("button", name="Replay for real").click()

    await expect(page.locator("#replay-result")).to_be_focused()
    await expect(page.locator("#replay-result")).to_contain_text("1 automation fired.")
    row = page.get_by_role("row", name="at-once")
    await expect(row).to_contain_text("Replayed")
    await expect(page.get_by_role("checkbox", name="Replay to at-once")).not_to_be_checked()
    firing = await Firing.objects.aget(automation=automation)
    assert (firing.by_hand, firing.replay_of) == ("eda", shown.event.id)


async def test_a_viewer_sees_what_it_would_do_and_no_buttons(tab: Tab, shown: Estate) -> None:
    automation = await at_once()
    await tab.sign_in("vera")

    await tab.go(f"/events/{shown.event.id}/replay/?automation={automation.pk}")

    await expect(tab.page.get_by_role("row", name="at-once")).to_contain_text("Would fire")
    await expect(tab.page.get_by_role("button", name="Replay for real…")).to_have_count(0)
    await expect(tab.page.get_by_role("checkbox")).to_have_count(0)


async def test_what_was_refused_has_the_focus(tab: Tab, shown: Estate) -> None:
    automation = await at_once()
    await tab.sign_in("eda")
    await tab.go(f"/events/{shown.event.id}/replay/?automation={automation.pk}")
    tick = tab.page.get_by_role("checkbox", name="Replay to at-once")
    await expect(tick).to_be_checked()

    await tick.uncheck()
    await tab.page.get_by_role("button", name="Replay into shadow").click()

    await expect(tab.page.locator("#replay-result")).to_be_focused()
    await expect(tab.page.locator("#replay-result")).to_contain_text("Choose at least one")
    tab.complaints.clear()  # the browser itself complains about an answer of 422
