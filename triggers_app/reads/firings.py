"""Firings and their actions, as pages list and show them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import (
    Count,
    Q,
    QuerySet,
)
from django.db.models.fields.json import KT
from django.db.models.functions import TruncDay

from events_app.domain.position import Position
from project.lib.paging import Page, TimeKey, page_of
from runs_app.reads import deployments, flow_runs
from triggers_app.automation.verdict import Verdict
from triggers_app.models import ActionRun, Automation, AutomationVersion, Firing
from triggers_app.reads import stored_documents
from triggers_app.storage import decided_firings


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
    snoozed: bool
    by_hand: str | None
    replay_of: UUID | None
    actions: list[ActionRun] = field(default_factory=list)


MOST_AUTOMATIONS = 20  # that a search for firings looks into


@dataclass(frozen=True, slots=True)
class ActionLine:
    """An action run and what became of its flow run."""

    index: int
    type: str
    state: str
    attempts: int
    reason: str | None
    result: dict[str, Any]
    flow_run_id: UUID | None
    run: dict[str, Any] | None  # name, state_type, state_name; None when it is gone
    not_before: datetime | None
    held_for: str | None

    @property
    def can_be_retried(self) -> bool:
        return self.state in (ActionRun.State.REJECTED, ActionRun.State.DISCARDED)


@dataclass(frozen=True, slots=True)
class ListedFiring:
    """A firing in a list."""

    id: UUID
    automation_id: UUID
    automation_name: str
    fired: datetime
    event: str | None
    event_id: str | None
    shadow: bool
    snoozed: bool
    by_hand: str | None
    replay_of: UUID | None
    actions: list[ActionLine]


@dataclass(frozen=True, slots=True)
class FiringInFull:
    """`withheld`: in words, the actions that did not follow as it was in shadow or snoozed."""

    firing: Firing
    actions: list[ActionLine]
    withheld: list[str]
    parameters: dict[UUID, dict[str, Any]]  # of its flow runs, as rendered
    verdict: Verdict | None
    window: tuple[datetime, datetime] | None


def newest(
    *,
    size: int,
    after: TimeKey | None = None,
    automation_id: UUID | None = None,
    text: str = "",
) -> Page[ListedFiring]:
    """A page of firings, the newest first. Three queries: firings, actions, flow runs.

    With a text one more: the automations whose name holds it.
    """
    ids: list[UUID] | None = None if automation_id is None else [automation_id]
    if text:
        ids = _automation_ids(text, limit=MOST_AUTOMATIONS)
    rows = firing_rows(limit=size + 1, before=after, automation_ids=ids)
    return page_of(
        _with_runs(rows),
        size=size,
        key=lambda row: TimeKey(row.fired, row.id),
        state=lambda row: [(line.state, line.flow_run_id, line.run) for line in row.actions],
        first=after is None,
    )


def of_event(event_id: UUID, position: Position, *, waited: bool) -> list[ListedFiring]:
    """The firings that an event decided or was replayed for, at most 50. Three queries."""
    decided = decided_firings.decided_by(position, waited=waited)
    rows = Firing.objects.filter(decided | Q(replay_of=event_id))
    return _with_runs(_firing_rows(rows.order_by("fired", "id"), limit=50))


def exists(firing_id: UUID) -> bool:
    """One query."""
    return Firing.objects.filter(pk=firing_id).exists()


def in_full(firing_id: UUID) -> FiringInFull | None:
    """Four queries: the firing, its actions, their flow runs, the parameters of these.

    In shadow or snoozed two others after the actions: its version, the names of deployments.
    """
    firing = Firing.objects.select_related("automation", "snooze").filter(pk=firing_id).first()
    if firing is None:
        return None
    actions = action_runs_of([firing_id])[firing_id]
    lines = _lines(actions, _runs_of(actions))
    ids = {line.flow_run_id for line in lines if line.flow_run_id}
    return FiringInFull(
        firing,
        lines,
        _withheld(firing) if firing.shadow or firing.snooze_id else [],
        flow_runs.parameters_by_id(ids),
        _verdict(firing),
        _window(firing),
    )


def _withheld(firing: Firing) -> list[str]:
    """What would have followed, had it not been in shadow or snoozed."""
    saved = _document_of_version(firing.automation_id, firing.automation_version)
    document = stored_documents.document_or_none(saved or {})
    if document is None:
        return []
    resolved = firing.state == "Resolved"
    names = deployments.names(stored_documents.deployments_in(document.related_resources))
    return stored_documents.effects_of(document, names.get, resolved=resolved)


def _window(firing: Firing) -> tuple[datetime, datetime] | None:
    """From when to when it counted; of a composite, between its children's firings."""
    since, until = firing.window_start, firing.window_end
    if since and until and since < until:
        return since, until
    fired = sorted(datetime.fromisoformat(child["fired"]) for child in firing.children)
    return (fired[0], fired[-1]) if fired and fired[0] < fired[-1] else None


