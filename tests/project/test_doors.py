"""Nobody without a key or a session gets in: every address there is, asked by a stranger."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import (
    IntConverter,
    PathConverter,
    SlugConverter,
    StringConverter,
    UUIDConverter,
)

from project import refusals
from tests.web.fixtures import plain_static_files, signed_in

__all__ = ["plain_static_files"]

OPEN = {"/api/health", "/api/ready", "/sign-in/"}
NOTHING_THERE = {"/api/", "/admin/jsi18n/"}  # 404, or a catalog of translations that is empty
DOCS = {"/api/docs", "/api/openapi.json"}  # pages of a kind: strangers are sent to sign in
METHODS = ("get", "post", "put", "patch", "delete")
SAMPLES = {
    IntConverter: "1",
    PathConverter: "x",
    SlugConverter: "x",
    StringConverter: "x",
    UUIDConverter: "6f1f9a1e-7c52-4a55-9b0d-3f0c2a1e4d77",
}


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    for pattern in patterns:
        route = str(pattern.pattern)
        converters = getattr(pattern.pattern, "converters", {})
        for name, converter in converters.items():
            sample = next(s for kind, s in SAMPLES.items() if isinstance(converter, kind))
            route = route.replace(f"<{name}>", sample)
            for word in ("int", "path", "slug", "str", "uuid"):
                route = route.replace(f"<{word}:{name}>", sample)
        # The admin has two patterns written as regular expressions.
        route = route.removeprefix("^").removesuffix("$").removesuffix("\\Z")
        route = route.replace("(?P<app_label>auth)/", "auth/").replace("(?P<url>.*)", "x")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, prefix + route)
        else:
            yield prefix + route


EVERY = sorted(set(addresses(get_resolver().url_patterns)) - OPEN - NOTHING_THERE)


@pytest.mark.django_db
@pytest.mark.parametrize("address", EVERY)
def test_a_stranger_is_turned_away(client: Client, address: str) -> None:
    for method in METHODS:
        answer = client.generic(method.upper(), address, "{}", content_type="application/json")

        is_page = not address.startswith("/api/") or address in DOCS
        assert answer.status_code in {401, 403, 405, *([302] if is_page else [])}, method
        assert "no-store" in answer["Cache-Control"], method
        if answer.status_code == 302:
            assert answer["Location"].startswith(("/sign-in/", "/admin/")), method


def test_the_list_of_addresses_is_the_real_one() -> None:
    assert {"/", "/api/admin/version", "/events/", "/admin/"} <= set(EVERY)
    assert len(EVERY) > 30


@pytest.mark.django_db
@pytest.mark.parametrize("address", sorted(OPEN))
def test_open_addresses_answer_strangers(client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code in {200, 503}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/events/", "/account/", "/admin/", "/api/flows/x"])
def test_no_cache_keeps_what_is_shown_to_somebody(address: str) -> None:
    client = signed_in(User.objects.create_superuser("ada"))

    answer = client.get(address)

    assert "no-store" in answer["Cache-Control"]
    assert "max-age" not in answer["Cache-Control"]


@pytest.mark.django_db
def test_caches_keep_static_files(client: Client) -> None:
    (settings.STATIC_ROOT / "kept.txt").write_text("x")
    try:
        answer = Client().get("/static/kept.txt")
    finally:
        (settings.STATIC_ROOT / "kept.txt").unlink()
    missing = client.get("/static/missing.txt")

    assert "no-store" not in answer.get("Cache-Control", "")
    assert (missing.status_code, missing["Cache-Control"]) == (404, "private, no-store")


@pytest.mark.parametrize("path", ["/api/nothing", "/api/flows/nothing/at/all"])
def test_what_does_not_exist_below_the_api_is_json(path: str) -> None:
    request: HttpRequest = RequestFactory().get(path)

    answer = refusals.not_found(request)

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/sign-in/", "/api/health", "/nothing/here/"])
def test_every_answer_carries_the_protective_headers(client: Client, address: str) -> None:
    answer = client.get(address)

    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/nothing/here/"])
def test_pages_that_do_not_exist_are_told_with_a_page(client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 404
    assert "text/html" in answer["Content-Type"]
