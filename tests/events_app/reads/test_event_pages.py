"""A law: EventFilter.accepts and the SQL of event_pages choose the same events."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from events_app.domain.event import Entry, Event
from events_app.domain.filters import EventFilter
from events_app.domain.position import StreamId
from events_app.reads import event_counts, event_pages
from events_app.storage import partitions, recording, stored_events
from tests.events_app.menagerie import NOON, an_event

NAMES = ["", "order", "order.created", "order.paid", "order%", "Order.Created", "stock.low", "é.\\"]
IDS = ["shop.order.7", "shop.order.8", "shop.order", "r_1", "r%1"]
VALUES = ["prod", "production", "dev", "", "!prod", "prod*"]
ROLES = ["customer", "flow"]


def resource(n: int, **labels: str) -> dict[str, str]:
    return {"prefect.resource.id": IDS[n % len(IDS)], **labels}


def event_number(n: int) -> Event:
    related = [
        resource(
            n // 2 + k,
            **{
                "prefect.resource.role": ROLES[(n + k) % 2],
                "env": VALUES[k],
                "tier": VALUES[n % 6],
            },
        )
        for k in range(n % 3)
    ]
    return an_event(
        id=UUID(int=n),
        event=NAMES[n % len(NAMES)],
        resource=resource(n, **({"env": VALUES[n % len(VALUES)]} if n % 4 else {})),
        related=related,
        occurred=NOON + timedelta(hours=n // 3),
        payload={"note": f"Word{n % 7} and \\u00e9", "amount": n},
    )


EVENTS = [event_number(n) for n in range(60)]


@pytest.fixture
def recorded(db: None) -> None:
    ms = int(NOON.timestamp() * 1000)
    connection.ensure_connection()
    raw = connection.connection
    partitions.ensure(raw, [partitions.day_of(ms)])
    recording.store(raw, [Entry(StreamId(ms, 0), EVENTS)])


# The events are only read, so all examples may share them.


def lists(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.lists(st.sampled_from(values), max_size=3)


def document(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.fixed_dictionaries({}, optional=fields)


LABEL_VALUES = ["prod", "prod*", "!prod", "!pro*", "dev", "", "!"]
LABELS = st.none() | st.dictionaries(
    st.sampled_from(["env", "tier", "prefect.resource.id", "none"]),
    st.sampled_from(LABEL_VALUES) | st.lists(st.sampled_from(LABEL_VALUES), max_size=3),
    max_size=2,
)
MOMENTS = st.none() | st.integers(-1, 21).map(lambda h: (NOON + timedelta(hours=h)).isoformat())
PREFIXES = ["order", "order.", "O", "order%", "é", "_", ""]
ID_PREFIXES = ["shop.", "shop.order.", "r_", "r%"]
RELATED = st.fixed_dictionaries(
    {},
    optional={
        "id": lists(IDS),
        "role": lists(ROLES),
        "resources_in_roles": st.none()
        | st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(ROLES)), max_size=2),
        "labels": LABELS,
    },
)
ANY_RESOURCE = st.fixed_dictionaries(
    {}, optional={"id": lists(IDS), "id_prefix": lists(ID_PREFIXES), "labels": LABELS}
)
WORDS = st.sampled_from(["word1", "WORD2", "-word3", "+word", "customer", "!order", "zzz", "+7"])
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "occurred": document(since=MOMENTS, until=MOMENTS),
    "event": document(
        prefix=lists(PREFIXES),
        exclude_prefix=lists(PREFIXES),
        name=lists(NAMES),
        exclude_name=lists(NAMES),
    ),
    "resource": document(id=lists(IDS), id_prefix=lists(ID_PREFIXES), labels=LABELS),
    "related": st.none() | RELATED | st.lists(RELATED, max_size=2),
    "any_resource": st.none() | ANY_RESOURCE | st.lists(ANY_RESOURCE, max_size=2),
    "id": document(id=st.none() | st.lists(st.integers(0, 70).map(lambda n: str(UUID(int=n))))),
    "text": st.none() | st.lists(WORDS, max_size=3).map(lambda w: {"query": " ".join(w)}),
    "order": st.sampled_from([None, "ASC", "DESC"]),
}
# One part alone as well: together they soon exclude everything.
FILTERS = st.fixed_dictionaries({}, optional=PARTS) | st.one_of(
    [st.fixed_dictionaries({name: part}) for name, part in PARTS.items()]
)


@settings(max_examples=300)
@given(FILTERS)
def test_what_a_filter_accepts_is_what_the_database_finds(recorded: None, asked: Any) -> None:
    filter = EventFilter.model_validate_json(json.dumps(asked))
    accepted = [event for event in EVENTS if filter.accepts(event)]

    found = event_pages.matching(filter, limit=1000, after=None)

    accepted.sort(key=lambda e: (e.occurred, e.id.int), reverse=asked.get("order") != "ASC")
    assert [one.event.id for one in found] == [event.id for event in accepted]
    assert event_counts.total(filter) == len(accepted)


@pytest.mark.parametrize(
    "values",
    ["prod", "prod*", "!prod", "!pro*", ["!prod", "!dev"], ["prod", "!prod*"], ["dev", ""], []],
    ids=str,
)
@pytest.mark.parametrize("part", ["resource", "related", "any_resource"])
def test_label_values_mean_the_same_in_both(recorded: None, part: str, values: Any) -> None:
    filter = EventFilter.model_validate({part: {"labels": {"env": values}}})
    accepted = {event.id for event in EVENTS if filter.accepts(event)}

    assert {
        one.event.id for one in event_pages.matching(filter, limit=1000, after=None)
    } == accepted


@settings(max_examples=50)
@given(FILTERS, st.integers(1, 20))
def test_pages_put_together_are_the_whole(recorded: None, asked: Any, limit: int) -> None:
    filter = EventFilter.model_validate_json(json.dumps(asked))
    whole = event_pages.matching(filter, limit=1000, after=None)

    pages: list[stored_events.StoredEvent] = []
    last = None
    while page := event_pages.matching(filter, limit=limit, after=last):
        last = page[-1].key
        pages += page

    assert pages == whole


@pytest.mark.parametrize("order", ["ASC", "DESC"])
def test_distinct_resources_are_the_first_of_each_in_the_order_asked(
    recorded: None, order: str
) -> None:
    filter = EventFilter.model_validate({"resource": {"distinct": True}, "order": order})
    everything = EventFilter.model_validate({"order": order})
    first: dict[str, UUID] = {}
    for one in event_pages.matching(everything, limit=1000, after=None):
        first.setdefault(one.event.resource_id, one.event.id)

    found = event_pages.matching(filter, limit=1000, after=None)

    assert [one.event.id for one in found] == list(first.values())
    assert event_counts.total(filter) == len(first)
