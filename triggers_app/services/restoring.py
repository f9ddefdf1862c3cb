"""Automations after a restore: nothing that a dump holds is done by itself, and no silence is told
of a time that nobody knows.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from events_app.domain.position import StreamId
from project.lib import database
from project.lib.problems import Invalid
from triggers_app.automation.engine.gaps import Triggers, bridged
from triggers_app.automation.engine.outcome import Window
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.triggers import Posture, Trigger
from triggers_app.storage import history_snapshots, restored
from triggers_app.storage.version_feed import SavedVersion

_REASON = (
    "It was pending when the dump was made that was restored, and may have been carried out since."
)


def highest_ms() -> int:
    """The latest log time of which the tables tell."""
    return restored.highest_ms()


def hold_pending_actions() -> int:
    """Hold every action that was not settled, for a person; how many."""
    return restored.hold_pending(_REASON)


def bridge_the_gap(at: StreamId) -> int:
    """Let windows go on from there; how many absences begin anew."""
    versions, before = restored.at_work()
    triggers = _triggers(versions)
    after = [(window, bridged(window, triggers, now_us=at.ms * 1000)) for window in before]
    kept = [window for _, window in after if window is not None]
    with transaction.atomic():
        restored.replace(kept, [old.window_key for old, new in after if new is None])
    return sum(_is_absence(window, triggers) for window in kept)


def begin_history(*, now: datetime) -> None:
    """A snapshot, so that no explanation folds across the gap."""
    with database.connect(application_name="flint restore") as connection:
        history_snapshots.take(connection, now=now)


def _triggers(versions: Iterable[SavedVersion]) -> Triggers:
    triggers: dict[tuple[UUID, UUID], Trigger] = {}
    for version in versions:
        try:
            trigger = parse_trigger(version.document["trigger"])
        except Invalid:
            continue  # the evaluator sets it aside, and its windows with it
        triggers |= {
            (version.automation_id, node.id): node for node in trigger.walk() if node.id is not None
        }
    return triggers


def _is_absence(window: Window, triggers: Triggers) -> bool:
    trigger = triggers.get((window.automation_id, window.trigger_id))
    return window.open and getattr(trigger, "posture", None) is Posture.PROACTIVE
