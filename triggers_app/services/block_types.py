"""Types and schemas of blocks: those of the catalog, and those that clients register."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from project.lib.json_documents import Document
from triggers_app.automation import block_schemas
from triggers_app.automation.block_catalog import CATALOG, VERSION
from triggers_app.models import BlockSchema, BlockType
from triggers_app.storage import block_queries

TYPE_FIELDS = ("logo_url", "documentation_url", "description", "code_example")


class BlockRefused(Exception):
    """A change that is not possible; `status` is what the API answers."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def install() -> None:
    """Have the types of the catalog, each with its schema; those that are there stay.

    Done at each start, and again where one is missing: a migration would not bring back what
    a dump of before lacks. Three queries.
    """
    with transaction.atomic():
        BlockType.objects.bulk_create(
            [
                BlockType(
                    id=each.id,
                    slug=each.slug,
                    name=each.name,
                    description=each.description,
                    is_protected=True,
                )
                for each in CATALOG.values()
            ],
            ignore_conflicts=True,
        )
        rows = BlockType.objects.filter(slug__in=CATALOG)
        BlockSchema.objects.bulk_create(
            [_catalog_schema(row) for row in rows], ignore_conflicts=True
        )


def _catalog_schema(row: BlockType) -> BlockSchema:
    known = CATALOG[row.slug]
    return BlockSchema(
        id=known.schema_id,
        block_type=row,
        checksum=known.checksum,
        version=VERSION,
        fields=known.fields,
        capabilities=list(known.capabilities),
    )


def with_catalog(slugs: Collection[str]) -> None:
    """Install the catalog where one of its types is asked for and missing. One query."""
    known = [slug for slug in slugs if slug in CATALOG]
    if known and BlockType.objects.filter(slug__in=known).count() < len(known):
        install()


def type_row(slug: str) -> BlockType | None:
    """The type of a slug; those of the catalog are always there."""
    with_catalog([slug])
    return BlockType.objects.filter(slug=slug).first()


def newest_schema(block_type: BlockType) -> BlockSchema | None:
    return block_type.schemas.order_by("-created", "-id").first()


def read(**which: Any) -> Document | None:
    if "slug" in which:
        with_catalog([which["slug"]])
    row = BlockType.objects.filter(**which).first()
    return None if row is None else type_document(row)


def matching(scope: Any, *, limit: int, offset: int) -> list[Document]:
    with_catalog(CATALOG)
    return [type_document(row) for row in block_queries.types(scope)[offset : offset + limit]]


def create(fields: Mapping[str, Any]) -> Document:
    """Raises BlockRefused."""
    if fields["name"].lower().startswith("prefect"):
        raise BlockRefused(403, "Block type names beginning with 'Prefect' are reserved.")
    with_catalog(CATALOG)
    try:
        with transaction.atomic():
            return type_document(BlockType.objects.create(**fields))
    except IntegrityError:
        message = f'Block type with name "{fields["name"]}" already exists'
        raise BlockRefused(409, message) from None


def change(type_id: UUID, fields: Mapping[str, Any]) -> bool:
    """False when there is no such type."""
    row = BlockType.objects.filter(pk=type_id).first()
    if row is None:
        return False
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=[*fields, "updated"])
    return True


def delete(type_id: UUID) -> bool:
    """With its schemas and blocks. False when there is no such type. Raises BlockRefused."""
    row = BlockType.objects.filter(pk=type_id).first()
    if row is None:
        return False
    if row.is_protected:
        raise BlockRefused(403, "protected block types cannot be deleted.")
    row.delete()
    return True


def type_document(row: BlockType) -> Document:
    return {
        "id": row.pk,
        "created": row.created,
        "updated": row.updated,
        "name": row.name,
        "slug": row.slug,
        "logo_url": row.logo_url,
        "documentation_url": row.documentation_url,
        "description": row.description,
        "code_example": row.code_example,
        "is_protected": row.is_protected,
    }


def create_schema(
    type_id: UUID, fields: Mapping[str, Any], capabilities: Sequence[str], version: str
) -> tuple[Document, bool]:
    """The schema, and whether it is new: one of the same checksum and version is the same.

    Raises BlockRefused.
    """
    row = BlockType.objects.filter(pk=type_id).first()
    if row is None:
        raise BlockRefused(404, f"Block type {type_id} not found.")
    slugs = block_schemas.nested_slugs(fields)
    with_catalog(slugs)
    known = set(BlockType.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    if missing := sorted(slugs - known):
        raise BlockRefused(
            409,
            f"Cannot create block schema because block type {missing[0]!r} was not found. "
            "Did you forget to register the block type?",
        )
    schema, new = BlockSchema.objects.select_related("block_type").get_or_create(
        checksum=block_schemas.checksum(fields),
        version=version,
        defaults={
            "block_type": row,
            "fields": dict(fields),
            "capabilities": list(capabilities),
        },
    )
    return schema_document(schema), new


def read_schema(schema_id: UUID) -> Document | None:
    row = BlockSchema.objects.select_related("block_type").filter(pk=schema_id).first()
    return None if row is None else schema_document(row)


def schema_by_checksum(checksum: str, version: str | None) -> Document | None:
    """The newest of the checksum; of that version where one is given."""
    rows = BlockSchema.objects.select_related("block_type").filter(checksum=checksum)
    rows = rows if version is None else rows.filter(version=version)
    row = rows.order_by("-created", "-id").first()
    return None if row is None else schema_document(row)


def schemas_matching(scope: Any, *, limit: int, offset: int) -> list[Document]:
    with_catalog(CATALOG)
    return [schema_document(row) for row in block_queries.schemas(scope)[offset : offset + limit]]


def delete_schema(schema_id: UUID) -> bool:
    """With the blocks of it. False when there is no such schema. Raises BlockRefused."""
    row = BlockSchema.objects.select_related("block_type").filter(pk=schema_id).first()
    if row is None:
        return False
    if row.block_type.is_protected:
        raise BlockRefused(403, "Block schemas for protected block types cannot be deleted.")
    row.delete()
    return True


def capabilities() -> list[str]:
    with_catalog(CATALOG)
    rows = BlockSchema.objects.values_list("capabilities", flat=True).order_by().distinct()
    return sorted({each for row in rows for each in row})


def schema_document(row: BlockSchema) -> Document:
    return {
        "id": row.pk,
        "created": row.created,
        "updated": row.updated,
        "checksum": row.checksum,
        "fields": row.fields,
        "block_type_id": row.block_type_id,
        "block_type": type_document(row.block_type),
        "capabilities": row.capabilities,
        "version": row.version,
    }
