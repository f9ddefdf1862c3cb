"""Where the readers of the log are."""

from events_app.domain.position import START, StreamId
from events_app.models import Reader


def smallest() -> StreamId | None:
    """The offset that all readers have reached; None when there is no reader yet."""
    found = (
        Reader.objects.order_by("position_ms", "position_seq")
        .values_list("position_ms", "position_seq")
        .first()
    )
    return None if found is None else StreamId(*found)


def of(name: str) -> StreamId:
    """The offset of one reader; the beginning of the log when it never ran."""
    row = Reader.objects.filter(name=name).values_list("position_ms", "position_seq").first()
    return START if row is None else StreamId(*row)
