"""Schedules that are due, and the runs that they have made ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from runs_app.models import DeploymentSchedule, FlowRun, FlowRunState
from runs_app.storage import logs

# Raw SQL: one statement for many rows with values of their own.
_SAVE_CHECKED = """
    UPDATE deployment_schedule AS schedule
    SET scheduled_until = given.until, due = given.due, problem = given.problem
    FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::text[])
         AS given (id, until, due, problem)
    WHERE schedule.id = given.id
"""
_LOOKED_AT = ("schedule", "max_scheduled_runs", "parameters", "slug", "scheduled_until", "due")
_ANY_DUE = "SELECT EXISTS (SELECT FROM deployment_schedule WHERE due <= %s)"


@dataclass(frozen=True, slots=True)
class Looked:
    """What a pass leaves behind for a schedule."""

    schedule_id: UUID
    until: datetime | None
    due: datetime | None
    problem: str | None


def any_due(now: datetime) -> bool:
    """One look into an index that holds only schedules with more to come."""
    with connection.cursor() as cursor:
        cursor.execute(_ANY_DUE, [now])
        return bool(cursor.fetchone()[0])


def lock_due(now: datetime, *, limit: int) -> list[DeploymentSchedule]:
    """The longest due; what somebody else has locked, or whose deployment, is left out.

    Both at once and without waiting: who changes schedules locks the deployment first.
    """
    rows = DeploymentSchedule.objects.filter(due__lte=now).select_related("deployment")
    rows = rows.only(*_LOOKED_AT, "deployment__id")
    due = rows.select_for_update(of=("self", "deployment"), skip_locked=True, no_key=True)
    return list(due.order_by("due", "id")[:limit])


def save_checked(looked: Sequence[Looked]) -> None:
    """One query."""
    columns = ([], [], [], []) if not looked else zip(*map(_row, looked), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_SAVE_CHECKED, [list(column) for column in columns])


def _row(each: Looked) -> tuple[UUID, datetime | None, datetime | None, str | None]:
    return each.schedule_id, each.until, each.due, each.problem


def take_back(
    deployment_id: UUID, *, schedule_id: UUID | None = None, later_than: datetime | None = None
) -> int:
    """Delete runs made ahead that nobody has taken yet; how many. Four queries at most.

    Only those of one schedule, or only those to come later, where that is said.
    """
    runs = FlowRun.objects.filter(
        deployment_id=deployment_id, auto_scheduled=True, state_type="SCHEDULED", run_count=0
    )
    if schedule_id is not None:
        runs = runs.filter(created_by__id=str(schedule_id))
    if later_than is not None:
        runs = runs.filter(next_scheduled_start_time__gt=later_than)
    ids = list(_untaken(runs).values_list("pk", flat=True))
    if ids:
        logs.delete_of(ids)
        FlowRunState.objects.filter(flow_run__in=ids).delete()
        FlowRun.objects.filter(pk__in=ids).delete()
    return len(ids)


def _untaken(runs: "QuerySet[FlowRun]") -> "QuerySet[FlowRun]":
    """Whoever takes a run has it locked."""
    return runs.select_for_update(skip_locked=True).order_by("id")
