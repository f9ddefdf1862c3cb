"""Row 14 of docs/semantics.md on pages: who is guarded, and against which loop."""

from typing import Any

from django.test import Client

from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.automation.parsing import parse_automation
from triggers_app.models import Automation
from triggers_app.services import authoring


def looping(**changes: Any) -> Automation:
    body = {
        "name": "starts itself",
        "trigger": {"posture": "Reactive", "expect": ["prefect.flow-run.Completed"]},
        **changes,
    }
    if "actions" not in body:
        run = str(scene.deployment().pk)
        body["actions"] = [{"type": "run-deployment", "deployment_id": run}]
    return authoring.create(parse_automation(body), author="eda", now=scene.NOW)


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_the_list_and_the_page_say_that_it_is_guarded(viewer: Client, db: None) -> None:
    row = looping()

    page = text(viewer, f"/automations/{row.pk}/")
    assert "Guarded" in text(viewer, "/automations/")
    assert "Guarded: it runs in a loop." in page
    assert "whose prefect.flow-run.Completed fires `starts itself` again" in page


def test_without_a_loop_nothing_is_said(viewer: Client, db: None) -> None:
    row = looping(enabled=False)

    assert "Guarded" not in text(viewer, "/automations/") + text(viewer, f"/automations/{row.pk}/")


def test_switching_it_on_shows_the_loop_at_once(editor: Client, db: None) -> None:
    row = looping(enabled=False)

    answer = editor.post(f"/automations/{row.pk}/switch/", {"on": "true"}, headers=HTMX)

    assert "Guarded: it runs in a loop." in answer.content.decode()


def test_a_version_that_only_changed_the_guard_says_so(viewer: Client, db: None) -> None:
    one, two = scene.deployment("one"), scene.deployment("two")

    def after(watched: Any, run: Any) -> dict[str, Any]:
        related = {"prefect.resource.id": f"prefect.deployment.{watched.pk}"}
        action = {"type": "run-deployment", "deployment_id": str(run.pk)}
        expect = ["prefect.flow-run.Completed"]
        trigger = {"posture": "Reactive", "expect": expect, "match_related": related}
        return {"trigger": trigger, "actions": [action]}

    first = looping(name="first", **after(one, two))
    second = looping(name="second", **after(two, one))
    authoring.enable(second.pk, False, author="eda", now=scene.NOW)

    html = text(viewer, f"/automations/{first.pk}/versions/")
    assert "Guarded from here on" in html
    assert "No longer guarded" in html
