"""What is planned is told in the zone of whoever looks."""

from asgiref.sync import sync_to_async
from playwright.async_api import Browser, expect

from project.lib.clock import utcnow
from runs_app.services import schedules
from runs_app.services.schedules import DesiredSchedules
from tests.browser.conftest import Tab
from tests.browser.estate import Estate


async def test_the_next_runs_are_told_by_the_clock_of_the_browser(
    tab: Tab, shown: Estate, browser: Browser
) -> None:
    daily = DesiredSchedules(schedule={"cron": "0 2 * * *", "timezone": "UTC"})
    await sync_to_async(schedules.create)(shown.deployment.pk, [daily], now=utcnow())
    context = await browser.new_context(timezone_id="Asia/Kolkata")
    there = Tab(await context.new_page(), tab.address)
    await there.go("/sign-in/")
    await there.sign_in("vera")
    await there.go(f"/deployments/{shown.deployment.pk}/")

    times = there.page.locator("#schedules time:not([data-relative])")
    await expect(times.first).to_contain_text("07:30")
    await expect(there.page.locator("#schedules time[data-local]")).to_have_count(0)


async def test_exact_times_by_the_clock_that_was_chosen(
    tab: Tab, shown: Estate, browser: Browser
) -> None:
    context = await browser.new_context(timezone_id="Asia/Kolkata")
    there = Tab(await context.new_page(), tab.address)
    await there.go("/sign-in/")
    await there.sign_in("vera")
    await there.go(f"/events/{shown.event.id}/")
    occurred = there.page.locator("dt:text-is('Occurred') + dd time")
    await expect(occurred).to_contain_text("UTC")
    in_utc = await occurred.inner_text()

    await there.page.locator("details.account > summary").click()
    await there.page.get_by_role("button", name="Times: UTC").click()

    await expect(occurred).to_contain_text("UTC+5:30")
    await there.page.reload()
    await expect(occurred).to_contain_text("UTC+5:30")
    await there.page.locator("details.account > summary").click()
    await there.page.get_by_role("button", name="Times: local").click()
    await expect(occurred).to_have_text(in_utc)
