"""Types and schemas of blocks, and blocks as Prefect's client sends them."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts_app.models import Role
from accounts_app.services import access
from project.lib.clock import utcnow
from tests.triggers_app.api.conftest import Call
from tests.triggers_app.block_rows import block_row
from triggers_app.automation.block_catalog import CATALOG
from triggers_app.models import BlockDocument, BlockSchema
from triggers_app.services import block_types

LOGIN = {"name": "Login", "slug": "login", "description": "Opens the warehouse."}
FIELDS = {
    "title": "Login",
    "type": "object",
    "block_type_slug": "login",
    "properties": {"user": {"type": "string"}, "password": {"type": "string"}},
    "required": ["user"],
    "secret_fields": ["password", "keys.*"],
    "block_schema_references": {},
}


def registered(api: Call, slug: str = "login", **more: Any) -> dict[str, Any]:
    """What a block of a type registered just now is made with."""
    kind = api("POST", "/block_types/", LOGIN | {"slug": slug, "name": slug}).json()
    body = {"block_type_id": kind["id"], "fields": FIELDS | {"block_type_slug": slug} | more}
    schema = api("POST", "/block_schemas/", body).json()
    return {"block_type_id": kind["id"], "block_schema_id": schema["id"], "is_anonymous": False}


def test_types_of_the_catalog_are_there_from_the_start(api: Call) -> None:
    listed = api("POST", "/block_types/filter", {}).json()
    by_slug = api("GET", "/block_types/slug/secret").json()

    assert {each["slug"] for each in listed} == set(CATALOG)
    assert by_slug["name"] == "Secret"
    assert api("GET", f"/block_types/{by_slug['id']}").json() == by_slug
    assert api("POST", "/block_types/install_system_block_types").status_code == 200
    assert "notify" in api("GET", "/block_capabilities/").json()


def test_types_are_filtered_by_slug_name_and_capability(api: Call) -> None:
    def slugs(**body: Any) -> list[str]:
        return [each["slug"] for each in api("POST", "/block_types/filter", body).json()]

    assert slugs(block_types={"slug": {"any_": ["smb", "secret"]}}) == ["smb", "secret"]
    assert slugs(block_types={"name": {"like_": "local file"}}) == ["local-file-system"]
    capable = {"block_capabilities": {"all_": ["read-path", "write-path"]}}
    assert set(slugs(block_schemas=capable)) == {"local-file-system", "remote-file-system", "smb"}
    assert slugs(limit=1, offset=1) == slugs()[1:2]


def test_a_type_is_registered_changed_and_deleted(api: Call) -> None:
    made = api("POST", "/block_types/", LOGIN)
    path = f"/block_types/{made.json()['id']}"

    assert made.status_code == 201
    assert api("POST", "/block_types/", LOGIN).status_code == 409
    assert api("PATCH", path, {"description": "New."}).status_code == 204
    assert api("GET", path).json()["description"] == "New."
    assert api("DELETE", path).status_code == 204
    assert [api(method, path).status_code for method in ("GET", "DELETE")] == [404, 404]
    assert api("POST", "/block_types/", LOGIN | {"name": "Prefect X"}).status_code == 403
    assert api("POST", "/block_types/", LOGIN | {"slug": "Not A Slug"}).status_code == 422


def test_a_type_of_the_catalog_cannot_be_deleted(api: Call) -> None:
    secret = api("GET", "/block_types/slug/secret").json()
    schema = api("POST", "/block_schemas/filter", {}).json()[0]

    assert api("DELETE", f"/block_types/{secret['id']}").status_code == 403
    assert api("DELETE", f"/block_schemas/{schema['id']}").status_code == 403


def test_a_schema_is_known_by_checksum_and_version(api: Call) -> None:
    made = registered(api)
    schema = api("GET", f"/block_schemas/{made['block_schema_id']}").json()
    path = f"/block_schemas/checksum/{schema['checksum']}"
    again = {"block_type_id": made["block_type_id"], "fields": FIELDS}

    assert api("POST", "/block_schemas/", again).status_code == 200
    assert api("POST", "/block_schemas/", again | {"version": "2"}).status_code == 201
    assert api("GET", path).json()["version"] == "2"
    assert api("GET", f"{path}?version=non-versioned").json()["id"] == schema["id"]
    assert api("GET", f"{path}?version=3").status_code == 404
    body = {"block_schemas": {"block_type_id": {"any_": [made["block_type_id"]]}}}
    newest, oldest = api("POST", "/block_schemas/filter", body).json()
    assert (newest["version"], oldest["version"]) == ("2", "non-versioned")
    assert api("DELETE", f"/block_schemas/{newest['id']}").status_code == 204
    assert api("GET", f"/block_schemas/{newest['id']}").status_code == 404


def test_a_schema_needs_its_type_and_those_of_its_nested_blocks(api: Call) -> None:
    made = registered(api)
    nested = {"block_schema_references": {"a": [{"block_type_slug": "nowhere"}]}}
    body = {"block_type_id": made["block_type_id"], "fields": FIELDS | nested}

    assert api("POST", "/block_schemas/", body).status_code == 409
    assert api("POST", "/block_schemas/", body | {"block_type_id": str(uuid4())}).status_code == 404


def test_a_clients_block_is_made_read_and_changed(api: Call) -> None:
    data = {"user": "me", "password": "s3cr3t", "keys": {"a": "s3cr3t"}, "port": 1}
    made = api("POST", "/block_documents/", registered(api) | {"name": "dwh", "data": data})
    block = made.json()
    path = f"/block_documents/{block['id']}"
    named = "/block_types/slug/login/block_documents/name/dwh"
    masked = data | {"password": "********", "keys": {"a": "********"}}

    assert (made.status_code, block["data"]) == (201, masked)
    assert block["block_type"]["slug"] == block["block_type_name"] == "login"
    assert block["block_schema"]["fields"]["secret_fields"] == ["password", "keys.*"]
    assert api("GET", f"{named}?include_secrets=true").json()["data"] == data
    assert api("GET", named).json()["data"] == masked
    assert api("PATCH", path, {"data": masked | {"user": "you"}}).status_code == 204
    assert api("GET", f"{path}?include_secrets=true").json()["data"] == data | {"user": "you"}
    assert api("PATCH", path, {"data": {"user": "x"}, "merge_existing_data": False}) is not None
    assert api("GET", f"{path}?include_secrets=true").json()["data"] == {"user": "x"}


def test_a_viewer_gets_masks_even_where_secrets_are_asked_for(api: Call, client: Client) -> None:
    data = {"user": "me", "password": "s3cr3t"}
    block = api("POST", "/block_documents/", registered(api) | {"name": "dwh", "data": data}).json()
    key = access.create_key("viewer", Role.VIEWER, utcnow())
    headers = {"Authorization": f"Bearer {key}"}
    paths = [
        f"/block_documents/{block['id']}",
        "/block_types/slug/login/block_documents",
        "/block_types/slug/login/block_documents/name/dwh",
    ]

    texts = [
        client.get(f"/api{path}?include_secrets=true", headers=headers).content.decode()
        for path in paths
    ]
    texts.append(
        client.post(
            "/api/block_documents/filter",
            {"include_secrets": True},
            content_type="application/json",
            headers=headers,
        ).content.decode()
    )

    assert all('"me"' in text and "s3cr3t" not in text for text in texts)


def test_blocks_nest_others_by_reference(api: Call) -> None:
    makes = registered(api)
    inner = api(
        "POST", "/block_documents/", makes | {"name": "in", "data": {"password": "s3cr3t"}}
    ).json()
    reference = {"$ref": {"block_document_id": inner["id"]}}
    outer = api(
        "POST", "/block_documents/", makes | {"name": "out", "data": {"user": "u", "a": reference}}
    ).json()
    path = f"/block_documents/{outer['id']}"

    assert outer["data"] == {"user": "u", "a": {"password": "********"}}
    assert outer["block_document_references"]["a"]["block_document"]["id"] == inner["id"]
    assert api("GET", f"{path}?include_secrets=true").json()["data"]["a"] == {"password": "s3cr3t"}
    assert api("PATCH", path, {"data": {"user": "v"}}).status_code == 204
    assert api("GET", path).json()["data"] == {"user": "v", "a": {"password": "********"}}
    assert api("PATCH", path, {"data": {"a": None}}).status_code == 204
    assert api("GET", path).json()["data"] == {"user": "v", "a": None}


def test_references_that_go_nowhere_or_round_are_refused(api: Call) -> None:
    makes = registered(api)
    ids = [
        api("POST", "/block_documents/", makes | {"name": name, "data": {}}).json()["id"]
        for name in ("a", "b")
    ]

    def refer(parent: str, child: str) -> int:
        data = {"next": {"$ref": {"block_document_id": child}}}
        status: int = api("PATCH", f"/block_documents/{parent}", {"data": data}).status_code
        return status

    assert refer(ids[0], ids[1]) == 204
    assert refer(ids[1], ids[0]) == 400
    assert refer(ids[1], ids[1]) == 400
    assert refer(ids[1], str(uuid4())) == 404
    assert refer(ids[1], "x") == 422


def test_what_nests_ever_more_is_bounded(api: Call) -> None:
    makes = registered(api)
    child = api("POST", "/block_documents/", makes | {"name": "0", "data": {}}).json()["id"]
    statuses = []
    for depth in range(1, 12):
        reference = {"$ref": {"block_document_id": child}}
        data = {"left": reference, "right": reference}
        made = api("POST", "/block_documents/", makes | {"name": str(depth), "data": data})
        statuses.append(made.status_code)
        child = made.json().get("id", child)

    assert statuses[:7] == [201] * 7
    assert statuses[-1] == 400


def test_anonymous_blocks_are_listed_only_where_they_are_asked_for(api: Call) -> None:
    makes = registered(api)
    api("POST", "/block_documents/", makes | {"name": "named", "data": {}})
    made = api("POST", "/block_documents/", makes | {"is_anonymous": True, "data": {}}).json()

    def names(**given: Any) -> list[str]:
        body = {"block_documents": given} if given else {}
        return [each["name"] for each in api("POST", "/block_documents/filter", body).json()]

    assert made["name"].startswith("anonymous-")
    assert names() == ["named"]
    assert names(name={"like_": "%"}) == ["named"]
    assert names(is_anonymous=None) == [made["name"], "named"]
    assert names(is_anonymous={"eq_": True}) == [made["name"]]
    assert api("POST", "/block_documents/count", {}).json() == 1
    assert api("POST", "/block_documents/", makes | {"data": {}}).status_code == 422


def test_a_block_is_refused_where_its_schema_or_name_does_not_fit(api: Call) -> None:
    makes = registered(api)
    other = registered(api, "other")
    body = makes | {"name": "x", "data": {}}
    mixed = body | {"block_schema_id": other["block_schema_id"]}

    assert api("POST", "/block_documents/", body).status_code == 201
    assert api("POST", "/block_documents/", body).status_code == 409
    assert api("POST", "/block_documents/", mixed | {"name": "y"}).status_code == 400
    gone = body | {"name": "z", "block_schema_id": str(uuid4())}
    assert api("POST", "/block_documents/", gone).status_code == 404


def test_a_block_moves_to_another_schema_of_its_type_only(api: Call) -> None:
    makes, other = registered(api), registered(api, "other")
    block = api("POST", "/block_documents/", makes | {"name": "x", "data": {}}).json()
    path = f"/block_documents/{block['id']}"
    body = {"block_type_id": makes["block_type_id"], "fields": FIELDS, "version": "2"}
    second = api("POST", "/block_schemas/", body).json()["id"]

    assert api("PATCH", path, {"block_schema_id": second}).status_code == 204
    assert api("GET", path).json()["block_schema_id"] == second
    change = {"block_schema_id": other["block_schema_id"]}
    assert api("PATCH", path, change).status_code == 400


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_costs_no_more_for_more_blocks(
    api: Call, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    makes = registered(api)
    inner = api("POST", "/block_documents/", makes | {"name": "in", "data": {}}).json()["id"]
    data = {"a": {"$ref": {"block_document_id": inner}}}
    for place in range(count):
        api("POST", "/block_documents/", makes | {"name": f"b{place}", "data": data})
    api("POST", "/block_documents/filter", {})
    body = {"block_documents": {"name": {"like_": "b%"}}}

    # The blocks, what they nest, the nested ones; and what the key costs at most.
    with django_assert_max_num_queries(5):
        listed = api("POST", "/block_documents/filter", body).json()

    assert len(listed) == count


def test_a_release_with_another_schema_brings_it_along(api: Call) -> None:
    """Blocks of the former one stay as they are."""
    former = BlockSchema.objects.create(
        block_type=block_row("smb", {}).block_type, checksum="former", version="flint"
    )
    BlockDocument.objects.update(block_schema=former)
    BlockSchema.objects.filter(checksum=CATALOG["smb"].checksum).delete()

    block_types.install()

    block = BlockDocument.objects.get()
    assert block.block_schema == former
    assert block_types.newest_schema(block.block_type) == BlockSchema.objects.get(
        checksum=CATALOG["smb"].checksum
    )


def test_a_block_is_made_and_changed_in_the_order_of_terraforms_provider(api: Call) -> None:
    kind = api("GET", "/block_types/slug/secret").json()
    admitted = {"block_type_id": {"any_": [kind["id"]]}, "block_capabilities": {"all_": None}}
    schema = api("POST", "/block_schemas/filter", {"block_schemas": admitted}).json()[0]
    ids = {"block_type_id": kind["id"], "block_schema_id": schema["id"]}

    made = api("POST", "/block_documents/", ids | {"name": "tf", "data": {"value": "one"}})
    path = f"/block_documents/{made.json()['id']}"
    change = {"block_schema_id": schema["id"], "data": {"value": "two"}}

    assert made.status_code == 201
    assert api("PATCH", path, change | {"merge_existing_data": False}).status_code == 204
    block = api("GET", f"{path}?include_secrets=true").json()
    assert (block["data"], block["block_type"]["slug"]) == ({"value": "two"}, "secret")
    assert api("DELETE", path).status_code == 204
