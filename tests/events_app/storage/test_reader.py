"""Two real connections fight for one reader."""

import psycopg
import pytest

from events_app.domain.position import START, StreamId
from events_app.storage import reader
from project.lib import database

pytestmark = pytest.mark.usefixtures("clean_tables")

FIRST, SECOND = StreamId(1000, 0), StreamId(1000, 1)


def kill(lease: reader.Lease) -> None:
    with database.connect(application_name="killer") as connection:
        connection.autocommit = True
        connection.execute(
            "SELECT pg_terminate_backend(%s, 5000)", (lease.connection.info.backend_pid,)
        )


def test_a_new_reader_starts_before_the_first_entry() -> None:
    with reader.take("r", held=None) as lease:
        assert (lease.position, lease.epoch, lease.kept) == (START, 1, False)


def test_a_second_owner_is_turned_away() -> None:
    with reader.take("r", held=None), pytest.raises(reader.TakenEntries):
        reader.take("r", held=None)


def test_readers_of_other_names_do_not_disturb_each_other() -> None:
    with reader.take("r", held=None), reader.take("other", held=None) as other:
        assert other.position == START


def test_a_released_reader_can_be_taken_and_stands_where_it_was_committed() -> None:
    with reader.take("r", held=None) as lease:
        lease.advance(FIRST)
        lease.connection.commit()

    with reader.take("r", held=None) as lease:
        assert (lease.position, lease.epoch) == (FIRST, 2)


def test_an_offset_that_was_not_committed_is_not_written() -> None:
    with reader.take("r", held=None) as lease:
        lease.advance(FIRST)

    with reader.take("r", held=None) as lease:
        assert lease.position == START


def test_memory_is_kept_when_nobody_came_between() -> None:
    with reader.take("r", held=None) as lease:
        lease.advance(FIRST)
        lease.connection.commit()
        held = lease.held()

    with reader.take("r", held=held) as again:
        assert (again.kept, again.epoch, again.held()) == (True, 1, held)


def test_memory_is_not_kept_when_someone_came_between() -> None:
    with reader.take("r", held=None) as lease:
        held = lease.held()
    with reader.take("r", held=None):
        pass

    with reader.take("r", held=held) as again:
        assert not again.kept


def test_the_connection_is_reused_by_the_next_lease_of_the_process() -> None:
    with reader.take("r", held=None) as lease:
        backend = lease.connection.info.backend_pid

    with reader.take("r", held=None) as again:
        assert again.connection.info.backend_pid == backend


def test_an_idle_connection_that_died_is_replaced() -> None:
    with reader.take("r", held=None) as lease:
        pass
    kill(lease)

    with reader.take("r", held=None) as again:
        assert again.epoch == 2


def test_the_death_of_the_owners_connection_frees_the_reader_and_fences_the_owner() -> None:
    old = reader.take("r", held=None)
    kill(old)

    with reader.take("r", held=None) as new:
        new.advance(FIRST)
        new.connection.commit()

    with pytest.raises(psycopg.OperationalError):
        old.advance(SECOND)
    old.release()


def test_an_owner_that_lost_its_lock_cannot_move_the_reader() -> None:
    old = reader.take("r", held=None)
    old.connection.execute("SELECT pg_advisory_unlock_all()")
    old.connection.commit()

    with reader.take("r", held=None):
        with pytest.raises(reader.Stale):
            old.advance(FIRST)
        old.release()


def test_advancing_twice_in_one_transaction_counts_from_the_first() -> None:
    with reader.take("r", held=None) as lease:
        lease.advance(FIRST)
        lease.advance(SECOND)
        lease.connection.commit()

        assert lease.position == SECOND


def updated(name: str) -> object:
    with database.connect(application_name="looker") as connection:
        row = connection.execute("SELECT updated FROM reader WHERE name = %s", (name,)).fetchone()
    assert row is not None
    return row[0]


def test_a_lease_that_ends_well_says_so() -> None:
    reader.take("r", held=None).release()
    before = updated("r")

    with reader.take("r", held=None):
        pass

    assert updated("r") != before


def test_a_lease_that_fails_does_not_look_alive() -> None:
    reader.take("r", held=None).release()
    before = updated("r")

    with pytest.raises(ZeroDivisionError), reader.take("r", held=None):
        raise ZeroDivisionError

    assert updated("r") == before


def test_a_standby_sees_for_a_second_that_the_owner_was_at_work() -> None:
    assert not reader.served_lately("r")
    with reader.take("r", held=None):
        pass
    assert reader.served_lately("r")
    with database.connect(application_name="time") as connection:
        connection.execute("UPDATE reader SET updated = updated - interval '1 second'")

    assert not reader.served_lately("r")


def test_a_standby_whose_connection_died_does_not_wait() -> None:
    lease = reader.take("r", held=None)
    backend = lease.connection.info.backend_pid
    lease.release()
    with database.connect(application_name="killer") as connection:
        connection.autocommit = True
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))

    assert not reader.served_lately("r")
