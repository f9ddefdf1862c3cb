"""What the product was started with is seen by none of its processes that do not need it."""

import os
from pathlib import Path

import psycopg
import pytest

from project.lib import datadir
from project.lib.child_environment import PASSED_ON, bare_environment, process_environment
from tests.system import PASSWORD, Product

SERVER = {
    "PATH": "/bin",
    "LC_ALL": "C",
    "HOME": "/home/flint",
    "SECRET_KEY": "s",
    "DATABASE_URL": "d",
    "FLINT_API_KEY": "k",
    "FLINT_ENCRYPTION_KEY": "e",
    "FLINT_ADMIN_PASSWORD_FILE": "/run/secrets/password",
    "AWS_SECRET_ACCESS_KEY": "w",
}


def test_a_program_that_is_not_flints_gets_what_any_program_needs() -> None:
    assert bare_environment(SERVER) == {"PATH": "/bin", "LC_ALL": "C", "HOME": "/home/flint"}


def test_another_user_has_a_home_of_its_own() -> None:
    found = bare_environment(SERVER, user="nobody")

    assert found["USER"] == found["LOGNAME"] == "nobody"
    assert found["HOME"] != "/home/flint"


def test_flints_own_processes_get_all_but_what_only_the_first_start_needs() -> None:
    gone = {"FLINT_API_KEY", "FLINT_ADMIN_PASSWORD_FILE"}

    assert process_environment(SERVER) == {n: v for n, v in SERVER.items() if n not in gone}


@pytest.mark.system
def test_no_child_has_the_first_key_or_password_in_its_environment(product: Product) -> None:
    seen = {
        name: (Path("/proc") / str(pid) / "environ").read_bytes()
        for name, pid in product.pids().items()
    }

    assert [name for name, text in seen.items() if product.key.encode() in text] == []
    assert [name for name, text in seen.items() if PASSWORD.encode() in text] == []


@pytest.mark.system
def test_a_program_started_by_the_database_sees_nothing_of_it(product: Product) -> None:
    """Whoever is a superuser of the database runs programs as its user; no more than that."""
    with psycopg.connect(datadir.database_url(product.data_dir)) as connection:
        connection.execute("CREATE TEMP TABLE seen (line text)")
        connection.execute("COPY seen FROM PROGRAM 'env; id -G' WITH (DELIMITER E'\\x01')")
        lines = [line for (line,) in connection.execute("SELECT line FROM seen").fetchall()]

    names = {line.partition("=")[0] for line in lines if "=" in line}
    of_its_own = {"PWD", "OLDPWD", "SHLVL", "_", "PGDATA", "PGSYSCONFDIR", "PG_GRANDPARENT_PID"}
    locale = {name for name in names if name.startswith("LC_")}
    assert names - PASSED_ON - of_its_own - locale == set()
    if os.geteuid() == 0:
        assert "0" not in lines[-1].split()
