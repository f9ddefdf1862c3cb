"""Pages for what cannot be shown: JSON under /api/, a plain page elsewhere."""

import sys

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from project.lib import outages


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A host that is not ours, above all: Django refuses those before any view."""
    sentence = "The request cannot be read."
    if isinstance(exception, DisallowedHost):
        sentence = (
            "Flint does not answer to this host name. Its operator can add it to ALLOWED_HOSTS."
        )
    body = {"detail": "Bad Request", "exception_message": sentence}
    return _refusal(request, 400, body, {"sentence": sentence})


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _refusal(request, 403, {"detail": "Forbidden"})


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    sentence = f"There is no endpoint {request.method} {request.path}."
    return _refusal(request, 404, {"detail": "Not Found", "exception_message": sentence})


def failed(request: HttpRequest) -> HttpResponse:
    """A bug, or a service that went away while a member of the middleware needed it."""
    error = sys.exc_info()[1]
    if isinstance(error, outages.OUTAGES):
        return outages.unavailable(request, error)
    return _refusal(request, 500, {"exception_message": "Internal Server Error"})


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _refusal(request, 403, {"detail": "CSRF token missing or incorrect."})


def _refusal(
    request: HttpRequest, status: int, body: dict[str, str], context: dict[str, str] | None = None
) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(body, status=status)
    return render(request, f"project/{status}.html", context, using="jinja2", status=status)
