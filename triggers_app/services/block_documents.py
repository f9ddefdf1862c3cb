"""Blocks as documents: with what they nest, and their secrets masked unless asked for."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from project.lib.encrypted_json import LockedData
from project.lib.json_documents import Document
from triggers_app.automation import block_schemas, blocks
from triggers_app.models import BlockDocument
from triggers_app.services.block_types import BlockRefused, schema_document, type_document
from triggers_app.storage import block_queries

MOST_NESTED = 500
Nested = Mapping[UUID, Mapping[str, UUID]]


def documents(
    rows: Iterable[BlockDocument], *, secrets: bool, refuse_locked: bool = False
) -> list[Document]:
    """The documents of rows that were read with type and schema.

    One query, and another where blocks are nested. Data that cannot be decrypted is empty, or
    refused. Raises BlockRefused for that, and where one nests too many.
    """
    known = {row.pk: row for row in rows}
    whole = list(known)
    nested = block_queries.nested(whole)
    missing = {child for named in nested.values() for child in named.values()} - known.keys()
    if missing:
        known |= {row.pk: row for row in block_queries.whole().filter(pk__in=missing)}
    for row in known.values():
        if refuse_locked and isinstance(row.data, LockedData):
            raise BlockRefused(409, f"Block {row.name} cannot be read. {row.data.reason}")
    sizes: dict[UUID, int] = {}
    for block_id in whole:
        if _size(block_id, nested, sizes) > MOST_NESTED:
            raise BlockRefused(409, f"Block {block_id} nests more than {MOST_NESTED} blocks.")
    return [_document(known[block_id], known, nested, secrets=secrets) for block_id in whole]


def _document(
    row: BlockDocument, known: Mapping[UUID, BlockDocument], nested: Nested, *, secrets: bool
) -> Document:
    data, references = _data(row, known, nested, secrets=secrets)
    return {
        "id": row.pk,
        "created": row.created,
        "updated": row.updated,
        "name": row.name,
        "data": data,
        "block_schema_id": row.block_schema_id,
        "block_schema": schema_document(row.block_schema),
        "block_type_id": row.block_type_id,
        "block_type_name": row.block_type.name,
        "block_type": type_document(row.block_type),
        "block_document_references": references,
        "is_anonymous": row.is_anonymous,
    }


def _data(
    row: BlockDocument, known: Mapping[UUID, BlockDocument], nested: Nested, *, secrets: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    data = dict(row.data) if secrets else masked_data(row)
    references: dict[str, Any] = {}
    for name, child_id in nested.get(row.pk, {}).items():
        child = known[child_id]
        data[name], below = _data(child, known, nested, secrets=secrets)
        references[name] = {
            "block_document": {
                "id": child.pk,
                "name": child.name,
                "block_type": type_document(child.block_type),
                "is_anonymous": child.is_anonymous,
                "block_document_references": below,
            }
        }
    return data, references


def masked_data(row: BlockDocument) -> dict[str, Any]:
    """What anyone may see of a block's own data: of an address the server, of headers the names."""
    masked_data = dict(row.data)
    addressed = row.block_type.slug in (*blocks.ADDRESSED, blocks.DISCORD)
    if addressed:
        masked_data = blocks.masked(masked_data)
    hidden = [
        path
        for path in row.block_schema.fields.get("secret_fields") or ()
        if not (addressed and path in ("url", "headers.*"))
    ]
    return block_schemas.masked(masked_data, hidden)


def check_nested(block_id: UUID, named: Mapping[str, UUID]) -> None:
    """Raises BlockRefused where a nested block does not exist, or the block would nest itself."""
    children = set(named.values())
    existing = BlockDocument.objects.filter(pk__in=children).count()
    if existing < len(children):
        raise BlockRefused(404, "A referenced block document was not found.")
    nested = {**block_queries.nested(children), block_id: dict(named)}
    if block_id in _below(block_id, nested):
        raise BlockRefused(400, "A block cannot nest itself: the references would go round.")
    if _size(block_id, nested, {}) > MOST_NESTED:
        raise BlockRefused(400, f"A block may nest at most {MOST_NESTED} blocks.")


def _below(block_id: UUID, nested: Nested) -> set[UUID]:
    below: set[UUID] = set()
    left = list(nested.get(block_id, {}).values())
    while left:
        child = left.pop()
        if child not in below:
            below.add(child)
            left += nested.get(child, {}).values()
    return below


def _size(block_id: UUID, nested: Nested, sizes: dict[UUID, int]) -> int:
    """How many blocks its document holds, each as often as it is nested."""
    if block_id not in sizes:
        sizes[block_id] = MOST_NESTED  # stands where concurrent changes made a circle
        below = sum(_size(child, nested, sizes) for child in nested.get(block_id, {}).values())
        sizes[block_id] = 1 + below
    return sizes[block_id]
