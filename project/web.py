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
        forwarded_allow_ips=trusted_proxies(),
        **address,
    )
    given = None if descriptor is None else [socket.socket(fileno=descriptor)]
    uvicorn.Server(config).run(sockets=given)


def trusted_proxies() -> str:
    """Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: FORWARDED_ALLOW_IPS.

    Unset, a proxy on this machine is believed where one can be at work at all: where Flint
    answers to other names than this machine's own. Anybody else on this machine could name
    a new address with each attempt to sign in.
    """
    behind_proxy = env.text("ALLOWED_HOSTS") or env.text("CSRF_TRUSTED_ORIGINS")
    return env.text("FORWARDED_ALLOW_IPS") or ("127.0.0.1,::1" if behind_proxy else "")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else None)
