"""Which known key somebody meant: other spellings, other words, slips of the pen."""

import pytest

from triggers_app.automation.near_keys import Comparing, near_key
from triggers_app.automation.triggers import TRIGGERS
from triggers_app.automation.unknown_keys import ALIASES

KNOWN = sorted({name for model in TRIGGERS.values() for name in model.model_fields})

MEANT = {
    "expects": "expect",
    "expected": "expect",
    "expct": "expect",
    "epxect": "expect",
    "Expect": "expect",
    "EXPECT": "expect",
    "expect ": "expect",
    "event": "expect",
    "events": "expect",
    "Event": "expect",
    "thresold": "threshold",
    "treshold": "threshold",
    "thresholds": "threshold",
    "count": "threshold",
    "withn": "within",
    "wihtin": "within",
    "window": "within",
    "mtach": "match",
    "matches": "match",
    "filter": "match",
    "match-related": "match_related",
    "matchRelated": "match_related",
    "match_relatd": "match_related",
    "foreach": "for_each",
    "forEach": "for_each",
    "for each": "for_each",
    "for-each": "for_each",
    "aftre": "after",
    "postur": "posture",
    "trigers": "triggers",
    "Triggers": "triggers",
    "requires": "require",
    "metrics": "metric",
    "typ": "type",
    "tpye": "type",
}


@pytest.mark.parametrize(("written", "meant"), MEANT.items(), ids=MEANT)
def test_a_key_that_is_nearly_known_is_recognized(written: str, meant: str) -> None:
    assert near_key(written, KNOWN, ALIASES) == meant


@pytest.mark.parametrize(
    "written", ["colour", "labels", "x-team", "_comment", "owner", "note", "", "ex", "x" * 10_000]
)
def test_a_key_like_no_other_is_left_alone(written: str) -> None:
    assert near_key(written, KNOWN, ALIASES) is None


def test_a_known_key_is_not_like_another() -> None:
    assert [near_key(name, KNOWN, ALIASES) for name in KNOWN] == [None] * len(KNOWN)


def test_another_word_counts_only_where_its_key_is_known() -> None:
    assert near_key("event", ["name", "threshold"], ALIASES) is None


def test_comparing_thoroughly_ends() -> None:
    comparing = Comparing(left=len(KNOWN))
    assert near_key("xmatch_relateds", KNOWN) == "match_related"

    assert comparing.near("expectation", KNOWN) is None
    assert comparing.near("xmatch_relateds", KNOWN) is None
    assert comparing.near("expects", KNOWN) == "expect"
