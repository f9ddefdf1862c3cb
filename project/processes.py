"""Which processes make up the product: the one place where their commands are written.

`manage.py up` starts them all; `manage.py processes` prints them for those who start them
themselves, on one machine or on several.
"""

import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from project.child import ChildPlan
from project.embedded import postgres_server, redis_server
from project.lib import datadir, env

WORKERS = {
    # One event loop and no pool: a lease occupies the process, and that is its purpose.
    "recorder": ("-Q", "record", "-P", "solo"),
    "evaluator": ("-Q", "evaluate", "-P", "solo"),
    # Short transactions that wait for the database.
    # Two of the threads are for the leases of dispatching and relaying.
    "actions": ("-Q", "actions", "-P", "threads", "-c", "4"),
}


@dataclass(frozen=True, slots=True)
class Process:
    """`arguments` follow the Python interpreter."""

    name: str
    arguments: Sequence[str]


def processes(data_dir: Path) -> list[Process]:
    """All but the services, in the order in which they are started."""
    runs = ("-Q", "runs", "-P", "threads", "-c", str(settings.FLINT_RUN_SLOTS))
    return [
        Process("web", ("-m", "project.web")),
        *(_worker(name, arguments) for name, arguments in WORKERS.items()),
        _worker("runs", runs),
        _celery("beat", "beat", "--schedule", str(data_dir / "beat"), "--pidfile="),
    ]


def _worker(name: str, arguments: tuple[str, ...]) -> Process:
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return _celery(name, "worker", "-n", f"{name}@%h", *arguments, *quiet)


def _celery(name: str, *arguments: str) -> Process:
    command = ("-m", "celery", "-q", "-A", "project.celery", *arguments, "-l", "WARNING")
    return Process(name, command)


def brings_broker() -> bool:
    """Whether Celery's messages go to a server of Flint's own."""
    return not (env.secret("CELERY_BROKER_URL") or env.secret("REDIS_URL"))


def services(data_dir: Path) -> list[ChildPlan]:
    """The embedded services, except those that a URL was given for."""
    plans = []
    if not env.secret("REDIS_URL"):
        plans.append(
            ChildPlan(
                "redis",
                lambda: (
                    redis_server.redis_command(data_dir / "redis", datadir.redis_socket(data_dir)),
                    None,
                ),
                death_signal=signal.SIGTERM,
                quiet=True,
                bare=True,
            )
        )
    if brings_broker():
        plans.append(
            ChildPlan(
                "broker",
                lambda: (
                    redis_server.redis_command(
                        data_dir / "broker",
                        datadir.broker_socket(data_dir),
                        redis_server.VOLATILE_SETTINGS,
                    ),
                    None,
                ),
                quiet=True,
                bare=True,
            )
        )
    if not env.secret("DATABASE_URL"):
        plans.append(
            ChildPlan(
                "postgres",
                lambda: postgres_server.postgres_command(data_dir),
                stop_signal=signal.SIGINT,  # "fast": cuts connections, writes all, ends
                death_signal=signal.SIGQUIT,
                quiet=True,
                bare=True,
            )
        )
    return plans


def children(data_dir: Path, *, listener_fd: int) -> list[ChildPlan]:
    """How the supervisor keeps the processes; the web process gets the socket that it opened."""
    return [_plan(process, listener_fd) for process in processes(data_dir)]


def _plan(process: Process, listener_fd: int) -> ChildPlan:
    given: tuple[int, ...] = (listener_fd,) if process.name == "web" else ()
    command = [sys.executable, *process.arguments, *map(str, given)]
    return ChildPlan(process.name, lambda: (command, None), pass_fds=given, python=True)
