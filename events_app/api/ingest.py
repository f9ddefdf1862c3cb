"""POST /api/events, on its own: parse, append to the log, answer. No SQL, no Django views.

This is the way of every event, so it passes by the middleware; project.asgi routes to it.
"""

import asyncio
import json
import logging
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec
import redis
from django.conf import settings
from django.db import DatabaseError

from accounts_app.models import Role
from accounts_app.services import access
from events_app.domain.parsing import TooLarge, parse_events
from events_app.services.log_client import log_client
from events_app.stream import log
from project.lib import api_errors
from project.lib.clock import utcnow
from project.lib.private_answers import NO_STORE
from project.lib.problems import Invalid
from project.lib.store_errors import first_line

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_UNAVAILABLE = (redis.ConnectionError, redis.TimeoutError, OSError, DatabaseError)
# Larger ones are parsed in a thread, so that others need not wait for them.
_LONG_BODY = 1 << 20


class IngestRefused(Exception):
    """The request ends here, with this answer."""

    def __init__(self, status: int, body: dict[str, Any], **headers: str) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers


class ClientGone(Exception):
    """The client hung up, or project.asgi stopped reading and answers itself."""


async def ingest(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers 204 once the events are on disk, or refuses all of them.

    401 without a key, 403 without the role editor, 413 and 422 for what is in the body,
    503 with Retry-After while the log is full or Redis is away.
    """
    try:
        await _accept(scope, receive)
    except ClientGone:
        return
    except IngestRefused as refused:
        await _answer(send, refused.status, refused.body, refused.headers)
    except _UNAVAILABLE as error:
        logger.warning("Could not accept events: %s", first_line(error))
        body = {"exception_message": "Service Unavailable"}
        await _answer(send, 503, body, {"retry-after": "1"})
    else:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def _accept(scope: Scope, receive: Receive) -> None:
    headers = dict(scope["headers"])
    await _authorize(headers.get(b"authorization"))
    body = await _body(headers, receive)
    try:
        if len(body) > _LONG_BODY:
            events = await asyncio.to_thread(parse_events, body)
        else:
            events = parse_events(body)
        if events:
            await log.append_async(log_client(), events)
    except Invalid as invalid:
        problems = [api_errors.problem_document(problem) for problem in invalid.problems]
        raise IngestRefused(422, api_errors.invalid_body(problems, _echo(body))) from None
    except TooLarge as too_large:
        raise IngestRefused(413, {"exception_message": str(too_large)}) from None
    except log.LogFull as full:
        answer = {"exception_message": str(full)}
        raise IngestRefused(503, answer, **{"retry-after": str(full.retry_after_seconds)}) from None


async def _authorize(header: bytes | None) -> None:
    authorization = None if header is None else header.decode("latin-1")
    identity = await access.authenticate_async(authorization, now=utcnow())
    if identity is None:
        raise IngestRefused(401, api_errors.UNAUTHORIZED)
    if not access.may(identity, Role.EDITOR):
        detail = f"This needs the role {Role.EDITOR.value}; yours is {identity.role.value}."
        raise IngestRefused(403, {"detail": detail})


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    chunks: list[bytes] = []
    received = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunks.append(message.get("body", b""))
        received += len(chunks[-1])
        if received > limit:
            raise IngestRefused(413, api_errors.too_large_body(limit))
        more = message.get("more_body", False)
    body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    return _decoded(body, encoding, limit)


def _decoded(body: bytes, encoding: bytes, limit: int) -> bytes:
    if encoding in (b"", b"identity"):
        return body
    if encoding not in (b"gzip", b"x-gzip"):
        sentence = "A body may be compressed with gzip only."
        raise IngestRefused(415, {"exception_message": sentence})
    inflating = zlib.decompressobj(wbits=31)
    try:
        # A small body may inflate to anything: stop one byte beyond the limit.
        inflated = inflating.decompress(body, limit + 1)
    except zlib.error as error:
        raise IngestRefused(400, {"exception_message": f"The body is not gzip: {error}."}) from None
    if len(inflated) > limit:
        raise IngestRefused(413, api_errors.too_large_body(limit))
    if not inflating.eof or inflating.unused_data:
        raise IngestRefused(400, {"exception_message": "The body is not one whole gzip file."})
    return inflated


def _echo(body: bytes) -> object:
    """The refused body, as Prefect sends it back; not when it is long or no JSON."""
    if len(body) > api_errors.MAX_ECHO_BYTES:
        return None
    try:
        echoed: object = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return echoed


async def _answer(send: Send, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
    data = json.dumps(body).encode()
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    pairs += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(data))]
    pairs.append((b"cache-control", NO_STORE.encode()))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": data})
