"""The template editor in a browser: wrong before it is saved, written by keyboard alone."""

import asyncio
import json
import re
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from playwright.async_api import Locator, Route, expect

from tests.browser.clicks import clicks
from tests.browser.conftest import Tab
from tests.browser.estate import Estate
from tests.browser.test_every_page import AXE
from tests.web import scene
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Automation, Draft


def draft_of(shown: Estate, **values: Any) -> Draft:
    trigger = {"type": "event", "posture": "Reactive", "expect": ["orders.file.landed"],
               "threshold": 1, "within": 0, "match": {}}  # fmt: skip
    action = {"type": "run-deployment", "source": "selected",
              "deployment_id": str(shown.deployment.pk), "parameters": values}  # fmt: skip
    document = {"name": "orders-landed", "trigger": trigger, "actions": [action]}
    return drafts.open_new(document, author="eda", now=scene.NOW)


@pytest_asyncio.fixture(loop_scope="session")
async def draft(tab: Tab, shown: Estate) -> Draft:
    made = await sync_to_async(draft_of)(shown, customer="acme", day="2026-11-22", limit=5)
    await tab.sign_in("eda")
    await tab.go(f"/builder/{made.pk}/?tab=parameters")
    return made


async def saved_parameters(draft: Draft) -> Any:
    await draft.arefresh_from_db()
    return draft.document["actions"][0]["parameters"]


def row(tab: Tab, name: str) -> Locator:
    return tab.page.locator(".texts-table tr", has=tab.page.get_by_text(name, exact=True))


async def test_wrong_type_is_red_before_saving(tab: Tab, draft: Draft) -> None:
    """Check (e)."""
    limit = row(tab, "limit")
    await expect(limit.get_by_text("Valid", exact=True)).to_be_visible()

    await limit.get_by_role("textbox").fill("many")

    await expect(limit.get_by_text("Invalid", exact=True)).to_be_visible()
    await expect(limit).to_contain_text("'many' is not of type 'integer'.")
    await expect(limit.get_by_role("textbox")).to_be_focused()
    await expect(tab.page.get_by_text("1 invalid value")).to_be_visible()
    assert await clicks(tab.page) <= 1


async def test_rendered_value_follows_what_is_typed(tab: Tab, draft: Draft) -> None:
    limit = row(tab, "limit")

    await limit.get_by_role("textbox").fill("{{ event.payload.max_rows }}")

    await expect(limit).to_contain_text("The text becomes the whole number 5000")
    await expect(limit.get_by_role("combobox")).to_have_value("template")
    await expect(limit.locator("mark")).to_have_text("{{ event.payload.max_rows }}")


async def test_variable_is_written_by_keyboard_alone(tab: Tab, draft: Draft) -> None:
    field, keys = row(tab, "limit").get_by_role("textbox"), tab.page.keyboard
    await field.focus()

    await keys.press("Control+a")
    await keys.type("{{ rows")
    await expect(tab.page.get_by_role("listbox", name="Variables here")).to_be_visible()
    await keys.press("Enter")

    await expect(field).to_have_value("{{ event.payload.rows }}")
    await expect(tab.page.get_by_role("listbox", name="Variables here")).to_have_count(0)
    await expect(row(tab, "limit").locator(".out-value code")).to_have_text("5223")
    await expect(field).to_be_focused()


async def test_arrows_choose_and_escape_leaves_what_was_typed(tab: Tab, draft: Draft) -> None:
    field, keys = row(tab, "customer").get_by_role("textbox"), tab.page.keyboard
    await field.focus()
    await keys.press("Control+a")

    await keys.type("{{ event.payload")
    await keys.press("ArrowDown")
    await expect(field).to_have_attribute("aria-activedescendant", "choice-1")
    await keys.press("Escape")

    await expect(tab.page.get_by_role("listbox")).to_have_count(0)
    await expect(field).to_have_value("{{ event.payload")


