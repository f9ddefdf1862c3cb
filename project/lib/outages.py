"""What is answered while the database or Redis is away: 503 for pages as for the API."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from kombu.exceptions import OperationalError as BrokerError

from project.lib import store_errors
from project.lib.hashing import Busy
from project.lib.store_errors import first_line

logger = logging.getLogger(__name__)

OUTAGES: tuple[type[Exception], ...] = (*store_errors.OUTAGES, BrokerError, Busy)
BODY = {"exception_message": "Service Unavailable"}
RETRY_AFTER_SECONDS = "1"


class OutagePages:
    """Middleware: a view that needed what is away is answered with a page that says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return unavailable(request, exception) if isinstance(exception, OUTAGES) else None


def unavailable(request: HttpRequest, error: BaseException) -> HttpResponse:
    """503 with `Retry-After`. The page asks neither the database nor Redis."""
    logger.warning("%s %s: %s", request.method, request.path, first_line(error))
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse(BODY, status=503)
    else:
        response = render(request, "project/503.html", using="jinja2", status=503)
    response["Retry-After"] = RETRY_AFTER_SECONDS
    mark_as_logged(response)
    return response


def mark_as_logged(response: HttpResponse) -> None:
    """Django would log every such answer as an error."""
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark
