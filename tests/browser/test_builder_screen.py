"""The builder fits a screen: tree, fields and effect are seen together; a large one stays light."""

import asyncio
import re
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from playwright.async_api import Page, Route, expect

from project.lib.clock import utcnow
from tests.browser.conftest import Tab
from tests.browser.estate import Estate
from tests.browser.test_every_page import COLORS, _barriers
from tests.menagerie import automation_document, compound, reactive, sequence
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Draft

# What does not show all of itself, among the parts that must.
CUT = """names => names.filter(name => {
  const one = document.querySelector(name), box = one.getBoundingClientRect();
  return box.top < 0 || box.bottom > innerHeight || box.height < 20
    || one.scrollHeight > one.clientHeight + 1;
})"""
LINES = """[...document.querySelectorAll("#builder-tree .node-sentence")].map(one => {
  const box = one.getBoundingClientRect();
  return [box.x, box.y, box.height].map(Math.round);
})"""
LIGHT = 250_000  # bytes of HTML


async def opened(tab: Tab, trigger: Any, query: str = "", **fields: Any) -> Page:
    document = automation_document(trigger) | fields
    draft: Draft = await sync_to_async(drafts.open_new)(document, author="eda", now=utcnow())
    await tab.sign_in("eda")
    await tab.go(f"/builder/{draft.pk}/{query}")
    return tab.page


async def test_two_conditions_an_action_and_the_timeline_are_seen_together(
    tab: Tab, shown: Estate
) -> None:
    both = compound(reactive("orders.landed"), reactive("inventory.done"), within=1800)

    page = await opened(tab, both)
    await expect(page.locator("#backtest-drawing")).to_be_visible(timeout=15_000)

    parts = ["#builder-tree", "#builder-inspector", "#builder-dock"]
    assert await page.evaluate(CUT, parts) == []
    assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    for name in ("#tree-title", ".action-lines .node-pick", "#backtest-drawing .now", "#status"):
        await expect(page.locator(name).first).to_be_in_viewport(ratio=1)


async def test_focus_is_in_the_first_field_of_what_is_begun(tab: Tab, shown: Estate) -> None:
    page = await opened(tab, reactive())

    await expect(page.get_by_label("Events", exact=True)).to_be_focused()


async def test_focus_is_in_the_tree_after_opening_and_in_the_content_after_saving(
    tab: Tab, shown: Estate
) -> None:
    page = await opened(tab, reactive("orders.landed"))
    await expect(page.locator(".node-pick[aria-current]")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Events", exact=True)).to_be_focused()

    await page.keyboard.press("Control+s")
    await page.locator("#save-off").click()

    await expect(page.get_by_text("Saved as version 1")).to_be_visible()
    await expect(page.locator("#main")).to_be_focused()


async def test_a_line_shows_its_fields_and_a_reload_comes_back_to_them(
    tab: Tab, shown: Estate
) -> None:
    page = await opened(tab, compound(reactive("orders.landed"), reactive("b"), within=60))
    await page.locator(".node-event .node-pick").nth(1).click()
    await expect(page.get_by_label("Events", exact=True)).to_have_value("b")

    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Events", exact=True)).to_have_value("orders.landed")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Events", exact=True)).to_be_focused()
    await page.reload()

    await expect(page.get_by_label("Events", exact=True)).to_have_value("orders.landed")


async def test_only_fields_in_use_are_shown_and_others_wait_behind_a_button(
    tab: Tab, shown: Estate
) -> None:
    page = await opened(tab, reactive("orders.landed"))
    group = page.get_by_label("For each")
    await expect(group).to_be_hidden()

    await page.get_by_role("button", name="For each").click()
    await expect(group).to_be_focused()
    await page.keyboard.type("customer")
    await expect(page.locator("#builder-sentence")).to_contain_text("for each customer")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Label", exact=True).click()

    await expect(page.locator("input[id$='.match.0.label']")).to_be_focused()
    await expect(group).to_be_visible()


