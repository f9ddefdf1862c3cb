"""What a client's event `prefect.task-run.<State>` says of a task run. Pure.

Clients keep the states of their tasks themselves and tell of them by events; the id of the event
is the id of the state. Source: recorded events of Prefect 3.9.1 (docs/prefect.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE, Event
from runs_app.domain.states import State, StateType, full_details

PREFIX = "prefect.task-run."
_RUN_PREFIX = "prefect.flow-run."
MAX_KEY_BYTES = 1_000  # two of them and an id fit into an entry of an index

Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
NaturalKey = tuple[UUID, str, str]


class TaskFields(msgspec.Struct, frozen=True, kw_only=True):
    """`payload.task_run` of the event: the run as its client sees it."""

    name: str
    task_key: str
    dynamic_key: str
    cache_key: str | None = None
    cache_expiration: datetime | None = None
    task_version: str | None = None
    empirical_policy: dict[str, Any] = {}
    tags: list[str] = []
    labels: dict[str, Any] | None = None
    task_inputs: dict[str, Any] = {}
    run_count: Count = 0
    flow_run_run_count: Count = 0
    expected_start_time: datetime | None = None
    next_scheduled_start_time: datetime | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    total_run_time: float = 0.0


class _State(msgspec.Struct):
    type: StateType
    name: str | None = None
    message: str | None = None
    state_details: dict[str, Any] | None = None
    data: Any = None


class _Payload(msgspec.Struct):
    validated_state: _State
    task_run: TaskFields


_decode = msgspec.json.Decoder(_Payload).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A task run in one of its states, as told by its client."""

    id: UUID
    flow_run_id: UUID | None
    fields: TaskFields
    state: State

    @property
    def natural_key(self) -> NaturalKey | None:
        """What else names the run; None outside of flows."""
        if self.flow_run_id is None:
            return None
        return self.flow_run_id, self.fields.task_key, self.fields.dynamic_key

    def known_as(self, task_run_id: UUID) -> "Observed":
        """The same under the id that the run already has."""
        if task_run_id == self.id:
            return self
        details = self.state.details | {"task_run_id": str(task_run_id)}
        return replace(self, id=task_run_id, state=replace(self.state, details=details))


def observed(event: Event) -> Observed | None:
    """What the event tells of a task run; None for other events and for what makes no sense."""
    if not event.event.startswith(PREFIX):
        return None
    if event.resource.get("prefect.orchestration") != "client":
        return None
    task_run_id = _id(event.resource_id, PREFIX)
    try:
        payload = _decode(event.payload)
    except msgspec.DecodeError:
        return None
    fields = payload.task_run
    if task_run_id is None or not (fits(fields.task_key) and fits(fields.dynamic_key)):
        return None
    flow_run_id = _flow_run_id(event.related)
    state = _state(event, payload.validated_state, flow_run_id, task_run_id)
    return Observed(id=task_run_id, flow_run_id=flow_run_id, fields=fields, state=state)


def fits(key: str) -> bool:
    """Whether an index can hold the key."""
    return len(key.encode()) <= MAX_KEY_BYTES


def newest(sightings: Iterable[Observed]) -> dict[UUID, Observed]:
    """The latest state of each run; of equal ones the last told."""
    newest: dict[UUID, Observed] = {}
    for each in sightings:
        known = newest.get(each.id)
        if known is None or known.state.timestamp <= each.state.timestamp:
            newest[each.id] = each
    return newest


def _state(event: Event, state: _State, flow_run_id: UUID | None, task_run_id: UUID) -> State:
    details = full_details(
        state.state_details or {}, flow_run_id=flow_run_id, task_run_id=task_run_id
    )
    return State(
        id=event.id,
        type=state.type,
        name=state.name or state.type.usual_name,
        timestamp=event.occurred,
        message=state.message,
        details=details,
        data=state.data,
    )


def _flow_run_id(related: list[dict[str, str]]) -> UUID | None:
    for resource in related:
        if resource.get(RESOURCE_ROLE) == "flow-run":
            return _id(resource.get(RESOURCE_ID, ""), _RUN_PREFIX)
    return None


def _id(text: str, prefix: str) -> UUID | None:
    if not text.startswith(prefix):
        return None
    try:
        return UUID(text.removeprefix(prefix))
    except ValueError:
        return None
