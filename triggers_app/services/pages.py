"""What the pages about automations and firings show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from events_app.services import pages as event_pages
from project.lib.paging import NameKey, Page, TimeKey, page_of
from runs_app.services import pages as run_pages
from triggers_app.domain.automation import AutomationDocument
from triggers_app.domain.sentence import automation_sentence
from triggers_app.models import ActionRun, Automation, Firing
from triggers_app.storage import page_rows
from triggers_app.storage.page_rows import AutomationRow, Counts, FiringRow

_DEPLOYMENT = "prefect.deployment."
UNREADABLE = "This version cannot read its document, so it cannot say what it does."


@dataclass(frozen=True, slots=True)
class ToldAutomation:
    """A line of a list: the automation with its sentence."""

    id: UUID
    name: str
    enabled: bool
    quarantine_reason: str | None
    sentence: str
    updated: datetime
    last_fired: datetime | None


@dataclass(frozen=True, slots=True)
class Target:
    """A deployment that an automation's actions select; `name` is None when it is gone."""

    id: UUID
    name: str | None


@dataclass(frozen=True, slots=True)
class AutomationInFull:
    automation: Automation
    sentence: str
    targets: list[Target]


@dataclass(frozen=True, slots=True)
class ActionLine:
    """An action run and what became of its flow run."""

    type: str
    state: str
    attempts: int
    reason: str | None
    result: dict[str, Any]
    flow_run_id: UUID | None
    run: dict[str, Any] | None  # name, state_type, state_name; None when it is gone


@dataclass(frozen=True, slots=True)
class ToldFiring:
    """A firing in a list."""

    id: UUID
    automation_id: UUID
    automation_name: str
    fired: datetime
    event: str | None
    event_id: str | None
    actions: list[ActionLine]


@dataclass(frozen=True, slots=True)
class FiringInFull:
    firing: Firing
    actions: list[ActionLine]


def automations(*, size: int, after: NameKey | None = None) -> Page[ToldAutomation]:
    """A page of automations by name. Two queries."""
    rows = page_rows.automations(limit=size + 1, after=after)
    return page_of(_told(rows), size=size, key=_name, first=after is None)


def automations_of_deployment(deployment_id: UUID) -> list[ToldAutomation]:
    """At most 50, by name. Two queries."""
    return _told(page_rows.automations_related_to(f"{_DEPLOYMENT}{deployment_id}", limit=50))


def count_automations() -> Counts:
    return page_rows.count_automations()


def automation_in_full(automation_id: UUID) -> AutomationInFull | None:
    """Two queries: the automation, the names of its deployments."""
    found = page_rows.automation(automation_id)
    if found is None:
        return None
    ids = _deployments(found.related_resources)
    names = run_pages.deployment_names(ids)
    chosen = [Target(pk, names.get(pk)) for pk in ids]
    return AutomationInFull(found, _sentence(found.document, names), chosen)


def newest_firings(
    *, size: int, after: TimeKey | None = None, automation_id: UUID | None = None
) -> Page[ToldFiring]:
    """A page of firings, the newest first. Three queries: firings, actions, flow runs."""
    rows = page_rows.newest_firings(limit=size + 1, before=after, automation_id=automation_id)
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
    """Three queries: the firing, its actions, their flow runs."""
    found = page_rows.firing(firing_id)
    if found is None:
        return None
    actions = page_rows.action_runs_of([firing_id])[firing_id]
    return FiringInFull(found, _lines(actions, _runs_of(actions)))


def _sentence(document: dict[str, Any], names: dict[UUID, str]) -> str:
    try:
        automation = AutomationDocument.model_validate(document)
    except ValidationError:
        return UNREADABLE
    return automation_sentence(automation, names.get)


def _deployments(resources: Iterable[str]) -> list[UUID]:
    """The ids in `prefect.deployment.<id>`, which we wrote ourselves."""
    return [UUID(text[len(_DEPLOYMENT) :]) for text in resources if text.startswith(_DEPLOYMENT)]


def _told(rows: Sequence[AutomationRow]) -> list[ToldAutomation]:
    ids = {pk for row in rows for pk in _deployments(row.related_resources)}
    names = run_pages.deployment_names(ids)
    return [
        ToldAutomation(
            id=row.id,
            name=row.name,
            enabled=row.enabled,
            quarantine_reason=row.quarantine_reason,
            sentence=_sentence(row.document, names),
            updated=row.updated,
            last_fired=row.last_fired,
        )
        for row in rows
    ]


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
            actions=_lines(row.actions, runs),
        )
        for row in rows
    ]


def _runs_of(actions: Iterable[ActionRun]) -> dict[UUID, dict[str, Any]]:
    return run_pages.run_states({a.flow_run_id for a in actions if a.flow_run_id is not None})


def _lines(actions: Sequence[ActionRun], runs: dict[UUID, dict[str, Any]]) -> list[ActionLine]:
    return [
        ActionLine(
            type=str(action.action.get("type", "unknown")),
            state=action.state,
            attempts=action.attempts,
            reason=action.reason,
            result=action.result,
            flow_run_id=action.flow_run_id,
            run=runs.get(action.flow_run_id) if action.flow_run_id else None,
        )
        for action in actions
    ]


def _name(row: ToldAutomation) -> NameKey:
    return NameKey(row.name, row.id)
