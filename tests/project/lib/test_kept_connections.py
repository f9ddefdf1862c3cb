"""Connections that stay open for the next question."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from psycopg import errors

from project.lib import database, kept_connections
from project.lib.kept_connections import MOST_KEPT, close_kept_connections, kept_connection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def none_kept() -> Iterator[None]:
    close_kept_connections()
    yield
    close_kept_connections()


def session() -> int:
    """The server's process that answers the next question."""
    with kept_connection() as connection:
        return connection.info.backend_pid


def test_the_next_question_uses_the_same_session() -> None:
    assert session() == session()


def test_what_was_done_is_rolled_back() -> None:
    with kept_connection() as connection:
        before = connection.info.backend_pid
        connection.execute("SET work_mem TO '77MB'")
        connection.execute("CREATE TEMPORARY TABLE left_behind (number int)")

    with kept_connection() as connection:
        assert connection.info.backend_pid == before
        assert connection.execute("SELECT to_regclass('left_behind')").fetchone() == (None,)
        assert connection.execute("SHOW work_mem").fetchone() != ("77MB",)


def test_two_at_a_time_have_one_each_and_only_so_many_wait() -> None:
    with ExitStack() as stack:
        open_now = [stack.enter_context(kept_connection()) for _ in range(MOST_KEPT + 1)]
        assert len({one.info.backend_pid for one in open_now}) == MOST_KEPT + 1

    assert sum(one.closed for one in open_now) == 1


def test_a_session_that_the_server_has_ended_is_not_used_again() -> None:
    ended = session()
    with database.connect(application_name="test") as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (ended,))

    assert session() != ended


def test_after_an_error_the_connection_is_closed() -> None:
    with pytest.raises(errors.DivisionByZero), kept_connection() as connection:
        connection.execute("SELECT 1/0")

    assert connection.closed


def test_another_database_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    before = session()
    monkeypatch.setattr(kept_connections, "_owner", lambda: (os.getpid(), "elsewhere"))

    assert session() != before


def test_one_that_has_waited_for_long_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = session()
    monkeypatch.setattr(kept_connections, "KEPT_SECONDS", -1.0)

    assert session() != before
