"""A suspended run is resumed on its page."""

import pytest
from django.test import Client
from django.urls import reverse

from project.lib.clock import utcnow
from runs_app.models import FlowRun
from runs_app.services import restoring
from tests.web import scene
from tests.web.fixtures import HTMX


@pytest.fixture
def held(db: None) -> FlowRun:
    run = scene.run(scene.deployment(), states="S")
    restoring.hold_unstarted(now=utcnow())
    return run


def resume_of(run: FlowRun) -> str:
    return reverse("runs:resume", args=[run.pk])


def test_editor_resumes_it(editor: Client, held: FlowRun) -> None:
    shown = editor.get(reverse("runs:one", args=[held.pk])).content.decode()
    response = editor.post(resume_of(held), headers=HTMX)

    held.refresh_from_db()
    assert "Resume this run" in shown and "It had not started when the dump was made" in shown
    assert (response.status_code, held.state_type) == (200, "SCHEDULED")
    assert "Resume this run" not in response.content.decode()


def test_without_a_script_the_browser_goes_back_to_the_run(editor: Client, held: FlowRun) -> None:
    response = editor.post(resume_of(held))

    assert (response.status_code, response.headers["Location"]) == (302, f"/runs/{held.pk}/")


def test_run_that_is_not_paused_is_refused_with_the_reason(editor: Client) -> None:
    waiting = scene.run(scene.deployment(), states="S")

    response = editor.post(resume_of(waiting), headers=HTMX)

    assert response.status_code == 422
    assert "not paused" in response.content.decode()


def test_viewer_may_not_resume_it(viewer: Client, held: FlowRun) -> None:
    response = viewer.post(resume_of(held))

    held.refresh_from_db()
    assert (response.status_code, held.state_type) == (403, "PAUSED")


def test_stranger_is_sent_to_sign_in(client: Client, held: FlowRun) -> None:
    assert client.post(resume_of(held)).status_code == 302
