"""What a restored dump still has to do, and the windows in it."""

from django.db import connection
from django.db.models import Max

from project.lib import database
from triggers_app.automation.engine.outcome import Window, WindowKey
from triggers_app.models import ActionRun, AutomationVersion, Firing
from triggers_app.storage import state, version_feed
from triggers_app.storage.version_feed import SavedVersion

_State = ActionRun.State


def highest_ms() -> int:
    """The latest log time of a firing or of a saved version; 0 when there is none. Two queries."""
    saved = AutomationVersion.objects.aggregate(ms=Max("effective_after_ms"))["ms"]
    fired = Firing.objects.aggregate(at=Max("fired"))["at"]
    return max(saved or 0, round(fired.timestamp() * 1000) if fired else 0)


def hold_pending(reason: str) -> int:
    """Hold what was to be done, under way, or to be decided by a redeploy. One query."""
    undecided = ActionRun.objects.filter(state__in=(_State.PENDING, _State.SENDING))
    undecided |= ActionRun.objects.filter(state=_State.HELD, held_for=ActionRun.HeldFor.GRACE)
    return undecided.update(
        state=_State.HELD,
        held_for=ActionRun.HeldFor.RESTORE,
        reason=reason,
        not_before=None,
        lease_until=None,
    )


def at_work() -> tuple[list[SavedVersion], list[Window]]:
    """The versions in force and all windows, as they are committed."""
    with database.connect(application_name="flint restore") as own:
        return version_feed.in_force(own), list(state.windows(own))


def replace(changed: list[Window], gone: list[WindowKey]) -> None:
    """Write windows as they now stand, in the caller's transaction. Two statements."""
    if gone:
        state.delete_windows(connection.connection, gone)
    if changed:
        state.set_windows(connection.connection, changed)
