"""A law: whatever the door accepts, PostgreSQL holds, and gives back the same."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events_app.domain.event import Entry, Event
from events_app.domain.parsing import parse_events
from events_app.domain.position import StreamId
from events_app.storage import partitions, recording
from project.lib import database
from project.lib.problems import Invalid

NOON = StreamId(1_772_366_400_000, 0)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
LABELS = st.dictionaries(st.text(), st.text())
EVENTS = st.fixed_dictionaries(
    {
        "occurred": st.datetimes().map(lambda moment: moment.isoformat()),
        "event": st.text(),
        "resource": LABELS.map(lambda labels: {**labels, "prefect.resource.id": "r"}),
        "related": st.lists(
            LABELS.map(
                lambda labels: {**labels, "prefect.resource.id": "r", "prefect.resource.role": "o"}
            )
        ),
        "payload": st.dictionaries(st.text(), ANY_JSON),
        "id": st.uuids().map(str),
        "follows": st.none() | st.uuids().map(str),
    }
)
_READ = "SELECT id, occurred, event, resource, related, payload, follows FROM event"


@pytest.fixture(scope="module")
def connection(
    django_db_setup: None, django_db_blocker: Any
) -> Iterator["psycopg.Connection[Any]"]:
    """A transaction that is never committed, in which the day's partition exists."""
    with django_db_blocker.unblock(), database.connect(application_name="test") as connection:
        connection.execute("SELECT 1")
        partitions.ensure(connection, [partitions.day_of(NOON.ms)])
        yield connection
        connection.rollback()


def stored(
    connection: "psycopg.Connection[Any]", events: list[Event]
) -> tuple[int, list[tuple[Any, ...]]]:
    """Write them, read them, and take it back."""
    with connection.transaction(force_rollback=True):
        report = recording.store(connection, [Entry(NOON, events)])
        rows = connection.execute(f"{_READ} ORDER BY frame_index").fetchall()
    return report.rejected, rows


@settings(max_examples=60)
@given(st.lists(EVENTS, max_size=3))
def test_what_is_accepted_is_stored_and_read_back(
    connection: Any, documents: list[dict[str, Any]]
) -> None:
    try:
        events = parse_events(json.dumps(documents).encode())
    except Invalid:
        return

    rejected, rows = stored(connection, events)

    assert rejected == 0
    for event, (id_, occurred, name, resource, related, payload, follows) in zip(
        events, rows, strict=True
    ):
        assert (id_, occurred, name, follows) == (
            event.id,
            event.occurred,
            event.event,
            event.follows,
        )
        assert (resource, related) == (event.resource, event.related)
        assert json.loads(payload) == event.payload_object()


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({"a": 10**999}, id="1,000 digits"),
        pytest.param({"a": "\x01\x7f\u2028\\u0000"}, id="control characters"),
        pytest.param({"a": [[[[[[[[[[[]]]]]]]]]]]}, id="nested"),
        pytest.param({"a": "x" * 1_400_000}, id="large"),
        pytest.param({str(n): n for n in range(60_000)}, id="wide"),
    ],
)
def test_extremes_are_stored(connection: Any, payload: dict[str, Any]) -> None:
    document = {
        "occurred": "9999-12-31T23:59:59.999999Z",
        "event": "\U0001f600" * 512,
        "resource": {"prefect.resource.id": "\U0001f600" * 512},
        "payload": payload,
        "id": "5aaef1f2-1130-4c56-85df-632ce0ecb4e2",
    }

    rejected, rows = stored(connection, parse_events(json.dumps([document]).encode()))

    assert rejected == 0
    assert json.loads(rows[0][5]) == payload
