"""How many recorded events a draft's triggers leave: exactly, or about."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings

from events_app.domain.event import Entry, Event
from project.lib.json_documents import Document
from project.lib.process_memory import clear_all
from tests.menagerie import ZERO, compound, event, ms, proactive, reactive, related
from tests.triggers_app.automation.engine.strategies import World, worlds
from tests.triggers_app.builder.seen import seen
from tests.triggers_app.live import empty_tables, record
from triggers_app.automation.engine.explaining import conditions
from triggers_app.automation.engine.funnel import Funnel, LeafQuery
from triggers_app.automation.engine.keys import compile_key, sorted_labels
from triggers_app.automation.triggers import EventTrigger, Trigger
from triggers_app.builder.numbers import service as numbers
from triggers_app.builder.numbers.service import Numbers
from triggers_app.storage import event_stats

NOW = ZERO + timedelta(hours=1)


def of(document: Document, **how: Any) -> Numbers:
    return numbers.numbers_of({"it": document}, now=NOW, **how)["it"]


def orders(count: int = 12) -> list[Event]:
    """Each third in the north; each is another order; of one shop, or another."""
    return [
        event(
            "order.paid" if n % 2 else "order.created",
            resource=f"order.{n}",
            labels={"site": "north"} if n % 3 == 0 else {"site": "south"},
            related=[related("shop", f"shop.{n % 4}")],
            id=str(n),
        )
        for n in range(count)
    ]


def test_names_alone_are_counted_by_day(db: None) -> None:
    seen(orders())

    assert of(reactive("order.*")) == Numbers(total=12, met=12, since=NOW.date() - timedelta(6))
    assert of(reactive("order.paid")).total == 6


def test_conditions_are_counted_row_by_row(db: None) -> None:
    seen(orders())
    document = reactive("order.*", match={"site": "north"}, match_related={"prefect.resource.id":
                        ["shop.0"]}, for_each=["prefect.resource.id"])  # fmt: skip

    found = of(document)

    assert (found.total, found.met, found.buckets, found.exact) == (12, 1, 1, True)
    assert found.left == {"match.0": 4, "related.0.0": 1}
    assert [found.before(place) for place in found.left] == [12, 4]


def test_what_is_older_than_a_week_does_not_count(db: None) -> None:
    seen(orders())

    later = numbers.numbers_of({"it": reactive("order.*")}, now=NOW + timedelta(days=7))

    assert later["it"].total == 0


def test_groups_and_half_conditions_have_no_numbers(db: None) -> None:
    nodes = {
        "group": compound(reactive("a"), reactive("b"), within=10),
        "half": reactive("a", match={"site": 7}),
        "metric": {"type": "metric"},
    }

    assert list(numbers.numbers_of(nodes, now=NOW)) == ["metric"]


def test_what_it_waits_after_is_told_apart(db: None) -> None:
    seen(orders())

    found = of(proactive("order.paid", after=["order.created"], within=10))

    assert (found.total, found.met, found.begins) == (12, 12, 6)


def by_hand(trigger: EventTrigger, events: list[Event]) -> tuple[int, set[tuple[str, ...]]]:
    met = [one for one in events if all(each.met for each in conditions(trigger, one))]
    key = compile_key(sorted_labels(trigger.for_each))
    return len(met), {key(one) for one in met}


def leaves(trigger: Trigger) -> list[EventTrigger]:
    return [node for node in trigger.walk() if isinstance(node, EventTrigger)]


@pytest.mark.django_db(transaction=True)
@given(world=worlds())
@settings(max_examples=25)
def test_a_number_is_what_the_engine_says_of_each_event(
    world: World, django_db_blocker: Any
) -> None:
    entries = [step for step in world.steps if isinstance(step, Entry)]
    events = [one for entry in entries for one in entry.events]
    events = [one for one in events if one.event != "prefect.log.write"]
    clear_all()
    with empty_tables():
        record(entries)
        for step in world.steps:
            if not isinstance(step, Entry) and step.version is not None:
                for leaf in leaves(step.version.trigger):
                    found = of(leaf.model_dump(mode="json"), exact=True)
                    met, keys = by_hand(leaf, events)
                    assert (found.met, found.exact) == (met, True)
                    assert found.buckets == (len(keys) if leaf.for_each else None)


def skewed() -> list[Event]:
    """A quiet site, and a loud one that has most of its events in one go."""
    return [
        event("e", resource=f"r{n}", labels={"site": "quiet" if n % 10 == 0 else "loud"}, id=str(n))
        for n in range(12_000)
    ] + [event("e", resource="burst", labels={"site": "burst"}, id=f"b{n}") for n in range(3_000)]


@pytest.fixture
def sampled(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes a million events in life takes 15,000 here."""
    monkeypatch.setattr(numbers, "MOST_EXACT", 5_000)
    monkeypatch.setattr(event_stats, "SAMPLED", 3_000)
    seen(skewed())


