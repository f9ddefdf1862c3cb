"""Many automations at once: how they are, and one change with an outcome for each."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.web import scene
from triggers_app.models import Automation, AutomationVersion, Firing

UNKNOWN_METRIC = {
    "type": "metric",
    "posture": "Metric",
    "metric": {"name": "queue", "threshold": 1, "operator": ">"},
}
DAY = 86_400


@pytest.fixture
def house(db: None) -> dict[str, Automation]:
    """One of each health; `off` and `aside` have none."""
    made = {name: scene.automation(name) for name in ("fine", "failing", "noisy", "silent", "old")}
    made["off"] = scene.automation("off", enabled=False)
    made["aside"] = scene.automation("aside", quarantine_reason="ZeroDivisionError")
    Automation.objects.update(created=scene.ago(2 * DAY))
    scene.firing(made["fine"], None, at=scene.ago(2 * DAY))
    scene.firing(made["old"], None, at=scene.ago(8 * DAY))
    scene.action(scene.firing(made["failing"], None), state="rejected", reason="No.")
    for _ in range(61):
        scene.firing(made["noisy"], None, at=scene.NOW.replace(minute=0, second=0))
    return made


def listed(client: Client, query: str) -> set[str]:
    html = client.get(f"/automations/?{query}").content.decode()
    names = ("fine", "failing", "noisy", "silent", "old", "off", "aside")
    return {name for name in names if f">{name}</a>" in html}


@pytest.mark.parametrize(
    ("health", "names"),
    [
        ("ok", {"fine"}),
        ("failing", {"failing"}),
        ("noisy", {"noisy"}),
        ("silent", {"silent", "old"}),
    ],
)
def test_the_list_is_narrowed_by_health(
    health: str, names: set[str], viewer: Client, house: dict[str, Automation]
) -> None:
    assert listed(viewer, f"health={health}") == names


def test_who_is_younger_than_a_day_is_not_silent(viewer: Client, db: None) -> None:
    scene.automation("fine")
    silent = scene.automation("silent")
    Automation.objects.filter(pk=silent.pk).update(created=scene.ago(DAY + 60))

    assert listed(viewer, "health=silent") == {"silent"}
    assert listed(viewer, "health=ok") == {"fine"}


def test_who_usually_fires_less_often_is_not_silent(viewer: Client, db: None) -> None:
    """Every 30 days: 10 days without a firing are nothing, 40 are."""
    for name, last in (("fine", 10), ("silent", 40)):
        made = scene.automation(name)
        for ago in (last, last + 30, last + 60):
            scene.firing(made, None, at=scene.ago(ago * DAY))
    Automation.objects.update(created=scene.ago(200 * DAY))

    assert listed(viewer, "health=silent") == {"silent"}


def test_facets_count_what_the_others_leave(viewer: Client, house: dict[str, Automation]) -> None:
    html = viewer.get("/automations/?status=on").content.decode()

    assert 'Silent <span class="count">2</span>' in html
    assert 'Off <span class="count">1</span>' in html
    assert "sign-waiting" in html


def change(client: Client, do: str, ids: list[UUID] | None = None, **more: Any) -> HttpResponse:
    body = {"do": do, "id": [str(one) for one in ids or ()], **more}
    answer: HttpResponse = client.post(reverse("automations:bulk"), body)  # type: ignore[assignment]
    return answer


@pytest.mark.parametrize(
    ("do", "expected"),
    [
        ("on", {"enabled": True, "shadow": False, "deleted": False}),
        ("off", {"enabled": False, "shadow": False, "deleted": False}),
        ("shadow", {"enabled": True, "shadow": True, "deleted": False}),
        ("delete", {"enabled": True, "shadow": False, "deleted": True}),
    ],
)
def test_chosen_ones_are_changed_and_the_others_stay(
    do: str, expected: dict[str, bool], editor: Client, house: dict[str, Automation]
) -> None:
    chosen, other = house["fine"], house["silent"]

    answer = change(editor, do, [chosen.pk], reason="too loud")

    chosen.refresh_from_db()
    other.refresh_from_db()
    found = {"enabled": chosen.enabled, "shadow": chosen.shadow, "deleted": bool(chosen.deleted)}
    assert (answer.status_code, found) == (200, expected)
    assert (other.enabled, other.version) == (True, 1)
    if do != "on":
        assert chosen.versions.get(version=2).author == "eda: too loud"


def test_each_has_its_own_outcome(editor: Client, db: None) -> None:
    good = scene.automation("good", enabled=False)
    bad = scene.automation("bad", enabled=False, trigger=UNKNOWN_METRIC)

    html = change(editor, "on", [good.pk, bad.pk, scene.NOBODY]).content.decode()

    assert "1 automation done, 2 not." in html
    assert "Flint computes the metrics" in html
    assert "It is not there any more." in html
    good.refresh_from_db()
    assert good.enabled


def test_two_that_feed_each_other_are_guarded_from_then_on(editor: Client, db: None) -> None:
    first, second = scene.deployment("a"), scene.deployment("b")
    pair = [follows(first, second), follows(second, first)]

    html = change(editor, "on", [one.pk for one in pair]).content.decode()

    assert "2 automations done" in html
    assert "it is guarded" in html
    assert Automation.objects.filter(enabled=True, guarded=True).count() == 2


def follows(watched: Any, runs: Any) -> Automation:
    related = {
        "prefect.resource.role": "deployment",
        "prefect.resource.id": f"prefect.deployment.{watched.pk}",
    }
    trigger = {
        "posture": "Reactive",
        "expect": ["prefect.flow-run.Completed"],
        "match": {},
        "match_related": related,
        "for_each": [],
        "threshold": 1,
        "within": 0.0,
    }
    return scene.automation(f"runs {runs.name}", runs=runs, trigger=trigger, enabled=False)


def test_all_means_all_that_the_list_holds(editor: Client, house: dict[str, Automation]) -> None:
    change(editor, "off", all="true", health="silent")

    off = Automation.objects.filter(enabled=False).values_list("name", flat=True)
    assert set(off) == {"off", "silent", "old"}


@pytest.mark.parametrize(
    ("do", "ids"), [("off", []), ("off", ["no id"]), ("explode", ["x"])], ids=["none", "no", "what"]
)
def test_without_a_choice_nothing_is_changed(
    do: str, ids: list[Any], editor: Client, house: dict[str, Automation]
) -> None:
    answer = change(editor, do, ids)

    assert answer.status_code == 422
    assert "No automation was chosen" in answer.content.decode()
    assert not Automation.objects.filter(version=2).exists()


def test_viewers_neither_choose_nor_change(viewer: Client, house: dict[str, Automation]) -> None:
    html = viewer.get("/automations/").content.decode()

    assert "bulk-form" not in html
    assert change(viewer, "delete", [house["fine"].pk]).status_code == 403
    assert Firing.objects.exists()


UNKNOWN = "0b40648b-4705-4e3a-9d2f-2f1c0a9f3b11"


@pytest.mark.parametrize("do", ["off", "shadow", "delete"])
def test_a_change_of_many_can_be_undone(
    do: str, editor: Client, house: dict[str, Automation]
) -> None:
    ids = [house[name].pk for name in ("fine", "off", "old")]
    for row in house.values():
        AutomationVersion.objects.create(
            automation=row, version=1, enabled=row.enabled,
            document={**row.document, "enabled": row.enabled},
            effective_after_ms=0, effective_after_seq=0,
        )  # fmt: skip
    before = _state()

    page = change(editor, do, ids).content.decode()
    made = re.findall(r'name="made" value="([^"]+)"', page)
    answer = editor.post("/automations/bulk/undo/", {"made": made})

    assert answer.status_code == 200
    assert _state() == before


def _state() -> list[tuple[Any, ...]]:
    rows = Automation.objects.order_by("pk")
    return [(row.name, row.enabled, row.shadow, row.deleted) for row in rows]


def test_what_somebody_changed_since_is_not_undone(
    editor: Client, house: dict[str, Automation]
) -> None:
    page = change(editor, "off", [house["fine"].pk]).content.decode()
    made = re.findall(r'name="made" value="([^"]+)"', page)
    change(editor, "on", [house["fine"].pk])
    change(editor, "off", [house["fine"].pk])

    answer = editor.post("/automations/bulk/undo/", {"made": made}).content.decode()

    assert "Somebody changed it since" in answer
    assert not Automation.objects.get(pk=house["fine"].pk).enabled


@pytest.mark.parametrize("made", [[], ["x@1"], ["@"], [f"{UNKNOWN}@x"], [f"{UNKNOWN}@{'9' * 30}"]])
def test_undoing_what_cannot_be_read_changes_nothing(
    made: list[str], editor: Client, house: dict[str, Automation]
) -> None:
    assert editor.post("/automations/bulk/undo/", {"made": made}).status_code == 422
