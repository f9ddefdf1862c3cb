"""Automations and firings as the workbench's pages show them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import (
    Case,
    Count,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, TruncDay

from events_app.domain.event import from_ms
from events_app.domain.position import Position
from project.lib.paging import NameKey, TimeKey
from triggers_app.automation.document import is_shadow
from triggers_app.models import ActionRun, Automation, AutomationVersion, Bucket, Firing
from triggers_app.storage.health import Unwell, health_of


@dataclass(frozen=True, slots=True)
class AutomationRow:
    """A line of the list of automations."""

    id: UUID
    name: str
    enabled: bool
    quarantine_reason: str | None
    kind: str | None
    document: dict[str, Any]
    related_resources: list[str]
    guarded: bool
    updated: datetime
    last_fired: datetime  # NEVER when it has not

    @property
    def shadow(self) -> bool:
        return is_shadow(self.document)


@dataclass(frozen=True, slots=True)
class FiringRow:
    """A line of a list of firings. `event` is None when it fired because of an absence."""

    id: UUID
    automation_id: UUID
    automation_name: str
    fired: datetime
    event: str | None
    event_id: str | None
    shadow: bool
    by_hand: str | None
    actions: list[ActionRun] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a list of automations is narrowed to; empty narrows nothing."""

    text: str = ""
    status: str = ""  # on, shadow, off, aside
    kind: str = ""  # event, absence, compound, sequence, metric
    health: str = ""  # ok, failing, noisy, silent; wants `unwell`


@dataclass(frozen=True, slots=True)
class Trouble:
    """An automation that needs a person, and why."""

    id: UUID
    name: str
    reason: str
    times: int
    newest: UUID | None = None  # the newest firing whose action was refused


@dataclass(frozen=True, slots=True)
class FiringNews:
    """`by_hour` counts those that acted, `in_shadow` all others."""

    by_hour: dict[datetime, int]
    in_shadow: int
    open_windows: int
    set_aside: list[Trouble]
    refused: list[Trouble]
    any_automation: bool
    any_firing: bool


NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_KIND = Case(
    When(document__trigger__type="event", document__trigger__posture="Proactive",
         then=Value("absence")),
    default=KT("document__trigger__type"), output_field=TextField(),
)  # fmt: skip
_STATUS = Case(
    When(quarantine_reason__isnull=False, then=Value("aside")),
    When(enabled=True, document__flint__shadow=True, then=Value("shadow")),
    When(enabled=True, then=Value("on")),
    default=Value("off"),
    output_field=TextField(),
)


def automations(
    narrowing: Narrowing,
    *,
    limit: int,
    sort: str = "name",
    after: NameKey | TimeKey | None = None,
    unwell: Unwell | None = None,
) -> Sequence[AutomationRow]:
    """Automations by name, or those updated or fired last first. One query."""
    rows = _with_last_fired(_narrowed(narrowing, unwell))
    if isinstance(after, NameKey):
        rows = rows.filter(Q(name__gt=after.name) | Q(name=after.name, id__gt=after.id))
    elif after is not None:
        earlier = Q(**{f"{sort}__lt": after.moment})
        rows = rows.filter(earlier | Q(**{sort: after.moment, "id__lt": after.id}))
    order = ("name", "id") if sort == "name" else (f"-{sort}", "-id")
    return _automation_rows(rows.order_by(*order), limit=limit)


def count_automations(unwell: Unwell, text: str = "") -> dict[tuple[str, str, str], int]:
    """How many there are by status, kind and health. One query."""
    rows = _narrowed(Narrowing(text=text), unwell).order_by()
    counted = rows.values_list("status", "kind", "health").annotate(total=Count("id"))
    return {(status, kind or "", health): n for status, kind, health, n in counted}


