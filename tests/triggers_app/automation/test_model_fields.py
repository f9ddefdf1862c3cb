"""What is known of the fields comes from the models, and holds for what they parse."""

from typing import Any

import pytest

from tests.menagerie import automation, automation_document, compound, reactive, run_etl
from triggers_app.automation.document import (
    ACTION_LISTS,
    FIRED_LISTS,
    METRIC_LISTS,
    actions_in,
    document,
)
from triggers_app.automation.model_fields import DEFAULTS, SECONDS
from triggers_app.automation.triggers import GROUPS, KINDS, LEAVES


def test_lists_of_actions_are_in_the_order_of_their_indexes() -> None:
    assert ACTION_LISTS == ("actions", "actions_on_trigger", "actions_on_resolve")
    assert FIRED_LISTS == ("actions", "actions_on_trigger")
    assert METRIC_LISTS == ("actions_on_trigger", "actions_on_resolve")


def test_actions_are_found_in_all_lists_of_what_is_half_written() -> None:
    half = {"actions": ["x", {"type": "a"}], "actions_on_trigger": 7, "actions_on_resolve": [{}]}

    assert list(actions_in(half)) == [
        (("actions", 1), {"type": "a"}),
        (("actions_on_resolve", 0), {}),
    ]


def test_parsed_actions_have_the_places_of_their_documents() -> None:
    parsed = automation(actions=[run_etl()], actions_on_resolve=[run_etl(), run_etl()])

    places = [place for place, _ in parsed.placed_actions]

    assert places == [place for place, _ in actions_in(document(parsed))]
    assert parsed.all_actions == [action for _, action in parsed.placed_actions]


def test_kinds_of_triggers_are_groups_or_leaves() -> None:
    assert KINDS == ("event", "compound", "sequence", "metric")
    assert (GROUPS, LEAVES) == (("compound", "sequence"), ("event", "metric"))


def test_durations_are_told_from_the_models() -> None:
    assert {"within", "schedule_after", "range", "firing_for"} == SECONDS


@pytest.mark.parametrize("trigger", [reactive("a"), compound(reactive("a"))], ids=["event", "all"])
def test_what_is_left_out_is_echoed_as_its_default(trigger: Any) -> None:
    written = automation_document(trigger, actions=[run_etl()])

    echoed = document(automation(trigger, actions=[run_etl()]))

    for said, whole in [(written, echoed), (written["actions"][0], echoed["actions"][0])]:
        for key in whole.keys() - said.keys():
            assert whole[key] in DEFAULTS[key], key
