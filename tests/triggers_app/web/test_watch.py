"""The watch board: the nearest deadline first, and snoozing from it."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events_app.domain.event import to_us
from events_app.domain.position import Position
from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.automation.engine.outcome import Window
from triggers_app.automation.engine.windows import encode_window
from triggers_app.models import Automation, Bucket, Snooze
from triggers_app.reads import watch
from triggers_app.reads.watch import WatchFilter

pytestmark = pytest.mark.django_db
ABSENCE: dict[str, Any] = {
    "posture": "Proactive", "threshold": 1, "within": 3600.0,
    "expect": ["orders.paid"], "for_each": ["customer"],
}  # fmt: skip


def absence(name: str = "orders-paid", **fields: Any) -> Automation:
    return scene.automation(name, trigger=ABSENCE, **fields)


def window(of: Automation, *, left: float, customer: str = "acme") -> None:
    trigger = UUID(of.document["trigger"]["id"])
    until = scene.NOW + timedelta(seconds=left)
    start, closes = to_us(until - timedelta(hours=1)), to_us(until)
    one = Window(of.pk, trigger, (customer,), Position(0, 0, 0), start, closes, closes)
    Bucket.objects.create(
        automation_id=of.pk, trigger_id=trigger, key=json.dumps([customer]),
        state=encode_window(one), closes_us=closes, count=0, absence=True,
    )  # fmt: skip


def test_the_nearest_deadline_stands_first_with_what_would_satisfy_it(viewer: Client) -> None:
    of = absence()
    window(of, left=1200, customer="zeta")
    window(of, left=300, customer="acme")

    text = viewer.get("/watch/").content.decode()

    assert text.index("acme") < text.index("zeta")
    assert "orders.paid" in text
    assert "Snooze" not in text.split("<table", 1)[1]  # a viewer changes nothing


def test_other_windows_are_not_listed(viewer: Client) -> None:
    window(absence("counting"), left=300)
    Bucket.objects.update(absence=False)

    assert "Nothing is being waited for." in viewer.get("/watch/").content.decode()


UNKNOWN = "0b40648b-4705-4e3a-9d2f-2f1c0a9f3b11"


@pytest.mark.parametrize(
    ("query", "listed"),
    [("q=PAID", True), ("q=acme", True), ("q=100%25", False), ("automation={}", True),
     (f"automation={UNKNOWN}", False), ("deployment={dep}", True),
     (f"deployment={UNKNOWN}", False)],
)  # fmt: skip
def test_filters(viewer: Client, query: str, listed: bool) -> None:
    deployment = scene.deployment()
    of = absence(runs=deployment)
    window(of, left=300)

    address = "/watch/?" + query.replace("{dep}", str(deployment.pk)).format(of.pk)

    assert ("<table" in viewer.get(address).content.decode()) is listed


@pytest.mark.parametrize("query", ["automation=x", "deployment=1", "after=1-2-3-4"])
def test_what_cannot_be_read_is_not_there(viewer: Client, query: str) -> None:
    assert viewer.get(f"/watch/?{query}").status_code == 404


def test_pages_follow_each_other_without_a_gap() -> None:
    of = absence()
    for number in range(7):
        window(of, left=300, customer=f"c-{number}")

    first = watch.page(WatchFilter(), size=4, now=scene.NOW)
    assert first.next is not None
    after = watch.DeadlineKey.parse(first.next)
    rest = watch.page(WatchFilter(), size=4, now=scene.NOW, after=after)

    keys = [row.labels["customer"] for row in (*first.rows, *rest.rows)]
    assert keys == [f"c-{number}" for number in range(7)]
    assert rest.next is None


def test_a_page_takes_three_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(5):
        window(absence(f"a-{number}"), left=300 + number)

    with django_assert_num_queries(3):
        assert len(watch.page(WatchFilter(), size=50, now=scene.NOW).rows) == 5


def test_what_has_not_changed_is_not_sent_again(viewer: Client) -> None:
    window(absence(), left=300)
    mark = viewer.get("/watch/").content.decode().split("seen=")[1].split('"')[0]

    assert viewer.get(f"/watch/?seen={mark}", headers=HTMX).status_code == 204


def snoozed(client: Client, of: Automation, **fields: str) -> Any:
    return client.post("/watch/snooze/", {"automation": str(of.pk), **fields}, headers=HTMX)


@pytest.mark.parametrize(("chosen", "hours"), [("1h", 1), ("4h", 4)])
def test_a_key_is_snoozed_from_the_board(editor: Client, chosen: str, hours: int) -> None:
    of = absence()
    window(of, left=300)

    response = snoozed(
        editor, of, **{"for": chosen, "labels": '{"customer": "acme"}', "reason": "a move"}
    )

    row = Snooze.objects.get()
    assert (row.labels, row.reason) == ({"customer": "acme"}, "a move")
    assert row.until - row.created == timedelta(hours=hours)
    assert "Snoozed" in response.content.decode()
    assert "End snooze" in editor.get("/watch/").content.decode()


def test_it_is_ended_from_the_board(editor: Client) -> None:
    of = absence()
    snoozed(editor, of, **{"for": "tomorrow"})
    assert Snooze.objects.get().until.hour == 9

    editor.post("/watch/end-snooze/", {"automation": str(of.pk)}, headers=HTMX)

    assert "End snooze" not in editor.get("/watch/").content.decode()
    assert Snooze.objects.count() == 2


@pytest.mark.parametrize("until", ["", "x", "2020-01-01T00:00", "9999-01-01T00:00", "2026-99-01"])
def test_a_time_that_cannot_be_is_refused_and_said(editor: Client, until: str) -> None:
    response = snoozed(editor, absence(), **{"for": "until", "until": until})

    assert response.status_code == 422
    assert "Not snoozed." in response.content.decode()
    assert not Snooze.objects.exists()


@pytest.mark.parametrize("labels", ["x", "[]", '{"a": 1}', '{"a": "\\u0000"}'])
def test_labels_that_are_none_are_not_there(editor: Client, labels: str) -> None:
    assert snoozed(editor, absence(), labels=labels, **{"for": "1h"}).status_code == 404


def test_a_viewer_snoozes_nothing(viewer: Client) -> None:
    assert snoozed(viewer, absence(), **{"for": "1h"}).status_code == 403


def test_firings_say_who_snoozed_them(editor: Client) -> None:
    of = scene.automation()
    snoozed(editor, of, **{"for": "1h", "reason": "a move"})
    firing = scene.firing(of, scene.event())
    firing.snooze = Snooze.objects.get()
    firing.save()

    one = editor.get(f"/firings/{firing.pk}/").content.decode()

    assert "Fired while snoozed" in one
    assert "a move" in one
    assert "What would have happened" in one
    assert "none: snoozed" in editor.get("/firings/").content.decode()
    assert "Snoozed until" in editor.get(f"/automations/{of.pk}/").content.decode()


def test_snoozed_on_its_page_an_automation_is_where_it_leads_back(editor: Client) -> None:
    of = scene.automation()

    response = editor.post(
        "/watch/snooze/", {"automation": str(of.pk), "for": "1h", "back": "automation"}
    )

    assert response.headers["Location"] == f"/automations/{of.pk}/"


def test_the_overview_names_the_deadlines_of_the_next_hour(viewer: Client) -> None:
    of = absence()
    for number in range(7):
        window(of, left=300 + number, customer=f"customer-{number}")
    window(of, left=3_900, customer="later")
    window(absence("gone", deleted=scene.NOW), left=60, customer="gone")

    html = viewer.get("/").content.decode().split('id="deadlines-title"', 1)[1]

    assert html.index("customer-0") < html.index("customer-4")
    assert ("customer-5" in html, "later" in html, "gone" in html) == (False, False, False)
    assert "More on the watch board" in html
    assert f"/watch/?automation={of.pk}" in html


def test_the_overview_without_deadlines_says_nothing_of_them(viewer: Client) -> None:
    window(absence(), left=7_200)
    Bucket.objects.create(
        automation_id=absence("newer").pk, trigger_id=UUID(UNKNOWN), key="[]", state=b"?",
        closes_us=0, count=0, absence=True,
    )  # fmt: skip

    assert "deadlines-title" not in viewer.get("/").content.decode()
