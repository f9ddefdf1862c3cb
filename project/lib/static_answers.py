"""Static files as whole answers.

WhiteNoise answers with files that are read piece by piece, in a synchronous way, which Django
under ASGI warns of: it reads them whole after all. Ours are small, so they are read here, in
the request's thread.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]


class WholeStaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        response = static_file.get_response(request.method, request.META)
        content = b""
        if response.file is not None:
            with response.file as file:
                content = file.read()
        answer = HttpResponse(content, status=int(response.status))
        del answer["Content-Type"]  # WhiteNoise knows it, if any
        for name, value in response.headers:
            answer[name] = value
        return answer
