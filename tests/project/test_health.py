"""When the product is well: both readers have an owner, and it gets somewhere."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from events_app.models import Reader
from project import health
from project.lib import database
from project.lib.clock import utcnow

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY_EVALUATES = "No worker reads the log to evaluate events"


@pytest.fixture
def owners() -> Iterator[None]:
    """The connections of two owners."""
    with (
        database.connect(application_name="flint reader record"),
        database.connect(application_name="flint reader evaluate"),
    ):
        yield


def readers_seen(ago: timedelta) -> None:
    for name in health.READERS:
        Reader.objects.create(name=name)
        Reader.objects.filter(name=name).update(updated=utcnow() - ago)


@pytest.mark.usefixtures("owners")
def test_owners_that_have_just_begun_are_given_time() -> None:
    readers_seen(timedelta(days=1))

    assert health.check().ok


@pytest.mark.usefixtures("owners")
def test_owners_that_come_to_the_end_of_their_leases_are_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grown_old(monkeypatch)
    readers_seen(timedelta())

    assert health.check().ok


@pytest.mark.usefixtures("owners")
def test_an_owner_that_fails_in_every_lease_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    grown_old(monkeypatch)
    readers_seen(timedelta())
    Reader.objects.filter(name="evaluate").update(updated=utcnow() - timedelta(seconds=16))

    assert health.check().missing == [NOBODY_EVALUATES]


def test_an_owner_without_a_connection_is_dead() -> None:
    readers_seen(timedelta())

    with database.connect(application_name="flint reader record"):
        assert health.check().missing == [NOBODY_EVALUATES]


def grown_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the connections had been made long ago."""
    aged = health._READERS_ALIVE.replace("greatest(owner.backend_start, r", "greatest(r")
    assert aged != health._READERS_ALIVE
    monkeypatch.setattr(health, "_READERS_ALIVE", aged)
