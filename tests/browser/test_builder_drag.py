"""The lines of the tree moved by drag, and taken back."""

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Tab
from tests.browser.estate import Estate
from tests.browser.test_builder_screen import opened
from tests.menagerie import compound, reactive, sequence


async def dragged(page: Page, line: Locator, to: Locator, part: float) -> None:
    """By its sentence onto this part (0 to 1) of the height of the other line; not let go yet."""
    start, end = await line.bounding_box(), await to.bounding_box()
    assert start is not None
    assert end is not None
    await page.mouse.move(start["x"] + 40, start["y"] + start["height"] / 2)
    await page.mouse.down()
    await page.mouse.move(end["x"] + 40, end["y"] + end["height"] / 2, steps=3)
    await page.mouse.move(end["x"] + 40, end["y"] + end["height"] * part)


def line(page: Page, text: str) -> Locator:
    return page.locator("#builder-tree .node-line", has_text=text)


def sentences(page: Page) -> Locator:
    return page.locator("#builder-tree .node-event .node-sentence")


async def test_a_line_is_dragged_said_and_taken_back(tab: Tab, shown: Estate) -> None:
    page = await opened(tab, compound(reactive("first"), reactive("second"), within=60))

    await dragged(page, line(page, "second"), line(page, "first"), 0.1)
    await expect(line(page, "first")).to_have_class("node-line drop-before")
    await expect(page.locator("#said")).to_contain_text("Before")
    await page.mouse.up()

    await expect(sentences(page)).to_contain_text(["second", "first"])
    await expect(page.locator("#said")).to_contain_text("Moved it")
    await page.keyboard.press("Control+z")
    await expect(sentences(page)).to_contain_text(["first", "second"])


async def test_a_group_takes_in_what_is_dropped_on_it(tab: Tab, shown: Estate) -> None:
    inner = sequence(reactive("third"), reactive("fourth"), within=60)
    page = await opened(tab, compound(reactive("first"), inner, within=600))

    await dragged(page, line(page, "first"), page.locator(".node-sequence > .node-line"), 0.6)
    await page.mouse.up()

    inside = page.locator(".node-sequence .node-event .node-sentence")
    await expect(inside).to_contain_text(["third", "fourth", "first"])


async def test_escape_leaves_it_where_it_was(tab: Tab, shown: Estate) -> None:
    page = await opened(tab, compound(reactive("first"), reactive("second"), within=60))

    await dragged(page, line(page, "second"), line(page, "first"), 0.1)
    await page.keyboard.press("Escape")
    await page.mouse.up()

    await expect(page.locator("#said")).to_contain_text("Left where it was.")
    await expect(page.locator(".dragged, .drop-before")).to_have_count(0)
    await expect(sentences(page)).to_contain_text(["first", "second"])


async def test_actions_change_places(tab: Tab, shown: Estate) -> None:
    actions = [{"type": "do-nothing"}, {"type": "cancel-flow-run"}]
    page = await opened(tab, reactive("first"), actions=actions)
    lines = page.locator(".action-lines .node-line")

    await dragged(page, lines.nth(0), lines.nth(1), 0.9)
    await page.mouse.up()

    await expect(page.locator(".action-lines .node-sentence")).to_contain_text(
        ["Cancel", "Do nothing"]
    )
