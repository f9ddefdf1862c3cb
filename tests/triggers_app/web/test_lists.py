"""Searching, sorting and counting automations and firings; what needs a person."""

from uuid import UUID

import pytest
from django.test import Client

from events_app.domain.event import to_us
from events_app.domain.position import Position
from tests.web import scene
from triggers_app.automation.engine.outcome import Window
from triggers_app.automation.engine.windows import encode_window
from triggers_app.models import Automation, AutomationVersion, Bucket

ABSENCE = {"posture": "Proactive", "threshold": 1, "within": 300.0, "expect": ["heartbeat"]}


@pytest.fixture
def four(db: None) -> list[Automation]:
    made = [
        scene.automation("apple"),
        scene.automation("banana", enabled=False),
        scene.automation("cherry", trigger=ABSENCE),
        scene.automation("date", quarantine_reason="ZeroDivisionError"),
    ]
    scene.firing(made[1], None, at=scene.ago(50))
    scene.firing(made[2], None, at=scene.ago(5))
    return made


def names_in(html: str) -> list[str]:
    names = ("apple", "banana", "cherry", "date")
    found = [(html.index(f">{name}</a>"), name) for name in names if f">{name}</a>" in html]
    return [name for _, name in sorted(found)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["apple", "banana", "cherry", "date"]),
        ("sort=fired", ["cherry", "banana"]),
        ("sort=updated", ["date", "cherry", "banana", "apple"]),
        ("status=on", ["apple", "cherry"]),
        ("status=off", ["banana"]),
        ("status=aside", ["date"]),
        ("kind=absence", ["cherry"]),
        ("q=HEARTBEAT", ["cherry"]),
        ("q=banan+landed", ["banana"]),
        ("q=%25", []),
        ("status=none&kind=none&sort=none", ["apple", "banana", "cherry", "date"]),
    ],
)
def test_automations_are_found_and_sorted(
    query: str, names: list[str], viewer: Client, four: list[Automation]
) -> None:
    shown = names_in(viewer.get(f"/automations/?{query}").content.decode())

    assert shown[: len(names)] == names
    assert query == "sort=fired" or len(shown) == len(names)


def test_facets_count_what_the_other_facet_leaves(viewer: Client, four: list[Automation]) -> None:
    html = viewer.get("/automations/?status=on").content.decode()

    assert 'Absence <span class="count">1</span>' in html
    assert 'Event <span class="count">1</span>' in html
    assert 'Off <span class="count">1</span>' in html


@pytest.mark.parametrize("sort", ["", "fired", "updated"])
def test_pages_of_a_sorted_list_hold_everything_once(sort: str, viewer: Client, db: None) -> None:
    for number in range(55):
        found = scene.automation(f"n{number:03}.")
        if number % 3 == 0:
            scene.firing(found, None, at=scene.ago(number))

    first = viewer.get(f"/automations/?sort={sort}").content.decode()
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    both = first + viewer.get(address).content.decode()

    assert [both.count(f">n{number:03}.</a>") for number in range(55)] == [1] * 55


def test_firings_are_found_by_automation(viewer: Client, four: list[Automation]) -> None:
    html = viewer.get("/firings/?q=BAN").content.decode()
    none = viewer.get("/firings/?q=nothing").content.decode()

    assert names_in(html) == ["banana"]
    assert "No automation of this name has fired." in none


def test_window_shows_how_full_it_is_and_for_whom(viewer: Client, db: None) -> None:
    of = scene.automation()
    trigger_id = UUID(of.document["trigger"]["id"])
    start = to_us(scene.ago(60))
    window = Window(
        of.pk, trigger_id, ("acme",), Position(1, 0, 0), start, start + 1_800_000_000, 0, count=2
    )
    Bucket.objects.create(automation_id=of.pk, trigger_id=trigger_id, key='["acme"]',
                          state=encode_window(window), closes_us=1, count=2)  # fmt: skip

    html = viewer.get(f"/automations/{of.pk}/").content.decode()

    assert ("2 of 3" in html, "<code>acme</code>" in html, "in 2" in html) == (True,) * 3


def test_window_of_another_version_of_flint_is_left_out(viewer: Client, db: None) -> None:
    of = scene.automation()
    trigger_id = UUID(of.document["trigger"]["id"])
    Bucket.objects.create(automation_id=of.pk, trigger_id=trigger_id, key="[]", state=b"?",
                          closes_us=1, count=2)  # fmt: skip

    assert "0 windows" in viewer.get(f"/automations/{of.pk}/windows/").content.decode()


def test_version_says_what_changed_and_who_changed_it(viewer: Client, db: None) -> None:
    of = scene.automation()
    older = {**of.document, "trigger": {**of.document["trigger"], "threshold": 2}}
    for number, document in ((1, older), (2, of.document)):
        AutomationVersion.objects.create(
            automation=of, version=number, enabled=True, document=document,
            effective_after_ms=0, effective_after_seq=0, author=f"eda: reason {number}",
        )  # fmt: skip

    html = viewer.get(f"/automations/{of.pk}/versions/").content.decode()

    assert '<span class="removed">-  threshold: 2</span>' in html
    assert '<span class="added">+  threshold: 3</span>' in html
    assert "by eda<" in html and "Why: reason 2" in html


def test_overview_names_what_needs_a_person(viewer: Client, db: None) -> None:
    refused = scene.firing(scene.automation("refuser"), scene.event())
    scene.action(refused, state="rejected", reason="Parameter `limit` is missing.")
    scene.automation("breaker", quarantine_reason="ZeroDivisionError")
    failed = scene.run(scene.deployment(), states="SPRF")

    html = viewer.get("/").content.decode().split("Needs attention")[1]

    assert [text in html for text in ("<code>limit</code> is missing.", "ZeroDivisionError",
                                      f"/runs/{failed.pk}/")] == [True] * 3  # fmt: skip


def test_first_steps_tick_themselves_and_leave_when_all_are_done(viewer: Client, db: None) -> None:
    empty = viewer.get("/").content.decode()
    deployment = scene.deployment()
    some = viewer.get("/").content.decode()
    scene.firing(scene.automation(runs=deployment), scene.event())
    scene.run(deployment)

    assert ("0 of 5 done" in empty, "1 of 5 done" in some) == (True, True)
    assert "docs/examples/orders/prefect.yaml" in empty


def test_news_change_only_when_something_happened(viewer: Client, db: None) -> None:
    seen = viewer.get("/news/").content.decode().split("seen=")[1][:16]

    quiet = viewer.get(f"/news/?seen={seen}").status_code
    scene.automation("breaker", quarantine_reason="ZeroDivisionError")
    news = viewer.get(f"/news/?seen={seen}").status_code

    assert (quiet, news) == (204, 200)


def test_overview_names_who_fell_silent(viewer: Client, db: None) -> None:
    silent, calm, young = (scene.automation(name) for name in ("silent", "calm", "young"))
    for n in range(6):
        scene.firing(silent, None, at=scene.ago(4 * 3600 + n * 600))
        scene.firing(calm, None, at=scene.ago(60 + n * 3600))
    scene.firing(young, None, at=scene.ago(90_000))

    html = viewer.get("/news/").content.decode()

    assert "it usually fires every 10 min." in html
    assert html.count("it usually fires") == 1
