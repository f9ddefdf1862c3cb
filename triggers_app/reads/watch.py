"""The watch board: every absence under way, the nearest deadline first."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.db import connection

from events_app.domain.event import from_us
from project.lib.paging import Page, page_of, storable
from project.lib.sql_like import like_literal
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.engine.windows import decode_window
from triggers_app.automation.triggers import EventTrigger
from triggers_app.models import Automation
from triggers_app.reads import snoozes, stored_documents
from triggers_app.reads.snoozes import SnoozeRow

MOST_COUNTED = 10_000


class DeadlineKey(NamedTuple):
    """A window's place in the list."""

    closes_us: int
    automation_id: UUID
    trigger_id: UUID
    key: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for anything but what `str` gives."""
        closes, automation, trigger, key = text.split("-", 3)
        if not closes.isascii() or not closes.isdecimal() or len(closes) > 18:
            raise ValueError("A cursor begins with microseconds.")
        return cls(int(closes), UUID(hex=automation), UUID(hex=trigger), storable(key))

    def __str__(self) -> str:
        return f"{self.closes_us}-{self.automation_id.hex}-{self.trigger_id.hex}-{self.key}"


@dataclass(frozen=True, slots=True)
class WatchFilter:
    """`text` is part of an automation's name or of a key."""

    text: str = ""
    automation_id: UUID | None = None
    deployment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """An absence that may fire soon. `key` are the values of its group."""

    automation_id: UUID
    automation_name: str
    key: Sequence[str]
    armed: datetime
    deadline: datetime

    def left(self, now: datetime) -> int:
        """How much of the time is left, in thousandths."""
        return _left(self.armed, self.deadline, now)


@dataclass(frozen=True, slots=True)
class WatchRow:
    """An absence under way. `armed_by` is the event it was armed or last moved by, if any.

    `missing` so many events of the names in `expect` keep it from firing; `scope` are the labels
    that a snooze of its key has, empty where firings do not carry the key.
    """

    place: DeadlineKey
    automation_id: UUID
    automation_name: str
    labels: Mapping[str, str]
    scope: Mapping[str, str]
    expect: Sequence[str]
    missing: int
    armed: datetime
    armed_by: str | None
    armed_by_id: UUID | None
    deadline: datetime
    snooze: SnoozeRow | None = None

    def left(self, now: datetime) -> int:
        """How much of the time is left, in thousandths."""
        return _left(self.armed, self.deadline, now)


def _left(armed: datetime, deadline: datetime, now: datetime) -> int:
    whole, rest = (deadline - armed).total_seconds(), (deadline - now).total_seconds()
    return round(1000 * min(1.0, max(0.0, rest / whole))) if whole > 0 else 0


_FROM = """
    FROM bucket b JOIN automation a ON a.id = b.automation_id AND a.deleted IS NULL
    WHERE b.absence
"""
_NAMED = " AND (a.name ILIKE %(text)s OR b.key ILIKE %(text)s)"
_AUTOMATION = " AND b.automation_id = %(automation)s"
_DEPLOYMENT = " AND a.related_resources @> ARRAY[%(deployment)s]"
_AFTER = """
    AND (b.closes_us, b.automation_id, b.trigger_id, b.key) > (
        %(closes)s, %(after_automation)s, %(after_trigger)s, %(after_key)s)
"""
_PAGE = """
    SELECT b.closes_us, b.automation_id, b.trigger_id, b.key, b.state, a.name
    {source} ORDER BY b.closes_us, b.automation_id, b.trigger_id, b.key LIMIT %(limit)s
"""
# A part of the overview's one statement: the nearest deadlines before `until`.
SOON = f"""
    SELECT b.closes_us, b.automation_id, a.name, b.key, encode(b.state, 'hex') AS state
    {_FROM} AND b.closes_us <= %(until)s
    ORDER BY b.closes_us, b.automation_id, b.trigger_id, b.key LIMIT %(most)s
"""
_COUNT = "SELECT count(*) FROM (SELECT {source} LIMIT %(limit)s) AS bounded"


