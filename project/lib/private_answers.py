"""Answers that no cache keeps: whoever sits down here next must not find them.

Everything but static files is for the one who asked. Told in one place, so that no page or
answer of the API can be forgotten.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

NO_STORE = "private, no-store"


class PrivateAnswers:
    """Middleware, the outermost: errors of the others are nobody else's business, either."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_file = request.path.startswith(settings.STATIC_URL) and response.status_code < 400
        if not is_file:
            response["Cache-Control"] = NO_STORE
        return response
