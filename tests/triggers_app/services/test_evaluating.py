"""The evaluator's lease against a real log and real tables."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis

from events_app.domain.event import RESOURCE_ID, Event
from events_app.models import Reader
from events_app.storage import reader
from events_app.stream import log
from project.lib import redis_client
from triggers_app.models import ActionRun, Automation, AutomationVersion, Bucket, Firing
from triggers_app.services import evaluating
from triggers_app.services.evaluating import EvaluationReport, Memory

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client() -> Iterator[redis.Redis]:
    client = redis_client.client()
    client.flushall()
    yield client
    reader.close_idle()


def saved(client: redis.Redis, automation_id: UUID | None = None, **trigger: Any) -> UUID:
    """An automation as authoring saves it."""
    effective_after = log.append_wakeup(client)
    automation_id = automation_id or uuid4()
    document = {
        "name": "a",
        "trigger": {"type": "event", "posture": "Reactive", "id": str(uuid4()), **trigger},
        "actions": [{"type": "do-nothing"}, {"type": "do-nothing"}],
    }
    version = AutomationVersion.objects.filter(automation_id=automation_id).count() + 1
    change = AutomationVersion.objects.count() + 1
    position = {
        "effective_after_ms": effective_after.ms,
        "effective_after_seq": effective_after.seq,
    }
    Automation.objects.update_or_create(
        id=automation_id,
        defaults={"name": "a", "document": document, "version": version, "change": change}
        | position,
    )
    AutomationVersion.objects.create(
        automation_id=automation_id, version=version, enabled=True, document=document, **position
    )
    log.append_wakeup(client)
    return automation_id


def happened(name: str, resource: str = "shop.1") -> Event:
    return Event(
        id=uuid4(), occurred=datetime.now(UTC), event=name, resource={RESOURCE_ID: resource}
    )


def evaluate(
    client: redis.Redis, memory: Memory | None = None, *, woken: list[str] | None = None
) -> EvaluationReport:
    woken = [] if woken is None else woken
    return evaluating.run_lease(
        memory,
        client=client,
        clock=lambda: NOW,
        wake=woken.append,
        seconds=0.15,
    )


def test_an_event_after_the_save_fires_and_leaves_its_actions_to_do(client: redis.Redis) -> None:
    automation_id = saved(client, expect=["order.created"])
    event = happened("order.created")
    log.append(client, [happened("other"), event])
    woken: list[str] = []

    evaluate(client, woken=woken)

    firing = Firing.objects.get()
    assert firing.automation_id == automation_id
    assert (firing.triggering_event or {})["id"] == str(event.id)
    assert firing.frame_index == 1
    assert [run.index for run in ActionRun.objects.order_by("index")] == [0, 1]
    assert woken == ["triggers.dispatch"]


def test_an_event_before_the_save_does_not_fire(client: redis.Redis) -> None:
    log.append(client, [happened("order.created")])
    saved(client, expect=["order.created"])

    evaluate(client)

    assert not Firing.objects.exists()


def test_a_version_applies_from_its_save_on_whatever_the_batch(client: redis.Redis) -> None:
    automation_id = saved(client, expect=["first"])
    log.append(client, [happened("first"), happened("second")])
    saved(client, automation_id, expect=["second"])
    log.append(client, [happened("first"), happened("second")])

    evaluate(client)

    fired = Firing.objects.order_by("log_ms", "log_seq").values_list(
        "triggering_event__event", flat=True
    )
    assert list(fired) == ["first", "second"]
    assert Automation.objects.get().applied_version == 2


def test_it_is_written_from_where_a_version_applied(client: redis.Redis) -> None:
    saved(client, expect=["order.created"])

    evaluate(client)

    version = AutomationVersion.objects.get()
    assert version.applied_after_ms == version.effective_after_ms
    assert version.applied_after_seq == version.effective_after_seq
    assert version.applied_ms is not None


def test_counts_survive_the_loss_of_the_memory(client: redis.Redis) -> None:
    saved(client, expect=["order.created"], threshold=3, within=60)
    log.append(client, [happened("order.created")])
    evaluate(client)
    log.append(client, [happened("order.created")])
    evaluate(client)
    assert Bucket.objects.get().count == 2
    log.append(client, [happened("order.created")])

    evaluate(client)

    assert Firing.objects.get().counted_total == 3


def test_a_kept_memory_is_used_again(client: redis.Redis) -> None:
    saved(client, expect=["order.created"], threshold=2, within=60)
    log.append(client, [happened("order.created")])
    first = evaluate(client)
    log.append(client, [happened("order.created")])

    second = evaluate(client, first.memory)

    assert second.memory is first.memory
    assert Firing.objects.count() == 1


def test_the_memory_of_a_former_owner_is_thrown_away(client: redis.Redis) -> None:
    saved(client, expect=["order.created"], threshold=2, within=60)
    old = evaluate(client)
    log.append(client, [happened("order.created")])
    evaluate(client)
    log.append(client, [happened("order.created")])

    late = evaluate(client, old.memory)

    assert late.memory is not old.memory
    assert Firing.objects.count() == 1


def test_nothing_is_written_when_another_owner_moved_on(client: redis.Redis) -> None:
    saved(client, expect=["order.created"])
    evaluate(client)
    log.append(client, [happened("order.created")])
    with reader.take("evaluate", held=None) as lease:
        Reader.objects.filter(name="evaluate").update(epoch=99)
        turn = evaluating._Turn(evaluating._loaded(lease), lease, client, lambda: NOW, str)

        with pytest.raises(reader.Stale):
            turn.run(0.1)

    assert not Firing.objects.exists()


def test_only_one_process_evaluates(client: redis.Redis) -> None:
    with reader.take("evaluate", held=None):
        assert evaluate(client) == EvaluationReport(owner=False)


def test_an_absence_fires_at_its_deadline_without_any_event(client: redis.Redis) -> None:
    automation_id = saved(client, expect=["beat"], posture="Proactive", within=10)
    report = evaluate(client)
    assert report.memory is not None
    due = report.memory.evaluator.next_deadline_ms
    version = AutomationVersion.objects.get(automation_id=automation_id)
    assert due == (version.applied_ms or 0) + 10_000
    client.hset(log.META, "floor", due)

    evaluate(client, report.memory)

    firing = Firing.objects.get()
    assert firing.triggering_event is None
    assert int(firing.fired.timestamp() * 1000) == due


def test_a_deleted_automation_does_not_fire(client: redis.Redis) -> None:
    automation_id = saved(client, expect=["order.created"])
    evaluate(client)
    saved(client, automation_id, expect=["order.created"])
    AutomationVersion.objects.filter(version=2).update(deleted=True)
    log.append(client, [happened("order.created")])

    evaluate(client)

    assert not Firing.objects.exists()


def test_an_automation_that_cannot_be_read_is_set_aside_and_the_others_go_on(
    client: redis.Redis,
) -> None:
    poison = saved(client, expect=["order.created"], posture="Sideways")
    good = saved(client, expect=["order.created"])
    log.append(client, [happened("order.created")])

    evaluate(client)

    assert Firing.objects.get().automation_id == good
    assert "posture" in (Automation.objects.get(id=poison).quarantine_reason or "")
