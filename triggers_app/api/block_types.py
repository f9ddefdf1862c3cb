"""`/block_types`, `/block_schemas`, `/block_capabilities`, as Prefect answers them."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from runs_app.api.answers import answer, id_of, missing, nothing
from runs_app.api.fields import Body, Key, Object
from triggers_app.api.block_filters import BlockSchemasPage, BlockTypesPage
from triggers_app.api.block_refusals import refusals
from triggers_app.api.blocks import may_see_secrets
from triggers_app.services import block_types, blocks

router = Router(tags=["block types"])
schemas = Router(tags=["block schemas"])
capabilities = Router(tags=["block capabilities"])
Slug = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[a-z0-9-]+$")]
Name = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^/%&><\x00]+$")]
Text = Annotated[str, Field(max_length=100_000)]
MOST = 200


class BlockTypeChange(Body):
    logo_url: Text | None = None
    documentation_url: Text | None = None
    description: Text | None = None
    code_example: Text | None = None


class BlockTypeBody(BlockTypeChange):
    name: Name
    slug: Slug


class BlockSchemaBody(Body):
    block_type_id: UUID
    fields: Object = {}
    capabilities: list[Key] = []
    version: Key = "non-versioned"


@router.post("", response={201: Any})
@refusals()
def create_block_type(request: HttpRequest, body: BlockTypeBody) -> HttpResponse:
    return answer(block_types.create(body.given()), 201)


@router.post("/filter", response=Any)
@refusals()
def read_block_types(request: HttpRequest, body: BlockTypesPage | None = None) -> HttpResponse:
    page = body or BlockTypesPage()
    limit = MOST if page.limit is None else page.limit
    return answer(block_types.matching(page, limit=limit, offset=page.offset or 0))


@router.post("/install_system_block_types", response=Any)
@refusals()
def install_system_block_types(request: HttpRequest) -> HttpResponse:
    block_types.install()
    return answer(None)


@router.get("/slug/{slug}", response=Any)
@refusals()
def read_block_type_by_slug(request: HttpRequest, slug: str) -> HttpResponse:
    return _one(block_types.read(slug=slug), "Block type")


@router.get("/slug/{slug}/block_documents", response=Any)
@refusals()
def read_block_documents_of_type(
    request: HttpRequest, slug: str, include_secrets: bool = False
) -> HttpResponse:
    secrets = include_secrets and may_see_secrets(request)
    return _one(blocks.of_type(slug, secrets=secrets, limit=MOST), "Block type")


@router.get("/slug/{slug}/block_documents/name/{name}", response=Any)
@refusals()
def read_block_document_by_name(
    request: HttpRequest, slug: str, name: str, include_secrets: bool = False
) -> HttpResponse:
    secrets = include_secrets and may_see_secrets(request)
    return _one(blocks.read_by_name(slug, name, secrets=secrets), "Block document")


@router.get("/{type_id}", response=Any)
@refusals()
def read_block_type(request: HttpRequest, type_id: str) -> HttpResponse:
    return _one(block_types.read(pk=id_of(type_id)), "Block type")


@router.patch("/{type_id}", response={204: None})
@refusals()
def update_block_type(request: HttpRequest, type_id: str, body: BlockTypeChange) -> HttpResponse:
    if not block_types.change(id_of(type_id), body.given()):
        raise missing("Block type")
    return nothing()


@router.delete("/{type_id}", response={204: None})
@refusals()
def delete_block_type(request: HttpRequest, type_id: str) -> HttpResponse:
    if not block_types.delete(id_of(type_id)):
        raise missing("Block type")
    return nothing()


@schemas.post("", response={200: Any, 201: Any})
@refusals()
def create_block_schema(request: HttpRequest, body: BlockSchemaBody) -> HttpResponse:
    """200 where there is one of the same checksum and version."""
    document, new = block_types.create_schema(
        body.block_type_id, body.fields, body.capabilities, body.version
    )
    return answer(document, 201 if new else 200)


@schemas.post("/filter", response=Any)
@refusals()
def read_block_schemas(request: HttpRequest, body: BlockSchemasPage | None = None) -> HttpResponse:
    page = body or BlockSchemasPage()
    limit = MOST if page.limit is None else page.limit
    return answer(block_types.schemas_matching(page, limit=limit, offset=page.offset or 0))


@schemas.get("/checksum/{checksum}", response=Any)
@refusals()
def read_block_schema_by_checksum(
    request: HttpRequest, checksum: str, version: str | None = None
) -> HttpResponse:
    return _one(block_types.schema_by_checksum(checksum, version), "Block schema")


@schemas.get("/{schema_id}", response=Any)
@refusals()
def read_block_schema(request: HttpRequest, schema_id: str) -> HttpResponse:
    return _one(block_types.read_schema(id_of(schema_id)), "Block schema")


@schemas.delete("/{schema_id}", response={204: None})
@refusals()
def delete_block_schema(request: HttpRequest, schema_id: str) -> HttpResponse:
    if not block_types.delete_schema(id_of(schema_id)):
        raise missing("Block schema")
    return nothing()


@capabilities.get("", response=list[str])
@refusals()
def read_block_capabilities(request: HttpRequest) -> HttpResponse:
    return answer(block_types.capabilities())


def _one(document: Any, what: str) -> HttpResponse:
    if document is None:
        raise missing(what)
    return answer(document)
