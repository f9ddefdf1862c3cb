"""Flint as it runs on several machines: a PostgreSQL and a Redis that others look after, and
each process started by itself, with the command that `manage.py processes` prints.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from project.embedded import postgres_server, redis_server
from project.lib import datadir
from project.lib.identity import identity_of
from project.lib.lifeline import dies_with
from tests.system import ROOT, Product, new_product

Popen = subprocess.Popen[bytes]


class Estate:
    """`product` is for asking it (url, client, manage); it was not started by `up`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="flint-estate-"))
        self.folder.chmod(0o711)
        self.sockets = datadir.make_socket_dir(self.folder)
        self.urls = {
            "DATABASE_URL": datadir.database_url(self.folder),
            "REDIS_URL": datadir.redis_url(self.folder),
        }
        self.product: Product = new_product(self.folder, **self.urls)
        self.processes: list[Popen] = []
        self.services: dict[str, Popen] = {}

    def start_postgres(self) -> None:
        command, user = postgres_server.postgres_command(self.folder)
        # kill -9 takes nothing that was written, with or without fsync; only a power cut does.
        process = self._spawn([*command, "-c", "fsync=off"], user=user)
        self.services["postgres"] = process
        postgres_server.wait_for_postgres(self.urls["DATABASE_URL"], process=process)

    def start_redis(self) -> None:
        process = self._spawn(
            redis_server.redis_command(self.folder / "redis", datadir.redis_socket(self.folder))
        )
        self.services["redis"] = process
        redis_server.wait_for_redis(self.urls["REDIS_URL"], process=process)

    def start(self, name: str) -> Popen:
        """One process more; any number of one kind."""
        process = self._spawn([sys.executable, "manage.py", "processes", name])
        self.processes.append(process)
        return process

    def take_away(self, service: str) -> None:
        process = self.services.pop(service)
        process.kill()
        process.wait()

    def bring_back(self, service: str) -> None:
        self.start_redis() if service == "redis" else self.start_postgres()

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        deadline = time.monotonic() + 10
        for process in self.processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for process in self.services.values():
            process.send_signal(signal.SIGINT)
            process.wait(10)
        for folder in (self.folder, self.sockets):
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def log(self) -> str:
        return (self.folder / "estate.log").read_text(errors="replace")

    def _spawn(self, command: list[str], *, user: str | None = None) -> Popen:
        as_whom = identity_of(user)
        with (self.folder / "estate.log").open("ab") as log:
            return subprocess.Popen(
                command,
                user=as_whom.user,
                group=as_whom.group,
                extra_groups=as_whom.extra_groups,
                cwd="/" if user else ROOT,
                env=self.product.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=dies_with(os.getpid()),
            )


def running_estate() -> Iterator[Estate]:
    """The body of a fixture: stores, tables, first key, and one process of each kind."""
    estate = Estate()
    try:
        estate.start_postgres()
        estate.start_redis()
        estate.product.manage("prepare")
        for name in ("web", "recorder", "evaluator", "actions", "beat"):
            estate.start(name)
        estate.product.wait_until_healthy(90)
        yield estate
    finally:
        estate.stop()
