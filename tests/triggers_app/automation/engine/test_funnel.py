"""How many events are left after each condition of a trigger."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_app.domain.event import Event
from project.lib.json_documents import Document
from tests.menagerie import event, proactive, reactive, related, trigger
from tests.triggers_app.automation.engine.strategies import LEAVES, WHAT, WHOSE
from triggers_app.automation.engine.explaining import conditions
from triggers_app.automation.engine.funnel import Funnel, Kind, Left, query_of
from triggers_app.automation.engine.keys import compile_key, sorted_labels
from triggers_app.automation.engine.selection import Selection


def sieve_of(document: Document) -> Funnel:
    found = query_of(document)
    assert found is not None
    return Funnel(found)


def kind_of(funnel: Funnel, one: Event, events: int = 1) -> Kind:
    texts = [one.resource.get(label) for label in funnel.query.labels]
    return Kind(one.event, texts, msgspec.json.encode(one.related).decode(), events)


def left_of(document: Document, *events: Event) -> Left:
    funnel = sieve_of(document)
    return funnel.count(kind_of(funnel, one) for one in events)


ORDERS = [
    event("a", resource="x", labels={"site": "n"}, related=[related("shop", "s1")]),
    event("a", resource="x", labels={"site": "n"}),
    event("a", resource="y", labels={"site": "m"}, related=[related("shop", "s2")]),
    event("a", resource="y"),
    event("b", resource="x"),
]


def test_each_row_leaves_fewer() -> None:
    document = reactive(
        "a",
        match={"site": ["n", "m"], "prefect.resource.id": "x"},
        match_related={"prefect.resource.role": "shop", "prefect.resource.id": "s*"},
    )

    left = left_of(document, *ORDERS)

    assert (left.named, left.met) == (4, 1)
    assert left.rows == {"match.0": 3, "match.1": 2, "related.0.0": 1, "related.0.1": 1}


def test_each_map_of_related_labels_has_its_own_rows() -> None:
    document = reactive(match_related=[{"prefect.resource.role": "shop"}, {"tag": "*"}])

    left = left_of(document, *ORDERS)

    assert left.rows == {"related.0.0": 2, "related.1.0": 0}


def test_a_kind_counts_for_all_its_events() -> None:
    funnel = sieve_of(reactive("a", match={"site": "n"}, for_each=["site"]))

    left = funnel.count([kind_of(funnel, ORDERS[0], 40), kind_of(funnel, ORDERS[2], 2)])

    assert (left.named, left.met, left.buckets) == (42, 40, 1)


def test_what_a_trigger_waits_after_is_counted_by_itself() -> None:
    left = left_of(proactive("a", after=["b"], within=10), *ORDERS)

    assert (left.named, left.met, left.begins) == (5, 5, 1)


def test_lines_of_logs_are_no_events_here() -> None:
    assert left_of(reactive(), event("prefect.log.write"), event("a")).named == 1


@pytest.mark.parametrize(
    "document",
    [
        {"type": "event", "expect": "a"},
        {"type": "event", "expect": [1]},
        {"type": "event", "match": {"site": None}},
        {"type": "event", "match": ["site"]},
        {"type": "event", "match_related": [{"site": [1]}]},
        {"type": "metric", "match": 7},
    ],
    ids=["names", "a name", "values", "match", "related", "metric"],
)
def test_half_a_condition_asks_nothing_yet(document: Document) -> None:
    assert query_of(document) is None


def test_a_metric_asks_for_states_of_runs() -> None:
    found = query_of({"type": "metric", "match": {"a": "b"}, "expect": ["nothing"]})

    assert found is not None
    assert found.names == ["prefect.flow-run.*"]


EVENTS = st.lists(st.tuples(WHAT, st.sampled_from(WHOSE)), max_size=12)


@given(document=LEAVES, drawn=EVENTS)
def test_what_is_left_is_what_the_engine_accepts(document: Document, drawn: list[Any]) -> None:
    events = [
        event(name, resource=resource["prefect.resource.id"], labels=resource, related=others)
        for name, (resource, others) in drawn
    ]
    parsed = trigger(document)
    key = compile_key(sorted_labels(document["for_each"]))
    met = [
        one
        for one in events
        if one.event != "prefect.log.write" and all(each.met for each in conditions(parsed, one))
    ]

    left = left_of(document, *events)

    assert left.met == len(met)
    assert left.buckets == (len({key(one) for one in met}) if document["for_each"] else 0)


@pytest.mark.parametrize(
    ("document", "by", "found"),
    [
        (reactive(match={"site": "n", "prefect.resource.id": ["x", "y"]}), "label", 5),
        (reactive(match={"site": ["n", "q"]}), "label", 2),
        (reactive(match={"prefect.resource.id": "x*", "site": "*"}), "prefix", 3),
        (reactive(match_related={"prefect.resource.id": "s1"}), "related", 1),
        (reactive(match={"site": "n*"}), "", 5),
    ],
    ids=["id", "label", "beginning of an id", "related id", "nothing"],
)
def test_what_an_index_finds_is_counted_apart(document: Document, by: str, found: int) -> None:
    funnel = sieve_of(document)
    assert isinstance(funnel.selection, Selection)

    left = funnel.count(kind_of(funnel, one) for one in ORDERS)

    assert (funnel.selection.by, left.selected) == (by, found)
