"""Telling of what became of flows, deployments and work pools, in the caller's transaction."""

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from events_app.domain.event import Event
from events_app.storage import outbox
from project.lib import wake
from runs_app.domain.ids import RANDOM_BYTES, time_ordered_id
from runs_app.domain.object_events import (
    Changes,
    Subject,
    changes_payload,
    deployment_subject,
    flow_subject,
    object_event,
    pool_subject,
    queue_subject,
)
from runs_app.models import Deployment, Flow, WorkPool, WorkQueue


def of_flow(flow: Flow) -> Subject:
    return flow_subject(flow.pk, flow.name)


def of_deployment(deployment: Deployment) -> Subject:
    """Its flow is at hand, or costs a query."""
    return deployment_subject(deployment.pk, deployment.name, flow=of_flow(deployment.flow))


def of_pool(pool: WorkPool) -> Subject:
    return pool_subject(pool.pk, pool.name, pool.type)


def of_queue(queue: WorkQueue) -> Subject:
    """Its pool is at hand, or costs a query."""
    return queue_subject(queue.pk, queue.name, pool=of_pool(queue.work_pool))


def event_of(
    subject: Subject, what: str, *, now: datetime, payload: Mapping[str, Any] | None = None
) -> Event:
    event_id = time_ordered_id(now, os.urandom(RANDOM_BYTES))
    return object_event(subject, what, event_id=event_id, now=now, payload=payload)


def update_event(subject: Subject, changes: Changes, *, now: datetime) -> Event:
    return event_of(subject, "updated", now=now, payload=changes_payload(changes))


def announce(events: Iterable[Event]) -> None:
    """Write the events with the change that they tell of. One query, if there are any."""
    if events := list(events):
        outbox.add(events)
        wake.wake_after_commit("events.relay", queue="actions")
