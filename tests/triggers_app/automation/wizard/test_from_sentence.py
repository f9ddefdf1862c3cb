"""Sentences with gaps and the triggers that they make."""

from typing import Any

import pytest

from project.lib.problems import Invalid
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.wizard.from_sentence import SENTENCES, trigger_of_sentence
from triggers_app.automation.wording import trigger_sentence

DEPLOYMENT = "0f2b7c1e-1b1a-4c8e-9d6c-0a4d3f2f7b90"
FILLED = {
    "event": "order.placed", "first": "a.done", "second": "b.done", "third": "c.done",
}  # fmt: skip


def made(key: str, **fields: str) -> dict[str, Any]:
    sentence = SENTENCES[key]
    offered = {gap.name: gap.value for gap in sentence.gaps}
    return trigger_of_sentence(sentence, {**offered, **FILLED, **fields})


@pytest.mark.parametrize(
    ("key", "fields", "words"),
    [
        ("happens", {}, "When order.placed happens."),
        ("absent", {}, "When order.placed does not happen for 30 minutes."),
        ("absent", {"after": "order.paid", "each": "customer", "within": "2 hours"},
         "When order.placed does not happen within 2 hours after order.paid, for each customer."),
        ("then", {}, "When these happen in this order within 30 minutes: "
         "a.done happens, then b.done happens."),
        ("both", {"within": "1 h 30 min"}, "When all of these happen within "
         "1 hour 30 minutes: a.done happens · b.done happens."),
        ("some", {}, "When at least 2 of 3 happen within 30 minutes: "
         "a.done happens · b.done happens · c.done happens."),
        ("often", {"each": "customer"},
         "When order.placed happens, at least 5 times within 10 minutes, for each customer."),
        ("number", {"deployment": DEPLOYMENT, "operator": "below", "metric": "successes",
                    "threshold": "0.95"},
         f"When the share of successful runs related to deployment prefect.deployment.{DEPLOYMENT}"
         " over 5 minutes is below 0.95 for 10 minutes."),
    ],
)  # fmt: skip
def test_each_sentence_makes_a_valid_trigger_that_says_the_same(
    key: str, fields: dict[str, str], words: str
) -> None:
    assert trigger_sentence(parse_trigger(made(key, **fields))) == words


@pytest.mark.parametrize(
    ("key", "field", "text"),
    [
        ("happens", "event", " "),
        ("absent", "within", "5 s"),
        ("absent", "within", "soon"),
        ("then", "within", "0"),
        ("some", "require", "4"),
        ("some", "require", "two"),
        ("often", "times", "1"),
        ("often", "times", "1" * 5000),
        ("number", "threshold", "nan"),
        ("number", "threshold", "1e400"),
        ("number", "firing_for", "1 min"),
        ("number", "metric", "cost"),
        ("number", "operator", "<>"),
        ("both", "within", "9" * 400),
    ],
)
def test_what_cannot_be_is_told_at_its_gap(key: str, field: str, text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        made(key, **{field: text})

    assert [problem.loc for problem in refusal.value.problems] == [(field,)]


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        made("both", first="", second="", within="never")

    assert {problem.loc[0] for problem in refusal.value.problems} == {"first", "second", "within"}


@pytest.mark.parametrize("text", ["30 min", "30 minutes", "30m", "1800", "PT30M"])
def test_times_are_written_in_words_or_short(text: str) -> None:
    assert made("then", within=text)["within"] == 1800


@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_names_its_gaps_for_whoever_hears_them(key: str) -> None:
    assert all(gap.label for gap in SENTENCES[key].gaps)
    assert SENTENCES[key].hint.endswith(".")
