"""What follows from a firing that a person made: into the same two outboxes as all others."""

import json
from collections.abc import Sequence

from events_app.domain.event import Event
from events_app.storage import outbox as event_outbox
from project.lib import wake
from triggers_app.automation.plan import PlannedAction
from triggers_app.models import ActionRun, Firing


def follow(firing: Firing, planned: Sequence[PlannedAction], event: Event) -> None:
    """Its actions, and the event that tells of it. Two queries, in the caller's transaction."""
    ActionRun.objects.bulk_create(
        [
            ActionRun(
                firing=firing,
                automation_id=firing.automation_id,
                index=action.index,
                action=json.loads(action.text),
                phase=action.phase,
                created=firing.created,
            )
            for action in planned
        ]
    )
    event_outbox.add([event])
    wake.wake_after_commit("triggers.dispatch", queue="actions")
    wake.wake_after_commit("events.relay", queue="actions")
