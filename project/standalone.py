"""The embedded services for the time of one command, while no `up` runs on the data directory."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from project import probes, processes
from project.child import Child
from project.console import Console
from project.embedded.starting import CannotStart
from project.lib import datadir
from project.supervisor import only_one

SECONDS = 60.0


@contextmanager
def services_running(data_dir: Path, console: Console) -> Iterator[None]:
    """Start what no URL was given for, and stop it again. CannotStart when `up` runs there."""
    with only_one(data_dir):
        datadir.make_socket_dir(data_dir)
        children = [Child(plan, console) for plan in processes.services(data_dir)]
        try:
            for child in children:
                child.start()
            _wait_for("Redis", probes.redis_answers, children)
            _wait_for("PostgreSQL", probes.postgres_answers, children)
            yield
        finally:
            for child in children:
                child.ask_to_stop()
            deadline = time.monotonic() + SECONDS
            for child in children:
                child.finish(deadline)


def _wait_for(name: str, answers: Callable[[], bool], children: list[Child]) -> None:
    deadline = time.monotonic() + SECONDS
    while not answers():
        if time.monotonic() > deadline:
            raise CannotStart(f"{name} does not answer. Its output is above; or check its URL.")
        time.sleep(0.05)
        for child in children:
            child.watch()
