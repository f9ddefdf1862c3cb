"""What the API says of addresses and methods that it does not know."""

import pytest
from django.test import Client

from accounts_app.models import Role
from accounts_app.services import access
from project.lib.clock import utcnow


@pytest.fixture
def api(db: None) -> Client:
    key = access.create_key("tests", Role.EDITOR, utcnow())
    return Client(headers={"authorization": f"Bearer {key}"})


def test_an_unknown_endpoint_is_told_apart_from_an_unknown_object(api: Client) -> None:
    endpoint = api.get("/api/nothing/here")
    thing = api.get("/api/flows/00000000-0000-4000-8000-000000000000")

    assert endpoint.status_code == thing.status_code == 404
    assert endpoint.json() == {
        "detail": "Not Found",
        "exception_message": "There is no endpoint GET /api/nothing/here.",
    }
    assert thing.json() == {"detail": "Flow not found"}


def test_a_method_that_is_not_answered_is_told_as_json(api: Client) -> None:
    answer = api.put("/api/flows", "{}", content_type="application/json")

    assert answer.status_code == 405
    assert answer.json()["detail"] == "Method Not Allowed"
    assert answer.json()["exception_message"] == "/api/flows does not answer PUT."
    assert "POST" in answer.headers["Allow"]
