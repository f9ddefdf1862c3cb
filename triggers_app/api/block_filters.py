"""Prefect's filter documents about blocks."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from runs_app.api.fields import Body, Limit, Offset, Strict
from runs_app.api.filters import Ids, Texts

Pattern = Annotated[str, Field(max_length=500)]


class DocumentSort(StrEnum):
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    BLOCK_TYPE_AND_NAME_ASC = "BLOCK_TYPE_AND_NAME_ASC"


class AnyBlockId(Strict):
    any_: Ids | None = None


class AnyText(Strict):
    any_: Texts | None = None


class LikeName(Strict):
    like_: Pattern | None = None


class NamedLike(Strict):
    any_: Texts | None = None
    like_: Pattern | None = None


class AllCapabilities(Strict):
    all_: Texts | None = None


class Anonymous(Strict):
    eq_: bool | None = None


class BlockTypeFilter(Strict):
    name: LikeName | None = None
    slug: AnyText | None = None


class BlockSchemaFilter(Strict):
    operator: Literal["and_", "or_"] = "and_"
    block_type_id: AnyBlockId | None = None
    block_capabilities: AllCapabilities | None = None
    id: AnyBlockId | None = None
    version: AnyText | None = None


class BlockDocumentFilter(Strict):
    """`is_anonymous`: left out it is false, null admits both."""

    operator: Literal["and_", "or_"] = "and_"
    id: AnyBlockId | None = None
    is_anonymous: Anonymous | None = Anonymous(eq_=False)
    block_type_id: AnyBlockId | None = None
    name: NamedLike | None = None


class BlockTypesPage(Body):
    block_types: BlockTypeFilter | None = None
    block_schemas: BlockSchemaFilter | None = None
    limit: Limit | None = None
    offset: Offset | None = None


class BlockSchemasPage(Body):
    block_schemas: BlockSchemaFilter | None = None
    limit: Limit | None = None
    offset: Offset | None = None


class BlockDocumentsBody(Body):
    block_documents: BlockDocumentFilter | None = None
    block_types: BlockTypeFilter | None = None
    block_schemas: BlockSchemaFilter | None = None


class BlockDocumentsPage(BlockDocumentsBody):
    include_secrets: bool | None = None
    sort: DocumentSort | None = None
    limit: Limit | None = None
    offset: Offset | None = None
