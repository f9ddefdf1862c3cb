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


def test_a_host_that_is_not_ours_is_told_what_would_be_right(api: Client) -> None:
    told = api.get("/api/flows/filter", headers={"host": "other.example"})
    page = Client(headers={"host": "other.example"}).get("/events/")

    assert told.status_code == page.status_code == 400
    assert told.json() == {
        "detail": "Bad Request",
        "exception_message": (
            "Flint does not answer to this host name. Its operator can add it to ALLOWED_HOSTS."
        ),
    }
    assert "ALLOWED_HOSTS" in page.content.decode()
    assert "other.example" not in page.content.decode()
