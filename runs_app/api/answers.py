"""Answers of the API: documents as JSON with every microsecond, by one fast encoder."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpResponse

from project.lib.api_errors import ApiError

_encode = msgspec.json.Encoder().encode


def answer(document: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(_encode(document), status=status, content_type="application/json")


def nothing(status: int = 204) -> HttpResponse:
    """No content (204), or the `null` that Prefect sends with 201 and 202."""
    if status == 204:
        return HttpResponse(status=204)
    return answer(None, status)


def id_of(text: str) -> UUID:
    """The id in a path. Raises ApiError 404 when it is none: no such path exists then."""
    try:
        return UUID(text)
    except ValueError:
        raise ApiError(404, {"detail": "Not Found"}) from None


def missing(what: str) -> ApiError:
    return ApiError(404, {"detail": f"{what} not found"})
