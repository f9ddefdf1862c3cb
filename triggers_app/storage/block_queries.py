"""Filter documents about blocks as conditions of queries, and the order of their answers."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from runs_app.reads.filters import joined
from runs_app.storage.texts import like
from triggers_app.models import BlockDocument, BlockReference, BlockSchema, BlockType

DOCUMENT_ORDER = {
    "NAME_ASC": ["name", "id"],
    "NAME_DESC": ["-name", "-id"],
    "BLOCK_TYPE_AND_NAME_ASC": ["block_type__name", "name", "id"],
}
# UNION, not UNION ALL: what two blocks nest is there once, and a circle ends.
_NESTED = """
    WITH RECURSIVE nested AS (
        SELECT r.parent_id, r.name, r.child_id FROM block_reference r
        WHERE r.parent_id = ANY(%s)
        UNION
        SELECT r.parent_id, r.name, r.child_id
        FROM block_reference r JOIN nested n ON r.parent_id = n.child_id
    )
    SELECT parent_id, name, child_id FROM nested ORDER BY parent_id, name
"""


def documents(scope: Any) -> "QuerySet[BlockDocument]":
    """The blocks that a scope of filters admits; without the anonymous ones unless it says so."""
    conditions = [
        _document(scope.block_documents),
        _type(scope.block_types, "block_type__"),
        _schema(scope.block_schemas, "block_schema__"),
    ]
    return whole().filter(*conditions)


def whole() -> "QuerySet[BlockDocument]":
    """Blocks with what their answers tell of type and schema."""
    return BlockDocument.objects.select_related("block_type", "block_schema__block_type")


def types(scope: Any) -> "QuerySet[BlockType]":
    """Those with a schema that the scope admits, where it asks for one. By name."""
    rows = BlockType.objects.filter(_type(scope.block_types, ""))
    if scope.block_schemas is not None:
        schemas = BlockSchema.objects.filter(
            _schema(scope.block_schemas, ""), block_type=OuterRef("pk")
        )
        rows = rows.filter(Exists(schemas))
    return rows.order_by("name", "id")


def schemas(scope: Any) -> "QuerySet[BlockSchema]":
    """The newest first: a client that wants the latest of a type takes the first."""
    rows = BlockSchema.objects.filter(_schema(scope.block_schemas, ""))
    return rows.select_related("block_type").order_by("-created", "-id")


def nested(ids: Collection[UUID]) -> dict[UUID, dict[str, UUID]]:
    """What blocks nest, and what is nested in that: the children of each by name. One query."""
    by_document: dict[UUID, dict[str, UUID]] = {}
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_NESTED, [list(ids)])
            for parent, name, child in cursor.fetchall():
                by_document.setdefault(parent, {})[name] = child
    return by_document


def set_references(block: BlockDocument, named: dict[str, UUID]) -> None:
    """Make these the blocks that it nests. Two queries."""
    BlockReference.objects.filter(parent=block).delete()
    rows = [
        BlockReference(parent=block, name=name, child_id=child) for name, child in named.items()
    ]
    BlockReference.objects.bulk_create(rows)


def _document(given: Any) -> Q:
    if given is None:
        return Q(is_anonymous=False)
    parts = [_in("id", given.id), _in("block_type_id", given.block_type_id)]
    if given.is_anonymous and given.is_anonymous.eq_ is not None:
        parts.append(Q(is_anonymous=given.is_anonymous.eq_))
    if given.name:
        parts += [_in("name", given.name), _like("name", given.name.like_)]
    return joined(given, parts)


def _type(given: Any, prefix: str) -> Q:
    if given is None:
        return Q()
    name = _like(f"{prefix}name", given.name.like_) if given.name else Q()
    return joined(given, [_in(f"{prefix}slug", given.slug), name])


def _schema(given: Any, prefix: str) -> Q:
    if given is None:
        return Q()
    parts = [
        _in(f"{prefix}block_type_id", given.block_type_id),
        _in(f"{prefix}id", given.id),
        _in(f"{prefix}version", given.version),
    ]
    if given.block_capabilities and given.block_capabilities.all_ is not None:
        parts.append(Q(**{f"{prefix}capabilities__contains": given.block_capabilities.all_}))
    return joined(given, parts)


def _in(field: str, given: Any) -> Q:
    return Q() if given is None or given.any_ is None else Q(**{f"{field}__in": given.any_})


def _like(field: str, pattern: str | None) -> Q:
    return Q(**{f"{field}__iregex": like(pattern)}) if pattern else Q()
