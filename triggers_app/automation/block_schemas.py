"""What the schema of a block says of its data: a checksum, secrets, references. Pure.

`secret_fields` of a schema are paths such as `token`, `login.password` and `headers.*`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from project.lib.problems import Invalid, Problem
from triggers_app.automation.blocks import MASK

Document = Mapping[str, Any]
_DEFINITIONS = "#/definitions/"


def checksum(fields: Document) -> str:
    """The checksum by which a client finds the schema of its own block class.

    Source: `Block._calculate_schema_checksum` of Prefect 3.9.1; other blocks' definitions and
    the list of secrets do not count.
    """
    counted = _without_secret_fields(fields)
    if definitions := counted.get("definitions"):
        own = _plain_definitions(counted, definitions)
        counted = {**counted, "definitions": own}
        if not own:
            del counted["definitions"]
    text = json.dumps([[counted], {}], sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _without_secret_fields(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        name: _without_secret_fields(each)
        for name, each in value.items()
        if name != "secret_fields"
    }


def _plain_definitions(fields: Document, definitions: Document) -> dict[str, Any]:
    """The definitions that are reached from the fields and are not blocks."""
    own: dict[str, Any] = {}
    left: list[Any] = [fields]
    while left:
        for reference in _references(left.pop()):
            name = reference.replace(_DEFINITIONS, "")
            definition = definitions.get(name)
            if name in own or not definition or definition.get("block_type_slug") is not None:
                continue
            own[name] = definition
            left.append(definition)
    return own


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(references := value.get("$ref"), str):
            yield references
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _references(each)


def masked(data: Document, secret_fields: object) -> dict[str, Any]:
    """The data with every secret replaced; nulls stay, as they keep nothing secret."""
    masked_data = dict(data)
    for path in secret_fields if isinstance(secret_fields, list) else ():
        masked_data = _masked_at(masked_data, str(path).split("."))
    return masked_data


def _masked_at(value: Any, path: list[str]) -> Any:
    if isinstance(value, list):
        return [_masked_at(each, path) for each in value]
    if value is None:
        return None
    if not path:
        return MASK
    if not isinstance(value, dict):
        return MASK if path == ["*"] else value
    if path == ["*"]:
        return {name: _masked_at(each, path) for name, each in value.items()}
    first, *rest = path
    if first not in value:
        return value
    return {**value, first: _masked_at(value[first], rest)}


def secret_values(data: Document, secret_fields: object) -> list[str]:
    """The texts that are masked; what is very short is found everywhere and tells nothing."""
    return [value for value in _hidden(data, masked(data, secret_fields)) if len(value) > 3]


def _hidden(value: Any, masked: Any) -> Iterator[str]:
    if isinstance(value, str):
        if masked == MASK:
            yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _hidden(each, masked if masked == MASK else masked[name])
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _hidden(each, masked if masked == MASK else masked[place])


def unmasked(former: Any, given: Any) -> Any:
    """What was given, where masks that came back as they were shown stand for former values."""
    if given == MASK:
        return given if former is None else former
    if isinstance(given, dict):
        before = former if isinstance(former, dict) else {}
        return {name: unmasked(before.get(name), each) for name, each in given.items()}
    if isinstance(given, list):
        parts = former if isinstance(former, list) and len(former) == len(given) else None
        return [unmasked(parts[place] if parts else None, each) for place, each in enumerate(given)]
    return given


def split_references(data: Document) -> tuple[dict[str, Any], dict[str, UUID]]:
    """The data of a block without the blocks that it names, and these by their field.

    Raises Invalid.
    """
    own: dict[str, Any] = {}
    named: dict[str, UUID] = {}
    problems = []
    for name, value in data.items():
        if not isinstance(value, dict) or "$ref" not in value:
            own[name] = value
            continue
        try:
            named[name] = UUID(str(value["$ref"]["block_document_id"]))
        except (KeyError, TypeError, ValueError):
            message = 'A reference to a block has the form {"$ref": {"block_document_id": id}}.'
            problems.append(Problem(("data", name), message))
    if problems:
        raise Invalid(problems)
    return own, named


def nested_slugs(fields: Document) -> set[str]:
    """The types of the blocks that a schema nests."""
    entries = fields.get("block_schema_references")
    listed = entries.values() if isinstance(entries, dict) else ()
    flat = (one for each in listed for one in (each if isinstance(each, list) else [each]))
    return {
        one["block_type_slug"]
        for one in flat
        if isinstance(one, dict) and isinstance(one.get("block_type_slug"), str)
    }
