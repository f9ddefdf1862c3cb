"""`/brakes`: Flint's own paths to stop all acting, and to decide what becomes of what is held."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, ConfigDict, Field

from project.lib.clock import utcnow
from project.lib.json_documents import Document
from triggers_app.api.automations import author
from triggers_app.api.schemas import documented, read_body
from triggers_app.reads import held_actions
from triggers_app.services import pausing

router = Router(tags=["brakes"])


class StopBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")] = ""


class HeldBody(BaseModel):
    """Which held actions; nothing narrows nothing."""

    model_config = ConfigDict(extra="forbid")
    ids: list[Annotated[int, Field(ge=0, lt=2**63)]] | None = None
    automation_id: UUID | None = None
    held_for: Literal["ceiling", "stopped", "restore"] | None = None

    def which(self) -> held_actions.HeldActions:
        return held_actions.HeldActions(
            ids=self.ids, automation_id=self.automation_id, held_for=self.held_for
        )


class HeldPage(HeldBody):
    held_for: Literal["ceiling", "stopped", "grace", "restore"] | None = None  # type: ignore[assignment]  # reading may see more
    limit: Annotated[int, Field(ge=0, le=200)] = 200
    offset: Annotated[int, Field(ge=0, le=2**31)] = 0


_STOP = documented(StopBody.model_json_schema(), required=False)
_HELD = documented(HeldBody.model_json_schema(), required=False)
_PAGE = documented(HeldPage.model_json_schema(), required=False)


@router.get("", response=Any)
def read_pause(request: HttpRequest) -> Document:
    return held_actions.state()


@router.post("/stop", response=Any, openapi_extra=_STOP)
def stop_acting(request: HttpRequest) -> Document:
    body = read_body(request, StopBody)
    pausing.stop_acting(author=author(request), reason=body.reason, now=utcnow())
    return held_actions.state()


@router.post("/resume", response=Any)
def resume_acting(request: HttpRequest) -> Document:
    pausing.resume_acting(author=author(request), now=utcnow())
    return held_actions.state()


@router.post("/held/filter", response=Any, openapi_extra=_PAGE)
def read_held(request: HttpRequest) -> list[Document]:
    page = read_body(request, HeldPage)
    return held_actions.held(page.which(), limit=page.limit, offset=page.offset)


@router.post("/held/release", response=Any, openapi_extra=_HELD)
def release_held(request: HttpRequest) -> Document:
    which = read_body(request, HeldBody).which()
    return {"released": pausing.release(which, author=author(request), now=utcnow())}


@router.post("/held/discard", response=Any, openapi_extra=_HELD)
def discard_held(request: HttpRequest) -> Document:
    which = read_body(request, HeldBody).which()
    return {"discarded": pausing.discard(which, author=author(request), now=utcnow())}
