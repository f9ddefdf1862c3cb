"""The states of a run as spans of a time line."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from runs_app.models import FlowRunState

KINDS = {
    "SCHEDULED": "waiting",
    "PENDING": "waiting",
    "RUNNING": "running",
    "PAUSED": "paused",
    "CANCELLING": "cancelled",
}


class Span(NamedTuple):
    kind: str
    word: str
    start: float  # seconds after the first state
    length: float  # seconds


def spans_of(
    states: Sequence[FlowRunState], *, now: datetime, finished: bool
) -> tuple[list[Span], float]:
    """How long each state lasted, and all together; the last one of a finished run takes none."""
    if not states:
        return [], 0.0
    first = states[0].timestamp
    ends = [later.timestamp for _, later in pairwise(states)]
    ends.append(states[-1].timestamp if finished else max(now, states[-1].timestamp))
    spans = [
        Span(
            KINDS.get(state.type, "waiting"),
            state.name,
            (state.timestamp - first).total_seconds(),
            max(0.0, (end - state.timestamp).total_seconds()),
        )
        for state, end in zip(states, ends, strict=True)
    ]
    return spans, (ends[-1] - first).total_seconds()
