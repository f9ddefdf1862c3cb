from typing import Any

import pytest
from django.test import Client

from project.lib.clock import utcnow
from runs_app.services import restoring
from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.models import ActionRun, Brake


@pytest.fixture
def held(db: None) -> ActionRun:
    firing = scene.firing(scene.automation("too-eager"), scene.event())
    return scene.action(firing, state="held", held_for="ceiling", reason="Too many.")


def of(held: ActionRun, **other: Any) -> dict[str, Any]:
    return {"automation": str(held.automation_id), "held_for": "ceiling"} | other


def test_page_says_that_nothing_is_braked(viewer: Client, db: None) -> None:
    html = viewer.get("/brakes/").content.decode()

    assert ("Running" in html, "Nothing is held." in html) == (True, True)
    assert "Pause all" not in html


def test_editor_stops_acting_with_a_reason_and_lets_it_go_on(editor: Client, db: None) -> None:
    stopped = editor.post("/brakes/stop/", {"reason": "The bank is closed."}, headers=HTMX)
    brake = Brake.objects.get()
    resumed = editor.post("/brakes/resume/", headers=HTMX)

    assert ((brake.author, brake.reason), brake.stopped is None) == (
        ("eda", "The bank is closed."),
        False,
    )
    assert "Let acting go on" in stopped.content.decode()
    assert "Acting goes on." in resumed.content.decode()
    assert stopped.headers["HX-Trigger"] == '{"brakes-changed": {}}'


@pytest.mark.parametrize(("way", "state"), [("release", "pending"), ("discard", "discarded")])
def test_editor_decides_what_becomes_of_held_actions(
    way: str, state: str, editor: Client, held: ActionRun
) -> None:
    before = editor.get("/brakes/").content.decode()
    after = editor.post(f"/brakes/{way}/", of(held), headers=HTMX).content.decode()

    held.refresh_from_db()
    assert ("too-eager</a>" in before, "Nothing is held." in after) == (True, True)
    assert (held.state, held.author) == (state, "eda")


BAD = {
    "no-automation": {"automation": ""},
    "no-id": {"automation": "\0"},
    "no-cause": {"held_for": ""},
    "grace": {"held_for": "grace"},
}


@pytest.mark.parametrize("other", BAD.values(), ids=BAD)
def test_form_that_lost_its_fields_releases_nothing(
    other: dict[str, str], editor: Client, held: ActionRun
) -> None:
    status = editor.post("/brakes/release/", of(held, **other)).status_code

    held.refresh_from_db()
    assert (status, held.state) == (404, "held")


@pytest.mark.parametrize("way", ["stop", "resume", "release", "discard"])
def test_viewer_may_pull_no_brake(way: str, viewer: Client, held: ActionRun) -> None:
    assert viewer.post(f"/brakes/{way}/", of(held)).status_code == 403


def test_while_stopped_held_actions_can_be_discarded_but_not_released(
    editor: Client, held: ActionRun
) -> None:
    html = editor.post("/brakes/stop/", headers=HTMX).content.decode()

    assert (">Discard</button>" in html, ">Release</button>" in html) == (True, False)


def test_every_page_loads_the_banner_which_says_what_is_braked(
    viewer: Client, fragment: Any, held: ActionRun
) -> None:
    some = fragment("/brakes/banner/").content.decode()
    seen = some.split("seen=")[1][:16]
    quiet = fragment(f"/brakes/banner/?seen={seen}").status_code
    Brake.objects.create(stopped=scene.NOW, author="eda", reason="The bank is closed.")
    stopped = fragment(f"/brakes/banner/?seen={seen}").content.decode()

    assert 'hx-get="/brakes/banner/"' in viewer.get("/events/").content.decode()
    assert ("1 action is held" in some, quiet) == (True, 204)
    assert "Acting is stopped: The bank is closed." in stopped


def test_banner_is_silent_while_nothing_waits_for_a_person(
    fragment: Any, held: ActionRun, django_assert_max_num_queries: Any
) -> None:
    ActionRun.objects.update(held_for="grace")

    with django_assert_max_num_queries(5):
        html = fragment("/brakes/banner/").content.decode()

    assert "held" not in html


def test_open_page_is_only_sent_again_when_something_changed(
    editor: Client, held: ActionRun
) -> None:
    address = editor.get("/brakes/").content.decode().partition('data-live hx-get="')[2]
    address = address.partition('"')[0]

    same = editor.get(address, headers=HTMX)
    editor.post("/brakes/discard/", of(held), headers=HTMX)
    other = editor.get(address, headers=HTMX)

    assert (same.status_code, other.status_code) == (204, 200)
    assert "Nothing is held." in other.content.decode()


@pytest.mark.parametrize(
    ("way", "state", "said"),
    [
        ("start-runs", "SCHEDULED", "Started 1 run."),
        ("cancel-runs", "CANCELLED", "Cancelled 1 run."),
    ],
)
def test_editor_decides_what_becomes_of_runs_that_a_restore_holds(
    way: str, state: str, said: str, editor: Client
) -> None:
    run = scene.run(scene.deployment(), states="S")
    restoring.hold_unstarted(now=utcnow())

    banner = editor.get("/brakes/banner/", headers=HTMX).content.decode()
    before = editor.get("/brakes/").content.decode()
    after = editor.post(f"/brakes/{way}/", headers=HTMX).content.decode()

    run.refresh_from_db()
    assert "1 run is held since a restore" in banner and "Held runs" in before
    assert (run.state_type, "Held runs" in after, said in after) == (state, False, True)


@pytest.mark.parametrize("way", ["start-runs", "cancel-runs"])
def test_viewer_decides_nothing_of_runs(way: str, viewer: Client) -> None:
    run = scene.run(scene.deployment(), states="S")
    restoring.hold_unstarted(now=utcnow())

    assert viewer.post(f"/brakes/{way}/").status_code == 403

    run.refresh_from_db()
    assert run.state_type == "PAUSED"
