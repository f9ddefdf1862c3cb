"""The API's description: what ninja gathers, made whole.

Bodies that are read by hand bring their definitions along; they belong into `components`. And
every operation has the refusals that the API's exceptions are answered with.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]
_METHODS = ("get", "post", "put", "patch", "delete")
_OWN_DEFINITIONS = "#/$defs/"
_COMPONENTS = "#/components/schemas/"

PROBLEM: Schema = {
    "title": "Problem",
    "description": "One thing that is wrong, and where.",
    "type": "object",
    "properties": {
        "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
        "msg": {"type": "string"},
        "type": {"type": "string"},
    },
    "required": ["loc", "msg", "type"],
}
REFUSAL: Schema = {
    "title": "Refusal",
    "description": "Why there is no other answer, in the shapes of Prefect's server.",
    "type": "object",
    "properties": {
        "detail": {},
        "message": {"type": "string"},
        "exception_message": {"type": "string"},
        "exception_detail": {
            "type": "array",
            "items": {"$ref": f"{_COMPONENTS}Problem"},
        },
        "request_body": {},
    },
    "anyOf": [{"required": [name]} for name in ("detail", "message", "exception_message")],
}
# Whatever is asked: the key, the role, the size, the values, and stores that are away.
EVERYWHERE = {
    400: "Not a request to this server",
    401: "No key, or a wrong one",
    403: "The key's role may not do this",
    413: "Too large",
    422: "Not valid; every problem with its place",
    503: "Not now; `Retry-After` says when",
}
MISSING = {404: "There is no such thing"}
CONFLICT = {409: "It contradicts what there is"}
EVENTS: Schema = {
    "post": {
        "operationId": "events_app_api_ingest",
        "summary": "Send Events",
        "description": "Accepts all of the events, or none. Answered once they are on disk.",
        "tags": ["events"],
        "parameters": [],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "array", "items": {"$ref": f"{_COMPONENTS}Event"}}
                }
            },
        },
        "responses": {204: {"description": "Accepted"}},
    }
}
_LABELS: Schema = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "required": ["prefect.resource.id"],
}
EVENT: Schema = {
    "title": "Event",
    "type": "object",
    "properties": {
        "occurred": {"type": "string", "format": "date-time"},
        "event": {"type": "string"},
        "resource": _LABELS,
        "related": {
            "type": "array",
            "items": {
                **_LABELS,
                "required": ["prefect.resource.id", "prefect.resource.role"],
            },
        },
        "payload": {"type": "object"},
        "id": {"type": "string", "format": "uuid"},
        "follows": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
    },
    "required": ["occurred", "event", "resource", "id"],
}


def completed(document: Schema, *, prefix: str = "/api") -> Schema:
    """The whole description, anew; every reference leads somewhere."""
    # What ninja gathers are its own objects, which the next description is made of, too.
    document = json.loads(json.dumps(document, default=str))
    document["paths"][f"{prefix}/events"] = copy.deepcopy(EVENTS)
    schemas: Schema = document["components"].setdefault("schemas", {})
    schemas |= {"Problem": PROBLEM, "Refusal": REFUSAL, "Event": EVENT}
    operations = list(_operations(document))
    security: list[Any] = next((each["security"] for each in operations if "security" in each), [])
    document["paths"][f"{prefix}/events"]["post"]["security"] = security
    for operation in operations:
        _gather(operation, schemas)
        _add_refusals(operation)
    return document


def _operations(document: Schema) -> Iterator[Schema]:
    for item in document["paths"].values():
        yield from (item[method] for method in _METHODS if method in item)


def _add_refusals(operation: Schema) -> None:
    known = {**EVERYWHERE, **CONFLICT, **MISSING}
    if "security" not in operation:
        known = {status: EVERYWHERE[status] for status in (400, 503)}
    content = {"application/json": {"schema": {"$ref": f"{_COMPONENTS}Refusal"}}}
    given = {int(status): response for status, response in operation["responses"].items()}
    for status, description in known.items():
        given.setdefault(status, {"description": description, "content": content})
    operation["responses"] = {str(status): given[status] for status in sorted(given)}


def _gather(operation: Schema, schemas: Schema) -> None:
    """Move every `$defs` below an operation to the components, under a name of its own."""
    for place in _with_definitions(operation):
        definitions = place.pop("$defs")
        names = {name: _name_for(name, definitions, schemas) for name in definitions}
        for name, definition in definitions.items():
            schemas[names[name]] = _renamed(definition, names)
        for key, value in list(place.items()):
            place[key] = _reference(key, value, names)


def _with_definitions(node: Any) -> Iterator[Schema]:
    if isinstance(node, dict):
        if isinstance(node.get("$defs"), dict):
            yield node
        for value in list(node.values()):
            yield from _with_definitions(value)
    elif isinstance(node, list):
        for value in node:
            yield from _with_definitions(value)


def _name_for(name: str, definitions: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """The definition's own name, or with a number where another has that already."""
    number = 1
    candidate = name.lstrip("_")
    meaning = _comparable(definitions[name])
    while candidate in schemas and _comparable(schemas[candidate]) != meaning:
        number += 1
        candidate = f"{name.lstrip('_')}{number}"
    return candidate


def _comparable(schema: Any) -> str:
    return json.dumps(schema, sort_keys=True).replace(_COMPONENTS, _OWN_DEFINITIONS)


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _reference(key, value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [_renamed(value, names) for value in node]
    return node


def _reference(key: str, value: Any, names: Mapping[str, str]) -> Any:
    if key == "$ref" and isinstance(value, str) and value.startswith(_OWN_DEFINITIONS):
        return _COMPONENTS + names[value.removeprefix(_OWN_DEFINITIONS)]
    if key == "mapping" and isinstance(value, dict):  # of a discriminator
        return {
            word: _reference("$ref", where, names) if isinstance(where, str) else where
            for word, where in value.items()
        }
    return _renamed(value, names)
