"""How much of an event its page shows at once; the rest is fetched when somebody wants it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote

import msgspec
from django.utils.html import escape

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE
from project.lib.jinja import telling_first

MOST_HTML = 14_000  # characters of JSON as HTML has them: a quotation mark is five
BEGINNING = 3_000  # characters of a longer one that are shown
MOST_ENTRIES = 300
MOST_RELATED = 50
LONGEST = 300  # characters of a label's value
ROW_HTML = 150  # bytes of a row besides its texts
_NAMES = ("prefect.resource.name", "prefect.name")


@dataclass(frozen=True, slots=True)
class PayloadView:
    """`whole`: all of it is on the page; otherwise `text` is how it begins."""

    whole: bool
    text: str
    total: int


@dataclass(frozen=True, slots=True)
class LabelLine:
    """A label of the resource. `whole` is False where the value is longer than what is listed."""

    name: str
    value: str
    whole: bool


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


def label_rows(resource: Mapping[str, str]) -> list[LabelLine]:
    """The labels that there is room for, those first that say what it is."""
    rows: list[LabelLine] = []
    room = MOST_HTML
    for name, value in telling_first(dict(resource)):
        row = LabelLine(name[:LONGEST], value[:LONGEST], len(value) <= LONGEST)
        room -= ROW_HTML + _html(row.name, row.value, row.name, row.value)
        if room < 0 and rows:
            break
        rows.append(row)
    return rows


def related_rows(related: list[dict[str, str]]) -> list[RelatedRow]:
    """Those that there is room for."""
    rows: list[RelatedRow] = []
    room = MOST_HTML
    known = {RESOURCE_ID, RESOURCE_ROLE, *_NAMES}
    for one in related[:MOST_RELATED]:
        name = next((one[key] for key in _NAMES if one.get(key)), "")
        labels = [(key[:200], value[:200]) for key, value in one.items() if key not in known]
        row = RelatedRow(one.get(RESOURCE_ROLE, ""), name[:LONGEST], one[RESOURCE_ID], labels[:5])
        inner = [text for label in row.labels for text in label]
        room -= ROW_HTML + _html(row.role, row.name, row.id, row.id, *inner)
        if room < 0 and rows:
            break
        rows.append(row)
    return rows


def _html(*texts: str) -> int:
    """Bytes, as text or in an address, whichever is more."""
    return sum(max(len(escape(text).encode()), len(quote(text))) for text in texts)
