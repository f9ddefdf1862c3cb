import pytest
from django.test import Client
from django.urls import reverse

from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.models import Automation

UNKNOWN_METRIC = {
    "type": "metric",
    "posture": "Metric",
    "metric": {"name": "queue", "threshold": 1, "operator": ">"},
}


@pytest.fixture
def running(db: None) -> Automation:
    return scene.automation()


def switch_of(automation: Automation) -> str:
    return reverse("automations:switch", args=[automation.pk])


def test_editor_switches_off_and_sees_it(editor: Client, running: Automation) -> None:
    response = editor.post(switch_of(running), {"on": "false"}, headers=HTMX)

    running.refresh_from_db()
    assert (response.status_code, running.enabled, running.version) == (200, False, 2)
    assert response.headers["HX-Trigger"] == '{"automation-switched": {}}'
    assert 'aria-checked="false"' in response.content.decode()


def test_version_names_who_switched(editor: Client, running: Automation) -> None:
    editor.post(switch_of(running), {"on": "false"}, headers=HTMX)

    assert running.versions.get(version=2).author == "eda"


def test_without_a_script_the_browser_goes_back_to_the_page(
    editor: Client, running: Automation
) -> None:
    response = editor.post(switch_of(running), {"on": "false"})

    assert (response.status_code, response.headers["Location"]) == (
        302,
        f"/automations/{running.pk}/",
    )


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "without a script"])
def test_refusal_is_shown_with_its_reason(
    headers: dict[str, str], editor: Client, db: None
) -> None:
    unknown = scene.automation(trigger=UNKNOWN_METRIC, enabled=False)

    response = editor.post(switch_of(unknown), {"on": "true"}, headers=headers)

    unknown.refresh_from_db()
    assert (response.status_code, unknown.enabled) == (422, False)
    assert "Flint computes the metrics" in response.content.decode()


def test_switching_on_ends_a_quarantine(editor: Client, db: None) -> None:
    aside = scene.automation(quarantine_reason="ZeroDivisionError")

    response = editor.post(switch_of(aside), {"on": "true"}, headers=HTMX)

    aside.refresh_from_db()
    assert (response.status_code, aside.quarantine_reason) == (200, None)
    assert "Set aside" not in response.content.decode()


def test_viewer_may_not_switch(viewer: Client, running: Automation) -> None:
    response = viewer.post(switch_of(running), {"on": "false"})

    running.refresh_from_db()
    assert (response.status_code, running.enabled) == (403, True)


def test_viewer_sees_the_state_without_a_switch(viewer: Client, running: Automation) -> None:
    html = viewer.get(f"/automations/{running.pk}/").content.decode()

    assert ("switch-button" in html, "sign-on" in html) == (False, True)


def test_switch_is_part_of_the_page(editor: Client, running: Automation) -> None:
    page = editor.get(f"/automations/{running.pk}/").content.decode()

    assert page.count('id="switch-button"') == 1
    assert 'hx-headers=\'{"x-csrftoken": "' in page


def test_stranger_may_not_switch(client: Client, running: Automation) -> None:
    response = client.post(switch_of(running), {"on": "false"})

    assert response.headers["Location"].startswith("/sign-in/")


def test_a_form_without_its_token_is_refused(editor: Client, running: Automation) -> None:
    editor.handler.enforce_csrf_checks = True

    assert editor.post(switch_of(running), {"on": "false"}).status_code == 403


@pytest.mark.parametrize("what", ["unknown", "deleted"])
def test_what_is_not_there_is_not_found(what: str, editor: Client, db: None) -> None:
    pk = scene.NOBODY if what == "unknown" else scene.automation(deleted=scene.NOW).pk

    assert editor.post(reverse("automations:switch", args=[pk])).status_code == 404


def test_a_row_of_the_list_switches_in_place(editor: Client) -> None:
    automation = scene.automation("orders")
    page = editor.get("/automations/").content.decode()
    address = f"/automations/{automation.pk}/switch/"

    answer = editor.post(address, {"row": "true", "on": "false"}, headers=HTMX).content.decode()

    assert f'id="switch-{automation.pk}"' in page
    assert answer.lstrip().startswith(f'<div class="row-switch" id="switch-{automation.pk}"')
    assert 'aria-checked="false"' in answer
    assert "orders: switched off." in answer
    assert f'hx-target="#switch-{automation.pk}"' in answer  # the way back