@pytest.mark.parametrize(("site", "real"), [("quiet", 1_200), ("loud", 10_800), ("burst", 3_000)])
def test_many_events_are_guessed_from_blocks_all_over(sampled: None, site: str, real: int) -> None:
    found = of(reactive("e", match={"site": f"{site}*"}))

    assert (found.exact, found.total, found.counting) == (False, 15_000, False)
    assert found.sampled is not None
    assert 1_000 < found.sampled < 6_000
    assert abs(found.met - real) < 0.35 * real
    assert found.met == found.left["match.0"]


def test_of_nothing_in_a_sample_is_said_what_it_can_be_at_most(sampled: None) -> None:
    found = of(reactive("e", match={"site": "nowhere*"}))

    assert found.met == 0
    assert found.below is not None
    assert 3 <= found.below < 150


def test_a_few_among_many_are_found_by_their_id_or_label(sampled: None) -> None:
    for match in ({"prefect.resource.id": "r7"}, {"prefect.resource.id": ["r7", "no"]}):
        found = of(reactive("e", match={"site": ["loud"], **match}))
        assert (found.met, found.exact, found.left["match.1"]) == (1, True, 1)
    assert of(reactive("e", match={"site": "quiet"})).met == 1_200


def test_a_sample_comes_first_where_counting_takes_a_moment(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "AT_ONCE", 10)
    monkeypatch.setattr(event_stats, "MOST_FEW", 0)
    seen(orders())
    document = reactive("order.*", match={"site": "north"})

    first = of(document)
    then = of(document, exact=True)

    assert (first.exact, first.counting) == (False, True)
    assert (then.exact, then.counting, then.met) == (True, False, 4)


def test_other_values_of_the_same_labels_need_no_query(db: None) -> None:
    seen(orders())
    of(reactive("order.*", match={"site": "north"}))

    with CaptureQueriesContext(connection) as asked:
        found = of(reactive("order.*", match={"site": "south"}))

    assert found.met == 8
    assert list(asked) == []


def test_numbers_are_counted_anew_after_some_seconds(db: None) -> None:
    seen(orders(3))
    before = of(reactive("order.*"))
    seen(orders(3), seq=1)

    soon = of(reactive("order.*"))
    later = numbers.numbers_of({"it": reactive("order.*")}, now=NOW + timedelta(seconds=21))

    assert (before.total, soon.total, later["it"].total) == (3, 3, 6)


def test_one_trigger_costs_three_queries_and_two_of_the_same_no_more(db: None) -> None:
    seen(orders())
    one, other = (reactive("order.*", match={"site": site}) for site in ("north", "south"))

    with CaptureQueriesContext(connection) as asked:
        numbers.numbers_of({"one": one, "other": other}, now=NOW)

    sent = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert len(sent) == 3, sent  # names, settings, kinds


PLANS = {
    "a rare name": (reactive("rare", match={"site": "x*"}), "event_occurred_idx"),
    "a rare id": (reactive(match={"prefect.resource.id": "only"}), "resource_id_occurred_idx"),
    "a rare label": (reactive(match={"site": "rare"}), "_resource_related_idx"),
}


@pytest.mark.parametrize("name", PLANS)
def test_an_index_finds_what_is_counted(
    db: None, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen([event("e", id=str(n), resource=f"r{n}", labels={"site": "n"}) for n in range(4_000)])
    seen([event("rare", id="x", resource="only", labels={"site": "rare"})], seq=1)
    document, index = PLANS[name]
    monkeypatch.setattr(numbers, "MOST_EXACT", 100)
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        cursor.execute("ANALYZE event")
        of(document)
        counting = next(one["sql"] for one in reversed(list(asked)) if "GROUP BY" in one["sql"])
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {counting}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert index in plan


def test_days_before_the_week_are_not_read(db: None) -> None:
    seen(orders())
    seen(orders(), at_ms=ms(-20 * 86_400))
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        of(reactive("order.*", match={"site": "north"}))
        counting = next(one["sql"] for one in reversed(list(asked)) if "GROUP BY" in one["sql"])
        cursor.execute(f"EXPLAIN {counting}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "event_20231114" in plan
    assert "event_20231025" not in plan


def test_an_edit_counts_only_the_trigger_that_it_changed(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(orders())
    north = reactive("order.paid", match={"site": "north"})
    south = reactive("order.created", match={"site": "south"})
    numbers.numbers_of({"one": north, "two": south}, now=NOW)
    counted: list[str] = []

    class Counting(Funnel):
        def __init__(self, query: LeafQuery) -> None:
            counted.append(query.expect[0])
            super().__init__(query)

    monkeypatch.setattr(numbers, "Funnel", Counting)
    numbers.numbers_of({"one": north, "two": south | {"match": {"site": "north"}}}, now=NOW)

    assert set(counted) == {"order.created"}
