"""The web process: uvicorn (`python -m project.web`), on HOST and PORT.

Under `manage.py up` it is given the descriptor of a socket that the supervisor keeps, so a
restart of this process refuses no connection.
"""

import socket
import sys
from typing import Any

import uvicorn

from project.lib import env
from project.lib.durable_sockets import DurableSockets

GRACE_SECONDS = 3  # long-lived answers (live pages) are cut after that
BACKLOG = 2048


def main(descriptor: int | None) -> None:
    address: dict[str, Any] = {}
    if descriptor is None:
        address = {"host": env.text("HOST") or "127.0.0.1", "port": env.integer("PORT", 4200)}
    config = uvicorn.Config(
        "project.asgi:application",
        loop="uvloop",
        http="httptools",
        ws=DurableSockets,
        ws_per_message_deflate=False,  # costs more than it saves on one machine
        access_log=False,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
        backlog=BACKLOG,
        **address,
    )
    given = None if descriptor is None else [socket.socket(fileno=descriptor)]
    uvicorn.Server(config).run(sockets=given)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else None)
