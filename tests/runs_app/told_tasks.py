"""Events that a client sends of its tasks, as Prefect 3.9.1 shapes them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from events_app.domain.event import Event
from tests.runs_app.examples import NOW


def told(
    state: str,
    *,
    task_run_id: UUID,
    flow_run_id: UUID | None = None,
    after: float = 0.0,
    kind: str | None = None,
    state_id: UUID | None = None,
    details: dict[str, Any] | None = None,
    client: str | None = "client",
    **fields: Any,
) -> Event:
    """The event of a task run that entered a state `after` seconds past NOW."""
    occurred = NOW + timedelta(seconds=after)
    return Event(
        id=state_id or uuid4(),
        occurred=occurred,
        event=f"prefect.task-run.{state}",
        resource=_resource(task_run_id, client),
        related=_related(flow_run_id),
        payload=msgspec.Raw(
            msgspec.json.encode(
                {
                    "intended": {"from": None, "to": kind or state.upper()},
                    "initial_state": None,
                    "validated_state": {
                        "type": kind or state.upper(),
                        "name": state,
                        "message": "",
                        "state_details": details or {},
                        "data": None,
                    },
                    "task_run": _fields(occurred, fields),
                }
            )
        ),
    )


def _fields(occurred: datetime, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "double-1ea",
        "task_key": "double-1d9326b4",
        "dynamic_key": "1ea6edcc",
        "empirical_policy": {"max_retries": 0, "retries": 1, "retry_delay": 0},
        "tags": ["quick"],
        "labels": {},
        "task_inputs": {"x": []},
        "run_count": 0,
        "flow_run_run_count": 0,
        "expected_start_time": occurred.isoformat(),
        "total_run_time": 0.5,
        **fields,
    }


def _resource(task_run_id: UUID, client: str | None) -> dict[str, str]:
    resource = {
        "prefect.resource.id": f"prefect.task-run.{task_run_id}",
        "prefect.resource.name": "double-1ea",
    }
    return resource if client is None else resource | {"prefect.orchestration": client}


def _related(flow_run_id: UUID | None) -> list[dict[str, str]]:
    if flow_run_id is None:
        return []
    return [
        {
            "prefect.resource.id": f"prefect.flow-run.{flow_run_id}",
            "prefect.resource.role": "flow-run",
        }
    ]
