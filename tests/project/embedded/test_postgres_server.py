"""The embedded PostgreSQL lets in whoever knows the installation's password, and nobody else.

The cluster is of the kind that earlier versions of Flint made: it trusted everybody.
"""

import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from project.embedded import postgres_server
from project.lib import datadir
from project.lib.child_environment import bare_environment
from project.lib.identity import identity_of
from tests.services import Services
from tests.upgrade.dumps import old_cluster

STRANGER = "nobody"


@pytest.fixture(scope="module")
def installation() -> Iterator[Services]:
    """Running, upgraded from one that trusted everybody."""
    folder = Path(tempfile.mkdtemp(prefix="flint-cluster-"))
    folder.chmod(0o711)
    services = Services(folder, datadir.make_socket_dir(folder))
    old_cluster(folder)
    try:
        start(services)
        yield services
    finally:
        services.stop()


def start(services: Services) -> None:
    command, user = postgres_server.postgres_command(services.folder)
    process = services.start(command, user=user)
    postgres_server.wait_for_postgres(datadir.database_url(services.folder), process=process)


def url_with(services: Services, password: str) -> str:
    url, _, _ = datadir.database_url(services.folder).partition("&password=")
    return f"{url}&password={password}" if password else url


def test_the_password_of_the_installation_opens_it(installation: Services) -> None:
    with psycopg.connect(datadir.database_url(installation.folder)) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("postgres",)


@pytest.mark.parametrize("password", ["", "postgres", "wrong"])
def test_without_it_even_root_is_refused(installation: Services, password: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url_with(installation, password))


def test_its_file_is_for_its_owner_only(installation: Services) -> None:
    file = installation.folder / "postgres_password"

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text()) >= 32


def test_the_way_to_the_socket_is_closed_to_others(installation: Services) -> None:
    folder = datadir.postgres_socket_dir(installation.folder)
    modes = [
        stat.S_IMODE(path.stat().st_mode)
        for path in (folder.parent, folder, folder / ".s.PGSQL.5432")
    ]

    assert [oct(mode & 0o007) for mode in modes] == ["0o0"] * 3
    assert oct(modes[2]) == "0o700"


def test_another_user_gets_nowhere_even_with_the_password(installation: Services) -> None:
    """Only root can try it as another user; what others would see is told by the modes above."""
    as_whom = identity_of(STRANGER if os.geteuid() == 0 else None)
    environment = bare_environment(os.environ)
    environment["PGPASSWORD"] = datadir.postgres_password(installation.folder)
    psql = [
        str(postgres_server.binaries() / "psql"),
        url_with(installation, ""),
        "-tAc",
        "SELECT 1",
    ]

    tried = subprocess.run(
        psql,
        user=as_whom.user,
        group=as_whom.group,
        extra_groups=as_whom.extra_groups,
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )

    if os.geteuid() == 0:
        assert tried.stdout == "" and "Permission denied" in tried.stderr
    else:
        assert tried.stdout == "1\n"


def test_it_keeps_none_of_the_groups_of_who_started_it(installation: Services) -> None:
    pid = installation.processes[-1].pid
    lines = (Path("/proc") / str(pid) / "status").read_text().splitlines()
    own = identity_of("pgserver" if os.geteuid() == 0 else None)

    groups = {line.split(":")[0]: line.split()[1:] for line in lines if line.startswith("G")}

    if own.user is not None:
        assert groups == {"Gid": [str(own.group)] * 4, "Groups": []}
    assert "0" not in groups["Gid"] or os.getegid() == 0


def test_a_lost_password_is_replaced_at_the_next_start(installation: Services) -> None:
    before = datadir.postgres_password(installation.folder)
    stop_last(installation)
    (installation.folder / "postgres_password").unlink()

    start(installation)

    assert datadir.postgres_password(installation.folder) != before
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url_with(installation, before))


def stop_last(services: Services) -> None:
    process = services.processes.pop()
    process.terminate()
    process.wait(10)
