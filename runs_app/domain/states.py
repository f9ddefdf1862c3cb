"""States of a flow run: their types, their names, what a state consists of. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class StateType(StrEnum):
    SCHEDULED = "SCHEDULED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    CRASHED = "CRASHED"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"

    @property
    def usual_name(self) -> str:
        return self.value.capitalize()


TERMINAL = frozenset(
    {StateType.COMPLETED, StateType.FAILED, StateType.CANCELLED, StateType.CRASHED}
)

# Every key of `state_details` that Prefect's server sends, with its value when nobody set it.
DETAIL_DEFAULTS: dict[str, Any] = {
    "flow_run_id": None,
    "task_run_id": None,
    "child_flow_run_id": None,
    "scheduled_time": None,
    "cache_key": None,
    "cache_expiration": None,
    "deferred": False,
    "untrackable_result": False,
    "pause_timeout": None,
    "pause_reschedule": False,
    "pause_key": None,
    "run_input_keyset": None,
    "refresh_cache": None,
    "retriable": None,
    "transition_id": None,
    "task_parameters_id": None,
    "traceparent": None,
    "deployment_concurrency_lease_id": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state as it stands in a run's history. `details` holds JSON values only."""

    id: UUID
    type: StateType
    name: str
    timestamp: datetime
    message: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    data: Any = None

    @property
    def is_terminal(self) -> bool:
        return self.type in TERMINAL

    @property
    def has_persisted_result(self) -> bool:
        """Completed, with a result that somebody can read again."""
        if self.type != StateType.COMPLETED or not isinstance(self.data, dict):
            return False
        return bool(self.data) and self.data.get("type") != "unpersisted"

    @property
    def scheduled_time(self) -> datetime | None:
        return _moment(self.details.get("scheduled_time"))

    @property
    def pause_timeout(self) -> datetime | None:
        return _moment(self.details.get("pause_timeout"))

    @property
    def transition_id(self) -> str | None:
        value = self.details.get("transition_id")
        return None if value is None else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A state that somebody wants a run to enter; the server gives it id and time."""

    type: StateType
    name: str | None = None
    message: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    data: Any = None

    @property
    def state_name(self) -> str:
        return self.name or self.type.usual_name

    @property
    def transition_id(self) -> str | None:
        value = self.details.get("transition_id")
        return None if value is None else str(value)


def full_details(
    details: dict[str, Any], *, flow_run_id: UUID | None, task_run_id: UUID | None = None
) -> dict[str, Any]:
    """`state_details` with all of Prefect's keys.

    A flow run that is a subflow names the task run that stands for it in its parent.
    """
    full = DETAIL_DEFAULTS | details
    full["flow_run_id"] = None if flow_run_id is None else str(flow_run_id)
    return full if task_run_id is None else full | {"task_run_id": str(task_run_id)}


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else None
