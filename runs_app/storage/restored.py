"""Runs that a restore holds, or is to hold."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from runs_app.domain.states import StateType
from runs_app.models import FlowRun

# What is handed out but has not begun is not handed out again.
_UNSTARTED = (StateType.SCHEDULED, StateType.PENDING)


def unstarted(now: datetime) -> list[UUID]:
    """Runs that have not begun, oldest first, but for those of schedules that are yet to come:
    they cannot have run since. One query."""
    runs = FlowRun.objects.filter(state_type__in=_UNSTARTED)
    runs = runs.exclude(
        auto_scheduled=True, state_type=StateType.SCHEDULED, next_scheduled_start_time__gt=now
    )
    return list(runs.order_by("id").values_list("pk", flat=True))


def named(state_name: str) -> list[UUID]:
    """Paused runs whose state has this name, oldest first. One query."""
    return list(_paused(state_name).order_by("id").values_list("pk", flat=True))


def count_named(state_name: str) -> int:
    return _paused(state_name).count()


def _paused(state_name: str) -> "QuerySet[FlowRun]":
    return FlowRun.objects.filter(state_type=StateType.PAUSED, state_name=state_name)
