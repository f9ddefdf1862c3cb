"""The event that tells of a new state of a flow run, as Prefect's server shapes it. Pure.

Source: recorded events of Prefect 3.9.1 (docs/flow-runs.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from events_app.domain.causes import causes_label
from events_app.domain.event import Event
from runs_app.domain.states import State

# A leader further back than this could not be held for its follower.
FOLLOWS_WITHIN = timedelta(minutes=5)
MAX_MESSAGE_CHARACTERS = 100_000
MAX_RELATED = 100  # what an event may hold
_ROLE = "prefect.resource.role"
_ID = "prefect.resource.id"
_NAME = "prefect.resource.name"
_CREATORS = {"DEPLOYMENT": "deployment", "AUTOMATION": "automation"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSubject:
    """What a state event says about a run besides its states."""

    id: UUID
    name: str
    run_count: int
    flow_id: UUID
    flow_name: str
    deployment_id: UUID | None = None
    deployment_name: str | None = None
    work_queue_name: str | None = None
    work_pool_id: UUID | None = None
    work_pool_name: str | None = None
    work_pool_type: str | None = None
    parent_task_run_id: UUID | None = None
    tags: Iterable[str] = ()  # of the run, its flow and its deployment
    created_by: dict[str, Any] | None = None
    causes: Sequence[str] = ()  # the automations that led to the run, oldest first


def state_event(run: RunSubject, *, before: State | None, after: State) -> Event:
    """The event of the change from `before` to `after`; its id is the new state's."""
    return Event(
        id=after.id,
        occurred=after.timestamp,
        event=f"prefect.flow-run.{after.name}",
        resource=_resource(run, after),
        related=related_resources(run),
        payload=msgspec.Raw(msgspec.json.encode(_payload(before, after))),
        follows=_follows(before, after),
    )


def _resource(run: RunSubject, after: State) -> dict[str, str]:
    return {
        _ID: f"prefect.flow-run.{run.id}",
        _NAME: run.name,
        "prefect.run-count": str(run.run_count),
        "prefect.state-message": (after.message or "")[:MAX_MESSAGE_CHARACTERS],
        "prefect.state-name": after.name,
        "prefect.state-timestamp": after.timestamp.isoformat(),
        "prefect.state-type": after.type.value,
        **causes_label(run.causes),
    }


def related_resources(run: RunSubject) -> list[dict[str, str]]:
    related = [_related("flow", "flow", str(run.flow_id), run.flow_name)]
    if run.deployment_id:
        related.append(
            _related("deployment", "deployment", str(run.deployment_id), run.deployment_name)
        )
    if run.work_pool_id:
        pool = _related("work-pool", "work-pool", str(run.work_pool_id), run.work_pool_name)
        related.append(pool | {"prefect.work-pool.type": run.work_pool_type or ""})
    if run.parent_task_run_id:
        related.append(_related("task-run", "task-run", str(run.parent_task_run_id), None))
    creator = _creator(run.created_by)
    creators = [creator] if creator else []
    room = MAX_RELATED - len(related) - len(creators)
    tags = sorted(set(run.tags))[:room]
    return [*related, *(_related("tag", "tag", tag, None) for tag in tags), *creators]


def _related(role: str, kind: str, key: str, name: str | None) -> dict[str, str]:
    resource = {_ID: f"prefect.{kind}.{key}", _ROLE: role}
    return resource if name is None else resource | {_NAME: name}


def _creator(created_by: dict[str, Any] | None) -> dict[str, str] | None:
    if not created_by or not created_by.get("id"):
        return None
    kind = _CREATORS.get(str(created_by.get("type")))
    if kind is None:
        return None
    name = created_by.get("display_value")
    return _related("creator", kind, str(created_by["id"]), None if name is None else str(name))


def _payload(before: State | None, after: State) -> dict[str, Any]:
    validated: dict[str, Any] = {"type": after.type.value, "name": after.name}
    if after.message:
        validated["message"] = after.message[:MAX_MESSAGE_CHARACTERS]
    if after.type == "PAUSED":
        validated["pause_reschedule"] = str(bool(after.details.get("pause_reschedule"))).lower()
    if after.type == "SCHEDULED" and after.details.get("scheduled_time"):
        # Flint's own key: how late a run starts is told by its events alone.
        validated["scheduled_time"] = after.details["scheduled_time"]
    return {
        "intended": {"from": before.type.value if before else None, "to": after.type.value},
        "initial_state": {"type": before.type.value, "name": before.name} if before else None,
        "validated_state": validated,
    }


def _follows(before: State | None, after: State) -> UUID | None:
    if before is None or after.timestamp - before.timestamp >= FOLLOWS_WITHIN:
        return None
    return before.id
