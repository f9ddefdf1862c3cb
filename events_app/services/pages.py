"""What the pages about events show."""

from uuid import UUID

from events_app.domain.position import Position
from events_app.storage import page_rows
from events_app.storage.page_rows import EventRow, RecordedEvent
from project.lib.paging import Page, page_of


def newest_events(*, size: int, after: Position | None = None, name: str = "") -> Page[EventRow]:
    """A page of events, the newest first. One query."""
    rows = page_rows.newest_events(limit=size + 1, before=after, name=name)
    return page_of(rows, size=size, key=_place, first=after is None)


def event_by_id(event_id: UUID) -> RecordedEvent | None:
    return page_rows.event_by_id(event_id)


def _place(row: EventRow) -> Position:
    return row.position
