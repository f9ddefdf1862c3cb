"""What became of an action, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Delivered:
    """It is done; `flow_run_id` names the run that it made."""

    flow_run_id: UUID | None = None
    result: dict[str, Any] = field(default_factory=dict)
    flow_run_name: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """It cannot be done; the reason is a sentence for people."""

    reason: str
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Send:
    """It is an effect outside, ready to be sent once this transaction is committed.

    `host` is where it goes to: of each only a few are under way at once.
    """

    request: Mapping[str, Any]
    host: str
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TryAgain:
    """It did not come through; it may the next time, `after` so long."""

    after: timedelta
    reason: str
    result: dict[str, Any] = field(default_factory=dict)


Settlement = Delivered | Rejected | Send


def not_inferred(what: str) -> Rejected:
    return Rejected(
        f"No {what} could be inferred from the event. Select one in the action, or let the "
        f"trigger expect events that involve a {what}."
    )
