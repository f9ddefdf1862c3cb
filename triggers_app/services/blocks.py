"""Blocks: made, changed, shown with their secrets masked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from project.lib.encrypted_json import LockedData
from project.lib.encryption import MissingKey
from project.lib.json_documents import Document
from project.lib.problems import Invalid, Problem
from triggers_app.automation import block_schemas, blocks
from triggers_app.models import BlockDocument, BlockSchema, BlockType
from triggers_app.services import block_documents, block_types
from triggers_app.services.block_types import BlockRefused
from triggers_app.storage import block_queries


def create(name: str, type_slug: str, data: Mapping[str, Any]) -> Document | None:
    """The new block of a type, by its newest schema; None when there is one of that name.

    Raises Invalid.
    """
    block_type = block_types.type_row(type_slug)
    schema = None if block_type is None else block_types.newest_schema(block_type)
    if block_type is None or schema is None:
        known = ", ".join(BlockType.objects.order_by("slug").values_list("slug", flat=True)[:50])
        raise Invalid([Problem(("block_type_slug",), f"The types of blocks are {known}.")])
    blocks.check_names(type_slug, data, schema.fields)
    return _made(BlockDocument(name=name, block_type=block_type, block_schema=schema), data)


def create_of_schema(
    name: str | None, schema_id: UUID, type_id: UUID, data: Mapping[str, Any], *, anonymous: bool
) -> Document | None:
    """The new block as a client sends it; None when its type has one of that name.

    Raises Invalid and BlockRefused.
    """
    schema = BlockSchema.objects.select_related("block_type").filter(pk=schema_id).first()
    if schema is None:
        raise BlockRefused(404, f"Block schema {schema_id} not found.")
    if schema.block_type_id != type_id:
        raise BlockRefused(400, "The block schema is of another block type.")
    blocks.check_data(schema.block_type.slug, data)
    row = BlockDocument(
        name=name or f"anonymous-{uuid4()}",
        block_type=schema.block_type,
        block_schema=schema,
        is_anonymous=anonymous,
    )
    return _made(row, data)


def _made(row: BlockDocument, data: Mapping[str, Any]) -> Document | None:
    row.data, named = block_schemas.split_references(data)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            _refer(row, named)
    except IntegrityError:
        return None
    except MissingKey as error:
        raise BlockRefused(503, str(error)) from None
    return block_documents.documents([row], secrets=False)[0]


def _refer(row: BlockDocument, named: dict[str, UUID]) -> None:
    """Raises BlockRefused where a block does not exist, or would nest itself."""
    if named:
        block_documents.check_nested(row.pk, named)
    block_queries.set_references(row, named)


def read(block_id: UUID, *, secrets: bool = False) -> Document | None:
    return _first(secrets, pk=block_id)


def read_by_name(type_slug: str, name: str, *, secrets: bool) -> Document | None:
    return _first(secrets, block_type__slug=type_slug, name=name)


def _first(secrets: bool, **which: Any) -> Document | None:
    """Raises BlockRefused when its secrets are asked for and cannot be decrypted."""
    rows = list(block_queries.whole().filter(**which)[:1])
    if not rows:
        return None
    return block_documents.documents(rows, secrets=secrets, refuse_locked=secrets)[0]


def of_type(type_slug: str, *, secrets: bool, limit: int) -> list[Document] | None:
    """By name, without the anonymous ones; None when there is no such type."""
    block_type = block_types.type_row(type_slug)
    if block_type is None:
        return None
    rows = block_queries.whole().filter(block_type=block_type, is_anonymous=False)
    return block_documents.documents(rows.order_by("name", "id")[:limit], secrets=secrets)


def matching(
    scope: Any, *, sort: str, limit: int, offset: int, secrets: bool = False
) -> list[Document]:
    """Three queries, one more where blocks are nested."""
    rows = block_queries.documents(scope).order_by(*block_queries.DOCUMENT_ORDER[sort])
    return block_documents.documents(rows[offset : offset + limit], secrets=secrets)


def count(scope: Any) -> int:
    return block_queries.documents(scope).count()


def change(
    block_id: UUID,
    data: Mapping[str, Any],
    *,
    merge: bool,
    now: datetime,
    schema_id: UUID | None = None,
) -> bool:
    """New data for a block; what comes back masked stays. False if there is none.

    Raises Invalid and BlockRefused.
    """
    with transaction.atomic():
        rows = BlockDocument.objects.select_for_update(of=("self",))
        row = rows.select_related("block_type").filter(pk=block_id).first()
        if row is None:
            return False
        if isinstance(row.data, LockedData) and merge:
            raise BlockRefused(409, f"Nothing can be merged into its data. {row.data.reason}")
        own, named = block_schemas.split_references(_unmasked(row, data))
        if merge:
            kept = row.references.exclude(name__in=data)
            named = {**dict(kept.values_list("name", "child_id")), **named}
            own = {name: each for name, each in row.data.items() if name not in named} | own
        slug = row.block_type.slug
        blocks.check_data(slug, own)
        if problems := blocks.kept_secrets_problems(row.data, own):
            raise Invalid(problems)
        row.data, row.updated = own, now
        if schema_id is not None:
            row.block_schema = _schema_for(row, schema_id)
        try:
            row.save()
        except MissingKey as error:
            raise BlockRefused(503, str(error)) from None
        _refer(row, named)
    return True


def _unmasked(row: BlockDocument, data: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = block_schemas.unmasked(row.data, dict(data))
    if row.block_type.slug not in (*blocks.ADDRESSED, blocks.DISCORD):
        return given
    whole = blocks.merged(row.data, given)
    return {name: whole[name] for name in given}


def _schema_for(row: BlockDocument, schema_id: UUID) -> BlockSchema:
    schema = BlockSchema.objects.filter(pk=schema_id).first()
    if schema is None or schema.block_type_id != row.block_type_id:
        raise BlockRefused(
            400, "Must migrate block document to a block schema of the same block type."
        )
    return schema


def delete(block_id: UUID) -> bool:
    return BlockDocument.objects.filter(pk=block_id).delete()[0] > 0
