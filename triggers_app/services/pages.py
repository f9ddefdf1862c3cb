"""What the pages about automations and firings show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from pydantic import ValidationError

from events_app.services import pages as event_pages
from project.lib.paging import NameKey, Page, TimeKey, page_of
from runs_app.reads import deployments, flow_runs
from triggers_app.automation.document import ON_RESOLVE, AutomationDocument
from triggers_app.automation.verdict import Verdict
from triggers_app.automation.wording import automation_sentence
from triggers_app.models import ActionRun, Automation, Firing
from triggers_app.services import cycle_guard
from triggers_app.storage import health, page_rows
from triggers_app.storage.health import Unwell
from triggers_app.storage.page_rows import NEVER, AutomationRow, FiringNews, FiringRow, Narrowing

_DEPLOYMENT = "prefect.deployment."
UNREADABLE = "This version cannot read its document, so it cannot say what it does."
MOST_AUTOMATIONS = 20  # that a search for firings looks into


@dataclass(frozen=True, slots=True)
class ToldAutomation:
    """A line of a list: the automation with its sentence; `days` are firings of seven days."""

    id: UUID
    name: str
    enabled: bool
    shadow: bool
    guarded: bool
    quarantine_reason: str | None
    kind: str | None
    sentence: str
    updated: datetime
    last_fired: datetime | None
    days: list[int]
    health: str = ""  # ok, failing, noisy, silent; empty when it is off, or nobody looked


@dataclass(frozen=True, slots=True)
class ActionTarget:
    """A deployment that an automation's actions select; `name` is None when it is gone."""

    id: UUID
    name: str | None


@dataclass(frozen=True, slots=True)
class AutomationInFull:
    automation: Automation
    sentence: str
    targets: list[ActionTarget]
    document: AutomationDocument | None  # None when this version cannot read it
    # The certain loops that it is guarded against, in words.
    loops: list[str] = field(default_factory=list)


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
class ToldFiring:
    """A firing in a list."""

    id: UUID
    automation_id: UUID
    automation_name: str
    fired: datetime
    event: str | None
    event_id: str | None
    shadow: bool
    by_hand: str | None
    actions: list[ActionLine]


@dataclass(frozen=True, slots=True)
class FiringInFull:
    """`withheld`: in words, the actions that did not follow as it was in shadow."""

    firing: Firing
    actions: list[ActionLine]
    withheld: list[str]
    parameters: dict[UUID, dict[str, Any]]  # of its flow runs, as rendered
    verdict: Verdict | None
    window: tuple[datetime, datetime] | None


def automations(
    narrowing: Narrowing,
    *,
    size: int,
    now: datetime,
    sort: str = "name",
    after: NameKey | TimeKey | None = None,
    unwell: Unwell | None = None,
) -> Page[ToldAutomation]:
    """A page of automations. Three queries: automations, deployments, firings by day."""
    rows = page_rows.automations(narrowing, limit=size + 1, sort=sort, after=after, unwell=unwell)

    def key(row: ToldAutomation) -> NameKey | TimeKey:
        if sort == "name":
            return NameKey(row.name, row.id)
        return TimeKey(row.updated if sort == "updated" else row.last_fired or NEVER, row.id)

    return page_of(_told(rows, now=now, unwell=unwell), size=size, key=key, first=after is None)


def automations_of_deployment(deployment_id: UUID) -> list[ToldAutomation]:
    """At most 50, by name. Two queries."""
    return _told(page_rows.automations_related_to(f"{_DEPLOYMENT}{deployment_id}", limit=50))


def unwell(*, now: datetime) -> Unwell:
    """Who failed lately, and who fires too often. Two queries."""
    return health.unwell(now=now)


def count_automations(unwell: Unwell, text: str = "") -> dict[tuple[str, str, str], int]:
    """By status (on, shadow, off, aside), kind and health. One query."""
    return page_rows.count_automations(unwell, text)


def matching_ids(narrowing: Narrowing, unwell: Unwell, *, limit: int) -> list[UUID]:
    """Of the list, by name. One query."""
    return page_rows.matching_ids(narrowing, unwell, limit=limit)


