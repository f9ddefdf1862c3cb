"""Paths under /api/: both forms are served, and what no table could hold is refused."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from project.lib import api_errors
from project.lib.problems import Problem

PREFIX = "/api/"


class ApiPaths:
    """Middleware. Clients send `/x` and `/x/`; a redirect would lose the body of a POST."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(PREFIX):
            request.path_info = without_slash(request.path_info)
            request.path = without_slash(request.path)
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            problem = Problem((), "Addresses cannot hold the character NUL.", "string_type")
            document = api_errors.problem_document(problem, root="path")
            return JsonResponse(api_errors.invalid_body([document], None), status=422)
        response = self.get_response(request)
        if response.status_code == 405 and request.path_info.startswith(PREFIX):
            return _not_allowed(request, response)
        return response


def _not_allowed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """JSON, as every answer of the API."""
    body = {
        "detail": "Method Not Allowed",
        "exception_message": f"{request.path} does not answer {request.method}.",
    }
    answer = JsonResponse(body, status=405)
    if "Allow" in response.headers:
        answer.headers["Allow"] = response.headers["Allow"]
    return answer


def without_slash(path: str) -> str:
    return path.rstrip("/") if path.startswith(PREFIX) and len(path) > len(PREFIX) else path
