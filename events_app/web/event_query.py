"""The filters of the list of events: an address is a question, and the other way round."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from events_app.domain.event import RESOURCE_ID
from events_app.domain.filters import EventFilter

RANGES = {
    "": ("Any time", None),
    "1h": ("Last hour", timedelta(hours=1)),
    "1d": ("Last 24 hours", timedelta(days=1)),
    "7d": ("Last 7 days", timedelta(days=7)),
    "30d": ("Last 30 days", timedelta(days=30)),
}
MAX_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class EventQuery:
    """What somebody asks for, as typed; `problems` are sentences by name of the field."""

    name: str = ""
    resource: str = ""
    label: str = ""
    related: str = ""
    text: str = ""
    range: str = ""
    since: str = ""
    until: str = ""
    filter: EventFilter = field(default_factory=EventFilter)
    problems: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, str]:
        """What is not empty, in the order of the form."""
        names = ("name", "resource", "label", "related", "text", "range", "since", "until")
        return {name: value for name in names if (value := getattr(self, name))}

    @property
    def more_filters(self) -> bool:
        return bool(self.label or self.related or self.since or self.until)

    def address(self, base: str, **changes: str) -> str:
        values = {key: value for key, value in (self.values | changes).items() if value}
        return f"{base}?{urlencode(values)}" if values else base


def parse_query(params: QueryDict, *, now: datetime) -> EventQuery:
    """Read the address; whatever cannot be understood is a problem of its field."""
    typed = {name: _typed(params, name) for name in ("name", "resource", "related", "text")}
    typed |= {name: _typed(params, name) for name in ("range", "since", "until")}
    typed["label"] = ", ".join(filter(None, (text.strip() for text in params.getlist("label"))))
    if typed["range"] not in RANGES:
        typed["range"] = ""
    problems: dict[str, list[str]] = {}
    document: dict[str, Any] = {}
    if typed["name"] not in ("", "*"):
        document["event"] = _pattern(typed["name"], "prefix", "name")
    if resource := _resource(typed, problems):
        document["resource"] = resource
    if typed["related"]:
        document["related"] = {"labels": {RESOURCE_ID: typed["related"]}}
    if typed["text"]:
        document["text"] = {"query": typed["text"][:200]}
    since, until = _times(typed, problems, now)
    if since or until:
        document["occurred"] = {"since": since, "until": until}
    query = EventQuery(
        name=typed["name"],
        resource=typed["resource"],
        label=typed["label"],
        related=typed["related"],
        text=typed["text"],
        range=typed["range"],
        since=typed["since"],
        until=typed["until"],
        problems=problems,
    )
    if any("\0" in text or len(text) > MAX_LENGTH for text in typed.values()):
        return replace(query, problems={"text": ["This filter holds what no event can hold."]})
    return query if problems else replace(query, filter=EventFilter.model_validate(document))


def _typed(params: QueryDict, name: str) -> str:
    return params.get(name, "").strip()


def _pattern(text: str, prefix: str, exact: str) -> dict[str, list[str]]:
    return {prefix: [text[:-1]]} if text.endswith("*") else {exact: [text]}


def _resource(typed: Mapping[str, str], problems: dict[str, list[str]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    if typed["resource"] not in ("", "*"):
        document |= _pattern(typed["resource"], "id_prefix", "id")
    labels: dict[str, list[str]] = {}
    for pair in filter(None, (part.strip() for part in typed["label"].split(","))):
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            sentence = f"Write `{pair[:60]}` as name=value; the value may end in *."
            problems.setdefault("label", []).append(sentence)
        labels.setdefault(name.strip(), []).append(value.strip())
    if labels:
        document["labels"] = labels
    return document


def _times(
    typed: Mapping[str, str], problems: dict[str, list[str]], now: datetime
) -> tuple[datetime | None, datetime | None]:
    since, until = (_moment(typed[name], name, problems) for name in ("since", "until"))
    length = RANGES[typed["range"]][1]
    if length is not None and since is None and until is None:
        return now - length, None
    if since and until and since >= until:
        problems.setdefault("until", []).append("This must be later than the beginning.")
    return since, until


def _moment(text: str, name: str, problems: dict[str, list[str]]) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        problems[name] = ["Write the time as 2026-11-23T04:12, in UTC."]
        return None
