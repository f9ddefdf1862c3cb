"""How many runs of which states were expected when, and how late they were."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Avg,
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Extract, Floor, Greatest


@dataclass(frozen=True, slots=True)
class StateCount:
    """The runs of one state within one step of a history; times in seconds."""

    step: int
    state_type: str | None
    state_name: str | None
    runs: int
    run_time: float
    lateness: float


def by_step(
    rows: "QuerySet[Any]", *, start: datetime, end: datetime, step_seconds: float, now: datetime
) -> list[StateCount]:
    """Runs (of flows or tasks) by when they were expected, `end` exclusive. One query."""
    elapsed = _seconds(F("expected_start_time") - Value(start))
    step = Cast(Floor(elapsed / Value(step_seconds)), IntegerField())
    counted = (
        rows.filter(expected_start_time__gte=start, expected_start_time__lt=end)
        .order_by()
        .annotate(step=step)
        .values("step", "state_type", "state_name")
        .annotate(runs=Count("id"), run_time=Sum(_run_time(now)), late=Sum(_lateness(now)))
        .order_by("state_type", "state_name")
        .values_list("step", "state_type", "state_name", "runs", "run_time", "late")
    )
    return [StateCount(*row) for row in counted]


def average_lateness(rows: "QuerySet[Any]", *, now: datetime) -> float | None:
    """Seconds; None where there are no runs. One query."""
    average: float | None = rows.aggregate(average=Avg(_lateness(now)))["average"]
    return average


def _run_time(now: datetime) -> Any:
    """As `documents.estimated_run_time`, in SQL."""
    running = _seconds(Value(now) - F("state_timestamp"))
    return Case(
        When(
            state_type="RUNNING",
            then=F("total_run_time_seconds") + Greatest(Value(0.0), running),
        ),
        default=F("total_run_time_seconds"),
        output_field=FloatField(),
    )


def _lateness(now: datetime) -> Any:
    """As `documents.lateness`, in SQL."""
    started = Coalesce("start_time", Value(now))
    return Case(
        When(start_time__isnull=True, end_time__isnull=False, then=Value(0.0)),
        # Without a time that it was expected at, what is greatest is the 0.
        default=Greatest(Value(0.0), _seconds(started - F("expected_start_time"))),
        output_field=FloatField(),
    )


def _seconds(difference: Any) -> Any:
    duration = ExpressionWrapper(difference, output_field=DurationField())
    return Extract(duration, "epoch", output_field=FloatField())
