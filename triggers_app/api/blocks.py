"""`/block_documents`: what flows and actions need outside. Secrets come out for editors only."""

from typing import Annotated, Any, Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field, model_validator

from accounts_app.models import Role
from accounts_app.services import access
from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from runs_app.api.answers import answer, missing, nothing
from runs_app.api.fields import Body, Object
from triggers_app.api.automations import existing_id
from triggers_app.api.block_filters import BlockDocumentsBody, BlockDocumentsPage, DocumentSort
from triggers_app.api.block_refusals import refusals
from triggers_app.services import blocks

router = Router(tags=["blocks"])
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class BlockBody(Body):
    """As clients send it, with schema and type; or short, with the slug of the type."""

    name: Name | None = None
    data: Object = {}
    block_type_slug: Name | None = None
    block_schema_id: UUID | None = None
    block_type_id: UUID | None = None
    is_anonymous: bool = False

    @model_validator(mode="after")
    def _says_what_it_is(self) -> Self:
        if self.block_type_slug is None and None in (self.block_schema_id, self.block_type_id):
            raise ValueError("Give block_schema_id and block_type_id, or block_type_slug.")
        if self.name is None and not self.is_anonymous:
            raise ValueError("Names must be provided for block documents.")
        return self


class BlockChange(Body):
    data: Object = {}
    block_schema_id: UUID | None = None
    merge_existing_data: bool = True


@router.post("", response={201: Any})
@refusals()
def create_block(request: HttpRequest, body: BlockBody) -> HttpResponse:
    document = _created(body)
    if document is None:
        raise ApiError(409, {"detail": "Block already exists"})
    return answer(document, 201)


def _created(body: BlockBody) -> Any:
    if body.block_schema_id is None or body.block_type_id is None:
        return blocks.create(body.name or "", body.block_type_slug or "", body.data)
    return blocks.create_of_schema(
        body.name,
        body.block_schema_id,
        body.block_type_id,
        body.data,
        anonymous=body.is_anonymous,
    )


@router.post("/filter", response=Any)
@refusals()
def read_blocks(request: HttpRequest, body: BlockDocumentsPage | None = None) -> HttpResponse:
    page = body or BlockDocumentsPage()
    secrets = bool(page.include_secrets) and may_see_secrets(request)
    documents = blocks.matching(
        page,
        sort=page.sort or DocumentSort.NAME_ASC,
        limit=200 if page.limit is None else page.limit,
        offset=page.offset or 0,
        secrets=secrets,
    )
    return answer(documents)


@router.post("/count", response=int)
@refusals()
def count_blocks(request: HttpRequest, body: BlockDocumentsBody | None = None) -> HttpResponse:
    return answer(blocks.count(body or BlockDocumentsBody()))


@router.get("/{block_id}", response=Any)
@refusals()
def read_block(request: HttpRequest, block_id: str, include_secrets: bool = False) -> HttpResponse:
    secrets = include_secrets and may_see_secrets(request)
    document = blocks.read(existing_id(block_id), secrets=secrets)
    if document is None:
        raise missing("Block document")
    return answer(document)


@router.patch("/{block_id}", response={204: None})
@refusals()
def change_block(request: HttpRequest, block_id: str, body: BlockChange) -> HttpResponse:
    changed = blocks.change(
        existing_id(block_id),
        body.data,
        merge=body.merge_existing_data,
        schema_id=body.block_schema_id,
        now=utcnow(),
    )
    if not changed:
        raise missing("Block document")
    return nothing()


@router.delete("/{block_id}", response={204: None})
@refusals()
def delete_block(request: HttpRequest, block_id: str) -> HttpResponse:
    if not blocks.delete(existing_id(block_id)):
        raise missing("Block document")
    return nothing()


def may_see_secrets(request: HttpRequest) -> bool:
    """Viewers get masks: clients ask for secrets even where they only list names."""
    return access.may(request.auth, Role.EDITOR)  # type: ignore[attr-defined]  # of ninja
