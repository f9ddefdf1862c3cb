"""Databases that earlier versions of Flint left behind, loaded into one of their own."""

import gzip
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connection, connections
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from events_app.storage import reader
from project.embedded import postgres_server
from project.lib import datadir
from tests.services import Services

HERE = Path(__file__).parent
FOLDERS = sorted(path.parent.name for path in HERE.glob("*/database.sql.gz"))


def unpacked(folder: str, name: str) -> bytes:
    return gzip.decompress((HERE / folder / f"{name}.gz").read_bytes())


def load(url: str, sql: bytes) -> None:
    """Run a plain dump by the `psql` of the embedded server, which shows no password to `ps`."""
    password = str(conninfo_to_dict(url).get("password") or "")
    psql = [str(postgres_server.binaries() / "psql"), "-qX", "-v", "ON_ERROR_STOP=1"]
    subprocess.run(
        [*psql, make_conninfo(url, password=None)],
        input=sql,
        env={**os.environ, "PGPASSWORD": password},
        stdout=subprocess.DEVNULL,
        check=True,
    )


@contextmanager
def loaded_database(folder: str) -> Iterator[None]:
    """Django's own connections lead to it meanwhile."""
    name = f"upgrade_{uuid4().hex}"
    url = make_conninfo(settings.DATABASE_URL, dbname=name)
    admin = make_conninfo(settings.DATABASE_URL, dbname="postgres")
    with psycopg.connect(admin, autocommit=True) as own:
        own.execute(f'CREATE DATABASE "{name}"')
    load(url, unpacked(folder, "database.sql"))
    before = connections["default"].settings_dict["NAME"]
    try:
        _lead_to(name)
        yield
    finally:
        reader.close_idle()
        _lead_to(before)
        with psycopg.connect(admin, autocommit=True) as own:
            own.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _lead_to(name: str) -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one
    connections["default"].settings_dict["NAME"] = name


def old_cluster(data_dir: Path) -> str | None:
    """A cluster that trusts everybody, as Flint made them before 0.2; the user it belongs to."""
    data = data_dir / "postgres"
    data.mkdir()
    user = postgres_server._unprivileged_owner(data) if os.geteuid() == 0 else None
    initdb = [str(postgres_server.binaries() / "initdb"), "--auth=trust", "--encoding=utf8"]
    initdb += ["--locale=C", "--no-sync", "-U", "postgres", "-D", str(data)]
    postgres_server._run_as(user, initdb)
    return user


def old_data_directory(data_dir: Path, folder: str) -> None:
    """What `up` of that version left in its FLINT_DATA_DIR: database and log."""
    user = old_cluster(data_dir)
    sockets = datadir.make_socket_dir(data_dir)
    sockets.chmod(0o777)
    services = Services(data_dir / "old", sockets)
    services.folder.mkdir()
    server = [str(postgres_server.binaries() / "postgres"), "-D", str(data_dir / "postgres")]
    server += ["-k", str(sockets), "-c", "listen_addresses=", "-c", "fsync=off"]
    url = f"postgresql:///flint?host={sockets}&user=postgres"
    try:
        process = services.start(server, user=user)
        postgres_server.wait_for_postgres(url, process=process)
        load(url, unpacked(folder, "database.sql"))
    finally:
        services.stop()
    (data_dir / "redis").mkdir(mode=0o700)
    (data_dir / "redis" / "appendonly.aof").write_bytes(unpacked(folder, "appendonly.aof"))
    (data_dir / "redis" / "redis_version").write_text("6.2.14")
