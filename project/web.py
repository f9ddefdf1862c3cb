"""The web process: uvicorn on a socket that the supervisor opened (`python -m project.web FD`).

The supervisor keeps the socket, so a restart of this process refuses no connection.
"""

import socket
import sys

import uvicorn

from project.lib.durable_sockets import DurableSockets

GRACE_SECONDS = 3  # long-lived answers (live pages) are cut after that


def main(descriptor: int) -> None:
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
        backlog=2048,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
