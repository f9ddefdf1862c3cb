"""Work queues: parts of a pool, each with a priority, a limit and a pause of its own."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from project.lib.json_documents import Document
from runs_app.models import Deployment, FlowRun, WorkPool, WorkQueue
from runs_app.reads.work_queues import _queues, documents_of
from runs_app.services.announcing import announce, event_of, of_pool, of_queue, update_event
from runs_app.storage import polling

DEFAULT = "default"
AGENTS_POOL = "default-agent-pool"
POLLED_FOR = timedelta(seconds=60)  # from the last poll on
_OWN_EVENTS = frozenset({"is_paused"})
_WHEN_NULL: dict[str, Any] = {"is_paused": False, "priority": 1}


class KeepsDefault(Exception):
    """The queue `default` of a pool cannot be deleted."""


def add_default(pool: WorkPool) -> WorkQueue:
    """The queue that a new pool has from the start. One query."""
    return WorkQueue.objects.create(
        id=uuid5(pool.pk, DEFAULT),
        work_pool=pool,
        name=DEFAULT,
        description="The work pool's default queue.",
    )


def ensure(pool: WorkPool, name: str | None) -> WorkQueue:
    """The queue of that name, made when it does not exist; `default` without a name.

    One query when it exists. The caller holds the transaction.
    """
    name = name or DEFAULT
    queue = WorkQueue.objects.filter(work_pool=pool, name=name).first()
    if queue is not None:
        return queue
    made, _ = WorkQueue.objects.get_or_create(
        work_pool=pool, name=name, defaults={"priority": _next_priority(pool)}
    )
    return made


def create(
    pool_name: str, name: str, fields: Mapping[str, Any], *, now: datetime
) -> Document | None:
    """The new queue's document; None when the name is taken. Raises WorkPool.DoesNotExist."""
    values = {field: value for field, value in fields.items() if value is not None}
    try:
        with transaction.atomic():
            pool = WorkPool.objects.get(name=pool_name)
            values.setdefault("priority", _next_priority(pool))
            queue = WorkQueue.objects.create(**values, work_pool=pool, name=name)
            announce([event_of(of_queue(queue), "created", now=now)])
    except IntegrityError:
        return None
    return documents_of([queue], now=now)[0]


def create_for_agents(name: str, fields: Mapping[str, Any], *, now: datetime) -> Document | None:
    """A queue that names no pool: Prefect keeps those in a pool of their own."""
    with transaction.atomic():
        pool, made = WorkPool.objects.get_or_create(
            name=AGENTS_POOL, defaults={"type": "prefect-agent"}
        )
        if made:
            add_default(pool)
            announce([event_of(of_pool(pool), "created", now=now)])
        return create(AGENTS_POOL, name, fields, now=now)


def change(queue_id: UUID, fields: Mapping[str, Any], *, now: datetime) -> bool:
    """False when there is no such queue. A name that is taken raises IntegrityError."""
    with transaction.atomic():
        queue = _locked().filter(pk=queue_id).first()
        if queue is None:
            return False
        changes = {}
        for field, value in fields.items():
            new = _WHEN_NULL.get(field) if value is None else value
            if (old := getattr(queue, field)) != new:
                setattr(queue, field, new)
                changes[field] = (old, new)
        if changes:
            queue.save()
            _announce_changed(queue, changes, now=now)
    return True


def set_paused(queue_id: UUID, paused: bool, *, now: datetime) -> bool:
    """Pause or resume; False when there is no such queue."""
    return change(queue_id, {"is_paused": paused}, now=now)


def delete(queue_id: UUID, *, now: datetime) -> bool:
    """What stood in it stands in the pool's `default` then. Raises KeepsDefault."""
    with transaction.atomic():
        queue = _locked().filter(pk=queue_id).first()
        if queue is None:
            return False
        if queue.name == DEFAULT:
            raise KeepsDefault
        default = ensure(queue.work_pool, None)
        for model in (Deployment, FlowRun):
            rows = model._default_manager.filter(work_queue=queue)
            rows.update(work_queue=default, work_queue_name=DEFAULT)
        announce([event_of(of_queue(queue), "deleted", now=now)])
        queue.delete()
    return True


def status(queue: WorkQueue, *, now: datetime) -> Document:
    """What `prefect work-queue inspect` shows of its health. One query."""
    late = FlowRun.objects.filter(work_queue=queue, state_type="SCHEDULED", state_name="Late")
    count = late.count()
    polled = queue.last_polled is not None and now - queue.last_polled < POLLED_FOR
    return {
        "healthy": polled and count == 0,
        "late_runs_count": count,
        "last_polled": queue.last_polled,
        "health_check_policy": {
            "maximum_late_runs": 0,
            "maximum_seconds_since_last_polled": int(POLLED_FOR.total_seconds()),
        },
    }


def note_polled(queues: list[WorkQueue], *, now: datetime) -> None:
    """Somebody asked for runs of these queues; one that nobody did is ready from now on."""
    ids = [queue.pk for queue in queues]
    if all(queue.ready for queue in queues):
        polling.note_polled(ids, now=now)
        return
    with transaction.atomic():
        polling.note_polled(ids, now=now)
        announce(
            [event_of(of_queue(queue), "ready", now=now) for queue in queues if not queue.ready]
        )


def note_left(*, now: datetime) -> int:
    """Tell of queues that nobody polls any more; how many that was."""
    with transaction.atomic():
        left = list(
            WorkQueue.objects.select_related("work_pool")
            .select_for_update(of=("self",), skip_locked=True)
            .filter(ready=True, last_polled__lt=now - POLLED_FOR)
            .order_by("last_polled")[:100]
        )
        if left:
            WorkQueue.objects.filter(pk__in=[queue.pk for queue in left]).update(ready=False)
            announce([event_of(of_queue(queue), "not-ready", now=now) for queue in left])
    return len(left)


def _announce_changed(
    queue: WorkQueue, changes: Mapping[str, tuple[Any, Any]], *, now: datetime
) -> None:
    events = []
    subject = of_queue(queue)
    if "is_paused" in changes:
        resumed = "ready" if queue.ready else "not-ready"
        events.append(event_of(subject, "paused" if queue.is_paused else resumed, now=now))
    fields = {name: each for name, each in changes.items() if name not in _OWN_EVENTS}
    if fields:
        events.append(update_event(subject, fields, now=now))
    announce(events)


def _next_priority(pool: WorkPool) -> int:
    highest = WorkQueue.objects.filter(work_pool=pool).aggregate(highest=Max("priority"))["highest"]
    return (highest or 0) + 1


def _locked() -> "QuerySet[WorkQueue]":
    return _queues().select_for_update(of=("self",))
