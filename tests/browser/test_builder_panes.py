"""The source panes in a browser: typed in, broken, reloaded, left by the keyboard."""

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from playwright.async_api import Locator, Page, expect

from project.lib.clock import utcnow
from tests.browser.clicks import clicks
from tests.browser.conftest import Tab
from tests.browser.estate import Estate
from tests.browser.test_every_page import AXE, WIDE
from tests.menagerie import automation_document, reactive
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Draft


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def refusals_are_no_complaints(tab: Tab) -> AsyncIterator[None]:
    """The browser itself notes every answer of 422, and what a test keeps from the server."""
    yield
    await tab.page.wait_for_load_state("networkidle")
    noted = ("422", "ERR_FAILED", "htmx:")
    tab.complaints[:] = [text for text in tab.complaints if not any(each in text for each in noted)]


@pytest.fixture
def draft(shown: Estate) -> Draft:
    document = automation_document(reactive("orders.landed"))
    return drafts.open_new(document, author="eda", now=utcnow())


@pytest_asyncio.fixture(loop_scope="session")
async def page(tab: Tab, draft: Draft) -> Page:
    """The builder of the draft, with its editor loaded."""
    await tab.sign_in("eda")
    await tab.go(f"/builder/{draft.pk}/?pane=yaml")
    await expect(tab.page.locator(".pane-editor .ace_content")).to_be_visible()
    return tab.page


def editor(page: Page) -> Locator:
    return page.locator(".pane-editor textarea")


def lines(page: Page) -> Locator:
    return page.locator(".pane-editor .ace_line")


def status(page: Page) -> Locator:
    return page.locator("#pane-status")


async def type_at_the_top(page: Page, text: str) -> None:
    await editor(page).focus()
    await page.keyboard.press("Control+Home")
    await page.keyboard.type(text)


async def now(draft: Draft) -> Draft:
    return await sync_to_async(drafts.find)(draft.pk, author="eda")


async def test_a_comment_survives_an_edit_of_the_form(page: Page, draft: Draft) -> None:
    """Check (b)."""
    await type_at_the_top(page, "# landed files first\n")
    await expect(status(page)).to_contain_text("In sync with revision 2")

    await page.get_by_label("Events", exact=True).fill("orders.checked")

    await expect(status(page)).to_contain_text("In sync with revision 3")
    await expect(lines(page).first).to_have_text("# landed files first")
    await expect(page.locator(".pane-editor .ace_content")).to_contain_text("orders.checked")
    assert (await now(draft)).texts["yaml"].startswith("# landed files first\nname: ")
    assert await clicks(page) == 0


async def test_what_is_typed_is_in_the_form_at_once(page: Page, draft: Draft) -> None:
    await editor(page).focus()
    await page.keyboard.press("Control+a")
    text = "{trigger: {type: event, expect: [a.b]}}"
    await page.keyboard.insert_text(text)

    await expect(page.get_by_label("Events", exact=True)).to_have_value("a.b")
    await expect(page.locator("#builder-missing")).to_contain_text("name is required")
    await expect(lines(page).first).to_have_text(text)
    await expect(editor(page)).to_be_focused()


async def test_broken_text_leaves_the_form_and_is_there_after_a_reload(
    page: Page, draft: Draft
) -> None:
    await type_at_the_top(page, "broken: {# mine\n")
    await expect(status(page)).to_contain_text("The form shows revision 1; this text has 1 problem")
    await expect(page.get_by_label("Events", exact=True)).to_have_value("orders.landed")

    await page.get_by_label("Events", exact=True).fill("orders.checked")
    await expect(status(page)).to_contain_text("The form shows revision 2; this text has 1 problem")
    await page.reload()

    await expect(lines(page).first).to_contain_text("broken: {# mine")
    await expect(status(page)).to_contain_text("this text has 1 problem")
    await page.get_by_role("button", name="Show the form's text").click()
    await expect(status(page)).to_contain_text("In sync with revision 2")
    await expect(lines(page).first).to_contain_text("name:")


async def test_a_problem_leads_to_its_place(page: Page, draft: Draft) -> None:
    await type_at_the_top(page, "a: 1\n  b: 2\n")
    problem = page.locator("#pane-status .pane-problems a")
    await expect(problem).to_have_count(1)
    await expect(page.locator(".pane-editor .ace_error")).to_have_count(1)

    await problem.focus()
    await page.keyboard.press("Enter")

    await expect(editor(page)).to_be_focused()


