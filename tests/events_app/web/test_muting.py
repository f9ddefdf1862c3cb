"""Names that a person does not want to see, each with how much it hides."""

import re

import pytest
from django.test import Client

from events_app.models import EventCount
from tests.web import scene

NOISE = "prefect.flow-run.Running"


@pytest.fixture(autouse=True)
def rows(db: None) -> None:
    scene.event("orders.landed")
    scene.event(NOISE, seq=1)
    EventCount.objects.create(log_day=scene.NOW.date(), event=NOISE, events=1234)


def names(html: str) -> list[bool]:
    return [f">{name}</a>" in html for name in ("orders.landed", NOISE)]


def test_events_of_flint_are_hidden_at_first_and_counted(viewer: Client) -> None:
    html = viewer.get("/events/").content.decode()

    assert names(html) == [True, False]
    assert re.search(r"3 muted names · 1\W?234 hidden today", html)
    assert "mute=prefect.flow-run." in html.split('data-feed="')[1].split('"')[0]


def test_who_asks_for_a_name_sees_it(viewer: Client) -> None:
    assert names(viewer.get("/events/?q=name:prefect.*").content.decode()) == [False, True]
    assert names(viewer.get("/events/?everything").content.decode()) == [True, True]


def test_a_name_is_shown_again_and_muted_for_one_person(viewer: Client, editor: Client) -> None:
    show = {"name": "prefect.flow-run.*", "do": "show", "back": "/events/?q=last:1h"}
    answer = viewer.post("/events/mute/", show)
    viewer.post("/events/mute/", {"name": "orders.*", "do": "mute"})

    assert answer.headers["Location"] == "/events/?q=last:1h"
    assert names(viewer.get("/events/").content.decode()) == [False, True]
    assert names(editor.get("/events/").content.decode()) == [True, False]


@pytest.mark.parametrize("back", ["https://elsewhere.example/events/", "//x/events/", "/runs/"])
def test_it_leads_back_to_the_list_and_nowhere_else(back: str, viewer: Client) -> None:
    answer = viewer.post("/events/mute/", {"name": "*", "do": "mute", "back": back})

    assert answer.headers["Location"] == "/events/"


def test_chart_counts_what_the_list_shows(viewer: Client) -> None:
    html = viewer.get("/events/").content.decode()
    chart = html.split('hx-get="/events/histogram/')[1].split('"')[0].replace("&amp;", "&")

    assert "1,234" not in viewer.get(f"/events/histogram/{chart}").content.decode()


def test_the_page_of_an_event_mutes_its_name(viewer: Client) -> None:
    event = scene.event("orders.shipped", seq=2)
    page = viewer.get(f"/events/{event.id}/").content.decode()
    form = page.split('action="/events/mute/"')[1].split("</form>")[0]

    viewer.post("/events/mute/", {"do": "mute", "name": "orders.shipped"})

    assert ('name="do" value="mute"' in form, 'value="orders.shipped"' in form) == (True, True)
    assert ">orders.shipped</a>" not in viewer.get("/events/").content.decode()
