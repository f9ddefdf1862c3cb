"""What stored windows become where nobody knows what happened meanwhile, as after a restore.

Silence of that time is nobody's: what waits for something to happen, or to last, begins anew.

1. An absence without `after`: its window begins now, with nothing counted.
2. An absence after an event: it has its whole `within` again, and keeps what was counted.
3. A metric: its condition has lasted since now.
4. A follower that is held for its leader: gone. It was evaluated meanwhile, or is lost.
5. Every other window stays: it counts what comes until its end.
"""

from collections.abc import Mapping
from uuid import UUID

from triggers_app.automation.engine.causality import NOBODY
from triggers_app.automation.engine.outcome import Window
from triggers_app.automation.triggers import EventTrigger, MetricTrigger, Posture, Trigger

Triggers = Mapping[tuple[UUID, UUID], Trigger]  # by automation and trigger


def bridged(window: Window, triggers: Triggers, *, now_us: int) -> Window | None:
    """The window, changed in place, as it goes on at this log time; None when it is gone."""
    if window.automation_id == NOBODY:
        return None
    trigger = triggers.get((window.automation_id, window.trigger_id))
    if isinstance(trigger, EventTrigger) and _waits(trigger, window):
        window.end_us = now_us + round(trigger.within.total_seconds() * 1_000_000)
        window.due_us, window.lag_us = window.end_us, 0
        if not trigger.after:
            window.start_us, window.count, window.counted, window.ahead = now_us, 0, (), ()
    elif isinstance(trigger, MetricTrigger) and window.since_us is not None:
        window.since_us = window.since_us if window.triggered else now_us
    return window


def _waits(trigger: EventTrigger, window: Window) -> bool:
    return trigger.posture is Posture.PROACTIVE and window.open
