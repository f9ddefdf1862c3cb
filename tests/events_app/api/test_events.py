"""Reading events over the API."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts_app.models import Role
from accounts_app.services import access
from events_app.domain.event import Entry, Event
from events_app.domain.position import StreamId
from events_app.reads import event_counts, event_pages
from events_app.storage import partitions, recording
from tests.events_app.menagerie import NOON, an_event

pytestmark = pytest.mark.django_db

NOON_MS = int(NOON.timestamp() * 1000)


@pytest.fixture
def api(db: None) -> Client:
    key = access.create_key("reader", Role.VIEWER, datetime(2026, 1, 1, tzinfo=UTC))
    return Client(headers={"authorization": f"Bearer {key}"}, content_type="application/json")


def record(*events: Event) -> None:
    connection.ensure_connection()
    partitions.ensure(connection.connection, [partitions.day_of(NOON_MS)])
    recording.store(connection.connection, [Entry(StreamId(NOON_MS, 0), events)])


def hourly(count: int, **fields: Any) -> list[Event]:
    return [an_event(occurred=NOON + timedelta(hours=n), **fields) for n in range(count)]


def ask(api: Client, body: object, path: str = "/api/events/filter") -> Any:
    response = api.post(path, json.dumps(body), content_type="application/json")
    assert response.status_code == 200, response.content
    return response.json()


def test_an_event_is_shown_as_prefect_shows_it(api: Client) -> None:
    event = an_event(payload={"amount": 1e16})
    record(event)

    answer = ask(api, {"filter": {"id": {"id": [str(event.id)]}}})

    assert answer == {
        "events": [
            {
                "occurred": "2026-03-01T12:00:00Z",
                "event": "order.created",
                "resource": {"prefect.resource.id": "shop.order.7", "env": "prod"},
                "related": [],
                "payload": {"amount": 1e16},
                "id": str(event.id),
                "follows": None,
                "received": "2026-03-01T12:00:00Z",
            }
        ],
        "total": 1,
        "next_page": None,
    }
    assert list(answer["events"][0])[:3] == ["occurred", "event", "resource"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"filter": None, "limit": None},
        {"filter": dict.fromkeys(["occurred", "event", "resource", "related", "id", "order"])},
        {"filter": {"event": {"prefix": None, "name": None}, "any_resource": None, "text": None}},
    ],
    ids=["empty", "nulls", "null parts", "null fields"],
)
def test_null_and_absent_restrict_nothing(api: Client, body: dict[str, Any]) -> None:
    record(*hourly(2))

    assert ask(api, body)["total"] == 2


def test_pages_follow_each_other_to_the_end(api: Client) -> None:
    record(*hourly(7))
    answer = ask(api, {"limit": 3, "filter": {"order": "ASC"}})
    hours = []
    while True:
        hours += [event["occurred"][11:13] for event in answer["events"]]
        if answer["next_page"] is None:
            break
        assert answer["next_page"].startswith(
            "http://testserver/api/events/filter/next?page-token="
        )
        answer = api.get(answer["next_page"]).json()

    assert hours == ["12", "13", "14", "15", "16", "17", "18"]
    assert answer["total"] == 7


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "é"])
def test_a_broken_page_token_is_refused(api: Client, token: str) -> None:
    response = api.get(f"/api/events/filter/next?page-token={token}")

    assert response.status_code == 403
    assert "start with the filter again" in response.json()["detail"]


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"limit": 101}, ["body", "limit"]),
        ({"limit": -1}, ["body", "limit"]),
        ({"filter": {"bogus": 1}}, ["body", "filter", "bogus"]),
        ({"filter": {"id": {"id": ["x"]}}}, ["body", "filter", "id", "id", 0]),
        ({"filter": {"event": {"name": ["\0"]}}}, ["body", "filter", "event", "name", 0]),
        (
            {"filter": {"occurred": {"since": "0001-01-01T00:00:00+05:00"}}},
            ["body", "filter", "occurred", "since"],
        ),
        ({"filter": {"text": {"query": "x" * 201}}}, ["body", "filter", "text", "query"]),
    ],
    ids=str,
)
def test_a_bad_filter_is_located(api: Client, body: dict[str, Any], loc: list[Any]) -> None:
    response = api.post("/api/events/filter", json.dumps(body), content_type="application/json")

    assert response.status_code == 422
    assert response.json()["exception_detail"][0]["loc"] == loc


def test_a_question_that_takes_too_long_is_refused_with_a_remedy(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_pages, "SECONDS_PER_QUESTION", 0.001)
    record(*[an_event(payload={"a": "x" * 5_000}) for _ in range(300)])
    body = json.dumps({"filter": {"text": {"query": "zzz"}}})

    response = api.post("/api/events/filter", body, content_type="application/json")

    assert response.status_code == 422
    assert "narrow the filter" in response.json()["exception_detail"][0]["msg"]


@pytest.mark.parametrize(
    ("countable", "options", "counts"),
    [
        ("event", {}, [("order.created", 3), ("order.paid", 1)]),
        ("resource", {}, [("Seven", 4)]),
        ("day", {}, [("2026-03-01T00:00:00+00:00", 4)]),
        (
            "time",
            {"time_unit": "hour", "time_interval": 2},
            [("2026-03-01T12:00:00+00:00", 3), ("2026-03-01T14:00:00+00:00", 1)],
        ),
    ],
)
def test_events_are_counted(
    api: Client, countable: str, options: dict[str, Any], counts: list[tuple[str, int]]
) -> None:
    resource = {"prefect.resource.id": "shop.order.7", "prefect.resource.name": "Seven"}
    record(*hourly(3, resource=resource), an_event(event="order.paid", resource=resource))

    answer = ask(api, options, f"/api/events/count-by/{countable}")

    assert [(one["label"], one["count"]) for one in answer] == counts
    assert answer[0]["start_time"] == "2026-03-01T12:00:00Z"


def test_too_many_steps_of_time_are_refused(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_counts, "MAX_COUNTS", 2)
    record(*hourly(3))
    body = json.dumps({"time_unit": "hour"})

    response = api.post("/api/events/count-by/time", body, content_type="application/json")

    assert response.status_code == 422
    assert response.json()["exception_detail"][0]["loc"] == ["body", "time_interval"]


def test_steps_without_events_count_nothing(api: Client) -> None:
    record(*hourly(1), *[an_event(occurred=hourly(5)[-1].occurred)])

    open_ended = ask(api, {"time_unit": "hour"}, "/api/events/count-by/time")
    span = {"since": "2026-03-01T10:30:00Z", "until": "2026-03-01T17:00:00Z"}
    body = {"time_unit": "hour", "filter": {"occurred": span}}
    closed = ask(api, body, "/api/events/count-by/time")

    assert sorted(one["count"] for one in open_ended) == [0, 0, 0, 1, 1]
    assert [one["label"][11:13] for one in closed] == [str(hour) for hour in range(10, 18)]
    assert sum(one["count"] for one in closed) == 2
    assert closed[0]["start_time"] == "2026-03-01T10:00:00Z"
    assert closed[0]["end_time"] == "2026-03-01T10:59:59.999999Z"


def test_a_range_of_too_many_steps_is_refused(api: Client) -> None:
    span = {"since": "2020-01-01T00:00:00Z", "until": "2026-03-01T00:00:00Z"}
    body = json.dumps({"time_unit": "hour", "filter": {"occurred": span}})

    response = api.post("/api/events/count-by/time", body, content_type="application/json")

    assert response.status_code == 422


@pytest.mark.parametrize("countable", ["weekday", "time%00"])
def test_an_unknown_countable_is_refused(api: Client, countable: str) -> None:
    response = api.post(f"/api/events/count-by/{countable}", "{}", content_type="application/json")

    assert response.status_code == 422


def test_a_stranger_reads_nothing() -> None:
    response = Client().post("/api/events/filter", "{}", content_type="application/json")

    assert response.status_code == 401


def test_a_filter_of_related_resources_that_says_nothing_leaves_out_nothing(api: Client) -> None:
    record(an_event(related=[]))

    nothing: list[Any] = [{}, {"id": None, "labels": None, "role": []}, [{}]]
    for related in nothing:
        assert ask(api, {"filter": {"related": related}})["total"] == 1


def test_words_are_looked_for_in_the_values_of_labels_not_in_their_names(api: Client) -> None:
    resource = {"prefect.resource.id": "shop.order.7", "color": 'Dark "red"'}
    related = [{"prefect.resource.id": "x", "prefect.resource.role": "buyer", "size": "XL"}]
    record(an_event(resource=resource, related=related))

    def found(query: str) -> int:
        return int(ask(api, {"filter": {"text": {"query": query}}})["total"])

    for word in ("dark", '"dark \\"red\\""', "xl", "buyer", "SHOP.ORDER"):
        assert found(word) == 1, word
    for word in ("color", "size", "prefect.resource.role", "7buyer"):
        assert found(word) == 0, word
