"""What is typed into the filters of the events, and which events they find."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from events_app.models import EventCount
from events_app.web.event_query import parse_query
from tests.web import scene

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def asked(text: str) -> Any:
    query = parse_query(QueryDict(text), now=NOW)
    return query.problems or query.filter.model_dump(exclude_none=True, exclude_defaults=True)


@pytest.mark.parametrize(
    ("address", "filter"),
    [
        ("", {}),
        ("name=*&resource=*", {}),
        ("name=a.b", {"event": {"name": ["a.b"]}}),
        ("name=a.*", {"event": {"prefix": ["a."]}}),
        ("resource=s3*", {"resource": {"id_prefix": ["s3"]}}),
        ("label=a=1, b=x*&label=a=2",
         {"resource": {"labels": {"a": ["1", "2"], "b": ["x*"]}}}),
        ("label=url=a=b", {"resource": {"labels": {"url": ["a=b"]}}}),
        ("related=t*", {"related": {"labels": {"prefect.resource.id": "t*"}}}),
        ("text=x", {"text": {"query": "x"}}),
        ("range=1h", {"occurred": {"since": datetime(2026, 11, 23, 11, tzinfo=UTC)}}),
        ("range=1h&until=2026-11-23T04:00",
         {"occurred": {"until": datetime(2026, 11, 23, 4, tzinfo=UTC)}}),
        ("range=never", {}),
    ],
    ids=range(12),
)  # fmt: skip
def test_address_is_a_filter(address: str, filter: dict[str, Any]) -> None:
    assert asked(address) == filter


@pytest.mark.parametrize(
    ("address", "place"),
    [("label=a", "label"), ("label==1", "label"), ("since=yesterday", "since"),
     ("since=2026-11-23&until=2026-11-22", "until"), ("name=%00", "text"),
     ("until=0001-01-01T00:00%2B14:00", "until")],
)  # fmt: skip
def test_what_cannot_be_understood_is_a_problem_of_its_field(address: str, place: str) -> None:
    assert list(asked(address)) == [place]


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


def test_wrong_filter_is_refused_beside_its_field(viewer: Client, db: None) -> None:
    response = viewer.get("/events/?label=customer")

    assert response.status_code == 422
    html = response.content.decode()
    assert 'aria-describedby="field-label-said" aria-invalid="true"' in html
    assert "<details open>" in html


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


def test_the_list_says_by_which_clock_it_goes(viewer: Client, db: None) -> None:
    html = viewer.get("/events/").content.decode()

    assert "by the time at which it occurred (UTC), as its sender says" in html
