"""Pages answer 503 like the API while something is away; a bug stays a 500."""

from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError
from django.test import Client
from psycopg_pool import PoolTimeout

from project.lib.hashing import Busy
from tests.web.fixtures import plain_static_files, signed_in

__all__ = ["plain_static_files"]

AWAY = [OperationalError, InterfaceError, PoolTimeout, redis.ConnectionError, Busy]

pytestmark = pytest.mark.django_db


def raising(error: type[Exception]) -> Callable[..., Any]:
    def view(*_: Any, **__: Any) -> None:
        raise error("it is away")

    return view


@pytest.fixture
def client() -> Client:
    client = signed_in(User.objects.create_user("ada"))
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("error", AWAY)
def test_a_page_that_needs_what_is_away_is_answered_503(
    error: type[Exception], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts_app.web.account._context", raising(error))

    answer = client.get("/account/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert "Not available just now" in answer.content.decode()


def test_so_is_one_whose_session_cannot_be_kept(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "django.contrib.sessions.middleware.SessionMiddleware.process_response",
        raising(OperationalError),
    )

    assert client.get("/account/").status_code == 503


def test_the_admin_and_the_api_say_it_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "django.contrib.sessions.backends.db.SessionStore.load", raising(PoolTimeout)
    )

    pages = [client.get(address) for address in ("/", "/admin/", "/sign-in/", "/api/docs")]

    assert [page.status_code for page in pages] == [503] * 4


def test_a_bug_is_no_outage(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts_app.web.account._context", raising(KeyError))

    assert client.get("/account/").status_code == 500
