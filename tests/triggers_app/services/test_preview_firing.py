"""What templates would see: the firing that the engine itself makes of recorded events. Pure."""

import json
from datetime import timedelta
from typing import Any

import pytest

from events_app.domain.event import Event
from events_app.domain.position import Position
from events_app.storage.stored_events import StoredEvent
from tests.menagerie import ZERO, compound, event, ms, proactive, reactive, related, sequence
from triggers_app.automation.editing.examples import example_event
from triggers_app.services.preview_firing import (
    PreviewFiring,
    absence,
    made_up,
    matching,
    preview_of,
    trigger_of,
)


def recorded(one: Event, *, at: float = 0) -> StoredEvent:
    return StoredEvent(Position(ms(at), 0, 0), one)


def firing_preview(trigger: dict[str, Any], *events: StoredEvent) -> PreviewFiring:
    return preview_of(trigger_of({"trigger": trigger}), events)


def test_event_that_fires_makes_a_whole_occasion() -> None:
    of = firing_preview(
        reactive("order.created", for_each=["customer"]),
        recorded(event(labels={"customer": "acme"}, payload={"rows": 5})),
    )

    assert (of.labels, of.complete) == ({"customer": "acme"}, True)
    assert json.loads(of.event_text or "")["payload"] == {"rows": 5}


def test_event_that_is_one_of_three_is_taken_as_the_last() -> None:
    trigger = reactive("order.created", threshold=3, within=60, for_each=["customer"])

    of = firing_preview(trigger, recorded(event(labels={"customer": "acme"})))

    assert (of.labels, of.complete) == ({"customer": "acme"}, False)


def test_events_that_counted_make_it_whole() -> None:
    trigger = reactive("order.created", threshold=2, within=60)
    events = [recorded(event(at=at), at=at) for at in (1, 2)]

    assert firing_preview(trigger, *events).complete


@pytest.mark.parametrize("whole", [compound, sequence], ids=["all", "in order"])
def test_parts_of_a_composite_are_there_with_their_events(whole: Any) -> None:
    trigger = whole(reactive("a"), reactive("b"), within=60)
    events = [recorded(event(name, at=at), at=at) for at, name in enumerate("ab")]

    of = firing_preview(trigger, *events)

    children = json.loads(of.children)
    assert of.complete
    assert [child["triggering_event"]["event"] for child in children] == ["a", "b"]


def test_part_of_a_composite_alone_has_the_keys_of_the_whole() -> None:
    trigger = compound(
        reactive("a", for_each=["x", "y"]), reactive("b", for_each=["x"]), within=60, for_each=["x"]
    )

    of = firing_preview(trigger, recorded(event("a", labels={"x": "1", "y": "2"})))

    assert (of.labels, of.complete) == ({"x": "1"}, False)


def test_keys_of_related_resources_are_read() -> None:
    trigger = reactive("order.created", threshold=9, within=9, for_each=["related:shop:city"])
    of = firing_preview(trigger, recorded(event(related=[related("shop", "s", city="Rome")])))

    assert of.labels == {"related:shop:city": "Rome"}


def test_follower_need_not_wait_for_its_leader() -> None:
    assert firing_preview(reactive("b"), recorded(event("b", follows="another"))).complete


def test_trigger_that_cannot_be_read_yet_leaves_the_event() -> None:
    of = firing_preview({"type": "event", "posture": "?"}, recorded(event()))

    assert (of.labels, of.complete, of.event_text is None) == ({}, False, False)


def test_absence_has_no_event() -> None:
    assert absence({"site": "x"}, ZERO).event_text is None


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (reactive("order.created"), True),
        (reactive("order.*"), True),
        (proactive("order.created", within=60), True),
        (reactive("order.deleted"), False),
        (reactive("order.created", match={"prefect.resource.id": "shop.*"}), False),
        (compound(reactive("x"), reactive("order.created")), True),
    ],
    ids=["name", "any name", "absence of it", "other name", "other resource", "a part"],
)
def test_what_a_trigger_wants_is_for_the_engine_to_say(trigger: Any, expected: bool) -> None:
    parsed = trigger_of({"trigger": trigger})

    assert parsed is not None
    one = recorded(event())
    assert list(matching(parsed, [one])) == ([one] if expected else [])


def test_made_up_event_is_the_example_of_the_trigger_as_if_recorded_now() -> None:
    parsed = trigger_of({"trigger": sequence(reactive("a", for_each=["related:shop:city"]))})
    assert parsed is not None

    example = made_up(parsed, now=ZERO + timedelta(seconds=5))

    assert example.event == example_event(parsed, now=ZERO + timedelta(seconds=5))
    assert example.position == Position(ms(5), 0, 0)
    assert list(matching(parsed, [example])) == [example]


def test_without_a_trigger_some_event_is_made_up() -> None:
    assert made_up(None, now=ZERO).event.event == "example"
