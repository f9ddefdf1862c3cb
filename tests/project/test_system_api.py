"""What is asked of the server itself, and what the API says to malformed requests."""

import json
import time
from typing import Any

import psycopg
import pytest
import redis
from django.test import Client
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts_app.models import Role
from accounts_app.services import access
from project import health
from project.lib import api_parser, redis_client
from project.lib.clock import utcnow
from project.lib.problems import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Client:
    key = access.create_key("test", Role.ADMIN, utcnow())
    return Client(headers={"Authorization": f"Bearer {key}"})


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/api/admin/version", 200, "3.9.1"),
        ("/api/hello", 200, "\N{WAVING HAND SIGN}"),
        ("/api/version", 200, "0.1.0"),
        ("/api/admin/storage", 200, {"default_result_storage_block_id": None}),
        ("/api/csrf-token", 422, {"detail": "CSRF protection is disabled."}),
        ("/api/csrf-token?client=x", 422, {"detail": "CSRF protection is disabled."}),
    ],
)
@pytest.mark.parametrize("slash", ["", "/"], ids=["plain", "slash"])
def test_both_forms_of_a_path_are_served(
    api: Client, path: str, status: int, body: object, slash: str
) -> None:
    path, _, query = path.partition("?")

    answer = api.get(f"{path}{slash}", QUERY_STRING=query)

    assert (answer.status_code, answer.json()) == (status, body)


def test_ready_names_every_part_that_is_missing(client: Client) -> None:
    answer = client.get("/api/ready")

    assert answer.status_code == 503
    assert "No worker reads the log to record events" in answer.json()["message"]
    assert "No worker reads the log to evaluate events" in answer.json()["message"]
    assert client.get("/api/health").status_code == 503


def nobody() -> redis.Redis:
    return redis.Redis(unix_socket_path="/nowhere/redis.sock", retry=Retry(NoBackoff(), 0))


def test_an_absent_redis_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_client, "impatient_client", nobody)

    assert "Redis is not available" in health.check().missing


def test_an_absent_database_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> set[str]:
        raise psycopg.OperationalError

    monkeypatch.setattr(health, "_readers_alive", away)

    assert "Database is not available" in health.check().missing


MALFORMED = {
    "empty": b"",
    "cut short": b'{"name": ',
    "not a number": b'{"limit": NaN}',
    "not UTF-8": b'{"name": "\xff"}',
    "lone surrogate": b'{"name": "\\ud800"}',
    "deep": b"[" * 100_000,
    "trailing": b"{} {}",
    "infinite": b'{"limit": 1e999}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_is_not_json_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        api_parser.parse_json(body)

    assert refusal.value.problems[0].type == "json_invalid"


def test_nul_is_refused_where_it_stands() -> None:
    body = json.dumps({"a": [1, {"b": "x\0"}], "c\0": 1}).encode()

    with pytest.raises(Invalid) as refusal:
        api_parser.parse_json(body)

    assert {problem.loc for problem in refusal.value.problems} == {("a", 1, "b"), ("c\0",)}


CROWDED = {
    "numbers": b"[" + b"0," * 3_000_000 + b"0]",
    "empty lists": b"[" + b"[]," * 1_000_000 + b"0]",
    "lists in lists": b"[" + (b"[" * 150 + b"]" * 150 + b",") * 20_000 + b"0]",
    "objects": b"[" + b'{"a":1},' * 500_000 + b"0]",
    "NUL everywhere": b"[" + b'"\\u0000",' * 1_000_000 + b"0]",
}


@pytest.mark.parametrize("body", CROWDED.values(), ids=CROWDED)
def test_a_body_of_very_many_values_is_refused_before_it_costs_much(body: bytes) -> None:
    before = time.thread_time()

    with pytest.raises(Invalid) as refusal:
        api_parser.parse_json(body)

    assert time.thread_time() - before < 8  # 0.1 to 1.5 s on an idle machine; minutes without it
    assert len(refusal.value.problems) <= 100


def test_brackets_and_commas_within_texts_are_no_values() -> None:
    text = "[,{" * 1_000_000

    assert api_parser.parse_json(json.dumps({"a": text}).encode()) == {"a": text}


def test_deep_but_short_documents_are_refused_too() -> None:
    with pytest.raises(Invalid, match="nested deeper"):
        api_parser.parse_json(b"[" * 300 + b"]" * 300)


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_the_api_answers_422_in_prefects_shape(api: Client, body: bytes) -> None:
    answer = api.post("/api/flows/", body, content_type="application/json")

    document: dict[str, Any] = answer.json()
    assert answer.status_code == 422
    assert document["exception_message"] == "Invalid request received."
    assert document["exception_detail"][0]["loc"][0] == "body"
    assert "request_body" in document


def test_a_body_over_the_limit_is_413_with_the_number(api: Client) -> None:
    body = b'"' + b"x" * (16 * 1024 * 1024) + b'"'

    answer = api.post("/api/flows/", body, content_type="application/json")

    assert answer.status_code == 413
    assert "16,777,216" in answer.json()["exception_message"]


@pytest.mark.parametrize("path", ["/api/flows/%00", "/api/flows/x?q=%00", "/events/?q=a%00b"])
def test_nul_in_an_address_is_refused(api: Client, path: str) -> None:
    assert api.get(path).status_code == 422


def test_the_documentation_is_for_those_who_may_use_the_api(client: Client, api: Client) -> None:
    assert client.get("/api/docs")["Location"] == "/sign-in/?next=/api/docs"
    assert api.get("/api/docs").status_code == 200
    assert api.get("/api/openapi.json").json()["info"]["title"] == "Flint"
