"""What holds actions back: whether acting is stopped, and how much each automation did."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, Sum

from triggers_app.models import Acted, ActionRun, Brake

# Whoever acts holds it shared until the commit, and who stops acting takes it alone: once
# acting is stopped, nothing that had begun goes on.
_LOCK = 4207105
_ACTING = f"SELECT pg_advisory_xact_lock_shared({_LOCK})"
_CHANGING = f"SELECT pg_advisory_xact_lock({_LOCK})"
MINUTE = timedelta(minutes=1)


def may_act() -> bool:
    """Whether acting is allowed, which stays so until the caller's commit. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTING)
        cursor.execute("SELECT EXISTS (SELECT FROM brake WHERE stopped IS NOT NULL)")
        return not cursor.fetchone()[0]


def write(*, stopped: datetime | None, author: str, reason: str) -> bool:
    """Stop acting or let it go on, once nobody is at it; False when that is so already."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGING)
    row, _ = Brake.objects.get_or_create(pk=1)
    if (row.stopped is None) is (stopped is None):
        return False
    row.stopped, row.author, row.reason = stopped, author, reason
    row.save()
    return True


def brake() -> Brake:
    return Brake.objects.filter(pk=1).first() or Brake()


def acted_lately(automation_ids: Sequence[UUID], *, now: datetime) -> Mapping[UUID, int]:
    """How many actions each of them carried out in the minute before. One query."""
    rows = Acted.objects.filter(automation_id__in=automation_ids, at__gt=now - MINUTE)
    summed = rows.values_list("automation_id").annotate(total=Sum("count")).order_by()
    return {automation_id: int(total) for automation_id, total in summed}


def note_acted(counts: Mapping[UUID, int], *, now: datetime) -> None:
    """One query."""
    Acted.objects.bulk_create(
        Acted(automation_id=automation_id, at=now, count=count)
        for automation_id, count in counts.items()
    )


def delete_old_counts(*, now: datetime) -> None:
    Acted.objects.filter(at__lt=now - 2 * MINUTE).delete()


def held_counts() -> list[tuple[UUID, str, int]]:
    """How many actions are held: automation, for what, count. One query."""
    held = ActionRun.objects.filter(state=ActionRun.State.HELD)
    grouped = held.values_list("automation_id", "held_for").annotate(count=Count("id"))
    return [
        (automation_id, str(held_for), count)
        for automation_id, held_for, count in grouped.order_by("automation_id", "held_for")
    ]
