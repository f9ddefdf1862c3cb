"""`/block_documents`: where notifications and webhooks go. Secrets never come out again."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from pydantic import BaseModel, ConfigDict, Field

from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from project.lib.json_documents import Document
from triggers_app.api.automations import existing_id
from triggers_app.api.schemas import documented, read_body
from triggers_app.services import blocks

router = Router(tags=["blocks"])
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class BlockBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Name
    block_type_slug: str
    data: dict[str, Any]


class BlockChange(BaseModel):
    model_config = ConfigDict(extra="ignore")
    data: dict[str, Any]
    merge_existing_data: bool = True


class _Any(BaseModel):
    any_: list[str] | None = None


class BlockFilter(BaseModel):
    slug: _Any | None = None


class BlockNameFilter(BaseModel):
    name: _Any | None = None


class BlocksPage(BaseModel):
    block_types: BlockFilter | None = None
    block_documents: BlockNameFilter | None = None
    limit: Annotated[int, Field(ge=0, le=200)] | None = None
    offset: Annotated[int, Field(ge=0, le=2**31)] | None = None


_NEW = documented(BlockBody.model_json_schema(), required=True)
_CHANGE = documented(BlockChange.model_json_schema(), required=True)
_PAGE = documented(BlocksPage.model_json_schema(), required=False)


@router.post("", response={201: Any}, openapi_extra=_NEW)
def create_block(request: HttpRequest) -> Status[Document]:
    body = read_body(request, BlockBody)
    made = blocks.create(body.name, body.block_type_slug, body.data)
    if made is None:
        raise ApiError(409, {"detail": "Block already exists"})
    return Status(201, made)


@router.post("/filter", response=Any, openapi_extra=_PAGE)
def read_blocks(request: HttpRequest) -> list[Document]:
    page = read_body(request, BlocksPage)
    return blocks.matching(
        slugs=page.block_types.slug.any_ if page.block_types and page.block_types.slug else None,
        names=page.block_documents.name.any_
        if page.block_documents and page.block_documents.name
        else None,
        limit=200 if page.limit is None else page.limit,
        offset=page.offset or 0,
    )


@router.get("/{block_id}", response=Any)
def read_block(request: HttpRequest, block_id: str) -> Document:
    found = blocks.read(existing_id(block_id))
    if found is None:
        raise _missing()
    return found


@router.patch("/{block_id}", response={204: None}, openapi_extra=_CHANGE)
def change_block(request: HttpRequest, block_id: str) -> HttpResponse:
    wanted: UUID = existing_id(block_id)
    body = read_body(request, BlockChange)
    if not blocks.change(wanted, body.data, merge=body.merge_existing_data, now=utcnow()):
        raise _missing()
    return HttpResponse(status=204)


@router.delete("/{block_id}", response={204: None})
def delete_block(request: HttpRequest, block_id: str) -> HttpResponse:
    if not blocks.delete(existing_id(block_id)):
        raise _missing()
    return HttpResponse(status=204)


def _missing() -> ApiError:
    return ApiError(404, {"detail": "Block document not found"})
