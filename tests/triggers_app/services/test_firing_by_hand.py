"""Firing an automation by hand: done for real, once, and without touching its windows."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from events_app.domain.event import Event, decode_event
from events_app.domain.position import Position
from events_app.models import EventOutbox
from events_app.storage.stored_events import StoredEvent
from project.lib import database
from runs_app.models import FlowRun
from tests.events_app.menagerie import an_event
from tests.menagerie import compound, reactive
from tests.triggers_app.delivery.examples import a_deployment, run_of
from triggers_app.automation.document import document, with_ids
from triggers_app.automation.parsing import parse_automation
from triggers_app.models import ActionRun, Automation, Bucket, Firing
from triggers_app.services.dispatching import Dispatcher
from triggers_app.services.firing_by_hand import fire
from triggers_app.storage.history_firings import stored_firings

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PARAMETERS = {"amount": "{{ event.payload.amount }}", "env": "{{ event.resource['env'] }}"}


def saved(trigger: dict[str, Any], *actions: dict[str, Any], **fields: Any) -> Automation:
    given = {"name": "by hand", "trigger": trigger, "actions": list(actions), **fields}
    stored = document(with_ids(parse_automation(given)))
    return Automation.objects.create(
        name="by hand", document=stored, change=1, version=3, enabled=stored["enabled"]
    )


def recorded(event: Event | None = None) -> StoredEvent:
    return StoredEvent(Position(1_780_000_000_000, 0, 0), event or an_event(payload={"amount": 12}))


def fired(automation: Automation, *, key: str = "k", author: str = "eda", **given: Any) -> Firing:
    event = given.get("event", recorded())
    return fire(automation.pk, event, author=author, key=key, now=NOW)


def test_it_ends_in_a_run_with_values_of_the_event() -> None:
    automation = saved(
        reactive("order.created"), run_of(a_deployment(), parameters=PARAMETERS), enabled=False
    )

    firing = fired(automation)
    Dispatcher(clock=lambda: NOW, timer=time.monotonic).run()

    run = FlowRun.objects.get()
    assert run.parameters == {"amount": 12, "env": "prod"}
    assert run.causes == [{"automation": str(automation.pk), "firing": str(firing.pk)}]
    assert ActionRun.objects.get().flow_run_id == run.pk


def test_the_firing_says_who_made_it_and_which_version_it_was() -> None:
    firing = fired(saved(reactive("order.created", for_each=["env"])))

    firing.refresh_from_db()
    assert (firing.by_hand, firing.automation_version, firing.fired) == ("eda", 3, NOW)
    assert (firing.labels, firing.shadow, firing.log_ms) == ({"env": "prod"}, False, None)
    assert [one["event"] for one in firing.counted] == ["order.created"]


@pytest.mark.parametrize(
    ("key", "author", "firings"),
    [("k", "eda", 1), ("other", "eda", 2), ("k", "ada", 2)],
    ids=["a double click", "another time", "somebody else"],
)
def test_a_double_click_fires_once(key: str, author: str, firings: int) -> None:
    automation = saved(reactive("order.created"), run_of(a_deployment()))

    fired(automation)
    fired(automation, key=key, author=author)

    assert Firing.objects.count() == firings
    assert ActionRun.objects.count() == firings
    assert EventOutbox.objects.count() == firings


def test_windows_stay_as_they_are() -> None:
    automation = saved(reactive("order.created", threshold=5, within=60))
    Bucket.objects.create(
        automation_id=automation.pk, trigger_id=uuid4(), key="[]", state=b"", closes_us=1, count=4
    )

    fired(automation)

    assert Bucket.objects.get().count == 4


def test_a_group_sees_the_event_in_the_place_of_its_part() -> None:
    whole = compound(reactive("order.created"), reactive("order.paid"), require="any")

    firing = fired(saved(whole))

    [child] = firing.children
    assert child["triggering_event"]["event"] == "order.created"


def test_an_absence_fires_without_an_event() -> None:
    absent = {**reactive("heartbeat"), "posture": "Proactive", "within": 60}

    firing = fired(saved(absent), event=None)

    assert (firing.triggering_event, firing.counted, firing.labels) == (None, [], {})


def test_others_hear_of_it_like_of_any_firing() -> None:
    automation = saved(reactive("order.created"))

    fired(automation)

    told = decode_event(bytes(EventOutbox.objects.get().body))
    assert told.event == "prefect.automation.triggered"
    assert told.resource["prefect.resource.id"] == f"prefect.automation.{automation.pk}"
    assert told.payload_object()["triggering_event"]["event"] == "order.created"


def test_only_what_follows_from_a_firing_is_done() -> None:
    resolving = {"type": "do-nothing"}
    automation = saved(
        reactive("order.created"), {"type": "do-nothing"},
        actions_on_trigger=[{"type": "do-nothing"}], actions_on_resolve=[resolving],
    )  # fmt: skip

    fired(automation)

    found = ActionRun.objects.order_by("index").values_list("index", "phase")
    assert list(found) == [(0, "actions"), (1, "on_trigger")]


@pytest.mark.django_db(transaction=True)
def test_a_replay_does_not_look_for_it() -> None:
    firing = fired(saved(reactive("order.created")))
    around = timedelta(minutes=1)

    with database.connect(application_name="flint test") as own:
        found = list(stored_firings(own, NOW - around, NOW + around))

    assert firing.pk not in [one.id for one in found]


def test_a_deleted_automation_cannot_be_fired() -> None:
    automation = saved(reactive("order.created"))
    Automation.objects.update(deleted=NOW)

    with pytest.raises(Automation.DoesNotExist):
        fired(automation)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_fire_once() -> None:
    automation = saved(reactive("order.created"), run_of(a_deployment()))

    def click(_: int) -> Firing:
        try:
            return fired(automation)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(click, range(4)))

    assert len({one.pk for one in found}) == 1
    assert (Firing.objects.count(), ActionRun.objects.count()) == (1, 1)
