"""/api/events/in: one event per text frame, into the log before the pong.

The handshake is Prefect's: subprotocol `prefect`, an `auth` message, `auth_success`, then
events; the server says nothing more, but for a few error frames. Clients before 3.7 know no
handshake and send events at once: the `Authorization` header of their upgrade lets them in.
Frames that wait while an append is under way go into the log together.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import redis
from django.conf import settings

from accounts_app.models import Role
from accounts_app.services import access
from events_app.domain.event import Event
from events_app.domain.parsing import TooLarge, parse_event
from events_app.services import rejecting
from events_app.services.log_client import log_client
from events_app.stream import log
from project.lib.clock import utcnow
from project.lib.durable_sockets import EXTENSION
from project.lib.problems import Invalid
from project.lib.store_errors import first_line

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013
SUBPROTOCOL = "prefect"
EXPECTED_AUTH = "Expected 'auth' message"
OLD_CLIENT = (
    "Refused events of a client that does not say who it is. Prefect before 3.7 needs its key in "
    "PREFECT_CLIENT_CUSTOM_HEADERS: docs/prefect.md, Older clients"
)
AUTH_SECONDS = 10
MAX_ERROR_FRAMES = 8  # clients do not read them; more would fill their buffers
MAX_WAITING = 2_000  # frames read ahead while an append is under way
MAX_WAITING_BYTES = 16 << 20
# How long a sender waits for a log that is full or away, before it is sent away itself.
PATIENCE_SECONDS = 30.0


class Closed(Exception):
    """The client is gone."""


class SentAway(Exception):
    """The connection ends here: close it with this code and reason."""

    def __init__(self, reason: str, *, code: int = POLICY_VIOLATION) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Unintroduced(SentAway):
    """It does not begin with the handshake."""

    def __init__(self) -> None:
        super().__init__(EXPECTED_AUTH)


async def events_in(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one connection until the client closes it."""
    try:
        await _accepted(scope, receive, send)
        if not await _admitted_by_upgrade(scope, Role.EDITOR):
            await _shaken_hands(receive, send, Role.EDITOR)
        hold_receipts = scope["extensions"].get(EXTENSION)
        if hold_receipts is not None:
            hold_receipts()
        await Connection(receive, send).serve()
    except Closed:
        return
    except SentAway as away:
        if isinstance(away, Unintroduced) and SUBPROTOCOL not in scope["subprotocols"]:
            logger.warning(OLD_CLIENT)  # it does not say so itself
        await send({"type": "websocket.close", "code": away.code, "reason": away.reason})


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who is at the other end, and by which token."""

    identity: access.KeyIdentity
    token: str | None


async def authenticated(scope: Scope, receive: Receive, send: Send, role: Role) -> Admitted:
    """The handshake that all of Prefect's sockets begin with. Raises Closed and SentAway."""
    await _accepted(scope, receive, send)
    return await _shaken_hands(receive, send, role)


