"""What a schema says of a block's data."""

from typing import Any
from uuid import UUID

import pytest

from project.lib.problems import Invalid
from triggers_app.automation.block_catalog import CATALOG
from triggers_app.automation.block_schemas import (
    checksum,
    masked,
    nested_slugs,
    split_references,
    unmasked,
)

ID = "0a8a3c1e-9d0e-4b5e-8f0e-2a1b3c4d5e6f"


def test_the_checksum_is_that_of_prefects_client() -> None:
    # Taken from `Block._calculate_schema_checksum` of prefect 3.9.1.
    fields = {
        "block_type_slug": "t",
        "properties": {"a": {"$ref": "#/definitions/A"}, "b": {"$ref": "#/definitions/B"}},
        "definitions": {
            "A": {"type": "object", "properties": {"again": {"$ref": "#/definitions/C"}}},
            "B": {"block_type_slug": "b"},
            "C": {"type": "string"},
        },
        "secret_fields": ["a"],
    }
    expected = "sha256:3dd05f59a4bd509fe9f1fb742bc4a1b52ceb59611288d480b4f8bbb9558e075f"

    assert checksum(fields) == expected
    assert checksum(fields | {"secret_fields": []}) == expected


def test_definitions_that_refer_to_themselves_have_a_checksum() -> None:
    fields = {
        "properties": {"a": {"$ref": "#/definitions/A"}},
        "definitions": {"A": {"items": {"$ref": "#/definitions/A"}}},
    }

    assert checksum(fields).startswith("sha256:")


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        (["a"], {"a": "********", "b": {"c": 1, "d": None}, "e": [{"f": 2}]}),
        (["b.c", "b.d"], {"a": 1, "b": {"c": "********", "d": None}, "e": [{"f": 2}]}),
        (["b.*"], {"a": 1, "b": {"c": "********", "d": None}, "e": [{"f": 2}]}),
        (["b"], {"a": 1, "b": "********", "e": [{"f": 2}]}),
        (["e.f"], {"a": 1, "b": {"c": 1, "d": None}, "e": [{"f": "********"}]}),
        (["no", "a.no"], {"a": 1, "b": {"c": 1, "d": None}, "e": [{"f": 2}]}),
        (None, {"a": 1, "b": {"c": 1, "d": None}, "e": [{"f": 2}]}),
    ],
    ids=str,
)
def test_secrets_are_masked_by_their_paths(paths: Any, shown: Any) -> None:
    assert masked({"a": 1, "b": {"c": 1, "d": None}, "e": [{"f": 2}]}, paths) == shown


def test_a_wildcard_masks_what_lies_deeper_too() -> None:
    assert masked({"a": {"b": {"c": 1}, "d": [1]}}, ["a.*"]) == {
        "a": {"b": {"c": "********"}, "d": ["********"]}
    }


def test_masks_that_come_back_stand_for_what_they_hid() -> None:
    former = {"a": "s", "b": {"c": "t"}, "d": ["u", "v"]}
    given = {"a": "********", "b": {"c": "********", "e": 1}, "d": ["********", "w"]}

    assert unmasked(former, given) == {"a": "s", "b": {"c": "t", "e": 1}, "d": ["u", "w"]}
    assert unmasked({}, {"a": "********"}) == {"a": "********"}


def test_references_are_told_from_data() -> None:
    data = {"a": 1, "b": {"$ref": {"block_document_id": ID}}}

    assert split_references(data) == ({"a": 1}, {"b": UUID(ID)})
    with pytest.raises(Invalid) as refused:
        split_references({"a": {"$ref": {}}, "b": {"$ref": {"block_document_id": "x"}}})
    assert [problem.loc for problem in refused.value.problems] == [("data", "a"), ("data", "b")]


def test_nested_types_are_named_singly_or_in_lists() -> None:
    one, other = {"block_type_slug": "a"}, {"block_type_slug": "b"}

    assert nested_slugs({"block_schema_references": {"x": one, "y": [one, other]}}) == {"a", "b"}
    assert nested_slugs({}) == nested_slugs({"block_schema_references": [1]}) == set()


@pytest.mark.parametrize("kind", CATALOG.values(), ids=lambda kind: kind.slug)
def test_secret_fields_of_the_catalog_are_properties(kind: Any) -> None:
    names = {path.split(".")[0] for path in kind.fields["secret_fields"]}

    assert names <= set(kind.fields["properties"])
    assert kind.checksum == checksum(kind.fields)