def matching_ids(narrowing: Narrowing, unwell: Unwell, *, limit: int) -> list[UUID]:
    """Those in the list, by name. One query."""
    rows = _narrowed(narrowing, unwell).order_by("name", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def _narrowed(narrowing: Narrowing, unwell: Unwell | None = None) -> "QuerySet[Any]":
    rows = Automation.objects.filter(deleted=None).annotate(kind=_KIND, status=_STATUS)
    for word in narrowing.text.split():
        # Documents hold event names, labels and tags; there are hundreds of them, not millions.
        rows = rows.annotate(told=Cast("document", TextField())).filter(
            Q(name__icontains=word) | Q(description__icontains=word) | Q(told__icontains=word)
        )
    if narrowing.status:
        rows = rows.filter(status=narrowing.status)
    if narrowing.kind:
        rows = rows.filter(kind=narrowing.kind)
    if unwell is not None:
        rows = rows.annotate(health=health_of(unwell))
        if narrowing.health:
            rows = rows.filter(health=narrowing.health)
    return rows


def automation_ids(text: str, *, limit: int) -> list[UUID]:
    """Automations whose name holds a text; deleted ones too, as their firings stay. One query."""
    rows = Automation.objects.filter(name__icontains=text).order_by("name", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def firings_by_day(
    automation_ids: Collection[UUID], *, since: datetime
) -> dict[UUID, dict[date, int]]:
    """How often each fired on each day (UTC). One query."""
    rows = Firing.objects.filter(automation_id__in=list(automation_ids), fired__gte=since)
    days = rows.order_by().values_list("automation_id", TruncDay("fired", tzinfo=UTC))
    found: dict[UUID, dict[date, int]] = {}
    for automation_id, day, total in days.annotate(total=Count("id")):
        found.setdefault(automation_id, {})[day.date()] = total
    return found


def open_buckets(automation_id: UUID, *, limit: int) -> list[Bucket]:
    """Its windows, those that close first. One query."""
    rows = Bucket.objects.filter(automation_id=automation_id)
    return list(rows.order_by("closes_us", "trigger_id", "key")[:limit])


def versions(automation_id: UUID, *, limit: int) -> list[AutomationVersion]:
    """Its versions, the newest first. One query."""
    rows = AutomationVersion.objects.filter(automation_id=automation_id)
    return list(rows.order_by("-version")[:limit])


def refused_lately(automation_id: UUID, *, limit: int) -> list[ActionRun]:
    """Refused actions of its newest 200 firings, the newest first. One query."""
    newest = Firing.objects.filter(automation_id=automation_id).order_by("-fired", "-id")
    rows = ActionRun.objects.filter(firing_id__in=newest.values("id")[:200], state="rejected")
    return list(rows.order_by("-id")[:limit])


# One statement for what would be six; `refused` looks at the newest actions only, as no index
# leads to refused ones.
_NEWS = """
    WITH refused AS (
        SELECT automation_id, count(*) AS times,
               (array_agg(firing_id ORDER BY id DESC))[1] AS newest,
               (array_agg(reason ORDER BY id DESC))[1] AS reason
        FROM (SELECT * FROM action_run ORDER BY id DESC LIMIT 2000) AS newest
        WHERE state = 'rejected' AND created >= %(since)s GROUP BY 1)
    SELECT coalesce((SELECT jsonb_agg(t) FROM (
               SELECT extract(epoch FROM date_bin('1 hour', fired, '2024-04-01Z'))::bigint AS hour,
                      count(*) FILTER (WHERE NOT shadow) AS n,
                      count(*) FILTER (WHERE shadow) AS shadows
               FROM firing WHERE fired >= %(since)s GROUP BY 1) t), '[]'),
           (SELECT count(*) FROM bucket),
           coalesce((SELECT jsonb_agg(t) FROM (
               SELECT id, name, quarantine_reason AS reason FROM automation
               WHERE quarantine_reason IS NOT NULL AND deleted IS NULL
               ORDER BY quarantined DESC LIMIT 10) t), '[]'),
           coalesce((SELECT jsonb_agg(t) FROM (
               SELECT a.id, a.name, r.reason, r.times, r.newest FROM refused r
               JOIN automation a ON a.id = r.automation_id
               ORDER BY r.times DESC, a.id LIMIT 10) t), '[]'),
           EXISTS (SELECT FROM automation WHERE deleted IS NULL),
           EXISTS (SELECT FROM firing)
"""


def news(*, since: datetime) -> FiringNews:
    """What fired since then, and which automations need a person. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, {"since": since})
        hours, windows, aside, refused, any_automation, any_firing = cursor.fetchone()
    fired = _json(hours)
    return FiringNews(
        by_hour={datetime.fromtimestamp(t["hour"], UTC): t["n"] for t in fired},
        in_shadow=sum(t["shadows"] for t in fired),
        open_windows=windows,
        set_aside=[Trouble(UUID(t["id"]), t["name"], t["reason"], 1) for t in _json(aside)],
        refused=[
            Trouble(UUID(t["id"]), t["name"], t["reason"] or "", t["times"], UUID(t["newest"]))
            for t in _json(refused)
        ],
        any_automation=any_automation,
        any_firing=any_firing,
    )


def _json(value: Any) -> Any:
    """jsonb, which Django's connections give as text."""
    return json.loads(value) if isinstance(value, str) else value


def automations_related_to(resource_id: str, *, limit: int) -> Sequence[AutomationRow]:
    """Those whose actions name a resource, by name. One query."""
    rows = Automation.objects.filter(deleted=None, related_resources__contains=[resource_id])
    rows = rows.annotate(kind=_KIND)
    return _automation_rows(_with_last_fired(rows).order_by("name", "id"), limit=limit)


def document_of_version(automation_id: UUID, version: int) -> dict[str, Any] | None:
    """The document of a version. One query."""
    rows = AutomationVersion.objects.filter(automation_id=automation_id, version=version)
    return rows.values_list("document", flat=True).first()


def automation(automation_id: UUID) -> Automation | None:
    return Automation.objects.filter(pk=automation_id, deleted=None).first()


def newest_firings(
    *,
    limit: int,
    before: TimeKey | None = None,
    automation_ids: Collection[UUID] | None = None,
) -> Sequence[FiringRow]:
    """The newest firings with their actions. Two queries, one when there are none.

    The candidates of each automation come out of its index in order.
    """
    rows = Firing.objects.order_by("-fired", "-id")
    if before is not None:
        rows = rows.filter(fired__lte=before.moment).exclude(fired=before.moment, id__gte=before.id)
    if automation_ids is not None:
        parts = [rows.filter(automation_id=pk).values("id")[:limit] for pk in automation_ids]
        if not parts:
            return []
        ids = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
        rows = Firing.objects.order_by("-fired", "-id").filter(id__in=ids)
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
    # Bounded, and so read first: in the order of ids PostgreSQL might walk through all firings.
    own = ActionRun.objects.filter(flow_run_id=flow_run_id).values("firing_id")[:50]
    return rows.filter(pk__in=own).order_by("id").first()


def firing(firing_id: UUID) -> Firing | None:
    """With its automation. One query."""
    return Firing.objects.select_related("automation").filter(pk=firing_id).first()


def action_runs_of(firing_ids: Collection[UUID]) -> dict[UUID, list[ActionRun]]:
    """The action runs by firing, in the order of the actions. One query."""
    found: dict[UUID, list[ActionRun]] = {pk: [] for pk in firing_ids}
    for run in ActionRun.objects.filter(firing_id__in=firing_ids).order_by("firing_id", "index"):
        found[run.firing_id].append(run)
    return found


def _with_last_fired(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    newest = Firing.objects.filter(automation=OuterRef("pk")).order_by("-fired", "-id")
    found: QuerySet[Any] = rows.annotate(
        last_fired=Coalesce(Subquery(newest.values("fired")[:1]), NEVER)
    )
    return found


def _automation_rows(rows: "QuerySet[Any]", *, limit: int) -> Sequence[AutomationRow]:
    found = rows.values_list(
        "id",
        "name",
        "enabled",
        "quarantine_reason",
        "kind",
        "document",
        "related_resources",
        "guarded",
        "updated",
        "last_fired",
    )[:limit]
    return [AutomationRow(*row) for row in found]


def _firing_rows(rows: "QuerySet[Firing]", *, limit: int) -> Sequence[FiringRow]:
    found = rows.annotate(
        event_name=KT("triggering_event__event"), event_id=KT("triggering_event__id")
    ).values_list(
        "id", "automation_id", "automation__name", "fired", "event_name", "event_id", "shadow",
        "by_hand",
    )  # fmt: skip
    firings = [FiringRow(*row) for row in found[:limit]]
    actions = action_runs_of([row.id for row in firings]) if firings else {}
    for row in firings:
        row.actions.extend(actions[row.id])
    return firings


def automation_names(ids: Collection[UUID]) -> dict[UUID, str]:
    """Of those that exist. One query, none for no ids."""
    rows = Automation.objects.filter(pk__in=ids, deleted=None).values_list("id", "name")
    return dict(rows) if ids else {}
