"""The schedules of a deployment on its page."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from project.lib.clock import utcnow
from runs_app.models import Deployment, DeploymentSchedule
from runs_app.services import schedules
from runs_app.services.schedules import DesiredSchedules
from tests.web import scene


@pytest.fixture
def deployment(db: None) -> Deployment:
    made = scene.deployment()
    timings: list[dict[str, Any]] = [
        {"cron": "0 2 * * *", "timezone": "Asia/Tokyo"},
        {"interval": 5400, "anchor_date": "2026-01-01T00:00:00Z"},
        {"rrule": "DTSTART:20200101T000000\nFREQ=DAILY;COUNT=1"},
    ]
    wanted = [DesiredSchedules(schedule=timing) for timing in timings]
    schedules.create(made.pk, wanted, now=utcnow())
    return made


def test_the_page_tells_when_it_runs_next(viewer: Client, deployment: Deployment) -> None:
    html = viewer.get(f"/deployments/{deployment.pk}/").content.decode()

    for text in ("cron 0 2 * * *", "Asia/Tokyo", "Every 1:30:00", "FREQ=DAILY;COUNT=1"):
        assert text in html
    assert html.count("data-local") == 6 and " UTC</time>" in html
    assert html.count(">Next ") == 2 and "No run to come" in html
    assert "/schedules/" not in html  # a viewer changes nothing


def test_an_editor_pauses_and_resumes_one(editor: Client, deployment: Deployment) -> None:
    row = DeploymentSchedule.objects.get(schedule__cron="0 2 * * *")
    address = f"/deployments/{deployment.pk}/schedules/{row.pk}/"

    html = editor.post(address, {"active": "false"}, headers={"HX-Request": "true"}).content

    row.refresh_from_db()
    assert row.active is False and b"Schedule paused." in html and b"Resume" in html
    assert editor.post(address, {"active": "true"}).status_code == 302
    row.refresh_from_db()
    assert row.active is True


def test_a_schedule_that_does_not_exist_is_missing(editor: Client, deployment: Deployment) -> None:
    for owner in (deployment.pk, uuid4()):
        assert editor.post(f"/deployments/{owner}/schedules/{uuid4()}/").status_code == 404


def test_an_editor_makes_changes_and_deletes_one(editor: Client, deployment: Deployment) -> None:
    address = f"/deployments/{deployment.pk}/schedules"
    body = {"kind": "cron", "value": "0 3 * * *", "timezone": "Europe/Berlin"}
    html = editor.post(f"{address}/put/", body, headers={"HX-Request": "true"}).content.decode()
    assert "cron 0 3 * * *" in html and "Schedule created." in html
    row = DeploymentSchedule.objects.get(schedule__cron="0 3 * * *")

    editor.post(f"{address}/{row.pk}/change/", {"kind": "interval", "value": "7200"})

    row.refresh_from_db()
    assert row.schedule["interval"] == 7200 and row.schedule["timezone"] == "UTC"
    assert editor.post(f"{address}/{row.pk}/delete/").status_code == 302
    assert editor.post(f"{address}/{row.pk}/delete/").status_code == 404
    assert editor.post(f"{address}/{row.pk}/change/", body).status_code == 404


def test_what_the_form_does_not_ask_for_stays(editor: Client, deployment: Deployment) -> None:
    row = DeploymentSchedule.objects.get(schedule__interval=5400)
    address = f"/deployments/{deployment.pk}/schedules/{row.pk}/change/"

    editor.post(address, {"kind": "interval", "value": "1800"})
    row.refresh_from_db()
    assert row.schedule["anchor_date"] == "2026-01-01T00:00:00Z"
    editor.post(address, {"kind": "cron", "value": "0 4 * * *"})

    row.refresh_from_db()
    assert row.schedule == {"cron": "0 4 * * *", "timezone": "UTC", "day_or": True}


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "cron", "value": "never"},
        {"kind": "interval", "value": "soon"},
        {"kind": "rrule", "value": "FREQ=NO"},
        {"kind": "cron", "value": "0 0 * * *", "timezone": "Mars/Base"},
        {"kind": "other", "value": "1"},
        {},
    ],
)
def test_a_schedule_that_cannot_be_is_refused(
    editor: Client, deployment: Deployment, body: dict[str, str]
) -> None:
    address = f"/deployments/{deployment.pk}/schedules/put/"

    answer = editor.post(address, body, headers={"HX-Request": "true"})

    assert answer.status_code == 422 and b'role="alert"' in answer.content
    assert DeploymentSchedule.objects.count() == 3
    assert editor.post(f"/deployments/{uuid4()}/schedules/put/", body).status_code == 404


def test_viewers_make_no_schedules(viewer: Client, deployment: Deployment) -> None:
    assert viewer.post(f"/deployments/{deployment.pk}/schedules/put/", {}).status_code == 403
