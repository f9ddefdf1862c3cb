"""How much of an event its page shows at once; the rest is fetched when somebody wants it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec
from django.utils.html import escape

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE

MOST_HTML = 14_000  # characters of JSON as HTML has them: a quotation mark is five
BEGINNING = 3_000  # characters of a longer one that are shown
MOST_ENTRIES = 300
MOST_RELATED = 50
_NAMES = ("prefect.resource.name", "prefect.name")


@dataclass(frozen=True, slots=True)
class PayloadView:
    """`whole`: all of it is on the page; otherwise `text` is how it begins."""

    whole: bool
    text: str
    total: int


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """A related resource as one line; `labels` are all others that it has."""

    role: str
    name: str
    id: str
    labels: list[tuple[str, str]]


def payload_view(payload: Mapping[str, Any]) -> PayloadView:
    text = payload_text(payload)
    whole = len(text) <= MOST_HTML and len(escape(text)) <= MOST_HTML and _is_small(payload)
    return PayloadView(whole, text if whole else text[:BEGINNING], len(text))


def payload_text(payload: Mapping[str, Any]) -> str:
    """Indented JSON."""
    return msgspec.json.format(msgspec.json.encode(payload), indent=2).decode()


def _is_small(payload: Mapping[str, Any]) -> bool:
    return sum(1 for _ in islice(_entries(payload), MOST_ENTRIES + 1)) <= MOST_ENTRIES


def _entries(value: Any) -> Iterable[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield one
        yield from _entries(one)


def related_rows(related: list[dict[str, str]]) -> list[RelatedRow]:
    rows = []
    for one in related[:MOST_RELATED]:
        name = next((one[key] for key in _NAMES if one.get(key)), "")
        known = {RESOURCE_ID, RESOURCE_ROLE, *_NAMES}
        labels = [(key, value[:200]) for key, value in one.items() if key not in known]
        rows.append(RelatedRow(one.get(RESOURCE_ROLE, ""), name, one[RESOURCE_ID], labels[:5]))
    return rows
