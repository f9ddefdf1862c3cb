"""What may become of a state that is proposed for a run. Pure."""

from dataclasses import dataclass

from runs_app.domain.states import Proposal


@dataclass(frozen=True, slots=True)
class Accept:
    """Write `proposal`, which may carry details that the rules added."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Reject:
    """Write `instead`, or nothing when it is None, and tell the caller which state holds."""

    reason: str
    instead: Proposal | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    delay_seconds: int
    reason: str


@dataclass(frozen=True, slots=True)
class Abort:
    reason: str


Decision = Accept | Reject | Wait | Abort
