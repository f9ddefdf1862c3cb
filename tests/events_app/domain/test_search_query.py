"""The language of the query box: what is read, what it means, and what is said of the rest."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_app.domain.event import Event
from events_app.domain.search_query import NOTHING, Term, parse_search, search_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def event(**payload: Any) -> Event:
    return Event(
        id=uuid4(), occurred=NOW, event="orders.file.landed",
        resource={"prefect.resource.id": "s3://in/1.csv", "customer": "acme"},
        related=[{"prefect.resource.id": "tag.eu", "prefect.resource.role": "tag"}],
        payload=msgspec.Raw(msgspec.json.encode(payload)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("", True), ("name:orders.*", True), ("name:b name:orders.*", True),
        ("-name:orders.*", False),
        ("name:*", True), ("-name:*", False), ("-name:other", True),
        ("resource:s3://in/*", True), ("-resource:s3://in/*", False),
        ("resource:x resource:s3*", True), ("resource:x resource:y*", False),
        ("label.customer=acme", True), ("label.customer!=acme", False),
        ("-label.missing=acme", True), ("label.customer=zeta label.customer=ac*", True),
        ("related:tag.e*", True), ("-related:tag.eu", False),
        ("payload.rows>1000", True), ("payload.rows>5210", False), ("payload.rows>=5210", True),
        ("payload.rows=5210.0", True), ("payload.rows!=5210", False), ("payload.none!=1", True),
        ("payload.note=night*", True), ('payload.note="night shift"', True),
        ("payload.ok=true", True), ("payload.note>1", False), ("payload.deep.list.1=7", True),
        ("payload.deep=7", False), ("acme", True), ("-acme", False), ('"night shift"', True),
        ("s3://in", True), ("since:2026-11-23", True), ("until:2026-11-23", False),
        ("last:1h", True),
    ],
    ids=str,
)  # fmt: skip
def test_terms_mean_the_same_everywhere(text: str, accepted: bool) -> None:
    landed = event(rows=5210, note="night shift", ok=True, deep={"list": [1, 7]})
    query = parse_search(text, now=NOW)

    assert query.problems == ()
    assert query.filter.accepts(landed) is accepted


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nme:orders", "Character 1, `nme:orders`: no field has this name."),
        ("acme name:", "Character 6, `name:`: a value is missing, for example name:orders.*."),
        ("label:a", "write label.NAME=VALUE"), ("label.a", "a name and a value are needed"),
        ("payload.rows>many", "> compares numbers"), ("label.a>1", "labels are texts"),
        ("last:soon", "write a number and m, h, d or w"), ("last:0h", "write a number"),
        ("since:yesterday", "write the time as 2026-11-23T04:12"),
        ("since:2026-11-23 until:2026-11-22", "must be later"),
        ('name:"a', "the closing quotation mark is missing"), ("-last:1h", "cannot be excluded"),
        ("a" * 201, "at most 200 characters"), ("\0", "none is NUL"), ("a" * 2001, "at most 2,000"),
    ],
    ids=range(15),
)  # fmt: skip
def test_what_cannot_be_read_is_said_and_never_used(text: str, problem: str) -> None:
    query = parse_search(text, now=NOW)

    assert problem in query.problems[0]
    assert query.filter is NOTHING


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
keys = st.from_regex(r"[a-z][a-z_]{0,8}(\.[a-z]{1,5})?", fullmatch=True)
terms = st.one_of(
    st.builds(Term, st.just(""), words, negated=st.booleans()),
    st.builds(Term, st.sampled_from(["name", "resource", "related"]), words, negated=st.booleans()),
    st.builds(
        Term, st.sampled_from(["label", "payload"]), words, keys, st.just("="), st.booleans()
    ),
)


@given(st.lists(terms, max_size=5))
def test_what_is_written_is_read_again(asked: list[Term]) -> None:
    text = search_of(asked, now=NOW).text

    assert list(parse_search(text, now=NOW).terms) == asked


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    query = parse_search(text, now=NOW)

    assert query.problems or query.filter.parts() is not None
    assert (query.filter is NOTHING) or not query.problems


def test_what_came_of_an_event_is_a_term_and_no_condition_here() -> None:
    query = parse_search("name:a -fate:fired", now=NOW)

    assert (query.text, query.problems) == ("name:a -fate:fired", ())
    assert query.filter == parse_search("name:a", now=NOW).filter
    assert "write fate:fired" in parse_search("fate:lost", now=NOW).problems[0]