LARGE = """name: x
trigger:
  type: compound
  within: 10
  triggers:
  - type: event
    expect: [a]
    posture: Reactive
  - type: event
    posture: Proactive
    within: 5
actions: []
"""
# The word that a mark covers: the text of the line, cut where the mark begins and ends.
COVERED = """() => [...document.querySelectorAll(".pane-editor .pane-mark")].map(mark => {
  const box = mark.getBoundingClientRect();
  const lines = [...document.querySelectorAll(".pane-editor .ace_line")];
  const line = lines.find(one => Math.abs(one.getBoundingClientRect().top - box.top) < 3);
  const from = line.getBoundingClientRect().left;
  const letter = window.ace.edit(document.querySelector(".pane-editor")).renderer.characterWidth;
  const at = [box.left - from, box.right - from].map(x => Math.round(x / letter));
  return line.textContent.slice(...at);
})"""


async def test_only_the_key_concerned_is_underlined(page: Page, draft: Draft) -> None:
    await editor(page).focus()
    await page.keyboard.press("Control+a")
    await page.keyboard.insert_text(LARGE)

    await expect(page.locator("#pane-status .pane-message")).to_have_text(
        ["require is required.", "within must be at least 10 seconds for a proactive trigger."]
    )

    assert await page.evaluate(COVERED) == ["trigger", "within"]


async def test_a_slip_is_put_right_by_its_button(page: Page, draft: Draft) -> None:
    await type_at_the_top(page, "descriptoin: mine\n")

    await page.get_by_role("button", name="Rename to description").click()

    await expect(lines(page).first).to_have_text("description: mine")


async def test_text_typed_just_before_leaving_is_not_lost(page: Page, draft: Draft) -> None:
    await page.route("**/panes/**", lambda route: route.abort())
    await type_at_the_top(page, "# not sent\n")
    await expect(page.locator("#pane-unsent")).to_be_visible()

    await page.unroute("**/panes/**")
    await page.reload()

    await expect(lines(page).first).to_have_text("# not sent")
    await expect(status(page)).to_contain_text("In sync with revision 2")


async def test_the_keyboard_enters_switches_and_leaves(page: Page, draft: Draft) -> None:
    await editor(page).focus()
    text = await lines(page).all_inner_texts()
    await page.keyboard.press("Control+]")
    await expect(status(page)).to_contain_text("1 problem")  # the first line stands further in
    await page.keyboard.press("Control+[")
    await expect(status(page)).to_contain_text("In sync")
    await page.keyboard.press("Tab")

    assert await lines(page).all_inner_texts() == text
    await expect(page.get_by_role("button", name="Plain text field")).to_be_focused()
    await page.keyboard.press("Control+4")
    await expect(page.locator("#pane-tab-hcl")).to_have_attribute("aria-current", "true")
    await expect(page.locator("#pane-tab-hcl")).to_be_focused()
    await expect(lines(page).first).to_contain_text("resource")
    assert "pane=hcl" in page.url


async def test_another_tab_shows_what_was_typed_and_loses_nothing(
    page: Page, tab: Tab, draft: Draft
) -> None:
    other = await page.context.new_page()
    await other.goto(page.url)
    await expect(other.locator(".pane-editor .ace_content")).to_be_visible()
    await type_at_the_top(page, "# from the first\n")
    await expect(status(page)).to_contain_text("In sync with revision 2")

    await other.get_by_label("Events", exact=True).fill("orders.checked")

    await expect(status(other)).to_contain_text("In sync with revision 3")
    await expect(lines(other).first).to_have_text("# from the first")
    assert "orders.checked" in (await now(draft)).texts["yaml"]


async def test_a_plain_field_does_the_same_and_is_remembered(page: Page, draft: Draft) -> None:
    await page.get_by_role("button", name="Plain text field").click()
    await page.reload()
    field = page.get_by_label("YAML of the draft")
    await expect(field).to_be_visible()

    await field.fill("# plain\n" + await field.input_value())

    await expect(status(page)).to_contain_text("In sync with revision 2")
    assert (await now(draft)).texts["yaml"].startswith("# plain\n")


async def test_without_the_editor_the_field_works(tab: Tab, draft: Draft) -> None:
    await tab.sign_in("eda")
    await tab.page.route("**/ace/**", lambda route: route.abort())
    await tab.go(f"/builder/{draft.pk}/?pane=yaml")
    field = tab.page.get_by_label("YAML of the draft")

    await field.fill("# plain\n" + await field.input_value())

    await expect(status(tab.page)).to_contain_text("In sync with revision 2")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("format", ["yaml", "hcl"])
async def test_the_panes_have_no_barrier(
    format: str, theme: str, tab: Tab, page: Page, draft: Draft
) -> None:
    await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    await tab.go(f"/builder/{draft.pk}/?pane={format}")
    await expect(page.locator(".pane-editor .ace_content")).to_be_visible()

    await page.evaluate(AXE)
    found = await page.evaluate("axe.run('#builder-panes').then(found => JSON.stringify(found))")

    judged = json.loads(found)
    assert judged["passes"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in judged["violations"]] == []
    for width in (1440, 390, 360):
        await page.set_viewport_size({"width": width, "height": 900})
        assert not await page.evaluate(WIDE)
