"""How anything consumes the log: an offset in a row, one owner, fenced transactions."""

import zlib
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import psycopg

from events_app.domain.position import StreamId
from project.lib import database

LOCK_CLASS = 4207100
STANDBY_SECONDS = 1.0

# Connections of this process that hold no lease now, by reader; a renewed lease costs no
# connect. Only `take` and `release` touch it, one entry per reader of the process.
_idle: dict[str, "psycopg.Connection[Any]"] = {}


class TakenEntries(Exception):
    """Another owner holds the reader's lock."""


class Stale(Exception):
    """Another owner moved the reader meanwhile: roll back, and forget what is in memory."""


@dataclass(frozen=True, slots=True)
class HeldLease:
    """What a process remembers of its last lease, to find out whether its memory is good."""

    epoch: int
    position: StreamId


class Lease:
    """The right to move a reader, for as long as `connection` holds the lock.

    `connection` is the caller's to work on and to commit. `kept` says that nobody moved
    the reader since the `held` that was given. After a rollback `position` is not to be
    trusted: release, and take again.
    """

    def __init__(
        self,
        name: str,
        connection: "psycopg.Connection[Any]",
        *,
        position: StreamId,
        epoch: int,
        kept: bool,
    ) -> None:
        self.name = name
        self.connection = connection
        self.position = position
        self.epoch = epoch
        self.kept = kept

    def advance(self, to: StreamId) -> None:
        """Move the offset, inside the current transaction. Raises Stale.

        On the very connection that holds the lock: an owner that lost it cannot commit.
        """
        moved = self.connection.execute(
            "UPDATE reader SET position_ms = %s, position_seq = %s, updated = clock_timestamp()"
            " WHERE name = %s AND position_ms = %s AND position_seq = %s AND epoch = %s",
            (*to, self.name, *self.position, self.epoch),
        )
        if moved.rowcount != 1:
            raise Stale(f"The reader {self.name} has a new owner.")
        self.position = to

    def note_alive(self) -> None:
        """Write that the owner came to the end of a lease.

        Health looks at it, as an owner that fails in every lease still holds its connection;
        and standbys do.
        """
        self.connection.rollback()  # what the caller did not commit is not to be kept
        self.connection.execute(
            "UPDATE reader SET updated = clock_timestamp() WHERE name = %s AND epoch = %s",
            (self.name, self.epoch),
        )
        self.connection.commit()

    def held(self) -> HeldLease:
        """To be given to the next `take`. Ask for it after the commit."""
        return HeldLease(self.epoch, self.position)

    def release(self) -> None:
        """Roll back what is open and give up the lock; the connection stays for the next."""
        try:
            self.connection.rollback()
            self.connection.execute("SELECT pg_advisory_unlock_all()")
            self.connection.commit()
        except psycopg.Error:
            self.connection.close()  # frees the lock as well
            return
        _keep(self.name, self.connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self.note_alive()
        finally:
            self.release()


def take(name: str, *, held: HeldLease | None) -> Lease:
    """Become the owner of a reader, or raise Taken.

    A reader that is taken for the first time starts before the first entry. Unless the row
    still is as `held` says, the epoch is raised and committed, which locks out owners
    that do not know yet that they lost theirs.
    """
    connection = _locked(name)
    try:
        return _lease(name, connection, held)
    except BaseException:
        connection.close()
        raise


def served_lately(name: str) -> bool:
    """Whether an owner was at work within the last second.

    A message that renews its lease may reach a standby, which is better left to the owner: its
    memory is good, and the standby's would have to be loaded.
    """
    connection = _idle.pop(name, None) or _connected(name)
    try:
        row = connection.execute(
            "SELECT 1 FROM reader"
            " WHERE name = %s AND updated > clock_timestamp() - make_interval(secs => %s)",
            (name, STANDBY_SECONDS),
        ).fetchone()
        connection.commit()
    except psycopg.OperationalError:
        connection.close()
        return False
    _keep(name, connection)
    return row is not None


def close_idle() -> None:
    """Close the connections that are kept for the next lease."""
    while _idle:
        _idle.popitem()[1].close()


def _keep(name: str, connection: "psycopg.Connection[Any]") -> None:
    other = _idle.pop(name, connection)
    if other is not connection:
        other.close()
    _idle[name] = connection


def _locked(name: str) -> "psycopg.Connection[Any]":
    kept = _idle.pop(name, None)
    if kept is not None:
        try:
            return _lock(name, kept)
        except psycopg.OperationalError:
            kept.close()  # PostgreSQL was restarted meanwhile
    return _lock(name, _connected(name))


def _connected(name: str) -> "psycopg.Connection[Any]":
    # A reader's few statements are the same for ever: planning one costs many times its run.
    return database.connect(
        application_name=f"flint reader {name}", options="-c plan_cache_mode=force_generic_plan"
    )


def _lock(name: str, connection: "psycopg.Connection[Any]") -> "psycopg.Connection[Any]":
    key = zlib.crc32(name.encode()) - (1 << 31)
    row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (LOCK_CLASS, key)).fetchone()
    connection.commit()
    if row and row[0]:
        return connection
    _keep(name, connection)
    raise TakenEntries(f"Another process owns the reader {name}.")


def _lease(name: str, connection: "psycopg.Connection[Any]", held: HeldLease | None) -> Lease:
    connection.execute(
        "INSERT INTO reader (name, position_ms, position_seq, epoch, updated)"
        " VALUES (%s, 0, 0, 0, clock_timestamp()) ON CONFLICT (name) DO NOTHING",
        (name,),
    )
    row = connection.execute(
        "SELECT position_ms, position_seq, epoch FROM reader WHERE name = %s", (name,)
    ).fetchone()
    assert row is not None
    position, epoch = StreamId(row[0], row[1]), row[2]
    kept = held == HeldLease(epoch, position)
    if not kept:
        connection.execute("UPDATE reader SET epoch = epoch + 1 WHERE name = %s", (name,))
        epoch += 1
    connection.commit()
    return Lease(name, connection, position=position, epoch=epoch, kept=kept)
