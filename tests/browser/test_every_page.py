"""Every page in a real browser: no barrier, no complaint, no shift, no horizontal scroll.

Screenshots go to artifacts/screens, to be looked at.
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.async_api import Page, expect

from tests.browser.conftest import Tab
from tests.browser.estate import Estate

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
SCREENS = Path(settings.BASE_DIR) / "artifacts" / "screens"
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
SHIFT = """new Promise(done => {
  const moved = [];
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      if (!entry.hadRecentInput) {
        moved.push(...entry.sources.map(source => {
          const from = source.previousRect, to = source.currentRect;
          const part = (source.node?.outerHTML ?? source.node?.textContent ?? "").slice(0, 80);
          const place = r => `${r.x | 0},${r.y | 0} ${r.width | 0}x${r.height | 0}`;
          return `from ${place(from)} to ${place(to)}: ${part}`;
        }));
      }
    }
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(moved), 60);
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_is_sound_at_every_width(scheme: Any, tab: Tab, shown: Estate) -> None:
    await tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await tab.go("/sign-in/")
    found = await _look(tab.page, scheme, "sign-in")
    await tab.sign_in("ada")
    for name, path in shown.paths().items():
        await tab.page.set_viewport_size({"width": 1440, "height": 900})
        await tab.go(path)
        await expect(tab.page.locator("[hx-trigger=load]")).to_have_count(0)
        found += await _look(tab.page, scheme, name)

    # The browser itself notes every answer of 404 and 422.
    tab.complaints[:] = [text for text in tab.complaints if "Failed to load resource" not in text]
    assert found == [], "\n".join(found)


async def _look(page: Page, scheme: str, name: str) -> list[str]:
    found = [f"{name}: moves {part}" for part in await page.evaluate(SHIFT)]
    for width in (1440, 768, 360):
        await page.set_viewport_size({"width": width, "height": 900})
        found += await _barriers(page, f"{name} at {width}")
    for width in (1920, 1440, 768, 390, 360, 320):
        await page.set_viewport_size({"width": width, "height": 900})
        if await page.evaluate(WIDE):
            found.append(f"{name} at {width}: scrolls sideways")
        if width in (1440, 390):
            await _keep(page, f"{name}-{width}-{scheme}")
    return found


async def _keep(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENS / f"{name}.png", full_page=True)


async def _barriers(page: Page, name: str) -> list[str]:
    await page.evaluate(AXE)
    found = json.loads(await page.evaluate("axe.run().then(found => JSON.stringify(found))"))
    assert found["passes"], "axe judged nothing"
    return [
        f"{name}: {rule['id']} at {node['target']}: {node['failureSummary']}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"][:3]
    ]
