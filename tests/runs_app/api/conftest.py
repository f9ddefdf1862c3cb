"""A client of the API with an editor's key."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts_app.models import Role
from accounts_app.services import access
from project.lib.clock import utcnow


class ApiClient:
    """Speaks JSON; answers are (status, document)."""

    def __init__(self, key: str) -> None:
        self._client = Client(headers={"authorization": f"Bearer {key}"})

    def call(self, method: str, path: str, body: Any = ...) -> tuple[int, Any]:
        data = b"" if body is ... else json.dumps(body).encode()
        return self.send(method, path, data)

    def send(self, method: str, path: str, data: bytes) -> tuple[int, Any]:
        response = self._client.generic(
            method, f"/api{path}", data, content_type="application/json"
        )
        return response.status_code, json.loads(response.content or b"null")

    def get(self, path: str) -> Any:
        return self._good(self.call("GET", path))

    def post(self, path: str, body: Any = ...) -> Any:
        return self._good(self.call("POST", path, {} if body is ... else body))

    @staticmethod
    def _good(answer: tuple[int, Any]) -> Any:
        status, document = answer
        assert status in (200, 201), answer
        return document


@pytest.fixture
def api(db: None) -> ApiClient:
    return ApiClient(access.create_key("tests", Role.EDITOR, utcnow()))
