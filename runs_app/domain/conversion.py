"""Values made to fit a JSON schema, at every depth. Pure.

1. What the schema allows stays as it is; so a union takes a value that one member allows.
2. Where it says `string`, a number, a truth value, an object or a list becomes its JSON text.
3. Where it says integer, number or boolean, text that is exactly one becomes it.
4. Where it says object or array, text that is exactly one as JSON becomes it.
5. Members of objects and lists are converted one by one, each by what is said of it; references,
   `allOf`, `anyOf` and `oneOf` are followed.
6. Nothing is converted that does not fit afterwards.
Source: docs/semantics.md, "Values in parameters".
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from runs_app.domain.storable import unstorable

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,299})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,299})(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,4})?")
_BOOLEANS = {"true": True, "True": True, "false": False, "False": False}
# What is deeper is left as it is.
MOST_DEPTH = 60

Fits = Callable[[Any, Any], bool]


class Conversion:
    """The conversion of one value; `fits` says whether a schema within `root` allows a value."""

    def __init__(self, root: Mapping[str, Any], fits: Fits) -> None:
        self._root = root
        self._fits = fits
        # By value and schema: members of unions ask for the same again and again. The value is
        # kept with it, so that its id stays its own.
        self._known: dict[tuple[int, int], tuple[Any, Any]] = {}

    def of(self, value: Any, schema: Any, depth: int = 0) -> Any:
        if not isinstance(schema, dict) or depth > MOST_DEPTH:
            return value
        key = id(value), id(schema)
        if key not in self._known:
            self._known[key] = value, self._of(value, schema, depth)
        return self._known[key][1]

    def _of(self, value: Any, schema: Mapping[str, Any], depth: int) -> Any:
        if self._fits(value, schema):
            return value  # case 1
        converted = value
        for part in self._parts(schema):
            converted = self.of(converted, part, depth + 1)
        for key in ("anyOf", "oneOf"):
            if isinstance(schema.get(key), list):
                converted = self._of_union(converted, key, schema[key], depth)
        converted = self._by_type(converted, schema, depth)
        same_kind = type(converted) is type(value) and isinstance(value, dict | list)
        return converted if same_kind or self._fits(converted, schema) else value  # case 6

    def _parts(self, schema: Mapping[str, Any]) -> Iterator[Any]:
        if isinstance(schema.get("$ref"), str):
            yield self._referred(schema["$ref"])
        if isinstance(schema.get("allOf"), list):
            yield from schema["allOf"]

    def _of_union(self, value: Any, key: str, members: list[Any], depth: int) -> Any:
        if any(self._fits(value, member) for member in members):
            return value
        real = [each for each in members if not _is_null(each)]
        tried = [self.of(value, member, depth + 1) for member in real]
        fitting = (converted for converted in tried if self._fits(converted, {key: members}))
        # With one member but null, what does not fit is told as that member has it.
        return next(fitting, tried[0] if len(tried) == 1 else value)

    def _by_type(self, value: Any, schema: Mapping[str, Any], depth: int) -> Any:
        types = _types(schema)
        if isinstance(value, dict) and (not types or "object" in types):
            return self._members(value, schema, depth)
        if isinstance(value, list) and (not types or "array" in types):
            return self._items(value, schema, depth)
        if isinstance(value, str):
            converted = _spelled(value, types)
            return converted if converted is value else self.of(converted, schema, depth + 1)
        if "string" in types and value is not None:
            return json.dumps(value, ensure_ascii=False)  # case 2
        return value

    def _members(
        self, value: Mapping[str, Any], schema: Mapping[str, Any], depth: int
    ) -> dict[str, Any]:
        return {
            name: self._by_all(each, _of_member(name, schema), depth)
            for name, each in value.items()
        }

    def _items(self, value: list[Any], schema: Mapping[str, Any], depth: int) -> list[Any]:
        first = schema.get("prefixItems")
        first = first if isinstance(first, list) else []
        rest = schema.get("items")
        return [
            self.of(each, first[index] if index < len(first) else rest, depth + 1)
            for index, each in enumerate(value)
        ]

    def _by_all(self, value: Any, schemas: Iterator[Any], depth: int) -> Any:
        for schema in schemas:
            value = self.of(value, schema, depth + 1)
        return value

    def _referred(self, reference: str) -> Any:
        """What a reference within the document leads to; None for any other."""
        node: Any = self._root
        if not reference.startswith("#"):
            return None
        for step in filter(None, reference.removeprefix("#").split("/")):
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(node, list) and name.isdecimal() and int(name) < len(node):
                node = node[int(name)]
            else:
                node = node.get(name) if isinstance(node, dict) else None
        return node


def _of_member(name: str, schema: Mapping[str, Any]) -> Iterator[Any]:
    properties, patterns = schema.get("properties"), schema.get("patternProperties")
    known = False
    if isinstance(properties, dict) and name in properties:
        known = True
        yield properties[name]
    for pattern, each in patterns.items() if isinstance(patterns, dict) else ():
        if re.search(pattern, name):
            known = True
            yield each
    if not known:
        yield schema.get("additionalProperties")


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    kind = schema.get("type")
    listed = kind if isinstance(kind, list) else [kind]
    return frozenset(each for each in listed if isinstance(each, str))


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "null"


def _spelled(text: str, types: frozenset[str]) -> Any:
    """Cases 3 and 4; the text itself if it spells none of these."""
    stripped = text.strip()
    if types & {"integer", "number"} and _INTEGER.fullmatch(stripped):
        return int(stripped)
    if "number" in types and _NUMBER.fullmatch(stripped):
        number = float(stripped)
        return number if math.isfinite(number) else text
    if "boolean" in types and stripped in _BOOLEANS:
        return _BOOLEANS[stripped]
    for kind, begins in (("object", "{"), ("array", "[")):
        if kind in types and stripped.startswith(begins):
            return _parsed(stripped, text)
    return text


def _parsed(text: str, otherwise: str) -> Any:
    try:
        parsed = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return otherwise
    return otherwise if unstorable(parsed) else parsed


def _refuse(constant: str) -> Any:
    raise ValueError(constant)  # NaN and its like are no JSON
