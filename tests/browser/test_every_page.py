"""Every page in a real browser: no barrier, no complaint, no shift, no horizontal scroll.

To look at the pages oneself: `python -m scripts.screenshots --all --to FOLDER`.
"""

import json
from importlib.resources import files
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Tab
from tests.browser.estate import Estate

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
# The rules of axe that look at colors.
COLORS = ["color-contrast", "link-in-text-block"]
# Beside those of screens: where pages are laid out anew, and 640 for a zoom of 200 %.
WIDTHS = (1920, 1440, 1024, 900, 768, 720, 640, 390, 360, 320)
JUDGED = (1440, 768, 360)
LOADS = 6
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# Tables whose heads do not stand over their cells: where a column is hidden, so is its head.
ASKEW = """[...document.querySelectorAll("table")].filter(table => {
    const wide = row => [...row?.cells ?? []].filter(cell => cell.checkVisibility())
        .reduce((sum, cell) => sum + cell.colSpan, 0);
    const row = table.tBodies[0]?.rows[0], head = table.tHead?.rows[0];
    return row && head && getComputedStyle(row).display === "table-row" && wide(row) !== wide(head);
}).map(table => table.outerHTML.slice(0, 80))"""
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
    # In the dark only colors differ, which takes fewer rules to judge.
    rules = COLORS if scheme == "dark" else []
    await tab.go("/sign-in/")
    found = await _look(tab.page, "sign-in", rules)
    await tab.sign_in("ada")
    for name, path in shown.paths().items():
        await tab.page.set_viewport_size({"width": 1440, "height": 900})
        await tab.go(path)
        await expect(tab.page.locator("[hx-trigger=load]")).to_have_count(0)
        found += await _look(tab.page, name, rules)

    # The browser itself notes every answer of 404 and 422.
    tab.complaints[:] = [text for text in tab.complaints if "Failed to load resource" not in text]
    assert found == [], "\n".join(found)


# 720 and 640: what is left of 1440 and 1280 when the page is zoomed to 200 %.
ZOOMED = ((768, 1), (320, 1), (720, 2), (640, 2))
MOVES = """[...document.querySelectorAll("*")].filter(one => {
    const style = getComputedStyle(one);
    const long = text => text.split(",").some(part => parseFloat(part) > 0.01);
    return long(style.transitionDuration)
        || style.animationName !== "none" && long(style.animationDuration);
}).map(one => one.outerHTML.slice(0, 80))"""


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_is_sound_narrow_and_zoomed(
    scheme: Any, browser: Browser, tab: Tab, shown: Estate
) -> None:
    """By every rule; and nothing moves for somebody who asked for less motion."""
    await tab.sign_in("ada")
    state = await tab.page.context.storage_state()
    found = []
    for width, factor in ZOOMED:
        context = await browser.new_context(
            viewport={"width": width, "height": 900 // factor},
            device_scale_factor=factor,
            color_scheme=scheme,
            reduced_motion="reduce",
            storage_state=state,
        )
        page = await context.new_page()
        for name, path in shown.paths().items():
            await page.goto(tab.address + path)
            await expect(page.locator("[hx-trigger=load]")).to_have_count(0)
            if await page.evaluate(WIDE):
                found.append(f"{name} at {width}: scrolls sideways")
            found += [f"{name}: moves {one}" for one in await page.evaluate(MOVES)]
            found += await _barriers(page, f"{name} at {width}")
        await context.close()
    assert found == [], "\n".join(found)


async def _look(page: Page, name: str, rules: list[str]) -> list[str]:
    found = [f"{name}: moves {part}" for part in await _moving(page)]
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        if await page.evaluate(WIDE):
            found.append(f"{name} at {width}: scrolls sideways")
        found += [f"{name} at {width}: askew {one}" for one in await page.evaluate(ASKEW)]
        if width in JUDGED:
            found += await _barriers(page, f"{name} at {width}", rules)
    return found


async def _moving(page: Page) -> list[str]:
    """What moves whenever the page is loaded.

    On a machine that does much else a page is painted before all of it has been read, and moves
    once; what is laid out wrongly moves each time.
    """
    for _ in range(LOADS):
        found: list[str] = await page.evaluate(SHIFT)
        if not found:
            break
        await page.reload()
        await expect(page.locator("[hx-trigger=load]")).to_have_count(0)
    return found


async def _barriers(page: Page, name: str, rules: list[str] | None = None) -> list[str]:
    """What axe finds by these rules, or by all."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    run = "options => axe.run(document, options).then(found => JSON.stringify(found))"
    found = json.loads(await page.evaluate(run, options))
    assert found["passes"], "axe judged nothing"
    return [
        f"{name}: {rule['id']} at {node['target']}: {node['failureSummary']}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"][:3]
    ]
