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


TWO_ANSWERS_AT_ONCE = """() => {
  const findings = document.getElementById("builder-findings");
  const other = document.getElementById("builder-sentence") ?? document.querySelector("main h1");
  const xhr = new XMLHttpRequest();
  const tell = (kind, detail) =>
    document.dispatchEvent(new CustomEvent(kind, { detail: { xhr, ...detail } }));
  findings.querySelector("a, button").focus();
  tell("htmx:beforeSwap", { target: findings });
  document.activeElement.remove();
  tell("htmx:beforeSwap", { target: other });
  tell("htmx:afterSettle", { elt: other });
  tell("htmx:afterSettle", { elt: findings });
}"""


async def test_focus_comes_back_when_another_answer_comes_in_between(
    tab: Tab, shown: Estate
) -> None:
    page = await opened(tab)

    await page.evaluate(TWO_ANSWERS_AT_ONCE)

    await expect(page.locator("#findings-title")).to_be_focused()


PRESSED_AT_ONCE = """() => {
  window.same = true;
  const watch = new MutationObserver(() => {
    const button = document.querySelector("[id^='fix-L01']");
    if (!button) return;
    watch.disconnect();
    button.click();
  });
  document.querySelector("[id^='finding-L01']").remove();
  watch.observe(document.body, { childList: true, subtree: true });
  htmx.trigger("#builder-findings", "again");
}"""


async def test_a_button_pressed_the_moment_it_comes_is_not_sent_as_a_page(
    tab: Tab, shown: Estate
) -> None:
    page = await opened(tab)
    await expect(page.locator("[id^='fix-L01']")).to_have_count(1)

    await page.evaluate(PRESSED_AT_ONCE)

    await expect(page.locator(VALUES)).to_have_value("in/*")
    assert await page.evaluate("window.same === true")


async def test_a_fix_is_not_taken_back_by_the_problems_that_are_read_anew(
    tab: Tab, shown: Estate
) -> None:
    page = await opened(tab)
    await expect(page.locator("[id^='fix-L01']")).to_have_count(1)

    await page.evaluate(
        """() => {
          document.querySelector("[id^='fix-L01']").click();
          htmx.trigger("#builder-findings", "again");
        }"""
    )

    await expect(page.locator(VALUES)).to_have_value("in/*")


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
