"""Making the runs of schedules ahead of their time, and telling of runs that are late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from events_app.domain.event import rfc3339
from project.lib import wake
from project.lib.problems import Invalid
from runs_app.domain import schedules as domain
from runs_app.domain.run_request import NewFlowRun, Refused
from runs_app.models import DeploymentSchedule
from runs_app.services import creating
from runs_app.services.schedules import SCHEDULE_RUNS
from runs_app.storage import schedules as storage
from runs_app.storage.schedules import Looked

_AT_ONCE = 250  # schedules
_RUNS_AT_ONCE = 1500  # or so: a schedule's runs are made together
_AGAIN = timedelta(hours=1)  # after a refusal, unless the schedule or deployment is changed
_KINDS = {"interval": "IntervalSchedule", "cron": "CronSchedule", "rrule": "RRuleSchedule"}


@dataclass(frozen=True, slots=True)
class Pass:
    """How many schedules were looked at, and how many runs there are more."""

    schedules: int
    runs: int


def wake_scheduler(*, now: datetime) -> bool:
    """Wake whoever makes the runs, if a schedule is due. One query."""
    return storage.any_due(now) and wake.wake(SCHEDULE_RUNS, queue="actions", expires_seconds=5)


def make_ahead(*, now: datetime) -> Pass:
    """Make the runs of some of the schedules that are due; none looked at means none is due.

    Schedules that another pass holds are left to it, and no time has two runs: its key is made
    of deployment, schedule and time. Eight queries, whatever the number of schedules.
    """
    with transaction.atomic():
        plans = _plans(storage.lock_due(now, limit=_AT_ONCE), now)
        requests = [request for plan in plans for request in plan.requests]
        outcomes = iter(creating.create_flow_runs(requests, now=now) if requests else [])
        looked, made = [], 0
        for plan in plans:
            results = [next(outcomes) for _ in plan.requests]
            made += sum(not isinstance(r, Refused) and not r.existed for r in results)
            looked.append(_looked(plan, results, now))
        if looked:
            storage.save_checked(looked)
    return Pass(len(looked), made)


@dataclass(frozen=True, slots=True)
class _Plan:
    row: DeploymentSchedule
    ahead: Sequence[datetime]
    requests: Sequence[NewFlowRun]
    problem: str | None = None


def _plans(rows: Sequence[DeploymentSchedule], now: datetime) -> list[_Plan]:
    plans: list[_Plan] = []
    count = 0
    for row in rows:
        plan = _plan(row, now)
        plans.append(plan)
        count += len(plan.requests)
        if count >= _RUNS_AT_ONCE:
            break
    return plans


def _plan(row: DeploymentSchedule, now: datetime) -> _Plan:
    try:
        schedule = domain.read(row.schedule)
        ahead = domain.upcoming(schedule, now=now, most=row.max_scheduled_runs)
    except Invalid as error:
        return _Plan(row, (), (), str(error))
    until = row.scheduled_until
    new = [moment for moment in ahead if until is None or moment > until]
    return _Plan(row, ahead, [_request(row, moment) for moment in new])


def _request(row: DeploymentSchedule, moment: datetime) -> NewFlowRun:
    kind = next((kind for kind in _KINDS if kind in row.schedule), "interval")
    state: dict[str, Any] = {
        "type": "SCHEDULED",
        "message": "Flow run scheduled",
        "state_details": {"scheduled_time": rfc3339(moment)},
    }
    return NewFlowRun(
        deployment_id=row.deployment_id,
        parameters=row.parameters,
        tags=["auto-scheduled"],
        idempotency_key=f"scheduled {row.deployment_id} {row.pk} {rfc3339(moment)}",
        state=state,
        created_by={
            "id": str(row.pk),
            "type": "SCHEDULE",
            "display_value": row.slug or _KINDS[kind],
        },
        auto_scheduled=True,
    )


def _looked(plan: _Plan, results: Sequence[Any], now: datetime) -> Looked:
    row, until = plan.row, plan.row.scheduled_until
    refused = next((each.reason for each in results if isinstance(each, Refused)), plan.problem)
    if refused is not None:
        return Looked(row.pk, until, now + _AGAIN, refused)
    if not plan.ahead and domain.is_over(domain.read(row.schedule), now=now):
        return Looked(row.pk, until, None, None)
    return Looked(row.pk, plan.ahead[-1] if plan.ahead else until, _due(plan, now), None)


def _due(plan: _Plan, now: datetime) -> datetime:
    return domain.next_look(plan.ahead, now=now, most=plan.row.max_scheduled_runs)
