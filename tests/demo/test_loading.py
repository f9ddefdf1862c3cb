"""The demo's past in real tables: what the pages show is what the engine says."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from django.db import connection

from demo import clearing
from demo.clearing import clear
from demo.loading import LoadedDemo, OthersHere, load
from events_app.domain.event import Entry, Event
from events_app.domain.position import StreamId
from events_app.models import Event as EventRow
from events_app.models import EventCount, EventOutbox
from events_app.storage import reader
from project.lib import redis_client
from project.lib.clock import utcnow
from runs_app.models import Deployment, Flow, FlowRun, FlowRunState, Log, WorkPool
from triggers_app.automation.engine.evaluator import Evaluator, Version
from triggers_app.automation.parsing import parse_automation, parse_trigger
from triggers_app.automation.plan import plan_of
from triggers_app.models import ActionRun, Automation, AutomationVersion, Bucket, Firing
from triggers_app.services import authoring, evaluating

pytestmark = pytest.mark.django_db(transaction=True)
LENGTH = timedelta(days=1)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    client = redis_client.client()
    client.flushall()
    # Nobody records here; there is nothing to wait for.
    monkeypatch.setattr(clearing, "RECORD_SECONDS", 0.0)
    yield client
    reader.close_idle()
    EventRow.objects.all().delete()  # the table of events is not Django's to empty


def loaded(client: redis.Redis) -> LoadedDemo:
    return load(client, clock=utcnow, length=LENGTH)


def recorded() -> list[Entry]:
    rows = EventRow.objects.order_by("log_ms", "log_seq", "frame_index")
    unknown = _leader_unknown()
    return [
        Entry(
            StreamId(row.log_ms, row.log_seq),
            [_event(row)],
            frozenset() if row.id in unknown else frozenset({0}),
        )
        for row in rows
    ]


def _event(row: EventRow) -> Event:
    return Event(
        id=row.id,
        occurred=row.occurred,
        event=row.event,
        resource=row.resource,
        related=row.related,
        follows=row.follows,
    )


def _leader_unknown() -> set[object]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM event WHERE leader_unknown")
        return {row[0] for row in cursor.fetchall()}


def replayed() -> set[object]:
    """Ids of what fires when the versions as applied meet the events as recorded."""
    evaluator = Evaluator()
    saved = [(_place(each), _version(each)) for each in AutomationVersion.objects.all()]
    saved.sort(key=lambda each: each[0])
    for entry in recorded():
        while saved and saved[0][0] < entry.id:
            place, version = saved.pop(0)
            evaluator.apply(version, log_ms=place.ms)
        evaluator.fold(entry)
    return {firing.id for firing in evaluator.take().firings}


def _place(row: AutomationVersion) -> StreamId:
    assert row.applied_after_ms is not None and row.applied_after_seq is not None
    return StreamId(row.applied_after_ms, row.applied_after_seq)


def _version(row: AutomationVersion) -> Version:
    trigger = parse_trigger(row.document["trigger"])
    plan = plan_of(row.document, trigger)
    return Version(row.automation_id, row.version, row.enabled, trigger, resolves=plan.resolves)


def test_firings_are_those_of_a_replay_and_runs_those_of_their_actions(
    client: redis.Redis,
) -> None:
    made = loaded(client)
    last = EventRow.objects.order_by("-log_ms").values_list("log_ms", flat=True)[0]
    stored = {
        firing.id for firing in Firing.objects.all() if firing.fired.timestamp() * 1000 <= last
    }
    assert stored == replayed() and len(stored) > 25
    done = ActionRun.objects.filter(state="done").exclude(flow_run_id=None)
    assert set(done.values_list("flow_run_id", flat=True)) == set(
        FlowRun.objects.values_list("id", flat=True)
    )
    assert (
        made.events
        == EventRow.objects.count()
        == sum(EventCount.objects.values_list("events", flat=True))
    )


def test_every_state_of_a_run_has_its_event_and_no_run_is_left_running(
    client: redis.Redis,
) -> None:
    loaded(client)
    waiting = set(EventOutbox.objects.values_list("event_id", flat=True))
    told = set(EventRow.objects.values_list("id", flat=True)) | waiting
    assert set(FlowRunState.objects.values_list("id", flat=True)) <= told
    ended = FlowRun.objects.exclude(state_type="SCHEDULED")
    assert set(ended.values_list("state_type", flat=True)) <= {"COMPLETED", "FAILED"}
    assert set(Log.objects.values_list("flow_run_id", flat=True)) == set(
        ended.values_list("id", flat=True)
    )


def test_the_evaluator_goes_on_with_the_windows_of_the_past(client: redis.Redis) -> None:
    loaded(client)
    windows = Bucket.objects.count()
    firings = Firing.objects.count()
    report = evaluating.run_lease(
        None, client=client, clock=utcnow, wake=lambda task: None, seconds=0.1
    )
    assert report.owner and windows > 5
    assert Bucket.objects.count() == windows and Firing.objects.count() == firings


def test_loading_again_makes_nothing_and_clearing_leaves_nothing(client: redis.Redis) -> None:
    first = loaded(client)
    again = loaded(client)
    assert again.existed and EventRow.objects.count() == first.events
    cleared = clear(client, clock=utcnow)
    assert (cleared.runs, cleared.events) == (first.runs, first.events)
    left = (Automation, Firing, Bucket, Deployment, Flow, FlowRun, Log, WorkPool, EventCount)
    assert {model.__name__: model._default_manager.count() for model in left} == {
        model.__name__: 0 for model in left
    }


def test_it_keeps_away_from_the_automations_of_others(client: redis.Redis) -> None:
    document = {"name": "Theirs", "trigger": {"posture": "Reactive"}, "actions": []}
    theirs = authoring.create(parse_automation(document), author="them", now=utcnow())
    with pytest.raises(OthersHere):
        loaded(client)
    assert not EventRow.objects.exists() and not Deployment.objects.exists()
    load(client, clock=utcnow, length=LENGTH, among_others=True)
    clear(client, clock=utcnow)
    assert list(Automation.objects.values_list("id", flat=True)) == [theirs.id]
