"""A PostgreSQL and a Redis for one test run, in a folder that goes with it.

With xdist the workers share the PostgreSQL (each has a database of its own), and each has
a Redis of its own, as streams, locks and Celery queues have fixed names.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Services:
    folder: Path
    sockets: Path
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start(self, command: list[str], *, user: str | None = None) -> "subprocess.Popen[bytes]":
        from project.lib.identity import identity_of
        from project.lib.lifeline import dies_with

        as_whom = identity_of(user)
        with (self.folder / "services.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                user=as_whom.user,
                group=as_whom.group,
                extra_groups=as_whom.extra_groups,
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=dies_with(os.getpid()),
            )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in self.processes:
            # PostgreSQL's "fast" shutdown: it does not wait for connections that are still open.
            process.send_signal(signal.SIGINT)
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for folder in (self.folder, self.sockets):
            shutil.rmtree(folder, ignore_errors=True)


def start() -> Services:
    """Start both and put their addresses into the environment.

    Called before Django reads its settings. `DATABASE_URL` / `REDIS_URL` win.
    """
    folder = Path(tempfile.mkdtemp(prefix="flint-tests-"))
    folder.chmod(0o711)
    os.environ["FLINT_DATA_DIR"] = str(folder)
    from project.lib import datadir

    datadir.encryption_key(folder)
    services = Services(folder, datadir.make_socket_dir(folder))
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = start_postgres(services)
    if "REDIS_URL" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:
        os.environ["REDIS_URL"] = start_redis(services)
    return services


def start_postgres(services: Services) -> str:
    from project.embedded import postgres_server
    from project.lib import datadir

    url = datadir.database_url(services.folder)
    command, user = postgres_server.postgres_command(services.folder)
    # What a test writes need not survive a power cut; the crash tests start their own.
    # And no statistics: what one test leaves must not change the plans of another's queries.
    command += ["-c", "fsync=off", "-c", "shared_buffers=64MB", "-c", "autovacuum=off"]
    postgres_server.wait_for_postgres(url, process=services.start(command, user=user))
    return url


def start_redis(services: Services) -> str:
    from project.embedded import redis_server
    from project.lib import datadir

    url = datadir.redis_url(services.folder)
    command = redis_server.redis_command(
        services.folder / "redis", datadir.redis_socket(services.folder)
    )
    redis_server.wait_for_redis(url, process=services.start(command))
    return url
