"""On which event a draft's templates are tried."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from project.lib.problems import Invalid
from tests.web import scene
from triggers_app.builder.parameters import chosen_event
from triggers_app.builder.parameters import firings as parameter_firings
from triggers_app.builder.parameters.chosen_event import ChosenEvent
from triggers_app.models import Draft
from triggers_app.services.preview_firing import trigger_of

pytestmark = pytest.mark.django_db
NAME = "orders.file.landed"


def draft_of(*actions: dict[str, Any], chosen: Any = None, **trigger: Any) -> Draft:
    document = {
        "name": "a",
        "trigger": {"type": "event", "posture": "Reactive", "expect": [NAME], "id": str(uuid4())}
        | trigger,
        "actions": list(actions),
    }
    return Draft(
        document=document, author="eda", chosen={} if chosen is None else {"event": chosen}
    )


def chosen_of(draft: Draft) -> ChosenEvent:
    return chosen_event.chosen_event(draft, trigger_of(draft.document), now=scene.NOW)


def id_of(chosen: ChosenEvent) -> UUID | None:
    return None if chosen.recorded is None else chosen.recorded.event.id


def test_newest_event_that_matches_is_the_usual_one() -> None:
    scene.event(received=scene.ago(60))
    newest = scene.event(received=scene.ago(30), seq=1)
    scene.event("another", seq=2)

    found = chosen_of(draft_of())

    assert (found.source, id_of(found)) == ("recorded", newest.id)


def test_event_that_was_chosen_is_taken_though_it_does_not_match() -> None:
    other = scene.event("another", payload={"a": 1})

    found = chosen_of(draft_of(chosen={"id": str(other.id)}))

    assert (found.source, id_of(found), found.payload) == ("chosen", other.id, {"a": 1})


@pytest.mark.parametrize(
    "chosen",
    [{"id": str(uuid4())}, {"id": "none"}, {"pasted": "{"}],
    ids=["gone", "no id", "no event"],
)
def test_choice_that_is_not_there_any_more_is_told(chosen: dict[str, str]) -> None:
    newest = scene.event()

    found = chosen_of(draft_of(chosen=chosen))

    assert (found.gone, id_of(found)) == (True, newest.id)


@pytest.mark.parametrize("chosen", ["", 5, [], {}], ids=str)
def test_odd_choice_is_none(chosen: Any) -> None:
    scene.event()

    assert chosen_of(draft_of(chosen=chosen)).source == "recorded"


def test_without_any_event_one_is_made_up() -> None:
    found = chosen_of(draft_of(match={"site": "eu-*"}))

    assert found.source == "made up"
    assert found.recorded is not None
    assert found.recorded.event.resource["site"] == "eu-example"


def test_pasted_event_gets_the_id_and_time_it_lacks() -> None:
    text = '{"event": "a", "resource": {"prefect.resource.id": "r"}, "received": "2026-01-01"}'

    found = chosen_of(draft_of(chosen=chosen_event.pasted_choice(text, now=scene.NOW)["event"]))

    assert found.recorded is not None
    assert (found.source, found.recorded.event.occurred) == ("pasted", scene.NOW)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "at line 1, column 2"),
        ("[" * 100_000, "cannot be read"),
        ('"' + "a" * 200_001, "200,000 characters"),
        ('{"event": 5}', "event"),
    ],
    ids=["no JSON", "deep", "long", "no event"],
)
def test_what_is_no_event_is_refused_in_words(text: str, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        chosen_event.pasted_choice(text, now=scene.NOW)


def test_without_a_backtest_there_is_nothing_to_try() -> None:
    assert parameter_firings.over_firings(draft_of(), now=scene.NOW) is None