async def test_a_problem_is_said_once_and_the_last_result_stays(tab: Tab, shown: Estate) -> None:
    page = await opened(tab, reactive("orders.landed", within=60))
    await expect(page.locator("#backtest-drawing")).to_be_visible(timeout=15_000)
    sentence = await page.locator("#builder-sentence").inner_text()

    await page.locator("input[id$='.within']").fill("soon")

    said = page.get_by_text("Write a time such as")
    await expect(said.and_(page.locator(":visible"))).to_have_count(1)
    await expect(page.locator(".finding-error")).to_have_count(1)
    await expect(page.locator("#builder-sentence")).to_have_text(sentence)
    await expect(page.locator("#backtest-drawing")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_what_is_old_can_still_be_read(scheme: Any, tab: Tab, shown: Estate) -> None:
    await tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page = await opened(tab, reactive("orders.landed", within=60))
    await expect(page.locator("#backtest-drawing")).to_be_visible(timeout=15_000)

    await page.locator("[name=name]").fill("")
    await expect(page.locator("#builder-missing p")).to_be_visible()
    await page.locator("#builder-backtest").evaluate("part => part.classList.add('stale')")

    assert await _barriers(page, "old", COLORS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_line_moves_when_its_numbers_come(scheme: Any, tab: Tab, shown: Estate) -> None:
    await tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    known = ("orders.file.landed", "a.name.that.needs.more.than.one.line.of.the.tree")
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await tab.page.route(re.compile("/(numbers|follow|findings)/"), hold)
    page = await opened(tab, compound(*(reactive(name) for name in known), within=60))
    before = await page.evaluate(LINES)
    held.set()

    await expect(page.locator(".node-event .node-numbers").first).to_have_text(re.compile(r"\d"))
    await expect(page.locator(".node-findings svg").first).to_be_visible()
    assert await page.evaluate(LINES) == before


async def test_a_small_screen_has_three_tabs(tab: Tab, shown: Estate) -> None:
    await tab.page.set_viewport_size({"width": 390, "height": 844})
    page = await opened(tab, compound(reactive("orders.landed"), reactive("b"), within=60))
    zones = ("#builder-tree", "#builder-inspector", "#builder-dock")

    for tab_name, zone in zip(("Tree", "Edit", "Effect"), zones, strict=True):
        await page.get_by_role("button", name=tab_name, exact=True).click()
        seen = [await page.locator(each).is_visible() for each in zones]
        assert seen == [each == zone for each in zones]
    await page.get_by_role("button", name="Tree", exact=True).click()
    await page.locator(".node-event .node-pick").first.click()

    await expect(page.get_by_label("Events", exact=True)).to_be_visible()


def _large() -> dict[str, Any]:
    groups = [
        (compound if number % 2 else sequence)(
            *(reactive(f"orders.{number}.{n}", match={"site": [f"s{n}*"]}) for n in range(10)),
            within=3600,
        )
        for number in range(6)
    ]
    return compound(*groups, within=7200)


@pytest.mark.parametrize("pane", ["", "?pane=yaml"], ids=["alone", "with the source"])
async def test_sixty_seven_nodes_are_a_light_page(tab: Tab, shown: Estate, pane: str) -> None:
    page = await opened(tab, _large(), pane)

    assert await page.locator(".node").count() == 67
    html = await page.evaluate("fetch(location.href).then(answer => answer.text())")
    assert len(html.encode()) <= LIGHT
    # Another part brings two lines and its fields, and not the tree.
    async with page.expect_response("**/op/") as answer:
        await page.locator(".node-event .node-pick").last.click()
    body = await (await answer.value).text()
    assert (body.count("hx-swap-oob"), body.count('class="node-line"')) == (11, 2)


async def test_an_edit_is_one_request_and_one_that_follows(tab: Tab, shown: Estate) -> None:
    page = await opened(tab, reactive("orders.landed", within=60, threshold=2))
    await expect(page.locator("#backtest-drawing")).to_be_visible(timeout=15_000)
    await page.wait_for_load_state("networkidle")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url.split("?")[0].rstrip("/").split("/")[-1]))

    await page.locator("input[id$='.threshold']").fill("3")
    await expect(page.locator("#builder-sentence")).to_contain_text("at least 3 times")
    await page.wait_for_timeout(1500)

    assert [one for one in sent if one not in ("status", "news", "backtest")] == ["op", "follow"]


async def test_on_a_phone_the_zone_of_the_tab_that_is_asked_for_is_open(
    tab: Tab, shown: Estate
) -> None:
    await tab.page.set_viewport_size({"width": 390, "height": 844})
    await tab.sign_in("eda")

    await tab.go(f"/automations/{shown.group.pk}/edit?tab=tests")
    await expect(tab.page.locator("#builder-tests")).to_be_visible()
    await expect(tab.page.get_by_role("button", name="Effect")).to_have_attribute(
        "aria-current", "true"
    )

    await tab.go(f"/automations/{shown.group.pk}/edit")
    await expect(tab.page.locator("#builder-inspector")).to_be_visible()
