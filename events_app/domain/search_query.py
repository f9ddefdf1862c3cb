"""The language of the query box: `name:orders.* -label.env=test payload.rows>1000 timeout`. Pure.

Terms stand beside each other and must all hold, except that a field which is named several times
means any of its values. `-` before a term excludes what it finds. Words without a field are
looked for in everything, as TextQuery says. `fate:fired` is for those who know firings: no
condition here stands for it. What cannot be read is a problem and finds nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from events_app.domain.event import RESOURCE_ID
from events_app.domain.filters import NameFilter, RelatedFilter, ResourceFilter
from events_app.domain.search_filters import (
    NUMBER,
    AnyOf,
    NoneOf,
    PayloadFilter,
    SearchFilter,
    SearchPart,
)

LONGEST = 2000
MOST_WORDS = 200  # characters of free text
FIELDS = ("name", "resource", "related", "label", "payload", "fate", "last", "since", "until")
LENGTHS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

_TOKEN = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*(?:"|$))+')
_PAYLOAD = re.compile(r"(?P<path>[^\s=<>!]+?)(?P<sign>!=|>=|<=|=|>|<)(?P<value>.*)", re.DOTALL)
_FIELD = re.compile(r"(?P<field>[A-Za-z_]+):(?!//)(?P<value>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Term:
    """One condition as it was typed. `field` is "" for a word; `key`: a label or a path."""

    field: str
    value: str
    key: str = ""
    sign: str = "="
    negated: bool = False

    @property
    def text(self) -> str:
        """As it is typed; reading it gives this term again."""
        minus = "-" if self.negated and self.sign != "!=" else ""
        if not self.field:
            return f"{minus}{_quoted(self.value)}"
        if self.key:
            return f"{minus}{self.field}.{self.key}{self.sign}{_quoted(self.value)}"
        return f"{minus}{self.field}:{_quoted(self.value)}"


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What a text asks for. With `problems` (sentences) it must not be used."""

    terms: tuple[Term, ...]
    problems: tuple[str, ...]
    filter: SearchFilter

    @property
    def text(self) -> str:
        return " ".join(term.text for term in self.terms)


def parse_search(text: str, *, now: datetime) -> SearchQuery:
    """Read what was typed. `now` is what `last:1h` counts back from."""
    if "\0" in text or len(text) > LONGEST:
        return SearchQuery(
            (), (f"Write at most {LONGEST:,} characters, and none is NUL.",), NOTHING
        )
    problems: list[str] = []
    terms: list[Term] = []
    for match in _TOKEN.finditer(text):
        try:
            terms.append(_term(match[0]))
        except ValueError as error:
            problems.append(f"Character {match.start() + 1}, `{match[0][:60]}`: {error}")
    return search_of(terms, problems, now=now)


NOTHING = SearchFilter()


def search_of(terms: Sequence[Term], problems: Sequence[str] = (), *, now: datetime) -> SearchQuery:
    """The query of terms that were read already."""
    wrong = list(problems)
    document = _times(terms, wrong, now)
    words = " ".join(term.text for term in terms if not term.field)
    if len(words) > MOST_WORDS:
        wrong.append(f"The words without a field have at most {MOST_WORDS} characters.")
    if wrong:
        return SearchQuery(tuple(terms), tuple(wrong), NOTHING)
    if words:
        document["text"] = {"query": words}
    return SearchQuery(tuple(terms), (), SearchFilter(**document, **_conditions(terms)))


def _term(token: str) -> Term:
    """Raises ValueError with what would be right."""
    negated = token.startswith("-") and len(token) > 1
    body = token[negated:]
    head, _, rest = body.partition(".")
    if head in ("label", "payload") and rest:
        return _keyed(head, rest, negated)
    match = _FIELD.match(body)
    if match is None:
        return Term("", _plain(body), negated=negated)
    field, value = match["field"], _plain(match["value"])
    if field in ("label", "payload"):
        raise ValueError(f"write {field}.NAME=VALUE, for example {_EXAMPLES[field]}.")
    if field not in FIELDS:
        known = ", ".join(f"{each}:" for each in FIELDS if each not in ("label", "payload"))
        raise ValueError(f'no field has this name. Fields: {known}; put a text in "quotes".')
    if not value:
        raise ValueError(f"a value is missing, for example {_EXAMPLES[field]}.")
    if field == "fate" and value != "fired":
        raise ValueError("write fate:fired, or -fate:fired for what fired nothing.")
    if negated and field in ("last", "since", "until"):
        raise ValueError("a time cannot be excluded; leave the minus out.")
    return Term(field, value, negated=negated)


_EXAMPLES = {
    "name": "name:orders.*",
    "resource": "resource:s3://in/*",
    "related": "related:prefect.tag.prod",
    "label": "label.customer=acme",
    "payload": "payload.rows>1000",
    "fate": "fate:fired",
    "last": "last:24h",
    "since": "since:2026-11-23T04:12",
    "until": "until:2026-11-23T04:12",
}


