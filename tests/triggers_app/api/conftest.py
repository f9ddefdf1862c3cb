import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts_app.models import Role
from accounts_app.services import access
from project.lib.clock import utcnow

Call = Callable[..., Any]


@pytest.fixture
def api(db: None, client: Client) -> Call:
    """Calls the API as an editor: `api("POST", "/automations", body)`."""
    key = access.create_key("editor", Role.EDITOR, utcnow())

    def call(method: str, path: str, body: Any = None) -> Any:
        return client.generic(
            method,
            f"/api{path}",
            body if isinstance(body, str | bytes) else _json(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )

    return call


def _json(body: Any) -> bytes:

    return b"" if body is None else json.dumps(body).encode()
