"""Names from right to left and names of 300 characters: they fit, and turn nothing around."""

import pytest
from playwright.async_api import expect

from events_app.models import Event
from runs_app.models import Deployment, Flow, FlowRun
from tests.browser.conftest import Tab
from tests.browser.estate import Estate
from tests.browser.test_every_page import WIDE
from triggers_app.models import Automation, AutomationVersion

LONG = "x" * 300
REVERSED = "طلبات العميل (الليلية)!"
WIDTHS = (1440, 390, 320)
# A name that shares its line with other words, and nothing keeps their directions apart.
MIXED = """name => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode()) {
    let around = texts.currentNode.parentElement;
    const part = around.outerHTML.slice(0, 200);
    const elsewhere = around.closest("script, option, title, pre, textarea");
    if (elsewhere || !texts.currentNode.data.includes(name)) continue;
    const apart = () => getComputedStyle(around).unicodeBidi === "plaintext";
    while (!apart() && around !== document.body) around = around.parentElement;
    if (around.textContent.trim() !== name) found.push(part);
  }
  return found;
}"""


async def rename_all(name: str) -> None:
    """Whatever a person or a program names; of flows and deployments one, as they are unique."""
    await Automation.objects.aupdate(name=name)
    for model in (Automation, AutomationVersion):
        async for one in model.objects.all():
            one.document = {**one.document, "name": name}
            await one.asave()
    for table in (Flow, Deployment):
        first = await table.objects.order_by("created").afirst()
        assert first is not None
        first.name = name
        await first.asave()
    await FlowRun.objects.aupdate(name=name)
    await Event.objects.aupdate(event=name, resource_id=name)


@pytest.mark.parametrize("name", [LONG, REVERSED], ids=["long", "reversed"])
async def test_every_page_bears_any_name(name: str, tab: Tab, shown: Estate) -> None:
    await rename_all(name)
    await tab.sign_in("ada")
    found = []
    for page, path in shown.paths().items():
        await tab.page.set_viewport_size({"width": 1440, "height": 900})
        await tab.go(path)
        await expect(tab.page.locator("[hx-trigger=load]")).to_have_count(0)
        if name == REVERSED:
            found += [f"{page}: {part}" for part in await tab.page.evaluate(MIXED, name)]
        for width in WIDTHS:
            await tab.page.set_viewport_size({"width": width, "height": 900})
            if await tab.page.evaluate(WIDE):
                found.append(f"{page} at {width}: scrolls sideways")

    # The browser itself notes every answer of 404 and 422.
    tab.complaints[:] = [text for text in tab.complaints if "Failed to load resource" not in text]
    assert found == [], "\n".join(found)
