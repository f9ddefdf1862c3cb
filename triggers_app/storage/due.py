"""Whether anything of automations is due."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

# Each answered by a partial index that is empty when there is nothing to do.
_WAITING = """
    SELECT
        EXISTS (SELECT FROM action_run
                WHERE state = 'pending' AND (not_before IS NULL OR not_before <= %(now)s)),
        EXISTS (SELECT FROM action_run
                WHERE state = 'sending' AND (not_before IS NULL OR not_before <= %(now)s)
                  AND (lease_until IS NULL OR lease_until <= %(now)s)),
        EXISTS (SELECT FROM automation WHERE grace = 'open')
            OR EXISTS (SELECT FROM action_run WHERE state = 'held' AND held_for = 'grace')
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """`pending` actions to dispatch, `sending` ones to deliver outside, `graces` to end."""

    pending: bool
    sending: bool
    graces: bool


def waiting(*, now: datetime) -> Waiting:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"now": now})
        return Waiting(*cursor.fetchone())
