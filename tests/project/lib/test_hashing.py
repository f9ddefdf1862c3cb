"""The gate before the hash: two at once, a few wait, and a flood keeps nobody else out."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.db import connection

from project.lib import hashing
from project.lib.hashing import Asker, Busy, Gate
from tests.system import wait_for

FLOOD = Asker("admin", "192.0.2.1")


def gate(**changes: float) -> Gate:
    values = {"at_once": 2, "waiting": 4, "per_user": 3, "patience_seconds": 5.0}
    return Gate(**{**values, **changes})  # type: ignore[arg-type]


class LeafQuery:
    """Somebody who asks for a turn in a thread, and keeps it until told to go."""

    def __init__(self, gate: Gate, asker: Asker) -> None:
        self.state = "waiting"
        self.go = threading.Event()
        self._thread = threading.Thread(target=self._ask, args=(gate, asker), daemon=True)
        self._thread.start()

    def _ask(self, gate: Gate, asker: Asker) -> None:
        try:
            with gate.turn(asker):
                self.state = "running"
                self.go.wait(10)
                self.state = "done"
        except Busy:
            self.state = "busy"

    def leave(self) -> None:
        self.go.set()
        self._thread.join(10)


@contextmanager
def asking(gate: Gate, *askers: Asker) -> Iterator[list[LeafQuery]]:
    asked: list[LeafQuery] = []
    try:
        for number, asker in enumerate(askers, 1):
            asked.append(LeafQuery(gate, asker))
            wait_for(lambda n=number: settled(gate, asked, n), seconds=5)  # type: ignore[misc]
        yield asked
    finally:
        for each in asked:
            each.go.set()
        for each in asked:
            each.leave()


def settled(gate: Gate, asked: list[LeafQuery], number: int) -> bool:
    """Whether everybody so far has a place, or was turned away."""
    turned_away = sum(each.state == "busy" for each in asked)
    return len(gate._places) + turned_away == number


def states(asked: list[LeafQuery]) -> list[str]:
    return [each.state for each in asked]


def test_two_run_and_the_next_waits_until_one_has_left() -> None:
    with asking(gate(), Asker("a", "1"), Asker("b", "2"), Asker("c", "3")) as asked:
        assert states(asked) == ["running", "running", "waiting"]

        asked[0].leave()

        wait_for(lambda: asked[2].state == "running", seconds=5)


def test_one_user_takes_no_more_than_a_few_places() -> None:
    others = [Asker("bob", "192.0.2.2"), Asker("eve", "192.0.2.2")]
    with asking(gate(), *[FLOOD] * 5, *others) as asked:
        assert states(asked)[3:5] == ["busy", "busy"]
        assert states(asked)[5:] == ["waiting", "waiting"]


def test_a_full_queue_makes_room_for_another_address() -> None:
    flood = [Asker(f"user{number}", "192.0.2.1") for number in range(6)]
    with asking(gate(), *flood, Asker("bob", "192.0.2.2")) as asked:
        wait_for(lambda: asked[5].state == "busy", seconds=5)
        assert asked[6].state == "waiting"

        asked[0].leave()

        wait_for(lambda: asked[6].state == "running", seconds=5)  # before those who came earlier


def test_who_tries_a_user_from_many_places_at_once_does_not_keep_the_user_out() -> None:
    flood = [Asker("admin", "192.0.2.1")] * 3
    with asking(gate(at_once=1), *flood, Asker("admin", "192.0.2.2")) as asked:
        wait_for(lambda: asked[2].state == "busy", seconds=5)

        assert asked[3].state == "waiting"


def test_waiting_ends() -> None:
    with asking(gate(at_once=1, patience_seconds=0.05), FLOOD) as asked:
        with pytest.raises(Busy), gate_of(asked).turn(Asker("bob", "2")):
            pass

        assert len(gate_of(asked)._places) == 1


def gate_of(asked: list[LeafQuery]) -> Gate:
    found: Gate = asked[0]._thread._args[0]  # type: ignore[attr-defined]
    return found


@pytest.fixture
def real_hasher(settings: object) -> None:
    settings.PASSWORD_HASHERS = ["project.lib.hashing.GatedHasher"]  # type: ignore[attr-defined]


def test_passwords_of_before_are_still_right(real_hasher: None) -> None:
    before = "pbkdf2_sha256$1000$salt$Iyl68fg5K+yen9fwqSjQyX1oADkQMPgU/30gBW5iSYc="

    assert make_password("x").startswith("pbkdf2_sha256$")
    assert check_password("a long enough password", before)


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_hashing(
    real_hasher: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []

    @contextmanager
    def looking(_: Gate, asker: Asker) -> Iterator[None]:
        held.append(connection.connection is not None)
        yield

    connection.ensure_connection()
    monkeypatch.setattr(Gate, "turn", looking)
    with hashing.on_behalf_of("ada", "192.0.2.1"):
        make_password("a long enough password")

    assert held == [False]
