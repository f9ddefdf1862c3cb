"""Schedules of deployments: made, changed, removed, shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from project.lib import wake
from project.lib.json_documents import Document
from project.lib.problems import Invalid, Loc, Problem
from runs_app.domain import parameters, schedules
from runs_app.models import Deployment, DeploymentSchedule
from runs_app.reads.documents import schedule_document, schedule_documents
from runs_app.services.announcing import announce, of_deployment, update_event
from runs_app.storage import schedules as storage

_OWN = ("active", "max_scheduled_runs", "parameters", "slug", "replaces")
_UPCOMING_TIMES = 3
MOST_OF_A_DEPLOYMENT = 100
SCHEDULE_RUNS = "runs.schedule"


class TakenSlug(Exception):
    """Another schedule of the deployment has this slug."""

    def __init__(self) -> None:
        super().__init__("Two schedules of a deployment cannot have one slug.")


class UnfitSchedule(Exception):
    """Parameters of a schedule that contradict the deployment's; the text is Prefect's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredSchedules:
    """A schedule as somebody asks for it. `replaces` is the slug of the one that it renames."""

    schedule: Mapping[str, Any] | None = None
    active: bool | None = None
    max_scheduled_runs: int | None = None
    parameters: Mapping[str, Any] | None = None
    slug: str | None = None
    replaces: str | None = None


def written(entry: Mapping[str, Any]) -> DesiredSchedules:
    """A schedule of a prefect.yaml, where its timing stands beside the rest."""
    timing = {name: entry[name] for name in schedules.TIMING if entry.get(name) is not None}
    if isinstance(anchor := timing.get("anchor_date"), datetime):
        timing["anchor_date"] = anchor.isoformat()
    own = {name: entry[name] for name in _OWN if entry.get(name) is not None}
    return DesiredSchedules(schedule=timing, **own)


def of_id(deployment_id: UUID) -> list[Document]:
    """The newest first. Two queries. Raises Deployment.DoesNotExist."""
    deployment = Deployment.objects.prefetch_related("schedules").get(pk=deployment_id)
    return schedule_documents(deployment)


@dataclass(frozen=True, slots=True)
class UpcomingRuns:
    """A schedule in words, and when it occurs next: nothing while it or its deployment rests.

    `kind` (interval, cron, rrule) and `value` are what a form changes.
    """

    id: UUID
    timing: str
    kind: str
    value: str
    zone: str | None
    active: bool
    problem: str | None
    next: Sequence[datetime]


def upcoming_of(deployment_id: UUID, *, now: datetime) -> list[UpcomingRuns]:
    """For people. Two queries. Raises Deployment.DoesNotExist."""
    deployment = Deployment.objects.prefetch_related("schedules").get(pk=deployment_id)
    newest = sorted(deployment.schedules.all(), key=lambda row: row.created, reverse=True)
    return [_upcoming(row, rests=deployment.paused or not row.active, now=now) for row in newest]


def _upcoming(row: DeploymentSchedule, *, rests: bool, now: datetime) -> UpcomingRuns:
    times: Sequence[datetime] = ()
    if not rests:
        times = schedules.upcoming(schedules.read(row.schedule), now=now)[:_UPCOMING_TIMES]
    kind, value = schedules.parts(row.schedule)
    return UpcomingRuns(
        id=row.pk,
        timing=schedules.words(row.schedule),
        kind=kind,
        value=value,
        zone=row.schedule.get("timezone"),
        active=row.active,
        problem=row.problem,
        next=times,
    )


def create(
    deployment_id: UUID, desired: Sequence[DesiredSchedules], *, now: datetime
) -> list[Document]:
    """Add schedules; the new ones only.

    Raises Deployment.DoesNotExist, Invalid, TakenSlug, UnfitSchedule.
    """
    with transaction.atomic():
        deployment = _locked(deployment_id)
        before = said(deployment)
        made = add(deployment, desired, now=now)
        _announce(deployment, before, now=now)
    return [schedule_document(each) for each in made]


