"""Recorded events, read again as the engine saw them."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from events_app.domain.event import Entry
from events_app.domain.position import Position, StreamId
from events_app.models import RejectedEvent
from project.lib import database
from tests.menagerie import ZERO_MS, compound, entry, event, ms, proactive, reactive, related
from tests.menagerie import trigger as parsed
from tests.triggers_app.automation.engine.strategies import World, worlds
from tests.triggers_app.live import empty_tables, record
from triggers_app.automation.engine.evaluator import Evaluator, Version
from triggers_app.storage import history
from triggers_app.storage.history import Connection, LogSpan, Past
from triggers_app.storage.history_sql import EVERYTHING, Interest

pytestmark = pytest.mark.django_db(transaction=True)
EVER = LogSpan.since(0, 2**60)


@pytest.fixture
def tables() -> Iterator[None]:
    with empty_tables():
        yield


@pytest.fixture
def own(tables: None) -> Iterator[Connection]:
    with database.connect(application_name="flint test") as connection:
        yield connection


def names(past: Iterator[Past]) -> list[str]:
    return [one.event.event for one in past]


def test_events_come_in_log_order_as_they_were(own: Connection) -> None:
    first = entry(event("a", at=1, payload={"n": 1}), event("b", follows="nobody"), at=2, seq=10)
    second = entry(event("c", related=[related("shop", "s")]), at=2, seq=9)
    record([first, second])

    past = list(history.events(own, EVER, interest=EVERYTHING))

    assert [one.position for one in past] == [(ms(2), 9, 0), (ms(2), 10, 0), (ms(2), 10, 1)]
    assert [one.event for one in past] == [*second.events, *first.events]
    assert [one.leader_known for one in past] == [True, True, False]


def test_a_span_begins_behind_a_position_and_ends_with_a_millisecond(own: Connection) -> None:
    record([entry(event(str(at)), event(f"{at}+"), at=at) for at in range(4)])

    span = LogSpan(Position(ms(1), 0, 0), ms(2))

    assert names(history.events(own, span, interest=EVERYTHING)) == ["1+", "2", "2+"]


def test_an_event_that_postgresql_refused_was_evaluated_too(own: Connection) -> None:
    record([entry(event("a"), event("nul\0"), event("b"), at=1)])

    assert RejectedEvent.objects.count() == 1
    assert names(history.events(own, EVER, interest=EVERYTHING)) == ["a", "nul\0", "b"]


SOME: list[tuple[str, dict[str, Any], list[str]]] = [
    ("name", reactive("a.x"), ["a.x"]),
    ("beginning", reactive("a.*"), ["a.x", "a.y"]),
    ("beginning that looks like a pattern", reactive("a%*"), ["a%b"]),
    ("after", reactive("a.x", after=["b"]), ["a.x", "b"]),
    ("every name but log lines", reactive(), ["a.x", "a.y", "a%b", "b", "c"]),
    ("no name at all", reactive("?"), []),
    ("resource", reactive(match={"prefect.resource.id": "r1"}), ["a.x", "c"]),
    ("resources", reactive(match={"prefect.resource.id": ["r1", "r3"]}), ["a.x", "b", "c"]),
    (
        "beginning of a resource",
        reactive(match={"prefect.resource.id": "r*"}),
        ["a.x", "a.y", "a%b", "b", "c"],
    ),
    ("label", reactive(match={"site": "n"}), ["b"]),
    ("related", reactive(match_related={"prefect.resource.id": "o1"}), ["a.y"]),
    ("two leaves", compound(reactive("b"), proactive("a.x", within=10)), ["a.x", "b"]),
]


@pytest.mark.parametrize(("document", "expected"), [one[1:] for one in SOME],
                         ids=[one[0] for one in SOME])  # fmt: skip
def test_only_what_a_trigger_may_want_is_read(
    own: Connection, document: dict[str, Any], expected: list[str]
) -> None:
    record(
        [
            entry(
                event("a.x", resource="r1"),
                event("a.y", resource="r2", related=[related("x", "o0"), related("x", "o1")]),
                event("a%b", resource="r2"),
                event("b", resource="r3", labels={"site": "n"}),
                event("c", resource="r1"),
                event("prefect.log.write", resource="other"),
                at=1,
            )
        ]
    )

    found = names(history.events(own, EVER, interest=Interest.of([parsed(document)])))

    assert found == expected


METRIC = {"type": "metric", "metric": {"name": "successes", "threshold": 1, "operator": "<"}}
RELATED_SPECIFICATION = [{"prefect.resource.role": "owner"}]


@pytest.mark.parametrize(
    ("document", "reads"),
    [
        (reactive("a", for_each=["prefect.resource.id", "team"]), False),
        (reactive("a", match_related=RELATED_SPECIFICATION), True),
        (reactive("a", for_each=["related:owner:team"]), True),
        (compound(reactive("b"), reactive("a", match_related=RELATED_SPECIFICATION)), True),
        (METRIC, False),
    ],
    ids=["labels", "match_related", "for each related", "below a compound", "metric"],
)
def test_related_resources_are_read_only_where_the_trigger_looks_at_them(
    own: Connection, document: dict[str, Any], reads: bool
) -> None:
    name = "prefect.flow-run.Running" if document is METRIC else "a"
    record([entry(event(name, related=[related("owner", "o")]), at=1)])

    (past,) = history.events(own, EVER, interest=Interest.barely(parsed(document)))

    assert past.event.related == ([related("owner", "o")] if reads else [])


def test_leaders_are_read_only_where_somebody_waited(own: Connection) -> None:
    record([entry(event("x", id="x"), at=1), entry(event("a", follows="x"), at=2, known=[0])])
    known = names(history.events(own, EVER, interest=Interest.of([parsed(reactive("a"))])))
    record([entry(event("a", id="f", follows="y"), at=3), entry(event("y", id="y"), at=4)])
    unknown = names(history.events(own, EVER, interest=Interest.of([parsed(reactive("a"))])))

    assert known == ["a"]
    assert unknown == ["a", "a", "y"]


def test_the_estimate_goes_by_name_and_part_of_the_day(own: Connection) -> None:
    day_ms = ZERO_MS // 86_400_000 * 86_400_000
    record([Entry(StreamId(day_ms, 0), [event("a", id=str(n)) for n in range(100)])])
    record([Entry(StreamId(day_ms + 1, 0), [event("b", id=str(n)) for n in range(50)])])
    half = LogSpan.since(day_ms + 43_200_000, day_ms + 10 * 86_400_000)

    assert history.estimate(own, EVER, interest=EVERYTHING) == 150
    assert history.estimate(own, half, interest=EVERYTHING) == 75
    assert history.estimate(own, half, interest=Interest.of([parsed(reactive("a"))])) == 50


def firings_of(version: Version, past: Iterator[Past], until_ms: int) -> list[Any]:
    evaluator = Evaluator()
    evaluator.apply(version, log_ms=ZERO_MS)
    for one in past:
        evaluator.advance(one.position[0])
        evaluator.see(one.event, one.position, leader_known=one.leader_known)
    evaluator.advance(until_ms)
    return evaluator.take().firings


@given(world=worlds())
@settings(max_examples=40)
def test_what_is_left_out_changes_no_firing(world: World, django_db_blocker: Any) -> None:
    with empty_tables(), database.connect(application_name="flint test") as own:
        record([step for step in world.steps if isinstance(step, Entry)])
        for step in world.steps:
            if isinstance(step, Entry) or step.version is None:
                continue
            version = Version(step.automation_id, 1, True, step.version.trigger)
            interest = Interest.of([version.trigger])

            some = firings_of(version, history.events(own, EVER, interest=interest), world.until_ms)

            whole = history.events(own, EVER, interest=EVERYTHING)
            assert some == firings_of(version, whole, world.until_ms)


INDEXED = [
    ("a rare name", reactive("rare"), "_event_occurred_idx"),
    ("a rare resource", reactive(match={"prefect.resource.id": "rare"}), "_resource_id_occurred"),
    ("beginnings", reactive("rar*"), "_event_occurred_idx"),
    ("most", reactive("e"), "_pkey"),
]


@pytest.mark.parametrize(("document", "index"), [one[1:] for one in INDEXED],
                         ids=[one[0] for one in INDEXED])  # fmt: skip
def test_an_index_finds_what_a_trigger_may_want(
    own: Connection, document: dict[str, Any], index: str
) -> None:
    record([entry(*(event("e", id=f"{at} {n}") for n in range(100)), at=at) for at in range(40)])
    record([entry(event("rare", resource="rare"), at=50)])
    own.execute("ANALYZE event")
    condition = history.leaders_condition(own, EVER, interest=Interest.of([parsed(document)]))
    statement = history.query(EVER, condition, payload=False)
    history.apply_settings(own)

    rows = own.execute(f"EXPLAIN {statement.text}".encode(), statement.params).fetchall()

    assert index in "\n".join(row[0] for row in rows)


def test_whether_anyone_waited_is_read_from_an_index_of_hardly_anything(own: Connection) -> None:
    record([entry(*(event("e", id=f"{at} {n}") for n in range(100)), at=at) for at in range(40)])
    own.execute("ANALYZE event")

    rows = own.execute(f"EXPLAIN {history.LEADERS}".encode(), (0, 2**60)).fetchall()

    assert "_log_ms_idx" in "\n".join(row[0] for row in rows)