def page(
    narrowing: WatchFilter, *, size: int, now: datetime, after: DeadlineKey | None = None
) -> Page[WatchRow]:
    """Three queries: windows in the order of an index, documents, snoozes."""
    source, params = _narrowed(narrowing)
    if after is not None:
        source += _AFTER
        params |= dict(
            zip(("closes", "after_automation", "after_trigger", "after_key"), after, strict=True)
        )
    with connection.cursor() as cursor:
        cursor.execute(_PAGE.format(source=source), params | {"limit": size + 1})
        stored = cursor.fetchall()
    documents = _documents({row[1] for row in stored})
    rows = [row for one in stored if (row := _row(one, documents)) is not None]
    in_force = snoozes.in_force(now=now, automation_ids={row.automation_id for row in rows})
    return page_of(
        [replace(row, snooze=_snooze_of(row, in_force)) for row in rows],
        size=size,
        key=lambda row: row.place,
        state=lambda row: (row.missing, row.snooze),
        first=after is None,
    )


def deadlines_of(rows: Iterable[Mapping[str, Any]]) -> list[Deadline]:
    """What `SOON` found; without what a newer Flint has written."""
    deadlines = []
    for row in rows:
        try:
            armed = from_us(decode_window(bytes.fromhex(row["state"])).start_us)
        except (ValueError, TypeError):
            continue
        key, closes = json.loads(row["key"]), from_us(row["closes_us"])
        deadlines.append(Deadline(UUID(row["automation_id"]), row["name"], key, armed, closes))
    return deadlines


def count(narrowing: WatchFilter) -> int:
    """How many there are, at most one more than `MOST_COUNTED`. One query."""
    source, params = _narrowed(narrowing)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(source=source), params | {"limit": MOST_COUNTED + 1})
        return int(cursor.fetchone()[0])


def _narrowed(narrowing: WatchFilter) -> tuple[str, dict[str, Any]]:
    source, params = _FROM, dict[str, Any]()
    if narrowing.text:
        source, params["text"] = source + _NAMED, f"%{like_literal(narrowing.text)}%"
    if narrowing.automation_id is not None:
        source, params["automation"] = source + _AUTOMATION, narrowing.automation_id
    if narrowing.deployment_id is not None:
        source += _DEPLOYMENT
        params["deployment"] = f"prefect.deployment.{narrowing.deployment_id}"
    return source, params


def _documents(automation_ids: set[UUID]) -> dict[UUID, AutomationDocument]:
    rows = Automation.objects.filter(pk__in=automation_ids).values_list("id", "document")
    read = {pk: stored_documents.document_or_none(document) for pk, document in rows}
    return {pk: document for pk, document in read.items() if document is not None}


def _row(stored: Sequence[Any], documents: Mapping[UUID, AutomationDocument]) -> WatchRow | None:
    """None where this Flint cannot read it, or its trigger is just being replaced."""
    closes_us, automation_id, trigger_id, key, state, name = stored
    document = documents.get(automation_id)
    if document is None:
        return None
    trigger = next((one for one in document.trigger.walk() if one.id == trigger_id), None)
    if not isinstance(trigger, EventTrigger):
        return None
    try:
        window = decode_window(bytes(state))
    except (ValueError, TypeError):
        return None
    labels = dict(zip(sorted(trigger.for_each), json.loads(key), strict=False))
    last = window.last
    return WatchRow(
        place=DeadlineKey(closes_us, automation_id, trigger_id, key),
        automation_id=automation_id,
        automation_name=name,
        labels=labels,
        scope=labels if _carried(document, trigger, labels) else {},
        expect=trigger.expect,
        missing=max(1, trigger.threshold - window.count),
        armed=from_us(window.start_us),
        armed_by=None if last is None else last.event.event,
        armed_by_id=None if last is None else last.event.id,
        deadline=from_us(window.due_us),
    )


def _carried(
    document: AutomationDocument, trigger: EventTrigger, labels: Mapping[str, str]
) -> bool:
    """Whether a firing of the automation carries these labels."""
    root = document.trigger
    return root is trigger or set(labels) <= set(getattr(root, "for_each", ()))


def _snooze_of(row: WatchRow, in_force: Sequence[SnoozeRow]) -> SnoozeRow | None:
    """The one that holds longest for a firing of this row."""
    holding = [
        one
        for one in in_force
        if one.automation_id == row.automation_id and one.labels.items() <= row.scope.items()
    ]
    return max(holding, key=lambda one: one.until, default=None)