def _verdict(firing: Firing) -> Verdict | None:
    """None when none was kept, or another version of Flint wrote it."""
    if firing.verdict is None:
        return None
    try:
        return msgspec.convert(firing.verdict, Verdict)
    except msgspec.ValidationError:
        return None


def _with_runs(rows: Sequence[FiringRow]) -> list[ListedFiring]:
    runs = _runs_of(action for row in rows for action in row.actions)
    return [
        ListedFiring(
            id=row.id,
            automation_id=row.automation_id,
            automation_name=row.automation_name,
            fired=row.fired,
            event=row.event,
            event_id=row.event_id,
            shadow=row.shadow,
            snoozed=row.snoozed,
            by_hand=row.by_hand,
            replay_of=row.replay_of,
            actions=_lines(row.actions, runs),
        )
        for row in rows
    ]


def _runs_of(actions: Iterable[ActionRun]) -> dict[UUID, dict[str, Any]]:
    return flow_runs.states_by_id({a.flow_run_id for a in actions if a.flow_run_id is not None})


def _lines(actions: Sequence[ActionRun], runs: dict[UUID, dict[str, Any]]) -> list[ActionLine]:
    return [
        ActionLine(
            index=action.index,
            type=str(action.action.get("type", "unknown")),
            state=action.state,
            attempts=action.attempts,
            reason=action.reason,
            result=action.result,
            flow_run_id=action.flow_run_id,
            run=runs.get(action.flow_run_id) if action.flow_run_id else None,
            not_before=action.not_before,
            held_for=action.held_for,
        )
        for action in actions
    ]


def firing_rows(
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


def _automation_ids(text: str, *, limit: int) -> list[UUID]:
    """Automations whose name holds a text; deleted ones too, as their firings stay. One query."""
    rows = Automation.objects.filter(name__icontains=text).order_by("name", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def decided_by(position: Position, *, waited: bool, limit: int) -> Sequence[FiringRow]:
    """The firings of one event, that may have `waited` for its leader. One query, or two."""
    rows = Firing.objects.filter(decided_firings.decided_by(position, waited=waited))
    return _firing_rows(rows.order_by("id"), limit=limit)


def of_run(flow_run_id: UUID) -> Firing | None:
    """The firing whose action made a flow run, with its automation. One query."""
    rows = Firing.objects.select_related("automation").defer("verdict")
    # Bounded, and so read first: in the order of ids PostgreSQL might walk through all firings.
    own = ActionRun.objects.filter(flow_run_id=flow_run_id).values("firing_id")[:50]
    return rows.filter(pk__in=own).order_by("id").first()


def action_runs_of(firing_ids: Collection[UUID]) -> dict[UUID, list[ActionRun]]:
    """The action runs by firing, in the order of the actions. One query."""
    by_firing: dict[UUID, list[ActionRun]] = {pk: [] for pk in firing_ids}
    for run in ActionRun.objects.filter(firing_id__in=firing_ids).order_by("firing_id", "index"):
        by_firing[run.firing_id].append(run)
    return by_firing


def _firing_rows(rows: "QuerySet[Firing]", *, limit: int) -> Sequence[FiringRow]:
    values = rows.annotate(
        event_name=KT("triggering_event__event"), event_id=KT("triggering_event__id"),
        snoozed=Q(snooze__isnull=False),
    ).values_list(
        "id", "automation_id", "automation__name", "fired", "event_name", "event_id", "shadow",
        "snoozed", "by_hand", "replay_of",
    )  # fmt: skip
    firings = [FiringRow(*row) for row in values[:limit]]
    actions = action_runs_of([row.id for row in firings]) if firings else {}
    for row in firings:
        row.actions.extend(actions[row.id])
    return firings


def count_by_day(
    automation_ids: Collection[UUID], *, since: datetime
) -> dict[UUID, dict[date, int]]:
    """How often each fired on each day (UTC). One query."""
    rows = Firing.objects.filter(automation_id__in=list(automation_ids), fired__gte=since)
    days = rows.order_by().values_list("automation_id", TruncDay("fired", tzinfo=UTC))
    by_automation: dict[UUID, dict[date, int]] = {}
    for automation_id, day, total in days.annotate(total=Count("id")):
        by_automation.setdefault(automation_id, {})[day.date()] = total
    return by_automation


def refused_lately(automation_id: UUID) -> list[ActionRun]:
    """Up to 10 refused actions of its newest 200 firings, the newest first. One query."""
    newest = Firing.objects.filter(automation_id=automation_id).order_by("-fired", "-id")
    rows = ActionRun.objects.filter(firing_id__in=newest.values("id")[:200], state="rejected")
    return list(rows.order_by("-id")[:10])


def _document_of_version(automation_id: UUID, version: int) -> dict[str, Any] | None:
    """The document of a version. One query."""
    rows = AutomationVersion.objects.filter(automation_id=automation_id, version=version)
    return rows.values_list("document", flat=True).first()
