"""Where the readers of the log are."""

from django.db.models import F, Max

from events_app.domain.position import START, StreamId
from events_app.models import Event, Reader


def smallest() -> StreamId | None:
    """The offset that all readers have reached; None when there is no reader yet."""
    position = (
        Reader.objects.order_by("position_ms", "position_seq")
        .values_list("position_ms", "position_seq")
        .first()
    )
    return None if position is None else StreamId(*position)


def of(name: str) -> StreamId:
    """The offset of one reader; the beginning of the log when it never ran."""
    row = Reader.objects.filter(name=name).values_list("position_ms", "position_seq").first()
    return START if row is None else StreamId(*row)


def highest_ms() -> int:
    """The latest log time that a reader or a recorded event stands at; 0 when there is none."""
    readers = Reader.objects.aggregate(ms=Max("position_ms"))["ms"]
    events = Event.objects.aggregate(ms=Max("log_ms"))["ms"]
    return max(readers or 0, events or 0)


def move_all(to: StreamId) -> None:
    """Let every reader go on from there; an owner that knows its old place lost it."""
    Reader.objects.update(position_ms=to.ms, position_seq=to.seq, epoch=F("epoch") + 1)
