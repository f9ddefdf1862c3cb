"""POST /api/events, through the ASGI front as a client sees it."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import redis

from accounts_app.models import Role
from accounts_app.services import access
from events_app.domain.position import START
from events_app.stream import log
from project.asgi import application

pytestmark = pytest.mark.usefixtures("clean_tables")

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "occurred": "2026-03-01T12:00:00Z",
    "event": "order.created",
    "resource": {"prefect.resource.id": "shop.order.7"},
    "id": "5aaef1f2-1130-4c56-85df-632ce0ecb4e2",
}


def key_of(role: Role) -> Iterator[dict[str, str]]:
    yield {"authorization": f"Bearer {access.create_key('someone', role, NOW)}"}


@pytest.fixture
def editor() -> Iterator[dict[str, str]]:
    yield from key_of(Role.EDITOR)


@pytest.fixture
def viewer() -> Iterator[dict[str, str]]:
    yield from key_of(Role.VIEWER)


async def post(
    content: bytes, headers: dict[str, str], *, path: str = "/api/events"
) -> httpx.Response:
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post(path, content=content, headers=headers)


def in_the_log(client: redis.Redis) -> list[str]:
    read = log.read_or_advance(client, after=START, max_events=1000, block_ms=0)
    return [str(event.id) for entry in read.entries for event in entry.events]


@pytest.mark.parametrize("path", ["/api/events", "/api/events/"])
async def test_events_are_in_the_log_when_204_comes(
    log_client: redis.Redis, editor: dict[str, str], path: str
) -> None:
    response = await post(json.dumps([EVENT]).encode(), editor, path=path)

    assert (response.status_code, response.content) == (204, b"")
    assert in_the_log(log_client) == [EVENT["id"]]


async def test_an_empty_list_is_accepted_and_appends_nothing(
    log_client: redis.Redis, editor: dict[str, str]
) -> None:
    response = await post(b"[]", editor)

    assert response.status_code == 204
    assert in_the_log(log_client) == []


async def test_what_is_sent_twice_is_accepted_twice_and_kept_once(
    log_client: redis.Redis, editor: dict[str, str]
) -> None:
    statuses = {(await post(json.dumps([EVENT]).encode(), editor)).status_code for _ in range(2)}

    assert statuses == {204}
    assert in_the_log(log_client) == [EVENT["id"]]


async def test_one_bad_member_refuses_all_and_is_located(
    log_client: redis.Redis, editor: dict[str, str]
) -> None:
    bad = {**EVENT, "event": "n" * 1025}

    response = await post(json.dumps([EVENT, bad]).encode(), editor)

    body = response.json()
    assert (response.status_code, body["exception_message"]) == (422, "Invalid request received.")
    assert [detail["loc"] for detail in body["exception_detail"]] == [["body", 1, "event"]]
    assert body["request_body"] == [EVENT, bad]
    assert in_the_log(log_client) == []


async def test_a_compressed_body_is_read(log_client: redis.Redis, editor: dict[str, str]) -> None:
    content = gzip.compress(json.dumps([EVENT]).encode())

    response = await post(content, {**editor, "content-encoding": "gzip"})

    assert response.status_code == 204
    assert in_the_log(log_client) == [EVENT["id"]]


@pytest.mark.parametrize(
    ("content", "encoding", "status"),
    [
        pytest.param(b"[]", "gzip", 400, id="not gzip"),
        pytest.param(gzip.compress(b"[]")[:-4], "gzip", 400, id="cut off"),
        pytest.param(b"[]", "br", 415, id="unknown"),
        pytest.param(gzip.compress(bytes(17 << 20)), "gzip", 413, id="a bomb"),
        pytest.param(bytes(17 << 20), "identity", 413, id="too long"),
        pytest.param(
            json.dumps([{**EVENT, "payload": {"a": "x" * 1_500_000}}]).encode(),
            "identity",
            413,
            id="an event too large",
        ),
    ],
)
async def test_a_body_that_cannot_be_taken_is_refused_with_the_reason(
    editor: dict[str, str], content: bytes, encoding: str, status: int
) -> None:
    response = await post(content, {**editor, "content-encoding": encoding})

    assert response.status_code == status
    assert response.json()["exception_message"].endswith(".")


async def test_without_a_key_nobody_gets_in() -> None:
    response = await post(b"[]", {})

    assert (response.status_code, response.json()) == (401, {"exception_message": "Unauthorized"})


async def test_a_viewer_may_not_send_events(viewer: dict[str, str]) -> None:
    response = await post(b"[]", viewer)

    assert response.status_code == 403


async def test_a_full_log_asks_to_come_back(
    log_client: redis.Redis, editor: dict[str, str]
) -> None:
    log_client.hset(log.META, "max_events", 0)

    response = await post(json.dumps([EVENT]).encode(), editor)

    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert "full" in response.json()["exception_message"]


async def test_without_redis_the_sender_is_asked_to_come_back(
    editor: dict[str, str], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.REDIS_URL = "unix:///nowhere.sock"

    response = await post(json.dumps([EVENT]).encode(), editor)

    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
