"""Automations and firings as the workbench's pages show them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT

from events_app.domain.event import from_ms
from events_app.domain.position import Position
from project.lib.paging import NameKey, TimeKey
from triggers_app.models import ActionRun, Automation, Firing


@dataclass(frozen=True, slots=True)
class AutomationRow:
    """A line of the list of automations."""

    id: UUID
    name: str
    enabled: bool
    quarantine_reason: str | None
    document: dict[str, Any]
    related_resources: list[str]
    updated: datetime
    last_fired: datetime | None


@dataclass(frozen=True, slots=True)
class FiringRow:
    """A line of a list of firings. `event` is None when it fired because of an absence."""

    id: UUID
    automation_id: UUID
    automation_name: str
    fired: datetime
    event: str | None
    event_id: str | None
    actions: list[ActionRun] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Counts:
    total: int
    set_aside: int


def automations(*, limit: int, after: NameKey | None = None) -> Sequence[AutomationRow]:
    """Automations by name, with the time of their last firing. One query."""
    rows = Automation.objects.filter(deleted=None)
    if after is not None:
        rows = rows.filter(Q(name__gt=after.name) | Q(name=after.name, id__gt=after.id))
    return _automation_rows(rows.order_by("name", "id"), limit=limit)


def automations_related_to(resource_id: str, *, limit: int) -> Sequence[AutomationRow]:
    """Those whose actions name a resource, by name. One query."""
    rows = Automation.objects.filter(deleted=None, related_resources__contains=[resource_id])
    return _automation_rows(rows.order_by("name", "id"), limit=limit)


def count_automations() -> Counts:
    """How many there are, and how many are in quarantine. One query."""
    found = Automation.objects.filter(deleted=None).aggregate(
        total=Count("id"), set_aside=Count("id", filter=~Q(quarantine_reason=None))
    )
    return Counts(**found)


def automation(automation_id: UUID) -> Automation | None:
    return Automation.objects.filter(pk=automation_id, deleted=None).first()


def newest_firings(
    *, limit: int, before: TimeKey | None = None, automation_id: UUID | None = None
) -> Sequence[FiringRow]:
    """The newest firings with their actions. Two queries, one when there are none."""
    rows = Firing.objects.order_by("-fired", "-id")
    if automation_id is not None:
        rows = rows.filter(automation_id=automation_id)
    if before is not None:
        rows = rows.filter(fired__lte=before.moment).exclude(fired=before.moment, id__gte=before.id)
    return _firing_rows(rows, limit=limit)


def firings_decided_by(position: Position, *, limit: int) -> Sequence[FiringRow]:
    """The firings of one event. Two queries, one when there are none."""
    # `fired` is the log time of what decided it; the index is on it.
    rows = Firing.objects.filter(
        fired=from_ms(position.ms), log_ms=position.ms, log_seq=position.seq,
        frame_index=position[2],
    )  # fmt: skip
    return _firing_rows(rows.order_by("id"), limit=limit)


def firing_of_run(flow_run_id: UUID) -> Firing | None:
    """The firing whose action made a flow run, with its automation. One query."""
    rows = Firing.objects.select_related("automation").defer("verdict")
    return rows.filter(action_runs__flow_run_id=flow_run_id).order_by("id").first()


def firing(firing_id: UUID) -> Firing | None:
    """With its automation. One query."""
    return Firing.objects.select_related("automation").filter(pk=firing_id).first()


def action_runs_of(firing_ids: Collection[UUID]) -> dict[UUID, list[ActionRun]]:
    """The action runs by firing, in the order of the actions. One query."""
    found: dict[UUID, list[ActionRun]] = {pk: [] for pk in firing_ids}
    for run in ActionRun.objects.filter(firing_id__in=firing_ids).order_by("firing_id", "index"):
        found[run.firing_id].append(run)
    return found


def _automation_rows(rows: "QuerySet[Automation]", *, limit: int) -> Sequence[AutomationRow]:
    newest = Firing.objects.filter(automation=OuterRef("pk")).order_by("-fired", "-id")
    found = rows.annotate(last_fired=Subquery(newest.values("fired")[:1])).values_list(
        "id",
        "name",
        "enabled",
        "quarantine_reason",
        "document",
        "related_resources",
        "updated",
        "last_fired",
    )[:limit]
    return [AutomationRow(*row) for row in found]


def _firing_rows(rows: "QuerySet[Firing]", *, limit: int) -> Sequence[FiringRow]:
    found = rows.annotate(
        event_name=KT("triggering_event__event"), event_id=KT("triggering_event__id")
    ).values_list("id", "automation_id", "automation__name", "fired", "event_name", "event_id")
    firings = [FiringRow(*row) for row in found[:limit]]
    actions = action_runs_of([row.id for row in firings]) if firings else {}
    for row in firings:
        row.actions.extend(actions[row.id])
    return firings
