"""What the API answers when it cannot do what was asked, in Prefect's shapes."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import redis
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from kombu.exceptions import OperationalError as BrokerError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from psycopg_pool import PoolTimeout

from project.lib.problems import Invalid, Problem

logger = logging.getLogger(__name__)

UNAUTHORIZED = {"exception_message": "Unauthorized"}
MAX_ECHO_BYTES = 64 * 1024  # a refused body is sent back for reading, not for transport


class ApiError(Exception):
    """An answer of its own: any status and body."""

    def __init__(
        self, status: int, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = dict(body)
        self.headers = dict(headers or {})


def invalid_body(problems: Sequence[Mapping[str, Any]], request_body: object) -> dict[str, Any]:
    """The body of a 422: every problem with its place."""
    return {
        "exception_message": "Invalid request received.",
        "exception_detail": list(problems),
        "request_body": request_body,
    }


def problem_document(problem: Problem, *, root: str = "body") -> dict[str, Any]:
    return {"loc": [root, *problem.loc], "msg": problem.msg, "type": problem.type}


def too_large_body(limit_bytes: int) -> dict[str, Any]:
    return {"exception_message": f"The body is larger than {limit_bytes:,} bytes, the limit."}


def install(api: NinjaAPI) -> None:
    """Teach the API to answer exceptions of all kinds; what is left is a bug, and a 500."""

    def answer(
        request: HttpRequest, status: int, body: Mapping[str, Any], **headers: str
    ) -> HttpResponse:
        response = api.create_response(request, body, status=status)
        if status == 503:
            # Told once, by whoever noticed; Django would log every such answer as an error.
            response._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark
        for name, value in headers.items():
            response[name.replace("_", "-")] = value
        return response

    def on_api_error(request: HttpRequest, exc: ApiError) -> HttpResponse:
        response = answer(request, exc.status, exc.body)
        for name, value in exc.headers.items():
            response[name] = value
        return response

    def on_invalid(request: HttpRequest, exc: Invalid) -> HttpResponse:
        problems = [problem_document(problem) for problem in exc.problems]
        return answer(request, 422, invalid_body(problems, echo(request)))

    def on_validation(request: HttpRequest, exc: ValidationError) -> HttpResponse:
        return answer(request, 422, invalid_body(exc.errors, echo(request)))

    def on_missing(request: HttpRequest, exc: Exception) -> HttpResponse:
        return answer(request, 404, {"detail": missing_text(exc)})

    def on_http(request: HttpRequest, exc: HttpError) -> HttpResponse:
        if isinstance(exc.__cause__, Invalid):
            # What parse_body raised; ninja wraps it into a 400.
            return on_invalid(request, exc.__cause__)
        return answer(request, exc.status_code, {"detail": str(exc)})

    def on_stranger(request: HttpRequest, exc: AuthenticationError) -> HttpResponse:
        return answer(request, 401, UNAUTHORIZED)

    def on_too_big(request: HttpRequest, exc: RequestDataTooBig) -> HttpResponse:
        return answer(request, 413, too_large_body(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))

    def on_refused_value(request: HttpRequest, exc: DataError) -> HttpResponse:
        logger.warning("The database refused a value that the API accepted: %s", exc)
        problem = Problem((), f"A value cannot be stored: {first_line(exc)}.", "value_error")
        return answer(request, 422, invalid_body([problem_document(problem)], echo(request)))

    def on_outage(request: HttpRequest, exc: Exception) -> HttpResponse:
        logger.warning("%s %s: %s", request.method, request.path, first_line(exc))
        body = {"exception_message": "Service Unavailable"}
        return answer(request, 503, body, Retry_After="1")

    answers: dict[type[Exception], Any] = {
        ApiError: on_api_error,
        Invalid: on_invalid,
        ValidationError: on_validation,
        Http404: on_missing,
        ObjectDoesNotExist: on_missing,
        AuthenticationError: on_stranger,
        HttpError: on_http,
        RequestDataTooBig: on_too_big,
        DataError: on_refused_value,
        **dict.fromkeys(OUTAGES, on_outage),
    }
    for kind, handler in answers.items():
        api.add_exception_handler(kind, handler)


OUTAGES: tuple[type[Exception], ...] = (
    OperationalError,
    InterfaceError,
    PoolTimeout,
    redis.ConnectionError,
    redis.TimeoutError,
    BrokerError,
)


def missing_text(exc: Exception) -> str:
    """`Flow run not found` for a model's DoesNotExist, else what the exception says."""
    model = type(exc).__qualname__.partition(".")[0]
    if isinstance(exc, ObjectDoesNotExist) and model != "ObjectDoesNotExist":
        words = "".join(f" {c.lower()}" if c.isupper() else c for c in model).strip()
        return f"{words.capitalize()} not found"
    return str(exc) or "Not Found"


def first_line(exc: Exception) -> str:
    return (str(exc).splitlines() or [type(exc).__name__])[0].rstrip(".")


def echo(request: HttpRequest) -> object:
    """The request's body as JSON, for the answer to a refused one."""
    if len(request.body) > MAX_ECHO_BYTES:
        return None
    try:
        decoded: object = msgspec.json.decode(request.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return decoded
