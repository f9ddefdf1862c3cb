"""What the door accepts, and how it says what is wrong."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from events_app.domain.event import EMPTY_PAYLOAD, decode_frame, encode_event, encode_frame
from events_app.domain.parsing import TooLarge, parse_event, parse_events
from project.lib.problems import Invalid

ID = "5aaef1f2-1130-4c56-85df-632ce0ecb4e2"
GOOD: dict[str, Any] = {
    "occurred": "2026-03-01T12:00:00Z",
    "event": "order.created",
    "resource": {"prefect.resource.id": "shop.order.7"},
    "id": ID,
}
RELATED = {"prefect.resource.id": "shop.customer.1", "prefect.resource.role": "customer"}


def body(*members: Any) -> bytes:
    return json.dumps(members).encode()


def good(**changes: Any) -> dict[str, Any]:
    return {**GOOD, **changes}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


def problems_of(data: bytes) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(Invalid) as invalid:
        parse_events(data)
    return [(problem.loc, problem.type) for problem in invalid.value.problems]


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


def test_a_plain_event_is_read_with_its_defaults() -> None:
    (event,) = parse_events(body(GOOD))

    assert (event.event, event.resource_id, event.id) == (
        "order.created",
        "shop.order.7",
        UUID(ID),
    )
    assert event.occurred == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (event.related, event.payload, event.follows) == ([], EMPTY_PAYLOAD, None)


@pytest.mark.parametrize(
    ("occurred", "utc"),
    [
        pytest.param("2026-03-01T12:00:00", datetime(2026, 3, 1, 12, tzinfo=UTC), id="naive"),
        pytest.param("2026-03-01T12:00:00+05:30", datetime(2026, 3, 1, 6, 30, tzinfo=UTC), id="+"),
        pytest.param("2026-03-01 12:00:00-01:00", datetime(2026, 3, 1, 13, tzinfo=UTC), id="space"),
        pytest.param("1999-01-01T00:00:00Z", datetime(1999, 1, 1, tzinfo=UTC), id="past"),
        pytest.param("2099-01-01T00:00:00Z", datetime(2099, 1, 1, tzinfo=UTC), id="future"),
    ],
)
def test_occurred_is_brought_to_utc(occurred: str, utc: datetime) -> None:
    (event,) = parse_events(body(good(occurred=occurred)))

    assert (event.occurred, event.occurred.tzinfo) == (utc, UTC)


@pytest.mark.parametrize(
    "member",
    [
        pytest.param(good(event=""), id="empty name"),
        pytest.param(good(bogus=1), id="unknown key"),
        pytest.param(good(related=[RELATED] * 100), id="100 related"),
        pytest.param(
            good(resource={**{f"l{n}": "x" for n in range(499)}, **GOOD["resource"]}),
            id="500 labels",
        ),
        pytest.param(good(event="n" * 1024), id="long name"),
        pytest.param(good(resource={"prefect.resource.id": "x" * 2048}), id="long label"),
        pytest.param(good(payload={"text": "\\u0000 é \U0001f600"}), id="escapes"),
        pytest.param(good(payload={"n": [1e300, -0.0, 10**400, 1e-999]}), id="numbers"),
        pytest.param(good(payload=nested(100)), id="nested"),
        pytest.param(good(id=ID.replace("-", "").upper()), id="plain id"),
    ],
)
def test_what_is_within_the_limits_is_accepted(member: dict[str, Any]) -> None:
    (event,) = parse_events(body(member))

    assert event.payload_object() == member.get("payload", {})


@pytest.mark.parametrize(
    ("member", "loc", "kind"),
    [
        pytest.param(1, (), "model_type", id="not an object"),
        *[
            pytest.param(without(name), (name,), "missing", id=f"no {name}")
            for name in ("occurred", "event", "resource", "id")
        ],
        pytest.param(good(occurred=1.5), ("occurred",), "datetime_type", id="number as time"),
        pytest.param(good(occurred="soon"), ("occurred",), "datetime_parsing", id="no time"),
        pytest.param(
            good(occurred="0001-01-01T00:00:00+01:00"),
            ("occurred",),
            "datetime_parsing",
            id="before year 1",
        ),
        pytest.param(good(event=7), ("event",), "string_type", id="number as name"),
        pytest.param(good(event="n" * 1025), ("event",), "value_error", id="name too long"),
        pytest.param(good(event="€" * 700), ("event",), "value_error", id="name of 2,100 bytes"),
        pytest.param(good(event="a\0"), ("event",), "value_error", id="NUL in name"),
        pytest.param(good(resource=[]), ("resource",), "dict_type", id="list as resource"),
        pytest.param(good(resource={"a": "b"}), ("resource",), "value_error", id="no id label"),
        pytest.param(
            good(resource={"prefect.resource.id": ""}), ("resource",), "value_error", id="empty id"
        ),
        pytest.param(
            good(resource={**GOOD["resource"], "n": 1}),
            ("resource", "n"),
            "string_type",
            id="number as label",
        ),
        pytest.param(
            good(resource={**GOOD["resource"], "n": "€" * 700}),
            ("resource", "n"),
            "value_error",
            id="label too long",
        ),
        pytest.param(
            good(resource={**GOOD["resource"], "n" * 2049: ""}),
            ("resource", "n" * 2049),
            "value_error",
            id="label's name too long",
        ),
        pytest.param(
            good(resource={**GOOD["resource"], **{str(n): "" for n in range(500)}}),
            ("resource",),
            "value_error",
            id="501 labels",
        ),
        pytest.param(good(related={}), ("related",), "list_type", id="object as related"),
        pytest.param(
            good(related=[RELATED, GOOD["resource"]]),
            ("related", 1),
            "value_error",
            id="related without role",
        ),
        pytest.param(good(related=[RELATED] * 101), ("related",), "value_error", id="101 related"),
        pytest.param(good(payload=[1]), ("payload",), "dict_type", id="list as payload"),
        pytest.param(
            good(payload={"a": [{"b\0": 1}]}),
            ("payload", "a", 0, "b\0"),
            "value_error",
            id="NUL in a key",
        ),
        pytest.param(
            good(payload=nested(101)), ("payload", *"a" * 100), "value_error", id="nested too deep"
        ),
        pytest.param(good(id=7), ("id",), "uuid_type", id="number as id"),
        pytest.param(good(id="7"), ("id",), "uuid_parsing", id="no UUID"),
        pytest.param(good(follows="7"), ("follows",), "uuid_parsing", id="follows no UUID"),
    ],
)
def test_what_is_wrong_is_located(member: Any, loc: tuple[str | int, ...], kind: str) -> None:
    assert problems_of(body(GOOD, member)) == [((1, *loc), kind)]


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1e-20000", "1" * 5000, "0." + "1" * 20_000])
def test_numbers_that_cannot_be_kept_are_refused(number: str) -> None:
    data = body(good(payload={"n": "?"})).replace(b'"?"', number.encode())

    assert problems_of(data) == [((0, "payload", "n"), "finite_number")]


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[1]]", b"\xff", b"[NaN]", b"[" * 5000, b'["\\x"]', body(GOOD)[:-1]],
    ids=str,
)
def test_what_is_no_json_is_told_so(data: bytes) -> None:
    assert {loc[:1] for loc, _ in problems_of(data)} <= {(), (0,)}


def test_all_problems_are_told_at_once() -> None:
    bad = {"event": 1, "resource": {}, "id": "x", "related": [{}, 3]}

    assert [loc for loc, _ in problems_of(body(bad, 1))] == [
        (0, "occurred"),
        (0, "event"),
        (0, "resource"),
        (0, "related", 0),
        (0, "related", 0),
        (0, "related", 1),
        (0, "id"),
        (1,),
    ]


def test_lone_surrogates_are_refused() -> None:
    data = body(good(payload={"a": "?"})).replace(b"?", b"\\ud800 and more")

    assert problems_of(data) == [((0, "payload", "a"), "string_unicode")]


def test_an_oversized_event_names_its_size_and_the_limit() -> None:
    with pytest.raises(TooLarge) as too_large:
        parse_events(body(GOOD, good(payload={"a": "x" * 1_500_000})))

    assert too_large.value.index == 1
    assert "1,500,2" in str(too_large.value)
    assert "1,500,000" in str(too_large.value)


LONG = 400_000
SPELLINGS = {
    "utf-8": '{"a": "%s"}' % ("é" * LONG),
    "escaped": '{"a": "%s"}' % ("\\u00e9" * LONG),
    "escaped letters": '{"a": "%s"}' % ("\\u0061" * LONG),
    "escaped pairs": '{"a": "%s"}' % ("\\ud83d\\ude00" * (LONG // 2)),
    "escaped slashes": '{"a": "%s"}' % ("\\/" * 900_000),
    "escaped keys": '{"%s": 1}' % ("\\u00e9" * LONG),
    "blanks": '{"a":%s1}' % (" " * 1_600_000),
    "indented": json.dumps({"a": [0] * 200_000}, indent=8),
    "zeros": '{{"a": [{}]}}'.format(",".join(["1.5000000000"] * 150_000)),
    "the same key again": "{{{}}}".format(",".join(['"a": 1'] * 300_000)),
}


@pytest.mark.parametrize("payload", SPELLINGS.values(), ids=SPELLINGS)
def test_the_size_is_that_of_the_event_and_not_of_its_spelling(payload: str) -> None:
    data = body(good(payload="?")).replace(b'"?"', payload.encode())

    [event] = parse_events(data)

    assert event.payload_object() == json.loads(payload)
    assert len(encode_event(event)) <= 1_500_000


@pytest.mark.parametrize("number", ["1e15", "1000000000000000.0"])
def test_a_number_has_one_size_too(number: str) -> None:
    payload = '{{"a":[{}]}}'.format(",".join([number] * 100_000))

    with pytest.raises(TooLarge) as too_large:
        parse_events(body(good(payload="?")).replace(b'"?"', payload.encode()))

    assert too_large.value.size_bytes > 1_900_000


def test_many_events_that_are_large_together_are_fine() -> None:
    assert len(parse_events(body(*[good(payload={"a": "x" * 700_000})] * 4))) == 4


@pytest.mark.parametrize("data", [b"", b"1],[2", body(GOOD)[1:-1] + b"," + body(GOOD)[1:-1]])
def test_one_event_is_exactly_one(data: bytes) -> None:
    with pytest.raises(Invalid):
        parse_event(data)


def test_the_problems_of_one_event_are_located_without_an_index() -> None:
    with pytest.raises(Invalid) as invalid:
        parse_event(json.dumps(without("id")).encode())

    assert [problem.loc for problem in invalid.value.problems] == [("id",)]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
ALMOST_EVENTS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "occurred": st.just(GOOD["occurred"]) | st.datetimes().map(str) | ANY_JSON,
            "event": st.text() | ANY_JSON,
            "resource": st.just(GOOD["resource"]) | ANY_JSON,
            "related": st.just([RELATED]) | ANY_JSON,
            "payload": st.dictionaries(st.text(), ANY_JSON) | ANY_JSON,
            "id": st.uuids().map(str) | ANY_JSON,
            "follows": st.uuids().map(str) | ANY_JSON,
        },
    ),
    max_size=3,
)


@given(st.binary() | ANY_JSON.map(lambda v: json.dumps(v).encode()))
@example(b'[{"occurred":"2026-01-01T00:00:00Z"')
def test_no_input_raises_anything_else(data: bytes) -> None:
    try:
        parse_events(data)
    except Invalid as invalid:
        assert invalid.problems
        assert all(problem.msg for problem in invalid.problems)


@given(ALMOST_EVENTS)
def test_almost_events_are_refused_with_a_place_or_survive_the_log(events: list[Any]) -> None:
    try:
        parsed = parse_events(json.dumps(events).encode())
    except Invalid as invalid:
        assert all(problem.loc for problem in invalid.problems)
    else:
        assert decode_frame(encode_frame(parsed)) == parsed
