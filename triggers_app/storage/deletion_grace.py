"""Automations that were deleted with their owner, and may be saved again by it.

Nobody sees them, the evaluator goes on with them, and their actions are held. A grace that is
"open" becomes "over", or null again for an automation that was taken over.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from triggers_app.models import Automation

GRACE = timedelta(seconds=30)
_OWNED = """
    SELECT id FROM automation WHERE owner_resource = %s AND deleted IS NULL
    ORDER BY id FOR NO KEY UPDATE
"""
# Without a new version nothing changes for the evaluator; the number of the change is for
# those who remember what is saved. It is drawn under the lock, see storage.automations.
_BEGIN = """
    UPDATE automation
    SET deleted = %s, grace = 'open', change = nextval('automation_change_seq')
    WHERE id = ANY(%s)
"""
# What an automation parked under its former trigger is not what it does now.
_FINISH_PARKED = """
    UPDATE action_run r
    SET state = CASE WHEN kept THEN 'pending' ELSE 'discarded' END,
        reason = CASE WHEN NOT kept THEN 'Its trigger was changed when it was deployed again.' END,
        settled = CASE WHEN NOT kept THEN %s END,
        held_for = NULL
    FROM firing f, automation a,
         LATERAL (SELECT f.trigger_id = (a.document #>> '{trigger,id}')::uuid AS kept) k
    WHERE a.id = ANY(%s) AND a.deleted IS NULL
      AND r.automation_id = a.id AND r.state = 'held' AND r.held_for = 'grace'
      AND f.id = r.firing_id
"""
_DISCARD_PARKED = """
    UPDATE action_run r
    SET state = 'discarded', reason = 'Its automation was deleted.', settled = %s, held_for = NULL
    FROM firing f, automation a
    WHERE a.id = ANY(%s) AND a.grace = 'over' AND r.automation_id = a.id AND f.id = r.firing_id
      AND r.state IN ('held', 'pending') AND f.created >= a.deleted
"""
# A dispatcher that looked before the end may hold an action after it.
_LEFT_BEHIND = """
    SELECT DISTINCT a.id, a.deleted IS NULL
    FROM action_run r JOIN automation a ON a.id = r.automation_id
    WHERE r.state = 'held' AND r.held_for = 'grace' AND a.grace IS DISTINCT FROM 'open'
"""
_WITHOUT_DEPLOYMENT = """
    SELECT a.id FROM automation a
    WHERE a.grace = 'open' AND a.owner_resource LIKE 'prefect.deployment.%%'
      AND NOT EXISTS (
          SELECT FROM deployment d WHERE 'prefect.deployment.' || d.id = a.owner_resource
      )
"""


def begin(resource_id: str, *, now: datetime) -> int:
    """Take away what the owner has; how many. The second time it has none. Three queries."""
    with connection.cursor() as cursor:
        cursor.execute(_OWNED, (resource_id,))
        ids = [row[0] for row in cursor.fetchall()]
        if ids:
            cursor.execute("SELECT pg_advisory_xact_lock(4207101)")
            cursor.execute(_BEGIN, (now, ids))
    return len(ids)


def locked_of_owner(resource_id: str) -> list[Automation]:
    """Those that the owner may take over, oldest first, locked. One query."""
    return _locked(owner_resource=resource_id)


def locked(automation_ids: Collection[UUID]) -> list[Automation]:
    return _locked(pk__in=automation_ids)


def ended(*, now: datetime) -> list[UUID]:
    """Those whose time is up, or whose deployment is gone. Two queries."""
    late = Automation.objects.filter(grace="open", deleted__lte=now - GRACE)
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT_DEPLOYMENT)
        return [*late.values_list("pk", flat=True), *(row[0] for row in cursor.fetchall())]


def left_behind() -> tuple[list[UUID], list[UUID]]:
    """Automations that hold actions though their grace has ended: living ones, and others."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT_BEHIND)
        rows = cursor.fetchall()
    return [pk for pk, lives in rows if lives], [pk for pk, lives in rows if not lives]


def finish_parked(automation_ids: Collection[UUID], *, now: datetime) -> int:
    """Let parked actions go on; those of another trigger are discarded. One query."""
    return _run(_FINISH_PARKED, automation_ids, now)


def discard_parked(automation_ids: Collection[UUID], *, now: datetime) -> int:
    """Discard what came up after the automations were deleted. One query.

    Not in the transaction that ends the grace: a dispatcher may be at these rows, and wait for
    the lock of the catalogue.
    """
    return _run(_DISCARD_PARKED, automation_ids, now)


def _run(statement: str, automation_ids: Collection[UUID], now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, (now, list(automation_ids)))
        return int(cursor.rowcount)


def _locked(**narrowed: object) -> list[Automation]:
    rows = Automation.objects.filter(grace="open", **narrowed)
    return list(rows.select_for_update(no_key=True).order_by("created", "id"))
