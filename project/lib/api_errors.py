"""What the API answers when it cannot do what was asked, in Prefect's shapes."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import ValidationError as PydanticError

from project.lib.outages import BODY, OUTAGES, RETRY_AFTER_SECONDS, mark_as_logged
from project.lib.problems import MAX_PROBLEMS, Invalid, Problem
from project.lib.store_errors import first_line

logger = logging.getLogger(__name__)

UNAUTHORIZED = {"exception_message": "Unauthorized"}
MOST_LISTED = 100_000  # of problems; to list more of them takes seconds, to find them does not
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
    """The body of a 422: every problem with its place, up to 100 of them."""
    details = list(problems[:MAX_PROBLEMS])
    if left := len(problems) - len(details):
        details.append({"loc": ["body"], "msg": f"And {left:,} more problems.", "type": "more"})
    return {
        "exception_message": "Invalid request received.",
        "exception_detail": details,
        "request_body": request_body,
    }


def problem_document(problem: Problem, *, root: str = "body") -> dict[str, Any]:
    return {"loc": [root, *problem.loc], "msg": problem.msg, "type": problem.type}


def too_many(count: int) -> dict[str, Any]:
    """In the place of a list that would take too long."""
    return {"loc": ["body"], "msg": f"{count:,} values are not valid.", "type": "too_many_problems"}


def problems_of(error: PydanticError) -> list[Problem]:
    """What pydantic says of a body, the first of it where that is very much."""
    count = error.error_count()
    if count > MOST_LISTED:
        return [Problem((), too_many(count)["msg"], "too_many_problems")]
    return [
        Problem(details["loc"], details["msg"], details["type"])
        for details in error.errors(include_url=False, include_input=False)
    ]


def too_large_body(limit_bytes: int) -> dict[str, Any]:
    return {"exception_message": f"The body is larger than {limit_bytes:,} bytes, the limit."}


def install(api: NinjaAPI) -> None:
    """Teach the API to answer exceptions of all kinds; what is left is a bug, and a 500."""
    answers = _Answers(api)
    known: dict[type[Exception], Any] = {
        ApiError: answers.special,
        Invalid: answers.invalid,
        ValidationError: answers.not_valid,
        Http404: answers.missing,
        ObjectDoesNotExist: answers.missing,
        AuthenticationError: answers.stranger,
        HttpError: answers.http,
        RequestDataTooBig: answers.too_big,
        DataError: answers.refused_value,
        **dict.fromkeys(OUTAGES, answers.outage),
    }
    for kind, answer in known.items():
        api.add_exception_handler(kind, answer)


class _Answers:
    """One method per kind of exception."""

    def __init__(self, api: NinjaAPI) -> None:
        self._api = api

    def special(self, request: HttpRequest, exc: ApiError) -> HttpResponse:
        return self._answer(request, exc.status, exc.body, exc.headers)

    def invalid(self, request: HttpRequest, exc: Invalid) -> HttpResponse:
        problems = [problem_document(problem) for problem in exc.problems]
        return self._answer(request, 422, invalid_body(problems, echo(request)))

    def not_valid(self, request: HttpRequest, exc: ValidationError) -> HttpResponse:
        return self._answer(request, 422, invalid_body(exc.errors, echo(request)))

    def missing(self, request: HttpRequest, exc: Exception) -> HttpResponse:
        return self._answer(request, 404, {"detail": missing_text(exc)})

    def http(self, request: HttpRequest, exc: HttpError) -> HttpResponse:
        if isinstance(exc.__cause__, Invalid):
            # What parse_body raised; ninja wraps it into a 400.
            return self.invalid(request, exc.__cause__)
        return self._answer(request, exc.status_code, {"detail": str(exc)})

    def stranger(self, request: HttpRequest, exc: AuthenticationError) -> HttpResponse:
        return self._answer(request, 401, UNAUTHORIZED)

    def too_big(self, request: HttpRequest, exc: RequestDataTooBig) -> HttpResponse:
        return self._answer(request, 413, too_large_body(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))

    def refused_value(self, request: HttpRequest, exc: DataError) -> HttpResponse:
        logger.warning("The database refused a value that the API accepted: %s", exc)
        problem = Problem((), f"A value cannot be stored: {first_line(exc)}.")
        return self._answer(request, 422, invalid_body([problem_document(problem)], echo(request)))

    def outage(self, request: HttpRequest, exc: Exception) -> HttpResponse:
        logger.warning("%s %s: %s", request.method, request.path, first_line(exc))
        return self._answer(request, 503, BODY, {"Retry-After": RETRY_AFTER_SECONDS})

    def _answer(
        self,
        request: HttpRequest,
        status: int,
        body: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        response = self._api.create_response(request, body, status=status)
        for name, value in (headers or {}).items():
            response[name] = value
        if status == 503:
            mark_as_logged(response)
        return response


def missing_text(exc: Exception) -> str:
    """`Flow run not found` for a model's DoesNotExist, else what the exception says."""
    model = type(exc).__qualname__.partition(".")[0]
    if isinstance(exc, ObjectDoesNotExist) and model != "ObjectDoesNotExist":
        words = "".join(f" {c.lower()}" if c.isupper() else c for c in model).strip()
        return f"{words.capitalize()} not found"
    return str(exc) or "Not Found"


def echo(request: HttpRequest) -> object:
    """The request's body as JSON, for the answer to a refused one."""
    if len(request.body) > MAX_ECHO_BYTES:
        return None
    try:
        decoded: object = msgspec.json.decode(request.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return decoded
