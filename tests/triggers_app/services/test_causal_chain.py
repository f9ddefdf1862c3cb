"""The causal chain of an event: read from firings and runs, both ways, and bounded."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from events_app.models import Event
from events_app.reads.time_limits import QueryTooSlow
from runs_app.models import FlowRun
from tests.web import scene
from triggers_app.automation import own_events
from triggers_app.models import Automation, Firing
from triggers_app.services import causal_chain as service
from triggers_app.services.causal_chain import CausalChain, causal_chain
from triggers_app.storage import causal_chain as storage

pytestmark = pytest.mark.django_db


def chain_of(event: Event) -> CausalChain:
    chain = causal_chain(event.id)
    assert chain is not None
    return chain


def of_run(run: FlowRun) -> list[dict[str, str]]:
    return [{
        "prefect.resource.id": f"prefect.flow-run.{run.pk}", "prefect.resource.role": "flow-run",
    }]  # fmt: skip


def step(
    event: Event, number: int, *, automation: Automation | None = None
) -> tuple[Firing, FlowRun, Event]:
    """The event fires an automation, which starts a run, whose code sends an event."""
    deployment = scene.deployment(f"step-{number}")
    firing = scene.firing(automation or scene.automation(f"automation-{number}"), event)
    run = scene.run(deployment, name=f"run-{number}")
    scene.action(firing, made=run)
    return firing, run, scene.event(f"done.{number}", seq=number, related=of_run(run))


def test_what_came_of_it_is_read_to_the_firings_after_the_next(db: None) -> None:
    first = scene.event("first", seq=0)
    firing, run, second = step(first, 1)
    later, _, _ = step(second, 2)

    chain = chain_of(first)

    assert [one.id for one in chain.firings] == [firing.pk]
    (name,) = chain.events[run.pk].names
    assert (name.event, name.count, name.first) == ("done.1", 1, second.id)
    assert [one.id for one in name.fired] == [later.pk]
    assert (chain.back, chain.partial) == ([], False)


def test_what_led_to_it_is_read_back_to_the_first_event(db: None) -> None:
    first = scene.event("first", seq=0)
    one, run, second = step(first, 1)
    two, next_run, third = step(second, 2)

    chain = chain_of(third)

    assert [(back.run_id, back.firing_id) for back in chain.back] == [
        (next_run.pk, two.pk), (run.pk, one.pk),
    ]  # fmt: skip
    assert [back.event_id for back in chain.back] == [second.id, first.id]
    assert not chain.goes_on


def test_a_run_that_nothing_fired_is_where_it_begins(db: None) -> None:
    run = scene.run(scene.deployment(), name="by-call")

    (only,) = chain_of(scene.event(related=of_run(run))).back

    assert (only.run_name, only.firing_id, only.event_id) == ("by-call", None, None)


def test_a_long_chain_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "STEPS_BACK", 2)
    event = scene.event("first", seq=0)
    for number in range(1, 5):
        _, _, event = step(event, number)

    chain = chain_of(event)

    assert [back.run_name for back in chain.back] == ["run-4", "run-3"]
    assert chain.goes_on


@pytest.mark.parametrize("name", ["triggered", "action.triggered", "action.executed"])
def test_an_event_of_flint_itself_leads_to_the_firing_it_tells_of(name: str) -> None:
    firing, _, _ = step(scene.event("first", seq=0), 1)
    scene.firing(firing.automation, scene.event("other", seq=9))
    notice = own_events.event_id(firing.pk, "triggered")
    related = [{"prefect.resource.id": f"prefect.event.{notice}",
                "prefect.resource.role": "automation-triggered-event"}]  # fmt: skip
    event = scene.event(
        f"prefect.automation.{name}", seq=5, related=related,
        resource_id=f"prefect.automation.{firing.automation_id}",
    )  # fmt: skip
    Event.objects.filter(id=event.id).update(occurred=scene.NOW)

    chain = chain_of(event)

    assert [(back.firing_id, back.event) for back in chain.back] == [(firing.pk, "first")]


@pytest.mark.parametrize(
    "resource_id",
    ["prefect.automation.x", f"prefect.automation.{scene.NOBODY}"],
    ids=["no id", "nobody"],
)
def test_an_event_of_flint_about_no_firing_has_no_cause(resource_id: str) -> None:
    event = scene.event("prefect.automation.created", resource_id=resource_id)

    assert chain_of(event).back == []


def test_a_replay_is_among_what_came_of_it() -> None:
    event = scene.event()
    firing = scene.firing(scene.automation(), None)
    Firing.objects.update(replay_of=event.id, by_hand="eda")

    (only,) = chain_of(event).firings

    assert (only.id, only.replay_of, only.by_hand) == (firing.pk, event.id, "eda")


def test_events_of_a_name_stand_in_one_line_and_names_are_limited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "MOST_NAMES", 2)
    first = scene.event("first", seq=0)
    _, run, _ = step(first, 1)
    for number in range(3):
        scene.event("row", seq=10 + number, related=of_run(run))
    scene.event("prefect.flow-run.Completed", seq=20, resource_id=f"prefect.flow-run.{run.pk}")
    scene.event("last", seq=21, related=of_run(run))

    events = chain_of(first).events[run.pk]

    assert [(one.event, one.count) for one in events.names] == [("done.1", 1), ("row", 3)]
    assert events.more == 2


def test_a_state_that_fired_something_is_listed() -> None:
    first = scene.event("first", seq=0)
    _, run, _ = step(first, 1)
    state = scene.event(
        "prefect.flow-run.Completed", seq=20, resource_id=f"prefect.flow-run.{run.pk}"
    )
    scene.firing(scene.automation("next"), state)

    names = chain_of(first).events[run.pk].names

    assert [one.event for one in names] == ["prefect.flow-run.Completed", "done.1"]


def test_what_is_not_listed_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_FIRINGS", 1)
    event = scene.event()
    for name in "abc":
        scene.firing(scene.automation(name), event)

    chain = chain_of(event)

    assert (len(chain.firings), chain.more_firings) == (1, 2)


def test_too_many_events_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: object, **__: object) -> Any:
        raise QueryTooSlow

    monkeypatch.setattr(storage, "events_of_runs", slow)
    first = scene.event("first", seq=0)
    step(first, 1)

    chain = chain_of(first)

    assert (chain.events, chain.partial) == ({}, True)
    assert chain.firings


def test_it_takes_seven_queries_however_long_it_is(django_assert_num_queries: Any) -> None:
    first = scene.event("first", seq=0)
    _, _, second = step(first, 1)
    step(second, 2)
    step(second, 3)

    with django_assert_num_queries(10):  # three of them: a savepoint and the time limit
        chain_of(second)


def test_an_event_that_is_not_recorded_has_none() -> None:
    assert causal_chain(uuid4()) is None
    assert causal_chain(UUID(int=0)) is None
