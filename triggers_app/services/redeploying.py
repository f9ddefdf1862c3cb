"""The end of the grace in which an owner may bring its automations back."""

from datetime import datetime

from django.db import transaction

from project.lib import wake
from triggers_app.services import authoring, cycle_guard
from triggers_app.storage import deletion_grace

AUTHOR = "flint"


def end_graces(*, now: datetime) -> int:
    """Delete for good what was not brought back in time; how many automations that was."""
    ids = deletion_grace.ended(now=now)
    ended = 0
    if ids:
        effective_after = authoring.point_in_log()
        with transaction.atomic():
            cycle_guard.lock()
            rows = deletion_grace.locked(ids)
            if rows:
                authoring.end_grace(rows, effective_after, marking=True, author=AUTHOR, now=now)
                ended = len(rows)
        deletion_grace.discard_parked(ids, now=now)
    _finish_left_behind(now)
    return ended


def _finish_left_behind(now: datetime) -> None:
    living, gone = deletion_grace.left_behind()
    if living and deletion_grace.finish_parked(living, now=now):
        wake.wake("triggers.dispatch", queue="actions")
    if gone:
        deletion_grace.discard_parked(gone, now=now)
