"""Conditions of the query box that Prefect's EventFilter cannot say: payload, either, none. Pure.

`accepts` and the SQL of events_app.storage.filter_sql mean the same; a test keeps them together.
"""

import json
import re
from decimal import Decimal
from typing import Any, Literal, Union

from events_app.domain.event import Event
from events_app.domain.filters import EventFilter, FilterDocument, Part, Text

NUMBER = r"-?[0-9]{1,60}([.][0-9]{1,60})?([eE][-+]?[0-9]{1,2})?"
Comparison = Literal["=", ">", ">=", "<", "<="]
_is_number = re.compile(NUMBER).fullmatch


class PayloadFilter(FilterDocument):
    """A value of the payload, by the names that lead to it.

    `=` compares texts (a `*` at the end stands for anything), true, false and numbers; the other
    comparisons take numbers only. What is missing is never accepted.
    """

    path: tuple[Text, ...]
    comparison: Comparison
    value: Text

    @property
    def number(self) -> Decimal | None:
        return _number(self.value)

    def accepts(self, event: Event) -> bool:
        value = _value_at(event.payload, self.path)
        if isinstance(value, bool):
            return self.comparison == "=" and self.value == str(value).lower()
        if isinstance(value, str):
            return self.comparison == "=" and self._accepts_text(value)
        number = self.number
        if number is None or not isinstance(value, Decimal):
            return False
        return bool(_COMPARED[self.comparison](value, number))

    def _accepts_text(self, text: str) -> bool:
        if self.value.endswith("*"):
            return text.startswith(self.value.rstrip("*"))
        return text == self.value


_COMPARED: dict[str, Any] = {
    "=": Decimal.__eq__,
    ">": Decimal.__gt__,
    ">=": Decimal.__ge__,
    "<": Decimal.__lt__,
    "<=": Decimal.__le__,
}


class PlaceFilter(FilterDocument):
    """One of these places of the log: what only the table of events knows."""

    places: tuple[tuple[int, int, int], ...]

    def accepts(self, event: Event) -> bool:
        raise NotImplementedError("An event does not know where the log holds it.")


class AnyOf(FilterDocument):
    """One of several conditions, at least."""

    either: tuple["SearchPart", ...]

    def accepts(self, event: Event) -> bool:
        return any(part.accepts(event) for part in self.either)


class NoneOf(FilterDocument):
    """None of several conditions."""

    neither: tuple["SearchPart", ...]

    def accepts(self, event: Event) -> bool:
        return not any(part.accepts(event) for part in self.neither)


SearchPart = Union[Part, PayloadFilter, PlaceFilter, AnyOf, NoneOf]  # noqa: UP007 (it refers to itself)


class SearchFilter(EventFilter):
    """An EventFilter, and what only the query box can say."""

    more: tuple[SearchPart, ...] = ()

    def parts(self) -> list[Any]:
        return [*super().parts(), *self.more]


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _is_number(text) else None


def _value_at(payload: bytes, path: tuple[str, ...]) -> Any:
    value = json.loads(bytes(payload), parse_int=_number, parse_float=_number)
    for name in path:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and re.fullmatch("[0-9]{1,6}", name):
            value = value[int(name)] if int(name) < len(value) else None
        else:
            return None
    return value
