"""What became of an action, as a value."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Delivered:
    """It is done; `flow_run_id` names the run that it made."""

    flow_run_id: UUID | None = None
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected:
    """It cannot be done; the reason is a sentence for people."""

    reason: str
    result: dict[str, Any] = field(default_factory=dict)


Settlement = Delivered | Rejected
