"""The API's description is whole: every reference leads somewhere, every refusal is described."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.urls import get_resolver

from project.api import api
from project.openapi import completed
from tests.project.test_doors import addresses
from tests.web.fixtures import signed_in


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    text = json.dumps(api.get_openapi_schema(path_prefix="/api/"), default=str)
    found: dict[str, Any] = json.loads(text)
    return found


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


def references(document: dict[str, Any]) -> set[str]:
    every = {each["$ref"] for each in nodes(document) if isinstance(each.get("$ref"), str)}
    mappings = (each["mapping"] for each in nodes(document) if "propertyName" in each)
    return every | {where for mapping in mappings for where in mapping.values()}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    assert len(references(document)) > 50
    assert references(document) - known == set()
    assert not any("$defs" in each for each in nodes(document))


def test_it_is_a_description_by_the_standard(document: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(document).validate()

    names = [o["operationId"] for path in document["paths"].values() for o in path.values()]
    assert len(names) == len(set(names))


def test_it_names_every_address_of_the_api(document: dict[str, Any]) -> None:
    described = {path.split("{")[0].rstrip("/") for path in document["paths"]}
    there = {
        address
        for address in addresses(get_resolver().url_patterns)
        if address.startswith("/api/") and address not in {"/api/", "/api/docs"}
    } - {"/api/openapi.json"}

    unknown = {one for one in there if not any(one.startswith(known) for known in described)}
    assert unknown == set()
    assert "post" in document["paths"]["/api/events"]


def test_every_operation_describes_what_it_may_be_refused_with(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            wanted = {"400", "401", "403", "404", "413", "422", "503"}
            if path in {"/api/health", "/api/ready"}:
                wanted = {"503"}
            assert wanted <= set(operation["responses"]), (method, path)


def test_definitions_of_one_name_and_two_meanings_keep_apart() -> None:
    def body(kind: str) -> dict[str, Any]:
        schema = {"$ref": "#/$defs/A", "$defs": {"A": {"type": kind, "x": {"$ref": "#/$defs/A"}}}}
        content = {"application/json": {"schema": schema}}
        return {"post": {"requestBody": {"content": content}, "responses": {}, "security": []}}

    paths = {"/a": body("string"), "/b": body("integer"), "/c": body("string")}
    found = completed({"paths": paths, "components": {}})

    chosen = [
        found["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        for path in ("/a", "/b", "/c")
    ]
    schemas = found["components"]["schemas"]
    assert chosen == [f"#/components/schemas/{name}" for name in ("A", "A2", "A")]
    assert schemas["A2"] == {"type": "integer", "x": {"$ref": "#/components/schemas/A2"}}


@pytest.mark.django_db
def test_it_is_served_to_who_may_use_the_api() -> None:
    client = signed_in(User.objects.create_user("ada"))

    answer = client.get("/api/openapi.json")

    assert answer.status_code == 200
    assert references(answer.json()) == references(
        json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/"), default=str))
    )
