"""The stream of the list of events in a browser: what a gap says, and a chart that follows."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.cutting import Way, way_to
from tests.browser.test_checks import api, send, signed_in
from tests.system import Product, wait_for

__all__ = ["api"]
pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]


@pytest_asyncio.fixture(loop_scope="session")
async def way(product: Product) -> AsyncIterator[Way]:
    async with way_to(product.port) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, product: Product, way: Way) -> AsyncIterator[Page]:
    async for opened in signed_in(browser, replace(product, port=way.port)):
        await opened.clock.install(time=datetime.now(UTC))
        yield opened


async def live(page: Page, name: str) -> None:
    await page.goto(f"/events/?q=name:{name}")
    await expect(page.locator("#feed-state")).to_have_text("Live")


def first(api: httpx.Client, name: str) -> None:
    """An event that is recorded when the page is opened: the list begins with it."""
    event_id = send(api, name)
    found = {"filter": {"id": {"id": [event_id]}}}
    wait_for(lambda: bool(api.post("/events/filter", json=found).json()["events"]), seconds=30)


async def cut(page: Page, way: Way, seconds: int) -> None:
    """The network goes, and so much time passes for the page."""
    way.cut()
    await expect(page.locator("#feed-state")).to_have_text("Reconnecting…")
    await page.clock.fast_forward(seconds * 1000)


async def miss_three(page: Page, way: Way, api: httpx.Client, name: str) -> None:
    """Three events that come while the network is away, and are in the list once it is back."""
    await cut(page, way, 30)
    missed = [send(api, name) for _ in range(3)]
    way.mend()
    for one in missed:
        await expect(page.locator(f"#event-{one}")).to_be_visible()


async def test_gap_that_was_filled_says_so_and_its_rows_are_there(
    page: Page, way: Way, api: httpx.Client
) -> None:
    name = f"gap.{uuid4().hex[:8]}"
    first(api, name)
    await live(page, name)

    await miss_three(page, way, api, name)

    await expect(page.locator("#feed-gap")).to_contain_text(" UTC filled.")
    await expect(page.locator("#feed-anew")).to_be_hidden()
    later = send(api, name)
    await expect(page.locator(f"#event-{later}")).to_be_visible()
    await expect(page.locator("#feed-gap")).to_be_visible()  # not taken away by what comes


async def test_gap_of_a_list_without_rows_says_that_it_was_filled(
    page: Page, way: Way, api: httpx.Client
) -> None:
    name = f"gap.{uuid4().hex[:8]}"
    await live(page, name)

    await miss_three(page, way, api, name)

    await expect(page.locator("#feed-gap")).to_contain_text(" UTC filled.")
    await expect(page.locator("#feed-anew")).to_be_hidden()


async def test_gap_that_was_too_much_says_how_many_rows_it_lacks(
    page: Page, way: Way, api: httpx.Client
) -> None:
    name = f"gap.{uuid4().hex[:8]}"
    first(api, name)
    await live(page, name)

    await cut(page, way, 30)
    post_many(api, name, 700)
    way.mend()

    await expect(page.locator("#feed-gap")).to_contain_text("events, which were too many at once")
    await page.get_by_role("button", name="Read the list anew").click()
    await expect(page.locator("#feed-gap")).to_be_hidden()
    await expect(page.locator("#feed-state")).to_have_text("Live")


def post_many(api: httpx.Client, name: str, count: int) -> None:
    now = datetime.now(UTC).isoformat()
    events = [
        {
            "id": str(uuid4()),
            "occurred": now,
            "event": name,
            "resource": {"prefect.resource.id": "a"},
        }
        for _ in range(count)
    ]
    assert api.post("/events", json=events).status_code == 204


async def test_chart_grows_with_what_comes_shows_what_fired_and_can_be_brushed(
    page: Page, api: httpx.Client
) -> None:
    name = f"chart.{uuid4().hex[:8]}"
    trigger = {"type": "event", "posture": "Reactive", "expect": [name], "threshold": 2}
    at_two = {"name": name, "trigger": trigger, "actions": [{"type": "do-nothing"}]}
    made = api.post("/automations/", json=at_two)
    assert made.status_code == 201
    first(api, name)
    await live(page, name)
    chart = page.locator("#histogram")
    await expect(chart.locator(".chart-sum")).to_contain_text("1 event")
    await expect(chart.locator(".lit")).to_have_count(0)

    second = send(api, name)
    await expect(page.locator(f"#event-{second}")).to_be_visible()
    wait_for(lambda: is_fired(api, made.json()["id"]), seconds=30)
    await page.clock.fast_forward(31_000)

    await expect(chart.locator(".chart-sum")).to_contain_text("2 events")
    await expect(chart.locator(".lit")).to_have_count(1)
    bars = chart.locator(".bar")
    since = await bars.nth(2).get_attribute("data-since")
    await bars.nth(2).hover()
    await page.mouse.down()
    await bars.nth(5).hover()
    await expect(chart.locator("[data-chosen]")).to_have_count(4)
    third = send(api, name)
    await expect(page.locator(f"#event-{third}")).to_be_visible()
    await page.mouse.move(5, 5)  # the drag goes on, and nothing hovers over the chart
    await page.clock.fast_forward(31_000)
    await expect(chart.locator("[data-chosen]").first).to_be_attached()
    await bars.nth(5).hover()
    until = await bars.nth(5).get_attribute("data-until")
    await page.mouse.up()
    await expect(page.locator("#field-q")).to_have_value(f"name:{name} since:{since} until:{until}")


def is_fired(api: httpx.Client, automation: str) -> bool:
    related = {"resource": {"id": [f"prefect.automation.{automation}"]}}
    found = {"filter": {"event": {"name": ["prefect.automation.triggered"]}, **related}}
    return bool(api.post("/events/filter", json=found).json()["events"])


async def test_a_finger_chooses_a_time_of_the_chart_and_scrolls_past_it(
    browser: Browser, product: Product, api: httpx.Client
) -> None:
    name = f"finger.{uuid4().hex[:8]}"
    first(api, name)
    async for page in signed_in(
        browser, product, viewport={"width": 390, "height": 844}, has_touch=True
    ):
        await live(page, name)
        touching = "getComputedStyle(document.querySelector('#histogram .bars')).touchAction"
        bars = page.locator("#histogram .bar")
        await expect(bars.first).to_be_attached()
        assert await page.evaluate(touching) == "pan-y"
        since = await bars.nth(2).get_attribute("data-since")
        until = await bars.nth(5).get_attribute("data-until")

        await touch(page, await middle(page, 2), await middle(page, 5))

        text = f"name:{name} since:{since} until:{until}"
        await expect(page.locator("#field-q")).to_have_value(text)


async def middle(page: Page, number: int) -> tuple[float, float]:
    box = await page.locator("#histogram .bar").nth(number).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def touch(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Put a finger down, move it, and take it away."""
    session = await page.context.new_cdp_session(page)
    points = [("touchStart", start), ("touchMove", end)]
    for kind, (x, y) in points:
        await session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]}
        )
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