async def test_variable_is_written_where_the_cursor_was(tab: Tab, draft: Draft) -> None:
    field = row(tab, "customer").get_by_role("textbox")
    await field.focus()
    await tab.page.keyboard.press("Home")

    await tab.page.get_by_text("Variables here").click()
    await tab.page.get_by_role("button", name="event.resource.customer").click()

    await expect(field).to_have_value("{{ event.resource.customer }}acme")
    await expect(field).to_be_focused()


async def test_name_that_is_missing_is_put_right_by_a_click(tab: Tab, draft: Draft) -> None:
    limit = row(tab, "limit")
    await limit.get_by_role("textbox").fill("{{ event.payload.max_row }}")
    await expect(limit.get_by_text("Has no value")).to_be_visible()

    await limit.get_by_role("button", name="use max_rows").click()

    await expect(limit.get_by_role("textbox")).to_have_value("{{ event.payload.max_rows }}")
    await expect(limit.get_by_text("Valid", exact=True)).to_be_visible()
    assert (await saved_parameters(draft))["limit"] == "{{ event.payload.max_rows }}"


async def test_choice_becomes_a_template_and_back(tab: Tab, draft: Draft) -> None:
    mode = row(tab, "mode")

    await mode.get_by_role("combobox").select_option("template")
    await mode.get_by_role("textbox").fill("{{ 'replace' }}")
    await expect(mode.locator(".out")).to_contain_text('"replace"')
    await mode.get_by_role("combobox").select_option(label="append")

    await expect(mode.locator(".out")).to_contain_text('"append"')
    await expect(mode.get_by_role("textbox")).to_have_count(0)
    assert (await saved_parameters(draft))["mode"] == "append"


async def test_undo_takes_back_what_was_typed(tab: Tab, draft: Draft) -> None:
    limit = row(tab, "limit")
    await limit.get_by_role("textbox").fill("9")
    await expect(limit.locator(".out-value code")).to_have_text("9")

    await tab.page.get_by_role("button", name="Undo").click()

    await expect(limit.get_by_role("textbox")).to_have_value("5")
    await expect(limit.locator(".out-value code")).to_have_text("5")


async def test_what_was_typed_just_before_saving_is_saved(
    tab: Tab, shown: Estate, draft: Draft
) -> None:
    await row(tab, "limit").get_by_role("textbox").fill("9")

    await tab.page.keyboard.press("Control+s")
    await tab.page.evaluate("document.getElementById('save-off').click()")

    await expect(tab.page.get_by_text("Saved as version 1")).to_be_visible()
    made = await Automation.objects.aget(document__name="orders-landed", version=1)
    assert made.document["actions"][0]["parameters"]["limit"] == 9


async def test_what_was_typed_while_nobody_answered_is_sent_again(tab: Tab, draft: Draft) -> None:
    away = re.compile("/parameters/edit/$")
    await tab.page.route(away, lambda route: route.abort())
    await row(tab, "limit").get_by_role("textbox").fill("9")
    await expect(tab.page.locator("#builder-banner")).to_contain_text("trying again.")

    await tab.page.unroute(away)

    await expect(row(tab, "limit").locator(".out-value code")).to_have_text("9")
    await expect(tab.page.locator("#builder-banner")).to_be_hidden()
    assert (await saved_parameters(draft))["limit"] == 9
    # The browser and htmx note every request that failed.
    noted = ("ERR_FAILED", "htmx:")
    tab.complaints[:] = [text for text in tab.complaints if not any(one in text for one in noted)]


async def test_what_was_typed_after_the_session_had_ended_is_there_after_signing_in(
    tab: Tab, draft: Draft
) -> None:
    await tab.page.wait_for_load_state("networkidle")
    await sync_to_async(Session.objects.all().delete)()

    await row(tab, "limit").get_by_role("textbox").fill("9")
    await tab.page.get_by_label("Password").fill("a spark in the dark")
    await tab.page.get_by_label("Name").fill("eda")
    await tab.page.keyboard.press("Enter")

    await expect(row(tab, "limit").locator(".out-value code")).to_have_text("9")
    assert (await saved_parameters(draft))["limit"] == 9


