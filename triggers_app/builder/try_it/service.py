"""Trying an automation for real: what firing it by hand would do, and how it went on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events_app.storage.stored_events import StoredEvent
from runs_app.domain.states import TERMINAL
from runs_app.reads import deployments
from triggers_app.automation.document import FIRED_LISTS, AutomationDocument
from triggers_app.automation.parsing import parse_automation
from triggers_app.automation.triggers import Posture, Trigger
from triggers_app.builder.parameters.chosen_event import ChosenEvent, recent_events
from triggers_app.builder.parameters.service import ActionTexts, Editor
from triggers_app.models import ActionRun, Automation, Draft, Firing
from triggers_app.reads import firings, stored_documents
from triggers_app.reads.firings import ActionLine
from triggers_app.services import firing_by_hand
from triggers_app.services.preview_firing import made_up
from triggers_app.storage import automations, example_events

ABSENCE, EXAMPLE = "absence", "example"
# So long somebody may watch what follows from a firing; then it is on its own page.
WATCHED = timedelta(minutes=10)
_OPEN = (ActionRun.State.PENDING, ActionRun.State.SENDING, ActionRun.State.HELD)


class NoSuchEvent(LookupError):
    """The event that was asked for is not recorded, or not any more."""


@dataclass(frozen=True, slots=True)
class FiringEffect:
    """What one action would do. `parameters` are those of a run, `refusal` why there is none."""

    words: str
    texts: ActionTexts | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A firing by hand before it is done. `choice` names the event as `event_for` takes it.

    `recorded` is None for an absence; `complete` is False where the event alone would not fire
    the trigger.
    """

    automation: Automation
    choice: str
    recorded: StoredEvent | None
    complete: bool
    recent: Sequence[StoredEvent]
    effects: Sequence[FiringEffect]
    absent: bool


@dataclass(frozen=True, slots=True)
class Through:
    """How far a firing has come. `ended`: nothing more will happen, or nobody waits for it."""

    firing: Firing
    actions: Sequence[ActionLine]
    ended: bool


def preview(automation_id: UUID, event_choice: str, *, now: datetime) -> Preview:
    """What would be done, as it is saved now; by default with the newest event that it wants.

    Some ten queries, see `Editor`. Raises Automation.DoesNotExist, NoSuchEvent, and Invalid when
    this Flint cannot read the automation.
    """
    row = automations.automation(automation_id)
    if row is None:
        raise Automation.DoesNotExist
    automation = parse_automation(row.document)
    trigger = automation.trigger
    recent = recent_events(_as_draft(row), trigger, now=now)
    absent = waits_for_absence(trigger)
    event_choice = event_choice or _usual(recent, absent=absent)
    recorded = event_for(trigger, event_choice, now=now)
    firing_preview = firing_by_hand.preview_of(trigger, recorded, now=now)
    editor = Editor(_as_draft(row), row.document, now=now)
    editor.chosen = ChosenEvent("chosen", recorded, firing_preview)
    effects = _effects(automation, editor)
    return Preview(row, event_choice, recorded, firing_preview.complete, recent, effects, absent)


def _as_draft(row: Automation) -> Draft:
    """Nobody's draft of what is saved; it is never written."""
    return Draft(id=row.pk, automation_id=row.pk, document=row.document, chosen={})


def waits_for_absence(trigger: Trigger) -> bool:
    """Whether it can fire without any event."""
    return any(leaf.posture == Posture.PROACTIVE for leaf in trigger.leaves)


def _usual(recent: Sequence[StoredEvent], *, absent: bool) -> str:
    """An absence, too, tells of the last event that came, if there was one."""
    if recent:
        return str(recent[0].event.id)
    return ABSENCE if absent else EXAMPLE


def event_for(trigger: Trigger, event_choice: str, *, now: datetime) -> StoredEvent | None:
    """The event that `asked` names: an id, EXAMPLE (made up), or ABSENCE (None).

    At most one query. Raises NoSuchEvent.
    """
    if event_choice == ABSENCE:
        return None
    if event_choice == EXAMPLE:
        return made_up(trigger, now=now)
    try:
        event_id = UUID(event_choice)
    except ValueError:
        raise NoSuchEvent from None
    event = example_events.with_ids([event_id]).get(event_id)
    if event is None:
        raise NoSuchEvent
    return event


def _effects(automation: AutomationDocument, editor: Editor) -> list[FiringEffect]:
    names = deployments.names(stored_documents.deployments_in(automation.related_resources))
    effects = []
    for place, action in automation.placed_actions:
        if place[0] in FIRED_LISTS:  # by hand no metric calms down
            words = action.words(names.get)
            effects.append(_effect(editor, place, words[:1].upper() + words[1:]))
    return effects


def _effect(editor: Editor, place: tuple[str, int], words: str) -> FiringEffect:
    if place not in editor.jobs:
        return FiringEffect(words)
    texts = editor.action(place)
    if texts.kind != "run-deployment":
        return FiringEffect(words, texts, refusal=texts.refusal)
    attempt = editor.attempt(place)
    problems = "; ".join(str(problem) for problem in attempt.rendered.problems)
    return FiringEffect(words, texts, dict(attempt.fitted), problems or texts.refusal)


def through(firing_id: UUID, *, now: datetime) -> Through | None:
    """Four queries, see `firing_in_full`."""
    in_full = firings.in_full(firing_id)
    if in_full is None:
        return None
    over = now - in_full.firing.created > WATCHED
    return Through(in_full.firing, in_full.actions, over or all(map(_has_ended, in_full.actions)))


def _has_ended(action: ActionLine) -> bool:
    if action.state in _OPEN:
        return False
    run = action.run
    return action.flow_run_id is None or run is None or run["state_type"] in TERMINAL
