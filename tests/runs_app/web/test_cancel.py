import pytest
from django.test import Client
from django.urls import reverse

from runs_app.models import FlowRun
from tests.web import scene
from tests.web.fixtures import HTMX


@pytest.fixture
def waiting(db: None) -> FlowRun:
    return scene.run(scene.deployment(), states="S")


def cancel_of(run: FlowRun) -> str:
    return reverse("runs:cancel", args=[run.pk])


def test_editor_cancels_a_waiting_run_and_sees_it_cancelled(
    editor: Client, waiting: FlowRun
) -> None:
    response = editor.post(cancel_of(waiting), headers=HTMX)

    waiting.refresh_from_db()
    assert (response.status_code, waiting.state_name) == (200, "Cancelled")
    assert response.headers["HX-Trigger"] == '{"run-cancelled": {}}'
    assert "Cancelled" in response.content.decode()


def test_without_a_script_the_browser_goes_back_to_the_run(
    editor: Client, waiting: FlowRun
) -> None:
    response = editor.post(cancel_of(waiting))

    assert (response.status_code, response.headers["Location"]) == (302, f"/runs/{waiting.pk}/")


def test_run_that_has_ended_is_refused_with_the_reason(editor: Client) -> None:
    ended = scene.run(scene.deployment(), states="SPRC")

    response = editor.post(cancel_of(ended), headers=HTMX)

    assert response.status_code == 422
    assert "Not done." in response.content.decode()


def test_viewer_may_not_cancel(viewer: Client, waiting: FlowRun) -> None:
    response = viewer.post(cancel_of(waiting))

    waiting.refresh_from_db()
    assert (response.status_code, waiting.state_name) == (403, "Scheduled")


def test_viewer_sees_no_button(viewer: Client, editor: Client, waiting: FlowRun) -> None:
    seen = [client.get(f"/runs/{waiting.pk}/").content.decode() for client in (viewer, editor)]

    assert ["cancel-run" in html for html in seen] == [False, True]


def test_stranger_may_not_cancel(client: Client, waiting: FlowRun) -> None:
    assert client.post(cancel_of(waiting)).headers["Location"].startswith("/sign-in/")


def test_unknown_run_is_not_found(editor: Client) -> None:
    assert editor.post(reverse("runs:cancel", args=[scene.NOBODY])).status_code == 404


def test_looking_at_the_address_of_the_button_is_not_allowed(
    editor: Client, waiting: FlowRun
) -> None:
    assert editor.get(cancel_of(waiting)).status_code == 405
