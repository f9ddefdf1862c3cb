"""The front, spoken to in plain ASGI."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from django.conf import settings

from project import asgi
from project.asgi import application

LIMIT: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def client() -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=application)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


async def growing(length: int) -> AsyncIterator[bytes]:
    """A body that does not say how long it will be."""
    for _ in range(length // 65536 + 1):
        yield b"x" * 65536


@pytest.mark.parametrize("path", ["/api/events", "/api/flows", "/api/flows/"])
async def test_a_declared_length_over_the_limit_is_refused_unread(path: str) -> None:
    async with client() as http:
        answer = await http.post(path, headers={"Content-Length": str(LIMIT + 1)}, content=b"x")

    assert answer.status_code == 413
    assert "16,777,216" in answer.json()["exception_message"]


async def test_a_body_that_grows_over_the_limit_is_refused_as_well() -> None:
    async with client() as http:
        answer = await http.post("/api/flows", content=growing(LIMIT + 1))

    assert answer.status_code == 413


async def test_the_fast_way_answers_503_when_something_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(*_: Any) -> None:
        raise ConnectionRefusedError("the log is away")

    monkeypatch.setitem(asgi.FAST_WAYS, ("POST", "/api/events"), away)
    monkeypatch.setattr(asgi, "OUTAGES", (ConnectionRefusedError,))
    async with client() as http:
        answer = await http.post("/api/events/", json=[])

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


async def test_start_and_end_of_the_server_are_acknowledged() -> None:
    incoming = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(incoming)

    async def send(message: Any) -> None:
        sent.append(dict(message))

    await application({"type": "lifespan"}, receive, send)

    assert [m["type"] for m in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


@pytest.mark.parametrize("path", ["/api/events", "/api/events/", "/api/flows/filter"])
@pytest.mark.django_db
async def test_no_cache_keeps_an_answer_of_the_api(path: str) -> None:
    async with client() as http:
        refused = await http.post(path, json=[])
        too_large = await http.post(path, headers={"Content-Length": str(LIMIT + 1)}, content=b"x")

    assert refused.status_code == 401
    assert "no-store" in refused.headers["Cache-Control"]
    assert "no-store" in too_large.headers["Cache-Control"]


async def test_answers_of_the_front_are_json() -> None:
    async with client() as http:
        answer = await http.post("/api/x", headers={"Content-Length": str(LIMIT * 2)}, content=b"")

    assert answer.headers["Content-Type"] == "application/json"
    assert json.loads(answer.content)
