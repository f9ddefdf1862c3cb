"""What the pages say of an automation that is in shadow, and of what it would have done."""

import pytest
from django.test import Client
from django.urls import reverse

from events_app.domain.position import Position
from tests.menagerie import event
from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.models import Automation, AutomationVersion
from triggers_app.services.fates import fates

LOOP = {
    "posture": "Reactive",
    "expect": ["prefect.flow-run.Running"],
    "match": {},
    "for_each": [],
    "threshold": 1,
    "within": 0.0,
}


def in_shadow(name: str = "watcher", **fields: object) -> Automation:
    made = scene.automation(name, **fields)  # type: ignore[arg-type]
    made.document["flint"] = {"shadow": True}
    made.save()
    return made


def address(of: Automation) -> str:
    return reverse("automations:shadow", args=[of.pk])


def test_the_list_knows_shadows_as_a_status_of_their_own(viewer: Client, db: None) -> None:
    scene.automation("actor")
    in_shadow()
    in_shadow("sleeper", enabled=False)

    html = viewer.get("/automations/?status=shadow").content.decode()
    on = viewer.get("/automations/?status=on").content.decode()

    assert (">watcher</a>" in html, ">actor</a>" in html, ">sleeper</a>" in html) == (
        True,
        False,
        False,
    )
    assert (">watcher</a>" in on, ">actor</a>" in on) == (False, True)
    assert "sign-shadow" in html


def test_its_page_says_that_it_does_nothing(viewer: Client, db: None) -> None:
    html = viewer.get(f"/automations/{in_shadow().pk}/").content.decode()

    assert "In shadow: it does nothing." in html


@pytest.mark.parametrize(("state", "words"), [("Triggered", True), ("Resolved", False)])
def test_a_firing_tells_what_would_have_followed(
    state: str, words: bool, viewer: Client, db: None
) -> None:
    watcher = in_shadow(runs=scene.deployment())
    AutomationVersion.objects.create(
        automation=watcher, version=1, enabled=True, document=watcher.document,
        effective_after_ms=0, effective_after_seq=0,
    )  # fmt: skip
    firing = scene.firing(watcher, scene.event())
    type(firing).objects.filter(pk=firing.pk).update(shadow=True, state=state)

    html = viewer.get(f"/firings/{firing.pk}/").content.decode()

    assert "nothing was carried out" in html
    assert ("Run nightly-load / prod" in html) is words
    assert "sign-shadow" in viewer.get("/firings/").content.decode()


def test_the_overview_counts_it_apart(viewer: Client, db: None) -> None:
    scene.firing(scene.automation("a"), None)
    shadow = scene.firing(scene.automation("b"), None)
    type(shadow).objects.filter(pk=shadow.pk).update(shadow=True)

    html = viewer.get("/").content.decode()

    assert '<span class="figure-value">1</span>' in html
    assert "1 more in shadow" in html


def test_the_fate_of_an_event_says_that_nothing_followed(db: None) -> None:
    recorded = scene.event()
    firing = scene.firing(scene.automation(), recorded)
    type(firing).objects.filter(pk=firing.pk).update(shadow=True)

    rows = fates(event(), Position(recorded.log_ms, recorded.log_seq, 0)).rows

    assert rows[0].sentence == "It fired in shadow: nothing followed."


@pytest.mark.parametrize("on", [True, False], ids=["into shadow", "out of it"])
def test_an_editor_switches_it(on: bool, editor: Client, db: None) -> None:
    automation = scene.automation() if on else in_shadow()

    response = editor.post(address(automation), {"on": "true" if on else "false"}, headers=HTMX)

    automation.refresh_from_db()
    assert (response.status_code, automation.shadow, automation.enabled) == (200, on, True)
    assert automation.versions.get(version=2).author == "eda"
    assert ("Let it act" in response.content.decode()) is on


def test_a_viewer_does_not(viewer: Client, db: None) -> None:
    automation = scene.automation()

    response = viewer.post(address(automation), {"on": "true"})

    automation.refresh_from_db()
    assert (response.status_code, automation.shadow) == (403, False)


def test_what_would_go_on_for_ever_does_not_leave_the_shadow(editor: Client, db: None) -> None:
    looping = in_shadow(runs=scene.deployment(), trigger=LOOP)

    response = editor.post(address(looping), {"on": "false"}, headers=HTMX)

    looping.refresh_from_db()
    assert (response.status_code, looping.shadow) == (422, True)
    assert "Not switched." in response.content.decode()
