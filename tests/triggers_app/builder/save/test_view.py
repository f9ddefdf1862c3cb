"""Saving: off, in shadow, on; what stops it, and what others saved meanwhile."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.triggers_app.builder.forms import (
    NODE,
    Sheet,
    document,
    event,
    of_automation,
    saved,
    sheet,
)
from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.automation.parsing import parse_automation
from triggers_app.models import Automation, Draft
from triggers_app.services import authoring

CUSTOMER = {"customer": "acme"}


def save(form: Sheet, way: str = "off", headers: Any = HTMX, **changed: str) -> Any:
    return form.post("save", {"as": way, **changed}, headers)


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.parametrize(
    ("way", "enabled", "shadow"),
    [("off", False, False), ("shadow", True, True), ("on", True, False)],
    ids=["off", "shadow", "on"],
)
def test_new_automation_is_saved(way: str, enabled: bool, shadow: bool, editor: Client) -> None:
    response = save(sheet(editor, event(match=CUSTOMER)), way)

    made = Automation.objects.get()
    assert (made.enabled, made.shadow) == (enabled, shadow)
    assert response.headers["HX-Redirect"] == f"/automations/{made.pk}/"
    assert made.name == "orders-landed"


def test_what_is_typed_is_saved_with_it(editor: Client) -> None:
    save(sheet(editor), name="typed just now")

    assert Automation.objects.get().name == "typed just now"


def test_without_a_script_saving_leads_to_the_automation_and_says_what_it_does(
    editor: Client,
) -> None:
    response = save(sheet(editor, event(match=CUSTOMER)), "shadow", None)
    made = Automation.objects.get()

    assert response.headers["Location"] == f"/automations/{made.pk}/"
    assert "Saved as version 1 in shadow" in text(editor.get(response.headers["Location"]))


def test_saving_an_edited_automation_makes_its_next_version(editor: Client) -> None:
    automation = saved()

    save(of_automation(editor, automation), "on", **{f"n.{NODE}.threshold": "5"})

    automation.refresh_from_db()
    assert automation.version == 2
    assert automation.document["trigger"]["threshold"] == 5


def test_way_that_nobody_knows_saves_it_off(editor: Client) -> None:
    save(sheet(editor), "loudly")

    assert Automation.objects.get().enabled is False


def test_incomplete_draft_is_refused_and_each_reason_leads_to_its_field(editor: Client) -> None:
    response = save(sheet(editor, actions=[{"type": "run-deployment"}], name=""), "on")

    html = text(response)
    assert response.status_code == 422
    assert 'href="#field-a.actions.0.deployment_id"' in html
    assert 'id="save-refused" class="save-refused" hx-swap-oob="true"' in html
    assert not Automation.objects.exists()


def test_every_refused_reason_has_a_place_on_the_page(editor: Client) -> None:
    form = sheet(editor, actions=[{"type": "run-deployment"}, {"type": "call-webhook"}], name="")

    anchors = re.findall('href="#([^"]+)" data-to-field', text(save(form, "on")))

    page = form.page()
    assert anchors
    assert [anchor for anchor in anchors if f'id="{anchor}"' not in page] == []


def test_without_a_script_a_refusal_is_on_the_page_with_what_was_typed(editor: Client) -> None:
    response = save(sheet(editor), "on", None, **{f"n.{NODE}.within": "soon"})

    assert response.status_code == 422
    assert "Not saved." in text(response)
    assert 'value="soon"' in text(response)


def test_loop_is_enabled_after_its_way_was_confirmed(editor: Client) -> None:
    runs = scene.deployment()
    done = event(expect=["prefect.flow-run.Completed"], match_related={
        "prefect.resource.role": "deployment",
        "prefect.resource.id": f"prefect.deployment.{runs.pk}"})  # fmt: skip
    action = {"type": "run-deployment", "deployment_id": str(runs.pk)}

    begun = sheet(editor, done, actions=[action])

    html = text(save(begun, "on"))

    assert "Is this what you want?" in html
    assert "nightly-load" in html and 'value="L12"' in html
    assert not Automation.objects.exists()
    save(Sheet(editor, begun.now()), "on", confirmed="L12")
    assert Automation.objects.get().guarded


def test_finding_that_asks_is_enabled_after_it_was_confirmed(editor: Client) -> None:
    every = event(expect=[])
    form = sheet(editor, every)

    asked = text(save(form, "on"))

    assert re.search(r'name="confirmed" value="L04"', asked)
    assert not Automation.objects.exists()
    assert save(Sheet(editor, form.now()), "on", confirmed="L04").headers["HX-Redirect"]


def test_finding_does_not_stop_saving_it_off(editor: Client) -> None:
    save(sheet(editor, event(expect=[])), "off")

    assert Automation.objects.get().enabled is False


def test_draft_that_moved_in_another_tab_is_looked_at_first(editor: Client) -> None:
    form = sheet(editor)
    Sheet(editor, form.now()).type("name", "other")

    response = save(form)

    assert response.status_code == 422
    assert "changed in another tab" in text(response)
    assert 'value="other"' in text(response)


@pytest.fixture
def late(editor: Client) -> Sheet:
    """A draft of version 1, of which somebody saved version 2 meanwhile."""
    first = document(event(threshold=3, within=60), enabled=False)
    automation = authoring.create(parse_automation(first), author="eda", now=scene.NOW)
    form = of_automation(editor, automation)
    other = {**first, "description": "theirs", "trigger": event(threshold=7, within=60)}
    authoring.replace(automation.pk, parse_automation(other), author="bo", now=scene.NOW)
    return form


def conflict(form: Sheet) -> str:
    return reverse("builder:conflict", args=[form.draft.pk])


def test_others_version_is_never_overwritten(late: Sheet) -> None:
    response = save(late, **{f"n.{late.draft.document['trigger']['id']}.threshold": "5"})

    assert response.headers["HX-Redirect"] == conflict(late)
    assert Automation.objects.get().version == 2


def test_conflict_shows_what_it_was_what_they_made_and_what_i_made(late: Sheet) -> None:
    late.type(f"n.{late.draft.document['trigger']['id']}.threshold", "5")

    html = text(late.client.get(conflict(late)))

    assert re.findall('<pre class="clash-value">([^<]*)</pre>', html) == ["3", "7", "5"]
    assert "bo saved version 2" in html
    assert "theirs" in html


@pytest.mark.parametrize(("choice", "threshold"), [("theirs", 7), ("mine", 5)])
def test_chosen_side_is_taken_and_then_it_can_be_saved(
    choice: str, threshold: int, late: Sheet
) -> None:
    late.type(f"n.{late.draft.document['trigger']['id']}.threshold", "5")
    [place] = re.findall(
        'name="(choice:[^"]+)" value="mine"', text(late.client.get(conflict(late)))
    )

    late.client.post(reverse("builder:resolve", args=[late.draft.pk]), {place: choice})
    save(Sheet(late.client, late.now()), "on")

    made = Automation.objects.get()
    assert (made.version, made.document["trigger"]["threshold"]) == (3, threshold)
    assert made.document["description"] == "theirs"


def test_conflict_without_a_choice_asks_again(late: Sheet) -> None:
    late.type(f"n.{late.draft.document['trigger']['id']}.threshold", "5")

    response = late.client.post(reverse("builder:resolve", args=[late.draft.pk]))

    assert response.status_code == 422
    assert late.now().base_version == 1


def test_page_of_a_conflict_that_is_none_leads_to_the_draft(editor: Client) -> None:
    form = of_automation(editor, saved())

    response = editor.get(conflict(form))

    assert response.status_code == 302
    assert response.headers["Location"] == f"/automations/{form.draft.automation_id}/edit"


def test_deleted_automation_can_be_saved_as_a_new_one(editor: Client) -> None:
    automation = saved()
    form = of_automation(editor, automation)
    authoring.delete(automation.pk, author="bo", now=scene.NOW)

    html = text(save(form))
    save(Sheet(editor, form.now()), new="true")

    assert 'name="new" value="true"' in html
    assert Automation.objects.filter(deleted=None).count() == 1


def test_discarded_draft_leaves_the_automation_alone(editor: Client) -> None:
    form = of_automation(editor, saved())

    response = form.post("discard", {"name": "other"}, HTMX)

    assert response.headers["HX-Redirect"] == f"/automations/{form.draft.automation_id}/"
    assert form.now().outcome == "discarded"
    assert Automation.objects.get().name == "orders-landed"


def test_new_draft_that_is_discarded_leads_to_the_list(editor: Client) -> None:
    form = sheet(editor)

    response = form.post("discard", {})

    assert response.headers["Location"] == "/automations/"
    assert Draft.objects.get().outcome == "discarded"


@pytest.mark.parametrize("name", ["save", "discard", "resolve"])
def test_viewer_saves_nothing(name: str, viewer: Client) -> None:
    form = sheet(viewer, author="vera")

    assert form.post(name, {"as": "on"}).status_code == 403
    assert not Automation.objects.exists()


def test_webhook_without_an_address_is_told_what_it_needs(editor: Client) -> None:
    html = text(save(sheet(editor, actions=[{"type": "call-webhook"}]), "on"))

    assert "<code>block_document_id</code> is required, or in Flint a <code>url</code>." in html
    assert "<code>call-webhook</code> is required" not in html