async def _accepted(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    if message["type"] != "websocket.connect":
        raise Closed
    chosen = SUBPROTOCOL if SUBPROTOCOL in scope["subprotocols"] else None
    await send({"type": "websocket.accept", "subprotocol": chosen})


async def _admitted_by_upgrade(scope: Scope, role: Role) -> bool:
    """Whether a client that knows no handshake is let in; False for one that does.

    Raises SentAway when its header says that it is not.
    """
    if SUBPROTOCOL in scope["subprotocols"]:
        return False
    headers = dict(scope["headers"])
    authorization = headers.get(b"authorization")
    if authorization is None:
        return settings.FLINT_EVENTS_WITHOUT_KEY and _is_local(scope, headers)
    key = await access.authenticate_async(authorization.decode("latin-1"), now=utcnow())
    _require(key, role)
    return True


def _is_local(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    """On this machine itself, not behind a proxy that is."""
    peer = scope.get("client")
    if peer is None or {b"forwarded", b"x-forwarded-for"} & headers.keys():
        return False
    return ip_address(peer[0]).is_loopback


def _require(identity: access.KeyIdentity | None, role: Role) -> access.KeyIdentity:
    if identity is None:
        raise SentAway("Unauthorized: the token is not a valid key")
    if not access.may(identity, role):
        raise SentAway(f"Forbidden: this needs the role {role.value}")
    return identity


async def _shaken_hands(receive: Receive, send: Send, role: Role) -> Admitted:
    try:
        message = await asyncio.wait_for(receive(), AUTH_SECONDS)
    except TimeoutError:
        raise Unintroduced from None
    if message["type"] != "websocket.receive":
        raise Closed
    token = _auth_token(message)
    if isinstance(token, _NoAuth):
        raise Unintroduced
    identity = _require(await access.authenticate_token(token, now=utcnow()), role)
    await send({"type": "websocket.send", "text": '{"type":"auth_success"}'})
    return Admitted(identity, token)


class _NoAuth:
    pass


def _auth_token(message: Message) -> str | _NoAuth | None:
    try:
        document = json.loads(message.get("text") or b"")
    except (ValueError, RecursionError):
        return _NoAuth()
    if not isinstance(document, dict) or document.get("type") != "auth":
        return _NoAuth()
    token = document.get("token")
    return token if isinstance(token, str) else None


@dataclass
class _Waiting:
    """What was read and not yet dealt with: frames, and receipts in between."""

    frames: list[bytes] = field(default_factory=list)
    receipts: list[Callable[[], None]] = field(default_factory=list)
    size: int = 0
    closed: bool = False

    @property
    def is_full(self) -> bool:
        return len(self.frames) >= MAX_WAITING or self.size >= MAX_WAITING_BYTES


class Connection:
    """One authenticated sender: one task reads, another appends."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._waiting = _Waiting()
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()
        self._error_frames = 0

    async def serve(self) -> None:
        reading = asyncio.create_task(self._read())
        try:
            await self._write()
        finally:
            reading.cancel()

    async def _read(self) -> None:
        while not self._waiting.closed:
            message = await self._receive()
            waiting = self._waiting
            if message["type"] == "websocket.receive":
                text = message.get("text")
                frame = text.encode() if text is not None else message.get("bytes") or b""
                waiting.frames.append(frame)
                waiting.size += len(frame)
            elif message["type"] == "flint.receipt":
                waiting.receipts.append(message["give"])
            else:
                waiting.closed = True
            self._arrived.set()
            if waiting.is_full and not waiting.closed:
                self._taken.clear()
                await self._taken.wait()

    async def _write(self) -> None:
        closed = False
        while not closed:
            await self._arrived.wait()
            self._arrived.clear()
            taken, self._waiting = self._waiting, _Waiting(closed=self._waiting.closed)
            self._taken.set()
            closed = taken.closed
            if taken.frames:
                await self._deal_with(taken.frames)
            for give in taken.receipts:
                give()

    async def _deal_with(self, frames: list[bytes]) -> None:
        events: list[Event] = []
        refused: list[tuple[bytes, str]] = []
        for frame in frames:
            try:
                events.append(parse_event(frame))
            except Invalid as invalid:
                refused.append((frame, str(invalid)))
            except TooLarge as too_large:
                refused.append((frame, str(too_large)))
        if events:
            await self._append(events)
        if refused:
            await self._refuse(refused)

    async def _append(self, events: list[Event]) -> None:
        """Append, however long it takes the log to come back; the client sees no pong."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + PATIENCE_SECONDS
        while True:
            try:
                await log.append_async(log_client(), events)
                return
            except log.LogFull:
                pause, reason = 1.0, "The event log is full"
            except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
                logger.warning("Could not append events: %s", first_line(error))
                pause, reason = 0.25, "The event log is away"
            if loop.time() + pause > give_up:
                raise SentAway(reason, code=TRY_AGAIN_LATER)
            await asyncio.sleep(pause)

    async def _refuse(self, refused: list[tuple[bytes, str]]) -> None:
        await asyncio.to_thread(rejecting.note, refused)
        for _, reason in refused:
            if self._error_frames >= MAX_ERROR_FRAMES:
                return
            self._error_frames += 1
            text = json.dumps({"type": "error", "reason": reason})
            await self._send({"type": "websocket.send", "text": text})
