"""Automations and their versions: locked, and written in order of change."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import QuerySet

from events_app.domain.position import StreamId
from triggers_app.models import Automation, AutomationVersion

# Raw SQL, one statement for a row and its version: the lock is held for one round trip and the
# commit. Who draws a number keeps the lock until its commit, so numbers become visible in
# order: a reader that has seen 7 will never find a 6 later. The join cannot give a row, and no
# number is drawn, before the lock is taken.
_GIVEN = """
    WITH given AS MATERIALIZED (
        SELECT n.*, nextval('automation_change_seq') AS change
        FROM (SELECT pg_advisory_xact_lock(4207101) OFFSET 0) AS locked,
             jsonb_to_recordset(%(rows)s::jsonb) AS n (
                 id uuid, name text, description text, enabled boolean, tags text[],
                 document jsonb, owner_resource text, related_resources text[], version int,
                 effective_after_ms bigint, effective_after_seq bigint,
                 quarantine_reason text, quarantined timestamptz, deleted timestamptz,
                 grace text, trigger_meaning text, guarded boolean, posted_enabled boolean,
                 chosen_enabled boolean
             )
    )
"""
_INSERT = """
    , saved AS (
        INSERT INTO automation (
            id, name, description, enabled, tags, document, owner_resource, related_resources,
            trigger_meaning, guarded, posted_enabled, chosen_enabled, version, change,
            effective_after_ms, effective_after_seq, created_by, created, updated
        )
        SELECT id, name, description, enabled, tags, document, owner_resource, related_resources,
               trigger_meaning, guarded, posted_enabled, chosen_enabled, version, change,
               effective_after_ms, effective_after_seq, split_part(%(author)s, ': ', 1),
               %(now)s, %(now)s
        FROM given
    )
"""
_UPDATE = """
    , saved AS (
        UPDATE automation a
        SET name = g.name, description = g.description, enabled = g.enabled, tags = g.tags,
            document = g.document, owner_resource = g.owner_resource,
            related_resources = g.related_resources, trigger_meaning = g.trigger_meaning,
            guarded = g.guarded, posted_enabled = g.posted_enabled,
            chosen_enabled = g.chosen_enabled,
            version = g.version, change = g.change,
            effective_after_ms = g.effective_after_ms,
            effective_after_seq = g.effective_after_seq,
            quarantine_reason = g.quarantine_reason, quarantined = g.quarantined,
            deleted = g.deleted, grace = g.grace, updated = %(now)s
        FROM given g WHERE a.id = g.id
    )
"""
_VERSIONS = """
    INSERT INTO automation_version (
        automation_id, version, enabled, document, deleted, guarded, effective_after_ms,
        effective_after_seq, author, created
    )
    SELECT id, version, enabled, document, deleted IS NOT NULL, guarded, effective_after_ms,
           effective_after_seq, %(author)s, %(now)s
    FROM given
"""
_json = msgspec.json.Encoder().encode


def locked(automation_id: UUID) -> Automation | None:
    """The automation, locked for a change. One query."""
    return live().select_for_update(no_key=True).filter(pk=automation_id).first()


def locked_owned_by(resource_id: str) -> list[Automation]:
    """Those that a resource owns, locked for a change, oldest first. One query."""
    rows = live().filter(owner_resource=resource_id).select_for_update(no_key=True)
    return list(rows.order_by("id"))


def locked_named(names: Collection[str]) -> list[Automation]:
    """Those that have one of these names, locked for a change, oldest first. One query."""
    rows = live().filter(name__in=names).select_for_update(no_key=True)
    return list(rows.order_by("id"))


def locked_many(automation_ids: Collection[UUID]) -> list[Automation]:
    """Those that exist, locked for a change, in the order of their ids. One query."""
    rows = live().filter(pk__in=automation_ids).select_for_update(no_key=True)
    return list(rows.order_by("id"))


def locked_with_deleted(automation_ids: Collection[UUID]) -> list[Automation]:
    """The same, also those that were deleted. One query."""
    rows = Automation.objects.filter(pk__in=automation_ids).select_for_update(no_key=True)
    return list(rows.order_by("id"))


def versions(automation_ids: Collection[UUID]) -> dict[UUID, int]:
    """Of those that exist. One query."""
    return dict(live().filter(pk__in=automation_ids).values_list("pk", "version"))


def versions_before(made: Mapping[UUID, int]) -> dict[UUID, dict[str, Any]]:
    """The document of the version before each. One query."""
    rows = AutomationVersion.objects.filter(
        automation_id__in=list(made), version__in={version - 1 for version in made.values()}
    ).values_list("automation_id", "version", "document")
    return {pk: document for pk, version, document in rows if version == made[pk] - 1}


def note_switches(rows: Sequence[Automation]) -> None:
    """Write what owners and persons said last of automations that stay as they are. One query."""
    if rows:
        Automation.objects.bulk_update(rows, ["posted_enabled", "chosen_enabled"])


def says_the_same(row: Automation, version: int | None) -> bool:
    """Whether the automation says what it said at that version. One query, or none."""
    if row.version == version:
        return True
    known = AutomationVersion.objects.filter(automation=row, version=version or 0)
    return known.filter(document=row.document).exists()


def write(
    rows: Sequence[Automation],
    *,
    new: bool,
    effective_after: StreamId,
    author: str,
    now: datetime,
) -> None:
    """Write automations as they stand now, each as its next version. One query.

    `effective_after` never goes back between versions of one automation, for the evaluator
    applies them in its order.
    """
    for row in rows:
        after = max(effective_after, (row.effective_after_ms, row.effective_after_seq))
        row.effective_after_ms, row.effective_after_seq = after
        row.updated = now
        if new:
            row.created = now
    given = [{name: getattr(row, name) for name in _GIVEN_COLUMNS} for row in rows]
    text = _json(given).decode()
    parameters: dict[str, str | datetime] = {"rows": text, "now": now, "author": author}
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN + (_INSERT if new else _UPDATE) + _VERSIONS, parameters)


_GIVEN_COLUMNS = (
    *("id", "name", "description", "enabled", "tags", "document", "owner_resource"),
    *("related_resources", "version", "effective_after_ms", "effective_after_seq"),
    *("quarantine_reason", "quarantined", "deleted", "grace", "trigger_meaning"),
    *("guarded", "posted_enabled", "chosen_enabled"),
)


def live() -> "QuerySet[Automation]":
    return Automation.objects.filter(deleted=None)


def automation(automation_id: UUID) -> Automation | None:
    return live().filter(pk=automation_id).first()
