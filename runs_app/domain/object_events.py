"""Events that tell of flows, deployments and work pools, as Prefect's server shapes them. Pure.

Source: recorded events of Prefect 3.9.1 (docs/flow-runs.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE, Event

_NAME = "prefect.resource.name"
Changes = Mapping[str, tuple[Any, Any]]
"""Field → what it was, what it is, in JSON values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an event is about. `kind` as in its resource id: deployment, work-pool, work-queue …"""

    kind: str
    id: UUID
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    related: tuple[Mapping[str, str], ...] = ()


def flow_subject(flow_id: UUID, name: str) -> Subject:
    return Subject(kind="flow", id=flow_id, name=name)


def deployment_subject(deployment_id: UUID, name: str, *, flow: Subject) -> Subject:
    related = {**_resource(flow), RESOURCE_ROLE: "flow"}
    return Subject(kind="deployment", id=deployment_id, name=name, related=(related,))


def pool_subject(pool_id: UUID, name: str, type_: str) -> Subject:
    labels = {"prefect.work-pool.type": type_}
    return Subject(kind="work-pool", id=pool_id, name=name, labels=labels)


def queue_subject(queue_id: UUID, name: str, *, pool: Subject) -> Subject:
    related = {**_resource(pool), RESOURCE_ROLE: "work-pool"}
    return Subject(kind="work-queue", id=queue_id, name=name, related=(related,))


def object_event(
    subject: Subject,
    what: str,
    *,
    event_id: UUID,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
) -> Event:
    """`prefect.<kind>.<what>`, such as `prefect.deployment.created`."""
    return Event(
        id=event_id,
        occurred=now,
        event=f"prefect.{subject.kind}.{what}",
        resource=_resource(subject),
        related=[dict(one) for one in subject.related],
        payload=msgspec.Raw(msgspec.json.encode(payload or {})),
    )


def changes_payload(changes: Changes) -> dict[str, Any]:
    return {
        "updated_fields": list(changes),
        "updates": {name: {"from": old, "to": new} for name, (old, new) in changes.items()},
    }


def _resource(subject: Subject) -> dict[str, str]:
    identity = f"prefect.{subject.kind}.{subject.id}"
    return {RESOURCE_ID: identity, _NAME: subject.name, **subject.labels}
