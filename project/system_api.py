"""What clients and operators ask of the server itself."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated

from django.conf import settings
from django.http import HttpRequest
from ninja import Header, Router, Schema

from project import health
from project.lib.api_errors import ApiError
from project.lib.clock import utcnow

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


@router.get("/admin/storage")
def read_storage(request: HttpRequest) -> dict[str, None]:
    return {"default_result_storage_block_id": None}


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
