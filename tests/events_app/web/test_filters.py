"""What is typed into the filters of the events, and which events they find."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client

from events_app.domain.filters import EventFilter
from events_app.models import EventCount
from events_app.reads import event_pages
from events_app.web.event_query import parse_query
from tests.web import scene

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def asked(text: str) -> Any:
    query = parse_query(QueryDict(text), now=NOW)
    return query.problems or query.filter.model_dump(exclude_none=True, exclude_defaults=True)


@pytest.mark.parametrize(
    ("address", "text", "filter"),
    [
        ("", "", {}),
        ("name=*&resource=*", "", {}),
        ("name=a.b", "name:a.b", {"event": {"name": ["a.b"]}}),
        ("q=name:a.*", "name:a.*", {"event": {"prefix": ["a."]}}),
        ("q=x&name=a.*", "x name:a.*", {"event": {"prefix": ["a."]}, "text": {"query": "x"}}),
        ("resource=s3*", "resource:s3*", {"resource": {"id_prefix": ["s3"]}}),
        ("label=a=1, b=x*&label=a=2", "label.a=1 label.b=x* label.a=2",
         {"resource": {"labels": {"a": ["1", "2"], "b": ["x*"]}}}),
        ("label=url=a=b", "label.url=a=b", {"resource": {"labels": {"url": ["a=b"]}}}),
        ("related=t*", "related:t*", {"related": {"labels": {"prefect.resource.id": "t*"}}}),
        ("text=x", "x", {"text": {"query": "x"}}),
        ("range=1h", "last:1h", {"occurred": {"since": datetime(2026, 11, 23, 11, tzinfo=UTC)}}),
        ("range=1h&until=2026-11-23T04:00", "until:2026-11-23T04:00",
         {"occurred": {"until": datetime(2026, 11, 23, 4, tzinfo=UTC)}}),
        ("range=never", "", {}),
        ("mute=a.*&mute=b", "", {"event": {"exclude_prefix": ["a."], "exclude_name": ["b"]}}),
        ("q=name:a.b&mute=a.*", "name:a.b", {"event": {"name": ["a.b"]}}),
    ],
    ids=range(15),
)  # fmt: skip
def test_address_is_a_filter_and_a_text(address: str, text: str, filter: dict[str, Any]) -> None:
    assert asked(address) == filter
    assert parse_query(QueryDict(address), now=NOW).text == text


@pytest.mark.parametrize(
    ("address", "sentence"),
    [("label=a", "name=value"), ("label==1", "name=value"), ("since=yesterday", "in UTC"),
     ("since=2026-11-23&until=2026-11-22", "later"), ("name=%00", "no event can hold"),
     ("until=0001-01-01T00:00%2B14:00", "in UTC"), ("q=nme:x", "no field has this name")],
)  # fmt: skip
def test_what_cannot_be_understood_is_said(address: str, sentence: str) -> None:
    assert sentence in asked(address)[0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("label=customer=acme", [True, True]), ("label=customer=zeta", [False, False]),
        ("resource=r.1", [True, False]), ("related=tag.e*", [True, False]),
        ("text=shift", [True, False]), ("text=-shift", [False, True]),
        ("since=2020-01-01T00:00&until=2020-01-02T00:00", [False, False]),
    ],
)  # fmt: skip
def test_filters_find_events(query: str, found: list[bool], viewer: Client, db: None) -> None:
    related = [{"prefect.resource.id": "tag.eu", "prefect.resource.role": "tag"}]
    scene.event("one", resource_id="r.1", payload={"note": "night shift"}, related=related)
    scene.event("two", resource_id="r.2", seq=1)

    html = viewer.get(f"/events/?{query}").content.decode()

    assert [f">{name}</a>" in html for name in ("one", "two")] == found


@pytest.mark.parametrize(
    "text",
    ["name:b name:orders.*", "-name:orders.*", "-label.missing=acme", "label.customer!=acme",
     "payload.rows>1000", "payload.rows<=5210", "payload.rows!=5210", "payload.rows=5210.0",
     "payload.note=night*", "payload.ok=true", "payload.deep.list.1=7", "payload.huge>1",
     "-related:tag.eu", "resource:x resource:s3*", "payload.none!=1 acme", "-acme", "-name:*",
     'payload."a b"=1', "payload.note>1", "payload.ok=t*"],
)  # fmt: skip
def test_the_page_finds_what_the_stream_brings(text: str, db: None) -> None:
    payload = {"rows": 5210, "note": "night shift", "ok": True, "deep": {"list": [1, 7]}}
    related = [{"prefect.resource.id": "tag.eu"}]
    scene.event("orders.landed", payload=payload, related=related)
    scene.event("other", seq=1, resource_id="s3://b", payload={"rows": "5210", "note": 5})
    huge = scene.event("huge", seq=2)
    type(huge).objects.filter(id=huge.id).update(payload='{"huge": 1e999999, "rows": 1e3}')
    filter = parse_query(QueryDict(urlencode({"q": text})), now=NOW).filter
    everything = event_pages.matching(EventFilter(), limit=9, after=None)

    found = {row.event.id for row in event_pages.matching(filter, limit=9, after=None)}

    assert found == {row.event.id for row in everything if filter.accepts(row.event)}


def test_wrong_query_is_refused_at_its_place(viewer: Client, db: None) -> None:
    response = viewer.get("/events/?q=name:a+nme:x")

    assert response.status_code == 422
    html = response.content.decode()
    assert 'aria-invalid="true"' in html
    assert "Character 8" in html


@pytest.mark.parametrize(
    ("typed", "first"),
    [("", "name:"), ("na", "name:"), ("name:ord", "name:orders.landed"),
     ("land", "name:orders.landed"),
     ("-name:ord", "-name:orders.landed"), ("label.cust", "label.customer="),
     ("label.customer=", "label.customer=acme"), ("payload.ro", "payload.rows="),
     ("payload.deep.", "payload.deep.list="), ("resource:s3", "resource:s3://in/acme/3.csv"),
     ("related:", 'related:"tag eu"'), ("last:2", "last:24h")],
)  # fmt: skip
def test_query_box_offers_what_was_seen(typed: str, first: str, viewer: Client, db: None) -> None:
    related = [{"prefect.resource.id": "tag eu"}]
    scene.event("orders.landed", payload={"rows": 1, "deep": {"list": []}}, related=related)
    EventCount.objects.create(log_day=scene.NOW.date(), event="orders.landed", events=1)

    html = viewer.get("/events/complete/", {"q": typed}).content.decode()

    assert html.split('data-value="')[1].split('"')[0].replace("&#34;", '"') == first


@pytest.mark.parametrize(
    ("query", "bars"), [("", 30), ("range=1h", 13), ("range=1d", 25), ("label=a%3D1", 25)]
)
def test_histogram_has_a_bar_for_every_step(
    query: str, bars: int, viewer: Client, db: None
) -> None:
    scene.event(received=scene.ago(120))

    html = viewer.get(f"/events/histogram/?{query}").content.decode()

    assert html.count('class="hit"') in (bars, bars - 1)
    assert ("Nothing in this time." in html) == (query in ("", "label=a%3D1"))


def test_bar_leads_to_its_events(viewer: Client, db: None) -> None:
    event = scene.event(received=scene.ago(120))

    chart = viewer.get("/events/histogram/?range=1h").content.decode()
    address = chart.split('<td><a href="')[1].split('"')[0].replace("&amp;", "&")

    assert str(event.id) in viewer.get(address).content.decode()


@pytest.mark.parametrize(("age", "bars"), [(1, 7), (11, 12), (40, 30)])
def test_histogram_of_any_time_begins_with_the_first_day_that_has_events(
    age: int, bars: int, viewer: Client, db: None
) -> None:
    day = (scene.NOW - timedelta(days=age)).date()
    EventCount.objects.create(log_day=day, event="ping", events=3)

    html = viewer.get("/events/histogram/").content.decode()

    assert html.count('class="hit"') == bars


@pytest.mark.parametrize(
    ("kept", "query", "clock"),
    [("", "", "occurred"), ("received", "", "received"), ("received", "clock=occurred", "occurred"),
     ("", "clock=received", "received"), ("", "clock=sundial", "occurred")],
    ids=["at first", "kept", "by the address", "another by the address", "unknown"],
)  # fmt: skip
def test_the_list_says_which_clock_it_shows_and_by_which_it_is_sorted(
    kept: str, query: str, clock: str, viewer: Client, db: None
) -> None:
    event = scene.event(received=scene.ago(60))
    type(event).objects.filter(id=event.id).update(occurred=scene.ago(600))
    if kept:
        answer = viewer.post("/events/clock/", {"clock": kept, "back": "/events/?q=last:1h"})
        assert answer.headers["Location"] == f"/events/?q=last%3A1h&clock={kept}"

    html = viewer.get(f"/events/?{query}").content.decode()

    row = html.split("<tbody>")[1]
    assert f'<th scope="col">{clock.capitalize()}</th>' in html
    assert f'value="{clock}" aria-pressed="true"' in html
    assert "Sorted by occurred, as senders say" in html
    assert ("1 min ago" in row, "10 min ago" in row) == (
        clock == "received", clock == "occurred",
    )  # fmt: skip


def test_the_clock_of_the_address_stays_on_the_way(viewer: Client, db: None) -> None:
    scene.event()

    html = viewer.get("/events/?clock=received&q=last:1h").content.decode()

    assert 'data-address="/events/?q=last%3A1h&amp;clock=received"' in html
