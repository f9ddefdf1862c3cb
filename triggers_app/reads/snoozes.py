"""Snoozes that hold, and the one under which something fired."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from triggers_app.models import Snooze
from triggers_app.storage.snoozes import LONGEST

MOST = 50


@dataclass(frozen=True, slots=True)
class SnoozeRow:
    id: int
    automation_id: UUID
    automation_name: str
    labels: dict[str, Any]
    until: datetime
    author: str
    reason: str


def in_force(*, now: datetime, automation_ids: Collection[UUID] | None = None) -> list[SnoozeRow]:
    """The latest of each automation and key, if its time is not over; those that end first.

    Of all automations at most 50. One query.
    """
    said = Snooze.objects.filter(created__gt=now - LONGEST, automation__deleted=None)
    if automation_ids is not None:
        said = said.filter(automation_id__in=list(automation_ids))
    latest = said.order_by("automation_id", "labels", "-id").distinct("automation_id", "labels")
    rows = Snooze.objects.filter(pk__in=latest.values("pk"), until__gt=now, ends=False)
    values = rows.order_by("until", "id").values_list(
        "id", "automation_id", "automation__name", "labels", "until", "author", "reason"
    )
    return [SnoozeRow(*row) for row in (values[:MOST] if automation_ids is None else values)]
