"""Which processes make up the product."""

import signal
import sys
from pathlib import Path

from django.conf import settings

from project import embedded
from project.child import Plan
from project.lib import datadir, env

WORKERS = {
    # One event loop and no pool: a lease occupies the process, and that is its purpose.
    "recorder": ("-Q", "record", "-P", "solo"),
    "evaluator": ("-Q", "evaluate", "-P", "solo"),
    # Short transactions that wait for the database.
    "actions": ("-Q", "actions", "-P", "threads", "-c", "3"),
}


def services(data_dir: Path) -> list[Plan]:
    """The embedded services, except those that a URL was given for."""
    sockets = datadir.socket_dir(data_dir)
    plans = []
    if not env.secret("REDIS_URL"):
        plans.append(
            Plan(
                "redis",
                lambda: (embedded.redis_command(data_dir / "redis", sockets), None),
                death_signal=signal.SIGTERM,
                quiet=True,
            )
        )
    if not env.secret("DATABASE_URL"):
        plans.append(
            Plan(
                "postgres",
                lambda: embedded.postgres_command(data_dir / "postgres", sockets),
                stop_signal=signal.SIGINT,  # "fast": cuts connections, writes all, ends
                death_signal=signal.SIGQUIT,
                quiet=True,
            )
        )
    return plans


def children(data_dir: Path, *, listener_fd: int) -> list[Plan]:
    runs = ("-Q", "runs", "-P", "threads", "-c", str(settings.FLINT_RUN_SLOTS))
    return [
        Plan(
            "web",
            lambda: ([sys.executable, "-m", "project.web", str(listener_fd)], None),
            pass_fds=(listener_fd,),
        ),
        *(_worker(name, arguments) for name, arguments in WORKERS.items()),
        _worker("runs", runs),
        _celery("beat", "beat", "--schedule", str(data_dir / "beat"), "--pidfile="),
    ]


def _worker(name: str, arguments: tuple[str, ...]) -> Plan:
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return _celery(name, "worker", "-n", f"{name}@%h", *arguments, *quiet)


def _celery(name: str, *arguments: str) -> Plan:
    command = [sys.executable, "-m", "celery", "-q", "-A", "project.celery", *arguments]
    return Plan(
        name,
        lambda: ([*command, "-l", "WARNING"], None),
        environment={
            # The checks import every page, in every worker; the tests have run them.
            "CELERY_SKIP_CHECKS": "1",
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        },
    )
