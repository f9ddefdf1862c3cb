"""Completion and numbers in the builder, with the keyboard alone."""

import json
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from events_app.domain.event import to_us
from project.lib.clock import utcnow
from tests.browser.conftest import Tab
from tests.browser.estate import Estate
from tests.browser.test_every_page import AXE, WIDE
from tests.menagerie import automation_document, event, reactive, related
from tests.triggers_app.builder.seen import seen, since
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.numbers import service as numbers
from triggers_app.models import Draft


@pytest.fixture
def draft(shown: Estate) -> Draft:
    """Of an automation that waits for nothing that was seen, on a log with something in it."""
    some = [
        event("inventory.counted", labels={"site": f"s{n % 3}"}, id=f"n{n}",
              related=[related("warehouse", f"wh.{n % 2}")])
        for n in range(30)
    ] + [event("inventory.lost", id="lost")]  # fmt: skip
    seen(some, at_ms=to_us(utcnow() - timedelta(minutes=3)) // 1000)
    document = automation_document(reactive("nothing", match={"site": ["s1"]}))
    return drafts.open_new(document, author="eda", now=utcnow())


async def test_two_letters_and_two_keys_choose_a_name_and_the_number_follows(
    tab: Tab, draft: Draft
) -> None:
    node = draft.document["trigger"]["id"]
    badge = tab.page.locator(f'[id="numbers-said-{node}"]')
    await tab.sign_in("eda")
    await tab.go(f"/builder/{draft.pk}/")
    await expect(badge).to_have_text(f"No such event {since()}")

    field = tab.page.get_by_label("Events", exact=True)
    await field.focus()
    await tab.page.keyboard.press("Control+a")
    await tab.page.keyboard.type("in")
    await expect(tab.page.locator("#choices [role=option]")).to_have_count(3)
    await tab.page.keyboard.press("ArrowDown")
    await tab.page.keyboard.press("Enter")

    await expect(field).to_have_value("inventory.counted")
    await expect(badge).to_have_text(f"10 of 30 events {since()}", timeout=15_000)
    await expect(tab.page.locator(f'[id="left-n.{node}.match.0"]')).to_contain_text("10")
    await expect(field).to_be_focused()


async def test_the_list_can_be_left_and_only_the_line_is_completed(tab: Tab, draft: Draft) -> None:
    options = tab.page.locator("#choices [role=option]")
    await tab.sign_in("eda")
    await tab.go(f"/builder/{draft.pk}/")
    field = tab.page.get_by_label("Events", exact=True)
    await field.fill("inventory.counted\n")
    await tab.page.keyboard.type("inventory.l")
    await expect(options).to_have_count(1)
    await tab.page.keyboard.press("Escape")
    await expect(tab.page.locator("#choices")).to_be_hidden()
    await tab.page.keyboard.press("Alt+ArrowDown")
    await expect(options).to_have_count(1)

    await options.first.click()

    await expect(field).to_have_value("inventory.counted\ninventory.lost")
    await expect(field).to_be_focused()


async def test_values_of_a_label_are_offered_before_anything_is_typed(
    tab: Tab, shown: Estate, draft: Draft
) -> None:
    options = tab.page.locator("#choices [role=option]")
    await tab.sign_in("eda")
    await tab.go(f"/builder/{draft.pk}/")
    await tab.page.get_by_label("Events", exact=True).fill("inventory.counted")
    await expect(tab.page.locator("#builder-sentence")).to_contain_text("inventory.counted")
    values = tab.page.get_by_label("Values of label 1")

    await values.fill("")
    await tab.page.get_by_label("Label 1", exact=True).focus()
    await values.focus()
    await expect(options.first).to_be_visible()
    await expect(tab.page.locator("#choices .choice-value")).to_contain_text(["s0", "s1", "s2"])
    await expect(options.first.locator(".choice-count")).to_contain_text("10")
    await tab.page.keyboard.press("ArrowDown")
    await tab.page.keyboard.press("Enter")
    await expect(values).to_have_value("s0")
    # The next line is another value.
    await tab.page.keyboard.press("Enter")
    await expect(options.first).to_be_visible()
    await tab.page.keyboard.type("s2")

    await expect(values).to_have_value("s0\ns2")
    await expect(tab.page.locator("#builder-sentence")).to_contain_text("s2")


async def test_a_guess_becomes_a_count_by_itself(
    tab: Tab, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "AT_ONCE", 1)
    monkeypatch.setattr("triggers_app.storage.event_stats.MOST_FEW", 0)
    node = draft.document["trigger"]["id"]
    badge = tab.page.locator(f'[id="numbers-said-{node}"]')
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    await tab.sign_in("eda")
    await tab.go(f"/builder/{draft.pk}/")

    await tab.page.get_by_label("Events", exact=True).fill("inventory.counted")

    await expect(badge).to_have_text(f"10 of 30 events {since()}", timeout=15_000)
    assert any(url.endswith("/numbers/?exact=1") for url in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_list_has_no_barriers_and_fits_a_small_screen(
    tab: Tab, draft: Draft, scheme: Any
) -> None:
    await tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await tab.page.set_viewport_size({"width": 360, "height": 800})
    await tab.sign_in("eda")
    await tab.go(f"/builder/{draft.pk}/")
    await tab.page.get_by_label("Events", exact=True).fill("inv")
    await expect(tab.page.locator("#choices [role=option]")).to_have_count(3)
    await tab.page.keyboard.press("ArrowDown")

    assert await barriers(tab.page, "#choices", "#builder-inspector") == []
    assert not await tab.page.evaluate(WIDE)
    box = await tab.page.locator("#choices").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


async def barriers(page: Page, *parts: str) -> list[str]:
    await page.evaluate(AXE)
    run = f"axe.run({list(parts)}).then(found => JSON.stringify(found.violations))"
    found = json.loads(await page.evaluate(run))
    return [f"{rule['id']}: {rule['nodes'][0]['failureSummary']}" for rule in found]
