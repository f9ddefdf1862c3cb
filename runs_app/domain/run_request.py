"""A wish for a flow run, and what became of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from project.lib.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFlowRun:
    """What a trigger or a client asks for.

    `parameters` overlay the deployment's. `scheduled_time` None means now. `state` is a state
    document of the API (type, name, message, state_details, data); None means Scheduled.
    `causes` are the firings that led here, oldest first. Values that an action has `rendered`
    are converted to the deployment's schema (`parameters.fit`); others must fit as they are.
    A run without deployment needs `flow_id`. The run's `created` is not before `not_before`.
    """

    deployment_id: UUID | None
    flow_id: UUID | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    name: str | None = None
    idempotency_key: str | None = None
    scheduled_time: datetime | None = None
    job_variables: dict[str, Any] | None = None
    tags: Sequence[str] = ()
    labels: dict[str, Any] | None = None
    context: dict[str, Any] | None = None
    created_by: dict[str, Any] | None = None
    causes: Sequence[dict[str, Any]] = ()
    state: dict[str, Any] | None = None
    parent_task_run_id: UUID | None = None
    work_queue_name: str | None = None
    flow_version: str | None = None
    empirical_policy: dict[str, Any] | None = None
    enforce_parameter_schema: bool | None = None
    rendered: bool = False
    not_before: datetime | None = None
    auto_scheduled: bool = False


@dataclass(frozen=True, slots=True)
class Created:
    """The run exists; `existed` when an earlier request with the same key had made it."""

    flow_run_id: UUID
    existed: bool
    name: str | None = None  # None when it existed


RefusalKind = Literal["missing", "parameters", "unstorable", "variables"]


@dataclass(frozen=True, slots=True)
class Refused:
    """No run was made. `reason` is one sentence, in Prefect's words where it has some."""

    reason: str
    kind: RefusalKind
    problems: Sequence[Problem] = ()