async def test_late_answer_replaces_no_field_in_use(tab: Tab, draft: Draft) -> None:
    held = asyncio.Event()
    field = row(tab, "limit").get_by_role("textbox")

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await tab.page.route("**/parameters/?seen=*", hold)
    await field.fill("7")
    async with tab.page.expect_request("**/parameters/?seen=*"):
        await expect(row(tab, "limit").locator(".out-value code")).to_have_text("7")
    await field.press_sequentially("8")
    await expect(row(tab, "limit").locator(".out-value code")).to_have_text("78")
    async with tab.page.expect_response("**/parameters/?seen=*"):
        held.set()

    await field.press_sequentially("9")

    await expect(row(tab, "limit").locator(".out-value code")).to_have_text("789")
    await expect(field).to_have_value("789")


async def test_json_twin_follows_and_is_taken_over(tab: Tab, draft: Draft) -> None:
    twin = tab.page.get_by_label("All parameters as JSON")
    await row(tab, "limit").get_by_role("textbox").fill("9")
    await tab.page.get_by_text("All parameters as JSON").click()
    await expect(twin).to_have_value(
        '{\n  "customer": "acme",\n  "day": "2026-11-22",\n  "limit": 9\n}'
    )

    await twin.fill('{"customer": 1,}')
    await tab.page.get_by_role("button", name="Take this over").first.click()
    # Python 3.13 names the comma, earlier ones what stands behind it.
    await expect(tab.page.get_by_text(re.compile("at line 1, column 1[56]"))).to_be_visible()
    await twin.fill('{"customer": 1, "limit": "many"}')
    await tab.page.get_by_role("button", name="Take this over").first.click()

    await expect(row(tab, "limit").get_by_text("Invalid", exact=True)).to_be_visible()
    await expect(row(tab, "customer").get_by_text("becomes the text")).to_be_visible()


async def test_pasted_event_is_tried(tab: Tab, draft: Draft) -> None:
    await row(tab, "limit").get_by_role("textbox").fill("{{ event.payload.n }}")
    await tab.page.get_by_text("Try it on another event").click()
    await tab.page.get_by_label("Or paste an event").fill(
        '{"event": "a", "resource": {"prefect.resource.id": "r"}, "payload": {"n": 77}}'
    )

    await tab.page.get_by_role("button", name="Try it on this event").click()

    await expect(row(tab, "limit").locator(".out-value code")).to_have_text("77")
    await expect(tab.page.get_by_text("This is the event that you pasted.")).to_be_visible()


async def test_it_works_without_a_script(tab: Tab, draft: Draft) -> None:
    context = await tab.page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    page = await context.new_page()
    plain = Tab(page, tab.address)
    await plain.sign_in("eda")
    await plain.go(f"/builder/{draft.pk}/?tab=parameters")

    await row(plain, "limit").get_by_role("textbox").fill("{{ event.payload.note }}")
    await page.get_by_role("button", name="Save and check").click()

    await expect(row(plain, "limit").get_by_text("Invalid", exact=True)).to_be_visible()
    assert (await saved_parameters(draft))["limit"] == "{{ event.payload.note }}"
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_editor_has_no_barriers_and_fits_a_phone(scheme: Any, tab: Tab, draft: Draft) -> None:
    await tab.page.emulate_media(color_scheme=scheme)
    await tab.page.set_viewport_size({"width": 360, "height": 900})
    await row(tab, "limit").get_by_role("textbox").fill("{{ event.payload.max_row")
    await expect(row(tab, "limit").locator(".problem")).to_be_visible()
    for fold in await tab.page.locator("#builder-parameters summary").all():
        await fold.click()

    await tab.page.evaluate(AXE)
    run = "axe.run('#builder-parameters').then(found => JSON.stringify(found.violations))"
    found = json.loads(await tab.page.evaluate(run))

    assert [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in found] == []
    assert await tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