def _keyed(field: str, rest: str, negated: bool) -> Term:
    match = _PAYLOAD.fullmatch(rest)
    if match is None or not match["value"]:
        raise ValueError(f"a name and a value are needed, for example {_EXAMPLES[field]}.")
    sign, value = match["sign"], _plain(match["value"])
    if field == "label" and sign not in ("=", "!="):
        raise ValueError("labels are texts; compare them with = or !=.")
    if sign in (">", ">=", "<", "<=") and not re.fullmatch(NUMBER, value):
        raise ValueError(f"{sign} compares numbers, for example {_EXAMPLES['payload']}.")
    if sign == "!=":
        return Term(field, value, match["path"], "=", not negated)
    return Term(field, value, match["path"], sign, negated)


def _plain(text: str) -> str:
    r"""Without its quotes; inside of them `\"` and `\\` stand for themselves."""
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)("?)|([^"]+)', text, re.DOTALL)
    if any(bare == "" and end != '"' for _, end, bare in quoted):
        raise ValueError("the closing quotation mark is missing.")
    return "".join(bare or re.sub(r"\\(.)", r"\1", inner) for inner, _, bare in quoted)


def _quoted(text: str) -> str:
    odd = not text or re.search(r'[\s"]', text) or text.startswith("-") or _FIELD.match(text)
    if not odd and not text.startswith(("label.", "payload.")):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _times(terms: Sequence[Term], problems: list[str], now: datetime) -> dict[str, Any]:
    since = until = None
    for term in terms:
        try:
            if term.field == "last":
                since = now - _length(term.value)
            elif term.field == "since":
                since = _moment(term.value)
            elif term.field == "until":
                until = _moment(term.value)
        except (ValueError, OverflowError) as error:
            problems.append(f"`{term.text[:60]}`: {error}")
    if since and until and since >= until:
        problems.append("The end (`until:`) must be later than the beginning.")
    return {"occurred": {"since": since, "until": until}} if since or until else {}


def _length(text: str) -> timedelta:
    match = re.fullmatch(r"([0-9]{1,5})([mhdw])", text)
    if match is None or not int(match[1]):
        raise ValueError("write a number and m, h, d or w, for example last:24h.")
    return timedelta(**{LENGTHS[match[2]]: int(match[1])})


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("write the time as 2026-11-23T04:12, in UTC.") from None


def _conditions(terms: Sequence[Term]) -> dict[str, Any]:
    """What EventFilter can say goes where its indexes are; the rest is `more`."""
    fields: dict[str, Any] = {}
    more: list[SearchPart] = []
    by_field: dict[tuple[str, str], list[str]] = {}
    for term in terms:
        if term.field in ("", "fate", "last", "since", "until"):
            continue
        if term.negated:
            more.append(NoneOf(neither=(_condition(term),)))
        elif term.field == "payload":
            more.append(_condition(term))
        else:
            by_field.setdefault((term.field, term.key), []).append(term.value)
    if names := by_field.get(("name", "")):
        _place(fields, more, "event", _alternatives("name", names))
    resource = _resource(by_field, more)
    if resource:
        fields["resource"] = ResourceFilter.model_validate(resource)
    if related := by_field.get(("related", "")):
        fields["related"] = RelatedFilter(labels={RESOURCE_ID: _one_or_more(related)})
    return {**fields, "more": tuple(more)}


def _resource(
    by_field: Mapping[tuple[str, str], list[str]], more: list[SearchPart]
) -> dict[str, Any]:
    document: dict[str, Any] = {}
    ids = _alternatives("resource", by_field.get(("resource", ""), []))
    if len(ids) == 1:
        document |= ids[0].model_dump(exclude_none=True, exclude_defaults=True)
    elif ids:
        more.append(AnyOf(either=tuple(ids)))
    labels = {key: values for (field, key), values in by_field.items() if field == "label"}
    return document | ({"labels": labels} if labels else {})


def _place(
    fields: dict[str, Any], more: list[SearchPart], name: str, alternatives: list[Any]
) -> None:
    if len(alternatives) == 1:
        fields[name] = alternatives[0]
    elif alternatives:
        more.append(AnyOf(either=tuple(alternatives)))


def _alternatives(field: str, values: Sequence[str]) -> list[Any]:
    """Exact values together, and prefixes together: one filter, or two of which one must hold."""
    exact = [value for value in values if not value.endswith("*")]
    prefixes = [value[:-1] for value in values if value.endswith("*")]
    if "" in prefixes:
        return []
    kind, by_value, by_prefix = (
        (NameFilter, "name", "prefix") if field == "name" else (ResourceFilter, "id", "id_prefix")
    )
    return [
        kind.model_validate({key: listed})
        for key, listed in ((by_value, exact), (by_prefix, prefixes))
        if listed
    ]


def _one_or_more(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _condition(term: Term) -> SearchPart:
    if term.field == "payload":
        path = tuple(term.key.split("."))
        return PayloadFilter.model_validate(
            {"path": path, "comparison": term.sign, "value": term.value}
        )
    if term.field == "label":
        return ResourceFilter(labels={term.key: [term.value]})
    if term.field == "related":
        return RelatedFilter(labels={RESOURCE_ID: term.value})
    alternatives = _alternatives(term.field, [term.value])
    # `*` alone is everything.
    return alternatives[0] if alternatives else NoneOf(neither=())
