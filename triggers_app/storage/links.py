"""Automations as the search for cycles reads them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from runs_app.models import Deployment

# The parts that a loop needs; null for what cannot be part of one.
_CHANGED = """
    SELECT id, change, guarded,
           CASE WHEN (deleted IS NULL OR grace = 'open') AND enabled AND EXISTS (
               SELECT FROM unnest(related_resources) r WHERE r LIKE 'prefect.deployment.%%'
           ) THEN document END
    FROM automation
    WHERE change > %s ORDER BY change
"""
# Of the marks that automations run in loops; taken before any automation is locked.
_LOCK_MARKS = "SELECT pg_advisory_xact_lock(4207110)"


@dataclass(frozen=True, slots=True)
class ChangedLinks:
    """`document` is None for what is deleted, disabled, or runs no deployment that it names.

    What was deleted with its owner a moment ago, and may come back, is still there.
    """

    id: UUID
    change: int
    guarded: bool
    document: dict[str, Any] | None


def changed_after(change: int) -> list[ChangedLinks]:
    """What was saved since, in order. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, (change,))
        rows = cursor.fetchall()
    return [
        ChangedLinks(
            pk, number, guarded, None if document is None else msgspec.json.decode(document)
        )
        for pk, number, guarded, document in rows
    ]


def lock_marks() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_MARKS)


def deployment_name(deployment_id: UUID) -> str | None:
    """`flow/deployment`. One query."""
    names = Deployment.objects.filter(pk=deployment_id).values_list("flow__name", "name").first()
    return None if names is None else "/".join(names)
