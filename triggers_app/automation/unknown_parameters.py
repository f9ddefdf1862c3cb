"""Parameters that the schema of a deployment does not know, at every depth. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from project.lib.problems import Loc
from triggers_app.automation.near_keys import Comparing
from triggers_app.automation.unknown_keys import UnknownKey

_MAX_DEPTH = 32
_KIND = "__prefect_kind"
"""A map with this key is a template of Prefect's, not a value with fields."""


def unknown_parameters(
    given: object, schema: Mapping[str, Any] | None, *, loc: Loc, of: str
) -> Iterator[UnknownKey]:
    """`loc` is the place of the parameters, `of` what the deployment is called.

    A schema that describes no properties, or allows others, knows every name.
    """
    if schema:
        yield from _Looking(schema).below(given, schema, loc, f"a parameter of {of}", 0)


class _Looking:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._comparing = Comparing()

    def below(
        self, given: object, part: Any, loc: Loc, what: str, depth: int
    ) -> Iterator[UnknownKey]:
        described = _described(part, self._root)
        if depth > _MAX_DEPTH or described is None:
            return
        if isinstance(given, list):
            items = described.get("items")
            for index, each in enumerate(given):
                yield from self.below(each, items, (*loc, index), what, depth + 1)
        properties = described.get("properties")
        if not isinstance(given, Mapping) or not isinstance(properties, Mapping) or _KIND in given:
            return
        closed = not described.get("additionalProperties") and "patternProperties" not in described
        for name, value in given.items():
            if name in properties:
                within = f"a field of `{name}`"
                yield from self.below(value, properties[name], (*loc, name), within, depth + 1)
            elif closed:
                meant = self._comparing.near(str(name), properties)
                yield UnknownKey((*loc, name), what, meant, ignored=False)


def _described(part: Any, root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The part of a schema behind references; None where several may be meant."""
    for _ in range(_MAX_DEPTH):
        if not isinstance(part, Mapping):
            return None
        reference, alone = part.get("$ref"), part.get("allOf")
        if isinstance(reference, str):
            part = _referred(reference, root)
        elif isinstance(alone, list) and len(alone) == 1 and "properties" not in part:
            part = alone[0]
        else:
            return part
    return None


def _referred(reference: str, root: Mapping[str, Any]) -> Any:
    if not reference.startswith("#/"):
        return None
    value: Any = root
    for step in reference[2:].split("/"):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
