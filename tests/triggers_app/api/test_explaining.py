"""Asking what would fire, and why something did or did not."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain, repeat
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from accounts_app.models import Role
from accounts_app.services import access
from events_app.domain.event import Entry, Event, to_us
from events_app.domain.position import StreamId
from events_app.services import recording
from events_app.storage import reader
from events_app.stream import log
from project.lib import redis_client
from project.lib.clock import utcnow
from tests.menagerie import automation_document, reactive
from tests.triggers_app.live import empty_tables, record
from triggers_app.api.explaining import AT_ONCE, NDJSON, _Running
from triggers_app.services import evaluating

pytestmark = pytest.mark.django_db(transaction=True)
Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def tables() -> Iterator[None]:
    with empty_tables():
        yield


def happened(*names: str) -> list[Event]:
    """Recorded some minutes ago, one a second."""
    now = utcnow() - timedelta(minutes=5)
    events = [
        Event(occurred=now, event=name, resource={"prefect.resource.id": "r"}, id=uuid4())
        for name in names
    ]
    record(
        [
            Entry(StreamId(to_us(now) // 1000 + 1000 * place, 0), [one])
            for place, one in enumerate(events)
        ]
    )
    return events


def body(trigger: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"automation": automation_document(trigger or reactive("e")), **more}


def test_a_draft_is_backtested_over_the_last_days(api: Call) -> None:
    happened("e", "other", "e")

    answer = api("POST", "/automations/backtest", body())

    assert answer.status_code == 200
    result = answer.json()
    assert (result["firings_total"], result["finished"], result["starts"]) == (2, True, "empty")
    assert result["nodes"][0]["matched"] == 2


def test_the_period_may_be_narrowed(api: Call) -> None:
    happened("e")

    assert api("POST", "/automations/backtest", body(since="1m")).json()["firings_total"] == 0
    narrowed = body(since="2020-01-01T00:00:00Z", until="10m")
    assert api("POST", "/automations/backtest", narrowed).json()["firings_total"] == 0


WRONG: list[tuple[str, Any, list[Any]]] = [
    ("no body", None, ["body", "automation"]),
    ("no automation", {}, ["body", "automation"]),
    (
        "a trigger that is none",
        {"automation": automation_document({"type": "event", "posture": "Sideways"})},
        ["body", "automation", "trigger", "posture"],
    ),
    ("a period that is none", body(since="soon"), ["body", "since"]),
    ("a time without a zone", body(since="2020-01-01T00:00:00"), ["body", "since"]),
    ("an empty period", body(since="1d", until="2d"), ["body", "since"]),
    ("too long", body(seconds=61), ["body", "seconds"]),
    ("another key", body(threshold=1), ["body", "threshold"]),
]


@pytest.mark.parametrize(("wrong", "loc"), [one[1:] for one in WRONG],
                         ids=[one[0] for one in WRONG])  # fmt: skip
def test_what_cannot_be_backtested_is_refused_with_its_place(
    api: Call, wrong: Any, loc: list[Any]
) -> None:
    answer = api("POST", "/automations/backtest", wrong)

    assert answer.status_code == 422
    assert loc in [problem["loc"] for problem in answer.json()["exception_detail"]]


def test_only_so_many_run_at_once(api: Call) -> None:
    for _ in range(AT_ONCE):
        _Running.slots.acquire()
    try:
        answer = api("POST", "/automations/backtest", body())
    finally:
        _Running.slots.release(AT_ONCE)

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert api("POST", "/automations/backtest", body()).status_code == 200


def streamed(role: Role = Role.EDITOR) -> dict[str, Any]:
    key = access.create_key("k", role, utcnow())
    return {
        "data": json.dumps(body()),
        "content_type": "application/json",
        "headers": {"Authorization": f"Bearer {key}", "Accept": NDJSON},
    }


async def test_progress_is_streamed_and_the_result_comes_last(async_client: AsyncClient) -> None:
    await sync_to_async(happened)("e", "e")
    request = await sync_to_async(streamed)()

    answer: Any = await async_client.post("/api/automations/backtest", **request)
    lines = [json.loads(line) async for line in answer.streaming_content]

    assert answer["Content-Type"] == NDJSON
    assert lines[-2]["progress"]["events_read"] == 2
    assert lines[-1]["result"]["firings_total"] == 2


@pytest.mark.parametrize("lines", [0, 1])
async def test_a_client_that_leaves_stops_the_backtest(
    async_client: AsyncClient, lines: int
) -> None:
    request = await sync_to_async(streamed)()
    for _ in range(AT_ONCE + 1):
        answer: Any = await async_client.post("/api/automations/backtest", **request)

        assert answer.status_code == 200
        stream = aiter(answer.streaming_content)
        for _ in range(lines):
            await anext(stream)
        await stream.aclose()
        answer.close()


def evaluated(api: Call) -> tuple[str, UUID]:
    """An automation, and an event that was evaluated and recorded since."""
    automation = api("POST", "/automations", automation_document(reactive("e"), enabled=True))
    assert automation.status_code == 201, automation.content
    event = Event(occurred=utcnow(), event="e", resource={"prefect.resource.id": "r"}, id=uuid4())
    client = redis_client.client()
    log.append(client, [event])
    evaluating.run_lease(None, client=client, clock=utcnow, wake=str, seconds=0.1)
    left = chain(repeat(0.001, 1), repeat(0.0))
    recording.record(client, seconds_left=lambda: next(left))
    reader.close_idle()
    return automation.json()["id"], event.id


def test_an_event_is_explained(api: Call) -> None:
    automation_id, event_id = evaluated(api)

    answer = api("GET", f"/automations/{automation_id}/explain?event={event_id}")

    assert answer.status_code == 200
    explanation = answer.json()
    assert explanation["verdict"]["sentence"] == "It fired."
    assert (explanation["event"]["id"], explanation["version"]) == (str(event_id), 1)
    by_position = api(
        "GET", f"/automations/{automation_id}/explain?event={explanation['position']}"
    )
    assert by_position.json() == explanation


def test_what_is_unknown_is_not_found(api: Call) -> None:
    automation_id, event_id = evaluated(api)

    statuses = [
        api("GET", f"/automations/{automation}/explain?event={event}").status_code
        for automation, event in (
            (automation_id, uuid4()),
            (automation_id, "1-2-3"),
            (uuid4(), event_id),
            ("nothing", event_id),
            (automation_id, "nothing"),
            (automation_id, "a-b-c"),
        )
    ]

    assert statuses == [404, 404, 404, 404, 422, 422]


def test_an_explanation_needs_an_event(api: Call) -> None:
    assert api("GET", f"/automations/{uuid4()}/explain").status_code == 422


def test_viewers_may_ask_why_and_not_start_backtests(client: Any, api: Call) -> None:
    automation_id, event_id = evaluated(api)
    key = access.create_key("viewer", Role.VIEWER, utcnow())
    headers = {"Authorization": f"Bearer {key}"}

    path = f"/api/automations/{automation_id}/explain?event={event_id}"
    asked = client.get(path, headers=headers)
    started = client.post("/api/automations/backtest", "{}", "application/json", headers=headers)

    assert (asked.status_code, started.status_code) == (200, 403)
