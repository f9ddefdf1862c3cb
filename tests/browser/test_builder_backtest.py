"""Before saving, see last week's would-be firings; read why a day was quiet."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from playwright.async_api import Page, Route, expect

from tests.browser.clicks import clicks
from tests.browser.conftest import Tab, tab_to
from tests.browser.estate import Estate
from tests.browser.test_every_page import WIDE, _barriers
from tests.web import scene
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Draft

MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
QUIET = MIDNIGHT - timedelta(days=2)  # the day on which the snapshot never came
LANDED, DONE = "parts.file.landed", "parts.snapshot.done"


def trigger(**fields: Any) -> dict[str, Any]:
    leaves = [{"type": "event", "posture": "Reactive", "expect": [name]} for name in (LANDED, DONE)]
    return {"type": "compound", "require": "all", "within": 1800, "triggers": leaves, **fields}


def week() -> Draft:
    """Both came on every day of five but one; nobody has saved anything."""
    for day in range(1, 6):
        noon = MIDNIGHT - timedelta(days=day) + timedelta(hours=4)
        scene.event(LANDED, received=noon, seq=day, resource_id="s3://parts/1.csv")
        if day != 2:
            scene.event(DONE, received=noon + timedelta(minutes=9), seq=10 + day)
    document = {"name": "parts", "trigger": trigger(), "actions": [{"type": "do-nothing"}]}
    return drafts.open_new(document, author="eda", now=scene.NOW)


def silent_week() -> Draft:
    """One sign of life, and then none any more."""
    scene.event(LANDED, received=MIDNIGHT - timedelta(days=3), seq=1)
    silence = {"type": "event", "posture": "Proactive", "expect": [LANDED], "within": 36_000}
    document = {"name": "parts", "trigger": silence, "actions": [{"type": "do-nothing"}]}
    return drafts.open_new(document, author="eda", now=scene.NOW)


async def opened(tab: Tab, made: Callable[[], Draft] = week) -> Page:
    draft = await sync_to_async(made)()
    await tab.sign_in("eda")
    await tab.go(f"/builder/{draft.pk}/")
    await expect(tab.page.locator("#backtest-drawing")).to_be_visible()
    return tab.page


async def test_would_be_firings_are_seen_before_saving(tab: Tab, shown: Estate) -> None:
    """Check (c)."""
    page = await opened(tab)

    region = page.locator("#builder-backtest")
    await expect(region).to_contain_text("Would have fired 4 times in ")
    await expect(region).to_contain_text("same code as live")
    await expect(page.locator(".mark-fired")).to_have_count(4)
    await expect(page.locator(".mark-almost")).to_have_count(1)
    await expect(page.locator(".leaf-row circle")).to_have_count(9)
    assert await clicks(page) == 0


async def test_click_on_a_quiet_day_tells_the_one_reason(tab: Tab, shown: Estate) -> None:
    """Check (d)."""
    page = await opened(tab)

    await page.locator(f'a.day[href$="day={QUIET:%Y-%m-%d}"] rect').click(force=True)

    reason = page.locator("#why-not .why-reason")
    await expect(reason).to_contain_text(
        f"Almost: {DONE} never came, 1 of 2, between 04:00 and 04:30."
    )
    await expect(page.locator("#why-not .part")).to_have_count(3)
    assert await clicks(page) == 1


async def test_the_keyboard_alone_leads_to_the_reason_and_to_the_event(
    tab: Tab, shown: Estate
) -> None:
    page = await opened(tab)

    await tab_to(page, f"#why-{QUIET:%Y-%m-%d}")
    await page.keyboard.press("Enter")

    await expect(page.locator("#why-not .why-reason")).to_contain_text(f"{DONE} never came")
    await expect(page.locator("#why-title")).to_be_focused()
    await tab_to(page, "#why-explain")
    await page.keyboard.press("Enter")
    await expect(page.locator("#explain-title")).to_have_text(LANDED)
    await expect(page.locator("#explain-title")).to_be_focused()
    await expect(page).to_have_url(re.compile("tab=explain"))


async def test_a_sign_explains_its_event(tab: Tab, shown: Estate) -> None:
    page = await opened(tab)

    await page.locator(".mark-fired").first.click()

    await expect(page.locator("#builder-explain .why-reason")).to_contain_text("It fired.")
    await expect(page.locator("#explain-title")).to_have_text(DONE)


async def test_a_sign_is_kept_as_a_test_by_the_pointer_in_two_clicks_at_most(
    tab: Tab, shown: Estate
) -> None:
    page = await opened(tab)

    await page.locator(".mark-almost").hover()
    await expect(page.locator("#sign-title")).to_contain_text(f"{DONE} never came")
    await page.locator("#sign-keep").click()

    await expect(page.locator("#toasts")).to_contain_text("Kept as a test: must not fire.")
    await expect(page.locator("#save-tests")).to_contain_text("1 of 1 test")
    await expect(page.locator("#backtest-drawing")).to_be_visible()
    assert await clicks(page) == 1


async def test_a_sign_is_kept_as_a_test_by_the_keyboard(tab: Tab, shown: Estate) -> None:
    page = await opened(tab)

    await tab_to(page, "svg.timeline .mark")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#sign-card")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.locator("#sign-explain")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.locator("#sign-keep")).to_be_focused()
    await page.keyboard.press("Enter")

    await expect(page.locator("#toasts")).to_contain_text("Kept as a test: must fire.")
    await expect(page.locator("#save-tests")).to_contain_text("1 of 1 test")
    await expect(page.locator("#sign-card")).to_be_hidden()


async def test_an_absence_is_kept_from_its_sign_and_from_the_table(tab: Tab, shown: Estate) -> None:
    page = await opened(tab, silent_week)

    sign = page.locator("g.mark-fired").first
    await sign.click()
    await expect(page.locator("#sign-explain")).to_be_hidden()
    await page.locator("#sign-keep").click()
    await expect(page.locator("#save-tests")).to_contain_text("1 of 1 test")

    await page.locator("#backtest-view").click()
    await page.locator("#backtest-table").get_by_role("button", name="Must not fire").first.click()
    await expect(page.locator("#save-tests")).to_contain_text("1 of 2 tests")


async def test_time_line_that_comes_while_a_sign_is_kept_waits_for_the_answer(
    tab: Tab, shown: Estate
) -> None:
    page = await opened(tab)

    async def held(route: Route) -> None:
        answer = await route.fetch()
        async with page.expect_response("**/follow/**"):
            await page.evaluate("htmx.trigger('#builder-follow', 'again')")
        await route.fulfill(response=answer)

    await page.route("**/keep-sign/", held)
    await page.locator(".mark-fired").first.hover()
    await page.locator("#sign-keep").click()

    await expect(page.locator("#save-tests")).to_contain_text("1 of 1 test")
    await expect(page.locator("#toasts")).to_contain_text("Kept as a test")


async def test_the_twin_is_reached_and_left_by_the_keyboard(tab: Tab, shown: Estate) -> None:
    page = await opened(tab)

    await tab_to(page, "#backtest-view")
    await page.keyboard.press("Enter")

    await expect(page.locator("#backtest-table tbody tr")).to_have_count(5)
    await expect(page.locator("#backtest-view")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#backtest-drawing")).to_be_visible()


async def test_an_edit_draws_the_backtest_anew(tab: Tab, shown: Estate) -> None:
    page = await opened(tab)

    within = page.locator("#builder-form [name$='.within']").first
    await within.fill("5 min")
    await within.blur()

    await expect(page.locator("#builder-backtest")).to_contain_text("Would not have fired in ")
    await expect(page.locator(".mark-fired")).to_have_count(0)


async def test_it_is_all_there_without_a_script(browser: Any, tab: Tab, shown: Estate) -> None:
    page = await opened(tab)
    state = await page.context.storage_state()
    plain = await browser.new_context(java_script_enabled=False, storage_state=state)
    other = await plain.new_page()
    await other.goto(page.url)

    await other.get_by_role("link", name="Show the backtest").click()
    await other.locator(f"#why-{QUIET:%Y-%m-%d}").click()

    await expect(other.locator(".why-reason")).to_contain_text(f"{DONE} never came")
    await plain.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_drawing_twin_and_reason_are_without_barriers(
    scheme: Any, tab: Tab, shown: Estate
) -> None:
    await tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page = await opened(tab)
    await page.locator(f"#why-{QUIET:%Y-%m-%d}").click()
    await expect(page.locator("#why-not .part")).to_have_count(3)
    found = await _barriers(page, "drawing")
    await page.locator("#backtest-view").click()
    await expect(page.locator("#backtest-table")).to_be_visible()
    found += await _barriers(page, "twin")
    for width in (390, 360):
        await page.set_viewport_size({"width": width, "height": 900})
        found += [f"scrolls at {width}"] if await page.evaluate(WIDE) else []

    assert found == [], "\n".join(found)
