"""A PostgreSQL and a Redis for one test run, in a folder that goes with it."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Services:
    folder: Path
    processes: list["subprocess.Popen[bytes]"]

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


def start() -> Services:
    """Start both and put their addresses into the environment.

    Called before Django reads its settings. `DATABASE_URL` / `REDIS_URL` win.
    """
    folder = Path(tempfile.mkdtemp(prefix="flint-tests-"))
    folder.chmod(0o711)
    os.environ["FLINT_DATA_DIR"] = str(folder)
    from project import embedded
    from project.lib import datadir

    sockets = datadir.socket_dir(folder)
    sockets.mkdir(mode=0o711, exist_ok=True)
    processes = []
    log = os.open(folder / "services.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    if "DATABASE_URL" not in os.environ:
        command, user = embedded.postgres_command(folder / "postgres", sockets)
        # What a test writes need not survive a power cut; the crash tests start their own.
        command += ["-c", "fsync=off", "-c", "shared_buffers=64MB"]
        postgres = subprocess.Popen(command, user=user, stdout=log, stderr=log, cwd="/")
        processes.append(postgres)
        os.environ["DATABASE_URL"] = datadir.database_url(folder)
        embedded.wait_for_postgres(os.environ["DATABASE_URL"], process=postgres)
    if "REDIS_URL" not in os.environ:
        command = embedded.redis_command(folder / "redis", sockets)
        redis = subprocess.Popen(command, stdout=log, stderr=log)
        processes.append(redis)
        os.environ["REDIS_URL"] = datadir.redis_url(folder)
        embedded.wait_for_redis(os.environ["REDIS_URL"], process=redis)
    os.close(log)
    print(f"tests: PostgreSQL and Redis in {folder}", file=sys.stderr)
    return Services(folder, processes)
