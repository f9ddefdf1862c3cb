"""What could be typed into the query box: from names ever seen, and from the newest events."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec

from events_app.domain.event import RESOURCE_ID
from events_app.reads import event_counts
from events_app.storage.stored_events import query_rows

MOST = 12
LOOKED_AT = 500
LONGEST_PAYLOAD = 4_000  # characters; of longer ones the names are not looked for
_NEWEST = """
    SELECT resource, related, CASE WHEN length(payload) <= %s THEN payload ELSE '{}' END
    FROM event ORDER BY log_ms DESC, log_seq DESC, frame_index DESC LIMIT %s
"""
_FIELDS = (
    ("name:", "the name of the event"),
    ("resource:", "what it happened to"),
    ("label.", "a label of the resource"),
    ("related:", "a related resource"),
    ("payload.", "a value of the payload"),
    ("fate:fired", "fired an automation"),
    ("last:", "a span of time"),
)
_LENGTHS = ("1h", "24h", "7d", "30d")


@dataclass(frozen=True, slots=True)
class SeenTerm:
    """A term for the query box; `count`: how many of the events looked at have it."""

    value: str
    count: int | None = None
    remark: str = ""


def terms_like(typed: str) -> list[SeenTerm]:
    """Terms that continue what was typed, the most frequent first. One query at most."""
    minus = "-" if typed.startswith("-") else ""
    text = typed[len(minus) :]
    terms = islice(_terms(text), MOST)
    return [SeenTerm(minus + one.value, one.count, one.remark) for one in terms]


def _terms(text: str) -> Iterator[SeenTerm]:
    field, colon, rest = text.partition(":")
    if colon and field == "name":
        names = dict(event_counts.seen_names())
        yield from _like("name:", Counter(names), rest)
    elif colon and field == "last":
        yield from (SeenTerm(f"last:{each}") for each in _LENGTHS if each.startswith(rest))
    elif text.startswith(("label.", "payload.")) or (colon and field in ("resource", "related")):
        yield from _of_newest(text)
    else:
        folded = text.casefold()
        for start, remark in _FIELDS:
            if start.startswith(folded):
                yield SeenTerm(start, None, remark)
        if text:
            yield from _like("name:", Counter(dict(event_counts.seen_names())), text)


def _of_newest(text: str) -> Iterator[SeenTerm]:
    rows = query_rows(_NEWEST, [LONGEST_PAYLOAD, LOOKED_AT])
    decode = msgspec.json.decode
    head, _, key = text.partition(".")
    if head == "label":
        name, equals, value = key.partition("=")
        resources = [decode(row[0]) for row in rows]
        if equals:
            values = Counter(one[name] for one in resources if name in one)
            yield from _like(f"label.{name}=", values, value)
        else:
            yield from _like("label.", Counter(n for one in resources for n in one), name, "=")
    elif head == "payload":
        paths = Counter(path for row in rows for path in _paths(decode(row[2])))
        yield from _like("payload.", paths, key, "=")
    elif text.startswith("resource:"):
        ids = Counter(decode(row[0])[RESOURCE_ID] for row in rows)
        yield from _like("resource:", ids, text.partition(":")[2])
    else:
        related = Counter(one.get(RESOURCE_ID, "") for row in rows for one in decode(row[1]))
        yield from _like("related:", related, text.partition(":")[2])


def _paths(value: Any, depth: int = 0) -> Iterable[str]:
    if isinstance(value, dict) and depth < 3:
        for name, inner in value.items():
            if not any(sign in name for sign in '.=<>! "'):
                yield name
                yield from (f"{name}.{path}" for path in _paths(inner, depth + 1))


def _like(start: str, counts: "Counter[str]", typed: str, end: str = "") -> Iterator[SeenTerm]:
    """What begins with the typed text first, then what holds it."""
    folded = typed.casefold()
    holding = [(name, n) for name, n in counts.most_common() if folded in name.casefold()]
    holding.sort(key=lambda pair: not pair[0].casefold().startswith(folded))
    for name, count in holding:
        odd = any(sign in name for sign in ' "')
        yield SeenTerm(f'{start}"{_escaped(name)}"{end}' if odd else f"{start}{name}{end}", count)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
