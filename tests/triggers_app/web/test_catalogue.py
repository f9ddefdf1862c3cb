"""The catalogue: every name, what its events carry, and who listens."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from events_app.models import EventCount
from tests.web import scene
from triggers_app.reads import catalogue

pytestmark = pytest.mark.django_db
TODAY = scene.NOW.date()


def counted(name: str, events: int, *, days_ago: int = 0) -> None:
    EventCount.objects.create(event=name, log_day=TODAY - timedelta(days=days_ago), events=events)


def test_a_name_has_its_days_and_its_listeners(viewer: Client) -> None:
    counted("orders.file.landed", 3)
    counted("orders.file.landed", 4, days_ago=20)
    counted("lonely", 1)
    scene.automation()

    (lonely, landed) = catalogue.names(today=TODAY, limit=9)
    text = viewer.get("/catalogue/").content.decode()

    assert (landed.total, landed.by_day[-1], sum(landed.by_day)) == (7, 3, 3)
    assert (landed.last - landed.first).days == 20
    assert lonely.total == 1
    assert text.index("lonely") < text.index("orders.file.landed")


def test_nobody_listens_leaves_what_nobody_waits_for(viewer: Client) -> None:
    counted("orders.file.landed", 3)
    counted("lonely", 1)
    scene.automation()

    text = viewer.get("/catalogue/?heard=no").content.decode()

    assert "lonely" in text
    assert "orders.file.landed" not in text


@pytest.mark.parametrize("heard", ["", "&heard=no"])
def test_pages_follow_each_other_without_a_gap(viewer: Client, heard: str) -> None:
    names = [f"n.{number:03}" for number in range(60)]
    EventCount.objects.bulk_create(EventCount(event=n, log_day=TODAY, events=1) for n in names)

    first = viewer.get(f"/catalogue/?q=n.{heard}").content.decode()
    second = viewer.get(f"/catalogue/?q=n.{heard}&after=n.049").content.decode()

    assert [name for name in names if f">{name}<" in first] == names[:50]
    assert [name for name in names if f">{name}<" in second] == names[50:]


def test_a_search_holds_no_pattern(viewer: Client) -> None:
    counted("a_b", 1)
    counted("axb", 1)

    text = viewer.get("/catalogue/?q=A_B").content.decode()

    assert ">a_b<" in text
    assert ">axb<" not in text


def test_labels_have_their_values_and_payloads_their_types() -> None:
    scene.event("e", labels={"customer": "acme"}, payload={"rows": 1, "of": {"x": [True]}})
    scene.event("e", labels={"customer": "zeta"}, payload={"rows": None}, seq=1)
    scene.event("other", seq=2, payload={"no": 1})

    shape = catalogue.shape("e", [TODAY])

    customer = next(one for one in shape.labels if one.key == "customer")
    assert (shape.sampled, customer.events, customer.distinct) == (2, 2, 2)
    assert {one.path: set(one.types) for one in shape.paths} == {
        "of": {"object"}, "of.x": {"list"}, "of.x[]": {"true or false"}, "rows": {"number", "null"},
    }  # fmt: skip


def test_a_type_that_changes_has_its_day() -> None:
    before = scene.NOW - timedelta(days=2)
    scene.event("e", received=before, payload={"rows": 1})
    scene.event("e", payload={"rows": "1"})

    (rows,) = catalogue.shape("e", catalogue.days_until(TODAY)).paths

    assert rows.changes == [("text", TODAY)]


def test_a_day_gives_no_more_than_its_share() -> None:
    for number in range(catalogue.SAMPLED_A_DAY + 3):
        scene.event("e", seq=number)

    assert catalogue.shape("e", [TODAY]).sampled == catalogue.SAMPLED_A_DAY


def test_more_labels_and_paths_than_are_kept_are_said() -> None:
    many = {f"k{number}": "v" for number in range(catalogue.MOST_KEYS + 5)}
    scene.event("e", labels=many, payload=dict.fromkeys(map(str, range(100)), 1))

    shape = catalogue.shape("e", [TODAY])

    assert shape.capped
    assert (len(shape.labels), len(shape.paths)) == (catalogue.MOST_KEYS, catalogue.MOST_PATHS)


@pytest.mark.parametrize("name", ["orders.file.landed", "a/b c?d#e", "naïve \u202e", "x" * 300])
def test_the_page_of_a_name(editor: Client, name: str) -> None:
    counted(name, 3)
    scene.event(name, payload={"rows": 1})
    scene.automation("reader", trigger={"expect": [name]})

    text = editor.get(reverse("catalogue:one", args=[name])).content.decode()

    assert "reader" in text
    assert "<code>rows</code>" in text
    assert "When this happens…" in text


def test_a_name_that_never_came_is_not_there(viewer: Client) -> None:
    assert viewer.get("/catalogue/nothing/").status_code == 404