def news(*, now: datetime) -> FiringNews:
    """What fired in the last 24 hours, and who needs a person. One query."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return page_rows.news(since=hour - timedelta(hours=23))


def refused_lately(automation_id: UUID) -> list[ActionRun]:
    """Up to 10 refused actions of its newest firings. One query."""
    return page_rows.refused_lately(automation_id, limit=10)


def automation_in_full(automation_id: UUID) -> AutomationInFull | None:
    """Two queries: the automation, the names of its deployments; some more for a guarded one."""
    found = page_rows.automation(automation_id)
    if found is None:
        return None
    ids = deployments_in(found.related_resources)
    names = deployments.names(ids)
    chosen = [ActionTarget(pk, names.get(pk)) for pk in ids]
    document = document_or_none(found.document)
    sentence = automation_sentence(document, names.get) if document else UNREADABLE
    guarded = document is not None and found.guarded
    loops = cycle_guard.certain_paths(document, automation_id) if document and guarded else []
    return AutomationInFull(found, sentence, chosen, document, loops)


def newest_firings(
    *,
    size: int,
    after: TimeKey | None = None,
    automation_id: UUID | None = None,
    text: str = "",
) -> Page[ToldFiring]:
    """A page of firings, the newest first. Three queries: firings, actions, flow runs.

    With a text one more: the automations whose name holds it.
    """
    ids: list[UUID] | None = None if automation_id is None else [automation_id]
    if text:
        ids = page_rows.automation_ids(text, limit=MOST_AUTOMATIONS)
    rows = page_rows.newest_firings(limit=size + 1, before=after, automation_ids=ids)
    return page_of(
        _with_runs(rows),
        size=size,
        key=lambda row: TimeKey(row.fired, row.id),
        state=lambda row: [(line.state, line.flow_run_id, line.run) for line in row.actions],
        first=after is None,
    )


def firings_of_event(event_id: UUID) -> list[ToldFiring]:
    """The firings that an event decided, at most 50. Four queries."""
    event = event_pages.event_by_id(event_id)
    if event is None:
        return []
    return _with_runs(page_rows.firings_decided_by(event.position, limit=50))


def firing_of_run(flow_run_id: UUID) -> Firing | None:
    return page_rows.firing_of_run(flow_run_id)


def firing_in_full(firing_id: UUID) -> FiringInFull | None:
    """Four queries: the firing, its actions, their flow runs, the parameters of these.

    In shadow two others after the actions: its version, the names of deployments.
    """
    found = page_rows.firing(firing_id)
    if found is None:
        return None
    actions = page_rows.action_runs_of([firing_id])[firing_id]
    lines = _lines(actions, _runs_of(actions))
    ids = {line.flow_run_id for line in lines if line.flow_run_id}
    return FiringInFull(
        found,
        lines,
        _withheld(found) if found.shadow else [],
        flow_runs.parameters_by_id(ids),
        _verdict(found),
        _window(found),
    )


def _withheld(firing: Firing) -> list[str]:
    """What would have followed, had it not been in shadow."""
    saved = page_rows.document_of_version(firing.automation_id, firing.automation_version)
    document = document_or_none(saved or {})
    if document is None:
        return []
    resolved = firing.state == "Resolved"
    names = deployments.names(deployments_in(document.related_resources))
    return [
        action.words(names.get)
        for (name, _), action in document.placed_actions
        if (name == ON_RESOLVE) is resolved
    ]


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


def _sentence(document: dict[str, Any], names: dict[UUID, str]) -> str:
    automation = document_or_none(document)
    return UNREADABLE if automation is None else automation_sentence(automation, names.get)


def document_or_none(stored: dict[str, Any]) -> AutomationDocument | None:
    try:
        return AutomationDocument.model_validate(stored)
    except ValidationError:
        return None


def deployments_in(resources: Iterable[str]) -> list[UUID]:
    """The ids in `prefect.deployment.<id>`, which we wrote ourselves."""
    return [UUID(text[len(_DEPLOYMENT) :]) for text in resources if text.startswith(_DEPLOYMENT)]


def _told(
    rows: Sequence[AutomationRow], *, now: datetime | None = None, unwell: Unwell | None = None
) -> list[ToldAutomation]:
    ids = {pk for row in rows for pk in deployments_in(row.related_resources)}
    names = deployments.names(ids)
    days = [(now - timedelta(days=6 - n)).date() for n in range(7)] if now else []
    fired: dict[UUID, dict[date, int]] = {}
    if rows and now:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        pks = [row.id for row in rows]
        fired = page_rows.firings_by_day(pks, since=midnight - timedelta(days=6))
    return [
        ToldAutomation(
            id=row.id,
            name=row.name,
            enabled=row.enabled,
            shadow=row.shadow,
            guarded=row.guarded,
            quarantine_reason=row.quarantine_reason,
            kind=row.kind,
            sentence=_sentence(row.document, names),
            updated=row.updated,
            last_fired=None if row.last_fired == NEVER else row.last_fired,
            days=[fired.get(row.id, {}).get(day, 0) for day in days],
            health=_health(row, unwell),
        )
        for row in rows
    ]


def _health(row: AutomationRow, unwell: Unwell | None) -> str:
    """As the list is narrowed by it."""
    if unwell is None or not row.enabled or row.quarantine_reason is not None:
        return ""
    if row.id in unwell.failing:
        return "failing"
    if row.id in unwell.noisy:
        return "noisy"
    silent = row.last_fired < unwell.since and row.id not in unwell.resting
    return "silent" if silent else "ok"


def _with_runs(rows: Sequence[FiringRow]) -> list[ToldFiring]:
    runs = _runs_of(action for row in rows for action in row.actions)
    return [
        ToldFiring(
            id=row.id,
            automation_id=row.automation_id,
            automation_name=row.automation_name,
            fired=row.fired,
            event=row.event,
            event_id=row.event_id,
            shadow=row.shadow,
            by_hand=row.by_hand,
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
