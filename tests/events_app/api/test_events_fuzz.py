"""A law: no document at the events' endpoints is answered with a 500."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts_app.models import Role
from accounts_app.services import access

pytestmark = pytest.mark.django_db

TEXT = st.text(max_size=8)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
TEXTS = st.lists(TEXT, max_size=2) | ANY_JSON
LABELS = st.dictionaries(TEXT, TEXT | st.lists(TEXT, max_size=2), max_size=2) | ANY_JSON
MOMENT = st.datetimes().map(str) | st.integers() | ANY_JSON


def part(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional=fields) | ANY_JSON


FILTER = part(
    occurred=part(since=MOMENT, until=MOMENT),
    event=part(prefix=TEXTS, exclude_prefix=TEXTS, name=TEXTS, exclude_name=TEXTS),
    resource=part(id=TEXTS, id_prefix=TEXTS, labels=LABELS, distinct=st.booleans()),
    related=part(id=TEXTS, role=TEXTS, labels=LABELS),
    any_resource=part(id=TEXTS, id_prefix=TEXTS, labels=LABELS),
    id=part(id=st.lists(st.uuids().map(str), max_size=2) | ANY_JSON),
    text=part(query=TEXT | ANY_JSON),
    order=st.sampled_from(["ASC", "DESC"]) | ANY_JSON,
)
BODIES = part(
    filter=FILTER,
    limit=st.integers(0, 50) | ANY_JSON,
    time_unit=st.sampled_from(["week", "second"]) | ANY_JSON,
    time_interval=st.floats() | ANY_JSON,
)


@pytest.fixture
def api(db: None) -> Client:
    key = access.create_key("reader", Role.VIEWER, datetime(2026, 1, 1, tzinfo=UTC))
    return Client(headers={"authorization": f"Bearer {key}"}, raise_request_exception=False)


@settings(max_examples=150)
@given(st.sampled_from(["filter", "count-by/time", "count-by/resource"]), BODIES)
@example("count-by/time", {"time_interval": 1e308})
@example("filter", {"filter": {"occurred": {"since": 1e30}}})
@example("filter", {"filter": {"event": {"name": ["\ud800"]}}})
def test_any_document_is_answered_or_refused_with_a_place(
    api: Client, path: str, body: Any
) -> None:
    data = json.dumps(body)

    response = api.post(f"/api/events/{path}", data, content_type="application/json")

    assert response.status_code in (200, 422), response.content
    if response.status_code == 422:
        assert all(detail["loc"] for detail in response.json()["exception_detail"])
