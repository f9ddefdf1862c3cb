"""What clients and operators ask of the server itself."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Header, Router, Schema

from project import health
from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from triggers_app.services import result_storage
from triggers_app.services.block_types import BlockRefused

router = Router(tags=["system"])


@router.get("/health", auth=None)
def read_health(request: HttpRequest) -> bool:
    """`true` once events can be accepted and evaluated."""
    state = health.check()
    if not state.ok:
        raise ApiError(503, {"detail": "; ".join(state.missing)})
    return True


@router.get("/ready", auth=None)
def read_ready(request: HttpRequest) -> dict[str, str]:
    """Names what is missing, with status 503."""
    state = health.check()
    if not state.ok:
        raise ApiError(503, {"message": "; ".join(state.missing)})
    return {"message": "OK"}


@router.get("/hello")
def read_hello(request: HttpRequest) -> str:
    return "\N{WAVING HAND SIGN}"


@router.get("/version")
def read_version(request: HttpRequest) -> str:
    """Flint's own version."""
    return str(settings.FLINT_VERSION)


@router.get("/admin/version")
def read_prefect_version(request: HttpRequest) -> str:
    """The Prefect release whose clients this server answers for."""
    return str(settings.PREFECT_VERSION)


class ResultStorage(Schema):
    """The block where clients put the results of flows, unless they say otherwise."""

    default_result_storage_block_id: UUID | None = None


class ResultStorageChoice(Schema):
    default_result_storage_block_id: UUID


@router.get("/admin/storage")
def read_storage(request: HttpRequest) -> ResultStorage:
    return ResultStorage(default_result_storage_block_id=result_storage.read())


@router.put("/admin/storage")
def choose_storage(request: HttpRequest, body: ResultStorageChoice) -> ResultStorage:
    try:
        result_storage.choose(body.default_result_storage_block_id)
    except BlockRefused as error:
        raise ApiError(error.status, {"detail": str(error)}) from None
    return ResultStorage(default_result_storage_block_id=body.default_result_storage_block_id)


@router.delete("/admin/storage", response={204: None})
def clear_storage(request: HttpRequest) -> HttpResponse:
    result_storage.clear()
    return HttpResponse(status=204)


class CsrfToken(Schema):
    """What clients send back in `Prefect-Csrf-Token`, which nothing looks at."""

    client: str
    token: str
    expiration: datetime


@router.get("/csrf-token")
def read_csrf_token(
    request: HttpRequest, client: str = "", prefect_csrf_client: Annotated[str, Header("")] = ""
) -> CsrfToken:
    """Keys are not sent by browsers on their own, so they need no token; clients stop asking.

    Terraform's provider, which names itself in the header `Prefect-Csrf-Client`, would give up
    without one.
    """
    if not prefect_csrf_client:
        raise ApiError(422, {"detail": "CSRF protection is disabled."})
    expiration = utcnow() + timedelta(days=1)
    return CsrfToken(client=client, token=secrets.token_hex(32), expiration=expiration)
