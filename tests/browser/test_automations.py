"""The list of automations, with many of them."""

import re
from datetime import timedelta

from asgiref.sync import sync_to_async
from playwright.async_api import expect

from tests.browser.clicks import clicks
from tests.browser.conftest import Tab
from tests.browser.estate import Estate
from tests.web import scene
from triggers_app.models import Automation

SILENT = ("heard-nothing-1", "heard-nothing-2", "heard-nothing-3")


def five_hundred(shown: Estate) -> None:
    """Three of them are old and have never fired; the estate's own are put aside."""
    Automation.objects.update(enabled=False)
    names = [*SILENT, *(f"young-{number}" for number in range(497))]
    Automation.objects.bulk_create(
        Automation(name=name, change=1000 + number, document={**shown.automation.document})
        for number, name in enumerate(names)
    )
    old = scene.NOW - timedelta(days=30)
    Automation.objects.filter(name__in=SILENT).update(created=old)


async def test_silent_ones_among_five_hundred_are_two_clicks_away(tab: Tab, shown: Estate) -> None:
    """Check (i)."""
    await sync_to_async(five_hundred)(shown)
    await tab.sign_in("vera")

    await tab.page.get_by_role("link", name="Automations", exact=True).first.click()
    await tab.page.get_by_role("link", name=re.compile("^Silent")).click()

    await expect(tab.page.locator("main tbody .name")).to_have_text(list(SILENT))
    assert await clicks(tab.page) == 2
