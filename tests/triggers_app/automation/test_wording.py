"""Triggers in plain words."""

from datetime import timedelta
from uuid import UUID

import pytest

from project.lib.json_documents import Document
from tests.menagerie import (
    ETL,
    automation,
    compound,
    proactive,
    reactive,
    related,
    run_etl,
    sequence,
)
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.plain_words import duration
from triggers_app.automation.wording import (
    DASH,
    MAX_LENGTH,
    automation_sentence,
    trigger_sentence,
)

POOL = "44444444-4444-4444-8444-444444444444"
ORDERS = {"prefect.resource.id": "orders.*"}


def metric(**fields: object) -> Document:
    return {"metric": {"name": "duration", "threshold": 60, "operator": ">", **fields}}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (reactive("a"), "When a happens."),
        (reactive(), "When any event happens."),
        (reactive("a", "b"), "When a or b happens."),
        (reactive(*"abcdef"), "When a, b, c or 3 more happens."),
        (
            reactive("a", match=ORDERS, threshold=3, within=600, for_each=["customer"]),
            "When a happens for orders.*, at least 3 times within 10 minutes, for each customer.",
        ),
        (reactive("a", threshold=2), "When a happens, at least 2 times."),
        (reactive("a", within=60), "When a happens, at most once in 1 minute."),
        (reactive("b", after=["a"], within=60), "When b happens within 1 minute after a."),
        (reactive("b", after=["a"]), "When b happens after a."),
        (
            reactive("a", match={"site": ["n", "!s"], "tier": []}),
            "When a happens, where site is n or not s and tier is nothing.",
        ),
        (
            reactive("a", match=dict.fromkeys("wxyz", "1")),
            "When a happens, where w is 1 and x is 1 and y is 1 and 1 more labels match.",
        ),
        (
            reactive("a", match_related=[related("flow", "f.1"), {"x": "y"}]),
            "When a happens related to flow f.1 related to something, where x is y.",
        ),
        (
            reactive("a", for_each=["related:flow:prefect.resource.id", "related:flow:name"]),
            "When a happens, for each flow and name of its flow.",
        ),
        (
            reactive("a", for_each=["prefect.resource.id", "b", "c", "d"]),
            "When a happens, for each resource and b and c and 1 more labels.",
        ),
        (proactive("a", within=30), "When a does not happen for 30 seconds."),
        (
            proactive("b", after=["a"], within=30, for_each=["prefect.resource.id"]),
            "When b does not happen within 30 seconds after a, for each resource.",
        ),
        (
            proactive("a", threshold=3, within=7140),
            "When a happens fewer than 3 times within 1 hour 59 minutes.",
        ),
        (
            compound(reactive("a"), reactive("b"), within=1800),
            "When all of these happen within 30 minutes: a happens · b happens.",
        ),
        (
            compound(reactive("a"), reactive("b"), require="any", for_each=[]),
            "When any of these happens: a happens · b happens.",
        ),
        (
            compound(*(reactive(name) for name in "abcdef"), require=2),
            "When at least 2 of 6 happen: a happens · b happens · c happens · d happens · 2 more.",
        ),
        (
            sequence(reactive("a"), compound(reactive("b"), require="any"), within=60),
            "When these happen in this order within 1 minute: a happens, then "
            "(any of these happens: b happens).",
        ),
        (
            metric(),
            "When the average duration of runs over 5 minutes is above 60 for 5 minutes.",
        ),
        (
            metric(name="queue", operator="<=", threshold=0.5),
            "When the metric queue over 5 minutes is at or below 0.5 for 5 minutes.",
        ),
    ],
)
def test_says_when(document: Document, sentence: str) -> None:
    assert trigger_sentence(parse_trigger(document)) == sentence


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        ([], "do nothing"),
        ([run_etl()], "run etl / nightly"),
        ([run_etl(schedule_after=600)], "run etl / nightly 10 minutes later"),
        ([run_etl(deployment_id=POOL)], "run a deployment that is gone"),
        ([{"type": "run-deployment", "source": "inferred"}], "run the event's deployment"),
        ([{"type": "pause-work-pool", "work_pool_id": POOL}], f"pause work pool {POOL}"),
        ([{"type": "change-flow-run-state", "state": "FAILED"}], "set the flow run to FAILED"),
        ([{"type": "cancel-flow-run"}, {"type": "do-nothing"}], "cancel the flow run, do nothing"),
        ([{"type": "do-nothing"}] * 5, "do nothing, do nothing, do nothing, 2 more"),
    ],
)
def test_says_what_then(actions: list[Document], said: str) -> None:
    sentence = automation_sentence(automation(reactive("a"), actions=actions), name_of)

    assert sentence == f"When a happens {DASH} {said}."


def name_of(deployment: UUID) -> str | None:
    return "etl / nightly" if deployment == ETL else None


def test_long_triggers_name_fewer_things() -> None:
    names = [f"a.very.long.name.of.an.event.{number}" for number in range(9)]
    long = compound(*(reactive(*names, match={"x": names}) for _ in range(3)))

    sentence = trigger_sentence(parse_trigger(long))

    assert len(sentence) <= MAX_LENGTH
    assert "8 more" in sentence


def test_very_long_names_are_shortened_and_the_rest_cut() -> None:
    deep = reactive("n" * 500, match={"l" * 200: "v" * 500, "m" * 200: "w"})

    sentence = trigger_sentence(parse_trigger(deep))

    assert len(sentence) == MAX_LENGTH
    assert sentence.startswith(f"When {'n' * 40}…{'n' * 18} happens")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (0.5, "0.5 seconds"),
        (1, "1 second"),
        (90, "1 minute 30 seconds"),
        (90_000, "1 day 1 hour"),
        (-5, "minus 5 seconds"),
    ],
)
def test_durations_are_words(seconds: float, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words
