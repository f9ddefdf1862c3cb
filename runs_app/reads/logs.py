"""Lines of runs: the API's documents and pages."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from project.lib.json_documents import Document
from project.lib.paging import fingerprint
from runs_app.models import Log
from runs_app.reads import filters
from runs_app.reads.documents import log_document


class LogKey(NamedTuple):
    """A line's place in the logs of a run."""

    moment: datetime
    number: int


LOG_LINES = 200


@dataclass(frozen=True, slots=True)
class LogRow:
    timestamp: datetime
    level: int
    level_name: str
    message: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines in the order in which they were written; `older` leads to those before them."""

    lines: list[LogRow]
    older: LogKey | None
    seen: str


def documents(given: Any, *, sort: str, limit: int, offset: int) -> list[Document]:
    """One query."""
    order = ("-timestamp", "-id") if sort == "TIMESTAMP_DESC" else ("timestamp", "id")
    page = filters.logs(given).order_by(*order)[offset : offset + limit]
    return [log_document(log) for log in page]


def page(run_id: UUID, *, before: LogKey | None, text: str, level: int) -> LogPage:
    """A page of a run's lines, the last ones first. One query."""
    size = LOG_LINES
    rows = log_rows(run_id, limit=size + 1, before=before, text=text, level=level)
    lines = rows[-size:]
    older = LogKey(lines[0].timestamp, lines[0].pk) if len(rows) > size else None
    newest = lines[-1].pk if lines else None
    return LogPage([_line(log) for log in lines], older, fingerprint((newest, len(lines))))


def log_rows(
    run_id: UUID, *, limit: int, before: LogKey | None = None, text: str = "", level: int = 0
) -> list[Log]:
    """Its last lines before a place, in the order in which they were written. One query."""
    rows = Log.objects.filter(flow_run_id=run_id)
    if before is not None:
        rows = rows.filter(timestamp__lte=before.moment).exclude(
            timestamp=before.moment, id__gte=before.number
        )
    if text:
        rows = rows.filter(message__icontains=text)
    if level:
        rows = rows.filter(level__gte=level)
    return list(reversed(rows.order_by("-timestamp", "-id")[:limit]))


def _line(log: Log) -> LogRow:
    return LogRow(
        log.timestamp,
        log.level,
        logging.getLevelName(log.level).removeprefix("Level "),
        log.message,
    )
