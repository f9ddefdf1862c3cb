"""The list of events in the browser: opening rows, keys."""

import json
import re

from playwright.async_api import Page, expect

from events_app.models import Event
from tests.browser.conftest import Tab
from tests.browser.estate import Estate
from tests.browser.test_every_page import WIDE, WIDTHS, _barriers


async def open_feed(tab: Tab, name: str = "eda", query: str = "") -> Page:
    await tab.sign_in(name)
    await tab.go(f"/events/{query}")
    await expect(tab.page.locator("[hx-trigger=load]")).to_have_count(0)
    return tab.page


async def test_a_row_opens_by_keys_and_a_value_of_it_becomes_a_filter(
    tab: Tab, shown: Estate
) -> None:
    page = await open_feed(tab)
    first = page.locator("#event-list a.name[aria-expanded]").first

    await page.keyboard.press("j")
    await expect(first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(first).to_have_attribute("aria-expanded", "true")
    detail = page.locator(".event-detail")
    await expect(detail).to_contain_text("from the night shift")
    await page.keyboard.press("Escape")
    await expect(detail).to_have_count(0)
    await expect(first).to_be_focused()

    await page.keyboard.press("Enter")
    await detail.get_by_role("button", name="Only payload.max_rows=5000").click()
    await expect(page).to_have_url(re.compile(r"\?q=payload\.max_rows%3D5000$"))
    await expect(page.locator("#field-q")).to_have_value("payload.max_rows=5000")


async def test_keys_of_a_row_filter_open_create_and_mute(tab: Tab, shown: Estate) -> None:
    page = await open_feed(tab)

    async def press(key: str) -> None:
        await tab.go("/events/")
        await page.locator("#event-list a.name[aria-expanded]").first.focus()
        await page.keyboard.press(key)

    newest = shown.event.id
    await press("f")
    await expect(page).to_have_url(re.compile(r"\?q=name%3Aorders\.file\.landed$"))
    await press("o")
    await expect(page).to_have_url(f"{tab.address}/events/{newest}/")
    await press("c")
    await expect(page).to_have_url(f"{tab.address}/automations/new/from-event/?event={newest}")
    await press("r")
    await expect(page).to_have_url(f"{tab.address}/events/{newest}/replay/")
    await press("d")
    await expect(page).to_have_url(f"{tab.address}/events/{newest}/compare/")
    await press("m")
    await expect(page.locator("#mutes")).to_contain_text("4 muted names")
    await expect(page.locator("#event-list a.name")).to_have_count(0)


async def test_the_keys_of_the_list_are_among_the_keys(tab: Tab, shown: Estate) -> None:
    page = await open_feed(tab)

    await page.keyboard.press("?")

    await expect(page.get_by_role("dialog")).to_contain_text("only events of its name")


async def test_a_row_that_is_not_recorded_yet_fills_when_it_is(tab: Tab, shown: Estate) -> None:
    page = await open_feed(tab)
    stored = await Event.objects.aget(id=shown.event.id)
    await Event.objects.filter(id=stored.id).adelete()

    await page.locator(f"#event-{stored.id}").click()
    await expect(page.locator(".event-detail")).to_contain_text("about to be recorded")
    await stored.asave(force_insert=True)

    await expect(page.locator(".event-detail")).to_contain_text("from the night shift")


async def test_a_drag_over_the_chart_chooses_a_time(tab: Tab, shown: Estate) -> None:
    page = await open_feed(tab, query="?q=last:1h")
    bars = page.locator("#histogram .bar")
    since = await bars.nth(2).get_attribute("data-since")
    until = await bars.nth(5).get_attribute("data-until")

    await bars.nth(2).hover()
    await page.mouse.down()
    await bars.nth(5).hover()
    await expect(page.locator("#histogram [data-chosen]")).to_have_count(4)
    await page.mouse.up()

    await expect(page.locator("#field-q")).to_have_value(f"since:{since} until:{until}")


async def test_brackets_move_the_time(tab: Tab, shown: Estate) -> None:
    page = await open_feed(tab, query="?q=since:2026-11-20T04:00 until:2026-11-20T06:00")

    await page.keyboard.press("[")
    await expect(page.locator("#field-q")).to_have_value(
        "since:2026-11-20T02:00 until:2026-11-20T04:00"
    )
    await expect(page.locator("#chart-later")).to_be_visible()
    await page.keyboard.press("]")
    await expect(page.locator("#field-q")).to_have_value(
        "since:2026-11-20T04:00 until:2026-11-20T06:00"
    )


async def test_a_query_is_saved_under_a_name_deleted_and_brought_back(
    tab: Tab, shown: Estate
) -> None:
    page = await open_feed(tab, query="?q=name:orders.*")
    chip = page.locator(".view-chip")

    await page.get_by_text("Save this query").click()
    await page.get_by_label("Name of the view").fill("Orders")
    await page.keyboard.press("Enter")
    await expect(chip).to_have_text("Orders")
    await expect(chip).to_have_attribute("aria-current", "true")

    await page.get_by_text("Change this view").click()
    await page.get_by_role("button", name="Delete").click()
    await expect(chip).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(chip).to_have_text("Orders")

    await tab.go("/events/")
    await chip.click()
    await expect(page.locator("#field-q")).to_have_value("name:orders.*")


async def test_a_facet_and_the_clock_change_the_list(tab: Tab, shown: Estate) -> None:
    page = await open_feed(tab)

    await page.get_by_role("link", name="fired 14").click()
    await expect(page.locator("#field-q")).to_have_value("fate:fired")
    await expect(page.locator("#event-list a.name")).to_have_count(14)
    await page.get_by_role("button", name="received").click()

    await expect(page).to_have_url(re.compile(r"\?q=fate%3Afired&clock=received$"))
    await expect(page.get_by_role("columnheader", name="Received")).to_be_visible()


async def test_an_open_row_with_long_values_is_sound_at_every_width(
    tab: Tab, shown: Estate
) -> None:
    long = {"key-" * 30: "value-" * 60, "deep": {"er": {"still": "x" * 200}}, "rows": 3}
    await Event.objects.filter(id=shown.event.id).aupdate(payload=json.dumps(long))
    page = await open_feed(tab)

    await page.locator(f"#event-{shown.event.id}").click()
    await expect(page.locator(".event-detail")).to_contain_text("value-value-")

    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        assert not await page.evaluate(WIDE), f"scrolls sideways at {width}"
    assert await _barriers(page, "an open row") == []