def change(
    deployment_id: UUID, schedule_id: UUID, fields: Mapping[str, Any], *, now: datetime
) -> bool:
    """Change the given fields of one; False when the deployment has no such schedule.

    Raises as `create`.
    """
    with transaction.atomic():
        deployment = _locked(deployment_id)
        row = deployment.schedules.filter(pk=schedule_id).first()
        if row is None:
            return False
        before = said(deployment)
        _apply(deployment, row, fields, now=now)
        _announce(deployment, before, now=now)
    return True


def delete(deployment_id: UUID, schedule_id: UUID, *, now: datetime) -> bool:
    """Delete one, with the runs that it has made ahead. Raises Deployment.DoesNotExist."""
    with transaction.atomic():
        deployment = _locked(deployment_id)
        before = said(deployment)
        deleted, _ = deployment.schedules.filter(pk=schedule_id).delete()
        if deleted:
            storage.take_back(deployment_id, schedule_id=schedule_id)
            _announce(deployment, before, now=now)
    return deleted > 0


def add(
    deployment: Deployment, desired: Sequence[DesiredSchedules], *, now: datetime
) -> list[DeploymentSchedule]:
    """The rows, saved; the caller holds the transaction and the deployment's lock."""
    rows = [_row(deployment, index, each, now=now) for index, each in enumerate(desired)]
    known = list(deployment.schedules.values_list("slug", flat=True))
    _check_slugs([*known, *(row.slug for row in rows)])
    if len(known) + len(rows) > MOST_OF_A_DEPLOYMENT:
        message = f"A deployment has at most {MOST_OF_A_DEPLOYMENT} schedules."
        raise Invalid([Problem((), message)])
    DeploymentSchedule.objects.bulk_create(rows)
    if rows:
        wake.wake_after_commit(SCHEDULE_RUNS, queue="actions")
    return rows


def replace(deployment: Deployment, desired: Sequence[DesiredSchedules], *, now: datetime) -> None:
    """Make these the deployment's schedules; one that is the same as before stays.

    The caller holds the transaction and the deployment's lock. Raises as `create`.
    """
    left = list(deployment.schedules.all())
    new = []
    for index, each in enumerate(desired):
        _row(deployment, index, each, now=now)  # so that a problem is told by its place
        twin = next((old for old in left if _is_twin(deployment, old, each, now=now)), None)
        if twin is None:
            new.append(each)
        else:
            left.remove(twin)
    deployment.schedules.filter(pk__in=[row.pk for row in left]).delete()
    for row in left:
        storage.take_back(deployment.pk, schedule_id=row.pk)
    add(deployment, new, now=now)


def _is_twin(
    deployment: Deployment, old: DeploymentSchedule, desired: DesiredSchedules, *, now: datetime
) -> bool:
    given = schedules.keeping_anchor(desired.schedule or {}, old.schedule)
    return _spec(old) == _spec(_row(deployment, 0, replace_field(desired, schedule=given), now=now))


def merge(deployment: Deployment, desired: Sequence[DesiredSchedules], *, now: datetime) -> None:
    """Change those whose slugs are named and add the others, where all have slugs; else `replace`.

    As Prefect's server does on PATCH: who has slugs keeps the schedules that are not named.
    """
    known = {row.slug: row for row in deployment.schedules.all()}
    if not known or None in known:
        replace(deployment, desired, now=now)
        return
    if any(each.slug is None for each in desired):
        message = "Give every schedule its slug: those that the deployment has have slugs."
        raise Invalid([Problem((), message)])
    _check_slugs([each.replaces or each.slug for each in desired])
    new = []
    for each in desired:
        row = known.get(each.replaces) if each.replaces in known else known.get(each.slug)
        if row is None:
            new.append(each)
        else:
            _apply(deployment, row, _given(each), now=now)
    add(deployment, new, now=now)


def refresh(deployment: Deployment, *, now: datetime, all_runs: bool = False) -> None:
    """Something that its runs depend on has changed: those made ahead are made anew.

    With `all_runs` those that are due already go too. Paused deployments get none. One query
    when there are no schedules.
    """
    rows = list(deployment.schedules.all())
    if not rows:
        return
    storage.take_back(deployment.pk, later_than=None if all_runs else now)
    active = [row.pk for row in rows if row.active and not deployment.paused]
    deployment.schedules.update(due=None, scheduled_until=None)
    if active:
        DeploymentSchedule.objects.filter(pk__in=active).update(due=now)
        wake.wake_after_commit(SCHEDULE_RUNS, queue="actions")


