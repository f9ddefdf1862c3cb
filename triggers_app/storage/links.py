"""Automations as the search for cycles reads them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from runs_app.models import Deployment

# The parts that a loop needs; null for what cannot be part of one.
_CHANGED = """
    SELECT id, change,
           CASE WHEN deleted IS NULL AND enabled AND EXISTS (
               SELECT FROM unnest(related_resources) r WHERE r LIKE 'prefect.deployment.%%'
           ) THEN document END
    FROM automation
    WHERE change > %s ORDER BY change
"""


@dataclass(frozen=True, slots=True)
class Changed:
    """`document` is None for what is deleted, disabled, or runs no deployment that it names."""

    id: UUID
    change: int
    document: dict[str, Any] | None


def changed_after(change: int) -> list[Changed]:
    """What was saved since, in order. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, (change,))
        rows = cursor.fetchall()
    return [
        Changed(pk, number, None if document is None else msgspec.json.decode(document))
        for pk, number, document in rows
    ]


def deployment_name(deployment_id: UUID) -> str | None:
    """`flow/deployment`. One query."""
    found = Deployment.objects.filter(pk=deployment_id).values_list("flow__name", "name").first()
    return None if found is None else "/".join(found)
