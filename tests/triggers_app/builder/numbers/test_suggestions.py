"""What could stand in a field, from events that were really seen."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.menagerie import ZERO, event, reactive, related
from tests.triggers_app.builder.seen import seen
from tests.web import scene
from triggers_app.builder.numbers import suggestions
from triggers_app.builder.numbers.suggestions import Option, SuggestionQuery, Suggestions, suggest

NOW = ZERO + timedelta(hours=1)
FILES = [
    event(
        "orders.file.landed",
        at=n,
        resource=f"s3://in/{'acme' if n % 2 else 'zeta'}/{n}.csv",
        labels={"customer": "acme" if n % 2 else "zeta", "Kind": "csv"},
        related=[
            related("deployment", f"prefect.deployment.{n % 2}", **{"prefect.resource.name": "d"}),
            related("tag", "prefect.tag.eu"),
        ],
        payload={"rows": n, "file": {"max rows": "5000", "ok": True}, "list": [1, 2]},
        id=f"f{n}",
    )
    for n in range(10)
]
OTHERS = [event("orders.paid", at=20 + n, id=f"p{n}") for n in range(3)] + [
    event("inventory.snapshot.done", at=30, id="i"),
    event("prefect.log.write", at=31, id="l"),
]


@pytest.fixture
def some(db: None) -> None:
    seen([*FILES, *OTHERS])


def found(kind: str, text: str = "", *, node: Any = None, label: str = "") -> Suggestions:
    return suggest(SuggestionQuery(kind=kind, text=text, label=label, node=node or {}, now=NOW))


def values(kind: str, text: str = "", **more: Any) -> list[str]:
    return [one.value for one in found(kind, text, **more).options]


LANDED = reactive("orders.file.landed")


def test_names_that_begin_with_the_text_come_before_those_that_hold_it(some: None) -> None:
    assert values("event_name", "or") == [
        "orders.file.landed",
        "orders.paid",
        "inventory.snapshot.done",
        "orders.*",
    ]


def test_names_tell_how_often_and_when_they_came(some: None) -> None:
    first = found("event_name", "orders.f").options[0]

    assert first == Option("orders.file.landed", 10, ZERO + timedelta(seconds=9))


def test_a_pattern_tells_how_many_all_its_names_are(some: None) -> None:
    pattern = found("event_name", "ORD").options[-1]

    assert (pattern.value, pattern.count, pattern.is_pattern) == ("orders.*", 13, True)


def test_a_pattern_that_is_being_typed_finds_its_names(some: None) -> None:
    assert values("event_name", "orders.*") == ["orders.file.landed", "orders.paid", "orders.*"]


def test_labels_are_those_of_the_triggers_own_events(some: None) -> None:
    options = {
        one.value: (one.count, one.values) for one in found("label_key", node=LANDED).options
    }

    assert options == {"prefect.resource.id": (10, 10), "customer": (10, 2), "Kind": (10, 1)}
    assert values("label_key", node=reactive("orders.paid")) == ["prefect.resource.id"]


def test_values_are_those_of_the_label_with_patterns_that_several_share(some: None) -> None:
    assert values("label_value", node=LANDED, label="customer") == ["acme", "zeta"]
    ids = values("label_value", "s3", node=LANDED, label="prefect.resource.id")
    assert ids[:3] == ["s3://in/*", "s3://in/acme/*", "s3://in/zeta/*"]  # each id came once


def test_a_value_may_be_one_that_must_not_be(some: None) -> None:
    assert values("label_value", "!z", node=LANDED, label="customer") == ["!zeta"]


def test_related_resources_are_completed_with_what_they_are(some: None) -> None:
    ids = found("related_value", node=LANDED, label="prefect.resource.id").options

    assert [(one.value, one.remark) for one in ids[:2]] == [
        ("prefect.tag.eu", "tag"),
        ("prefect.deployment.0", "deployment d"),
    ]
    assert "prefect.resource.role" in values("related_label", node=LANDED)


def test_for_each_names_labels_and_those_of_related_resources(some: None) -> None:
    options = {one.value: one.values for one in found("for_each", node=LANDED).options}

    assert options["customer"] == 2
    assert options["related:deployment:prefect.resource.id"] == 2
    assert options["related:tag:prefect.resource.id"] == 1


def test_only_the_newest_events_are_looked_at_and_that_is_said(
    some: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggestions, "LOOKED_AT", 4)

    newest = found("label_value", node=LANDED, label="prefect.resource.id")

    assert newest.looked_at == 4
    assert "s3://in/zeta/0.csv" not in [one.value for one in newest.options]


def test_things_are_picked_by_name_and_named_by_id(db: None) -> None:
    deployment = scene.deployment("prod", flow="nightly-load")

    assert found("deployment", "load prod").options == [
        Option("nightly-load / prod", key=str(deployment.id))
    ]
    assert values("work_pool", "def") == ["default"]


def test_there_are_never_more_than_twenty(db: None) -> None:
    seen([event(f"a.{n % 3}.{n}", id=str(n)) for n in range(90)])

    options = found("event_name", "a").options

    assert len(options) == suggestions.MOST
    assert [one.value for one in options if one.is_pattern] == ["a.*", "a.0.*", "a.1.*", "a.2.*"]


@pytest.mark.parametrize("kind", ["", "nonsense", "label_value"])
def test_of_nothing_nothing_is_suggested(db: None, kind: str) -> None:
    assert found(kind, "x").options == []


def test_typing_on_costs_no_query_but_for_when_names_came_last(some: None) -> None:
    found("label_key", "c", node=LANDED)
    found("event_name", "o")

    with CaptureQueriesContext(connection) as asked:
        found("label_key", "cu", node=LANDED)
        found("label_value", "a", node=LANDED, label="customer")
        found("event_name", "or")

    assert len(asked) == 1


def test_the_newest_events_are_read_from_the_end_of_the_log(db: None) -> None:
    seen([event("e", id=str(n)) for n in range(4_000)])
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        cursor.execute("ANALYZE event")
        found("label_key", node=reactive("e"))
        newest = next(one["sql"] for one in asked if "ORDER BY log_ms DESC" in one["sql"])
        cursor.execute(f"EXPLAIN {newest}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "Index Scan Backward using event_20231114_pkey" in plan
    assert "Sort" not in plan