def said(deployment: Deployment) -> list[dict[str, Any]]:
    """What an event tells of the deployment's schedules."""
    rows = deployment.schedules.order_by("created", "id")
    return [{"schedule": r.schedule, "active": r.active, "slug": r.slug} for r in rows]


def _locked(deployment_id: UUID) -> Deployment:
    rows = Deployment.objects.select_related("flow").select_for_update(of=("self",))
    return rows.get(pk=deployment_id)


def _row(
    deployment: Deployment, index: int, desired: DesiredSchedules, *, now: datetime
) -> DeploymentSchedule:
    active = desired.active is not False
    return DeploymentSchedule(
        deployment=deployment,
        schedule=_checked(desired.schedule, (index, "schedule"), now=now),
        active=active,
        max_scheduled_runs=desired.max_scheduled_runs,
        parameters=_fitting(deployment, desired.parameters or {}),
        slug=desired.slug or None,
        due=now if active and not deployment.paused else None,
    )


def _apply(
    deployment: Deployment, row: DeploymentSchedule, fields: Mapping[str, Any], *, now: datetime
) -> None:
    before = _spec(row)
    if fields.get("schedule") is not None:
        row.schedule = _checked(fields["schedule"], ("schedule",), now=now)
    if fields.get("active") is not None:
        row.active = fields["active"]
    if "max_scheduled_runs" in fields:
        row.max_scheduled_runs = fields["max_scheduled_runs"]
    if fields.get("parameters") is not None:
        row.parameters = _fitting(deployment, fields["parameters"])
    if "slug" in fields:
        row.slug = fields["slug"] or None
        others = deployment.schedules.exclude(pk=row.pk).values_list("slug", flat=True)
        _check_slugs([*others, row.slug])
    if _spec(row) == before:
        return
    storage.take_back(deployment.pk, schedule_id=row.pk, later_than=now if row.active else None)
    row.scheduled_until, row.problem = None, None
    row.due = now if row.active and not deployment.paused else None
    row.save()
    wake.wake_after_commit(SCHEDULE_RUNS, queue="actions")


def _checked(schedule: Mapping[str, Any] | None, loc: Loc, *, now: datetime) -> dict[str, Any]:
    kept = schedules.with_anchor(schedule or {}, now=now)
    try:
        schedules.parse(kept)
    except Invalid as error:
        raise error.below(loc) from None
    return kept


def _fitting(deployment: Deployment, given: Mapping[str, Any]) -> dict[str, Any]:
    """A schedule is refused that could never make a run."""
    schema = deployment.parameter_openapi_schema
    if given and schema and deployment.enforce_parameter_schema:
        values = {**deployment.parameters, **given}
        problems = parameters.compiled(schema).problems(values)
        if problems := [problem for problem in problems if problem.type != "required"]:
            raise UnfitSchedule(f"Error creating schedule: {parameters.refusal(problems)}")
    return dict(given)


def _check_slugs(slugs: Sequence[str | None]) -> None:
    given = [slug for slug in slugs if slug is not None]
    if len(given) != len(set(given)):
        raise TakenSlug


def _spec(row: DeploymentSchedule) -> tuple[Any, ...]:
    return row.schedule, row.active, row.max_scheduled_runs, row.parameters, row.slug


def _given(desired: DesiredSchedules) -> dict[str, Any]:
    """What it says; what it leaves out stays."""
    fields = {
        "schedule": desired.schedule,
        "active": desired.active,
        "max_scheduled_runs": desired.max_scheduled_runs,
        "parameters": desired.parameters,
        "slug": desired.slug,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _announce(deployment: Deployment, before: list[dict[str, Any]], *, now: datetime) -> None:
    after = said(deployment)
    if after != before:
        change = {"schedules": (before, after)}
        announce([update_event(of_deployment(deployment), change, now=now)])
