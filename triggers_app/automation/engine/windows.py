"""Windows as bytes, for storage between batches and restarts."""

from uuid import UUID

import msgspec

from events_app.domain.position import Position
from triggers_app.automation.engine.outcome import (
    Ahead,
    Counted,
    Held,
    Sample,
    Slot,
    Triggering,
    Window,
)

FORMAT = 1


class _Stored(msgspec.Struct, array_like=True, omit_defaults=True):
    """A window on the wire. New fields go to the end; a change of meaning takes a new FORMAT."""

    format: int
    automation_id: UUID
    trigger_id: UUID
    key: tuple[str, ...]
    opened: Position
    start_us: int
    end_us: int
    due_us: int
    count: int
    open: bool
    quiet: bool
    counted: tuple[Counted, ...]
    last: Triggering | None
    held: tuple[Held, ...]
    slots: tuple[Slot, ...]
    samples: tuple[Sample, ...] = ()
    since_us: int | None = None
    triggered: bool = False
    lag_us: int = 0
    ahead: tuple[Ahead, ...] = ()
    counted_by: tuple[UUID, ...] = ()


def encode_window(window: Window) -> bytes:
    return _encode(
        _Stored(
            FORMAT,
            window.automation_id,
            window.trigger_id,
            window.key,
            window.opened,
            window.start_us,
            window.end_us,
            window.due_us,
            window.count,
            window.open,
            window.quiet,
            window.counted,
            window.last,
            window.held,
            window.slots,
            window.samples,
            window.since_us,
            window.triggered,
            window.lag_us,
            window.ahead,
            window.counted_by,
        )
    )


def decode_window(data: bytes) -> Window:
    """Read what `encode_window` wrote; raises ValueError if this version cannot."""
    stored = _decode(data)
    if stored.format != FORMAT:
        raise ValueError(f"A stored window has format {stored.format}; this Flint reads {FORMAT}.")
    return Window(*(getattr(stored, name) for name in stored.__struct_fields__[1:]))


# JSON, not msgpack: the payload of an event is JSON text that is passed through unread.
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Stored).decode
