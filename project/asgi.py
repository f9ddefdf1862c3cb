"""The front: lifespan, the two fast ways into the log, and Django for everything else."""

import json
import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping
from importlib import import_module
from threading import Thread
from typing import Any

from project.django_front import django_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
_django: Any = django_application()

from django.conf import settings  # noqa: E402 (settings are ready only now)

from events_app.api.ingest import ingest  # noqa: E402
from events_app.api.sockets import events_in  # noqa: E402
from events_app.api.sockets_out import events_out  # noqa: E402
from events_app.web.feed_stream import feed_stream  # noqa: E402
from project.lib.api_errors import too_large_body  # noqa: E402
from project.lib.api_paths import without_slash  # noqa: E402
from project.lib.outages import BODY, OUTAGES, RETRY_AFTER_SECONDS  # noqa: E402
from project.lib.private_answers import NO_STORE  # noqa: E402
from runs_app.api.log_socket import logs_out  # noqa: E402
from triggers_app.automation.formats.terraform import read as terraform_hcl  # noqa: E402

# All addresses now: a broken one stops the start, instead of every request.
import_module(settings.ROOT_URLCONF)
logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Ways to the log that pass Django by, by method and path without its trailing slash.
FAST_WAYS: dict[tuple[str, str], App] = {
    ("POST", "/api/events"): ingest,
    ("GET", "/events/stream"): feed_stream,
}
SOCKETS: dict[str, App] = {
    "/api/events/in": events_in,
    "/api/events/out": events_out,
    "/api/logs/out": logs_out,
}


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "websocket":
        await SOCKETS.get(without_slash(scope["path"]), _no_socket)(scope, receive, send)
    elif _declared_bytes(scope) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        await _answer(send, 413, too_large_body(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    else:
        fast = FAST_WAYS.get((scope["method"], without_slash(scope["path"])))
        app: App = _django if fast is None else _sheltered(fast)
        await _bounded(app, scope, receive, send)


async def _no_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Refused at the upgrade, with 403: Prefect's workers then use REST."""
    await receive()
    await send({"type": "websocket.close", "code": 1000})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            # Nobody who pastes Terraform shall wait for it; nobody else needs it.
            Thread(target=terraform_hcl.warm, name="grammar", daemon=True).start()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _sheltered(app: App) -> App:
    """Answers 503 where Django's API would: the log or the database is away."""

    async def sheltered(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except OUTAGES as error:
            logger.warning("%s %s: %s", scope["method"], scope["path"], error)
            await _answer(send, 503, BODY, retry_after=RETRY_AFTER_SECONDS)

    return sheltered


async def _bounded(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    """Stop reading a body that grows beyond the limit without having declared its length."""
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    received = 0
    answered = False

    async def counted_receive() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        return {"type": "http.disconnect"} if received > limit else message

    async def noted_send(message: Message) -> None:
        nonlocal answered
        answered = True
        await send(message)

    await app(scope, counted_receive, noted_send)
    if received > limit and not answered:
        await _answer(send, 413, too_large_body(limit))


def _declared_bytes(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def _answer(send: Send, status: int, body: dict[str, Any], **headers: str) -> None:
    pairs = [(b"content-type", b"application/json"), (b"cache-control", NO_STORE.encode())]
    pairs += [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
