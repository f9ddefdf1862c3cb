"""Where in the log something is. Pure."""

from typing import NamedTuple, Self

BEHIND_ALL = 2**31 - 1  # an index that no event has


class StreamId(NamedTuple):
    """The id of a log entry: log time in ms since the epoch, and a sequence number."""

    ms: int
    seq: int

    @classmethod
    def parse(cls, text: str) -> Self:
        ms, _, seq = text.partition("-")
        return cls(int(ms), int(seq or 0))

    def __str__(self) -> str:
        return f"{self.ms}-{self.seq}"


class Position(NamedTuple):
    """The place of one event: its entry's id and its index in the entry's frame."""

    ms: int
    seq: int
    frame_index: int

    @classmethod
    def parse(cls, text: str) -> Self:
        ms, seq, index = text.split("-")
        return cls(int(ms), int(seq), int(index))

    @classmethod
    def end_of(cls, entry: StreamId) -> Self:
        """Behind every event of an entry."""
        return cls(*entry, BEHIND_ALL)

    @property
    def just_before(self) -> Self:
        """Behind everything but this event and what follows it."""
        return self._replace(frame_index=self.frame_index - 1)

    @property
    def stream_id(self) -> StreamId:
        return StreamId(self.ms, self.seq)

    @property
    def is_end(self) -> bool:
        return self.frame_index == BEHIND_ALL

    def __str__(self) -> str:
        return f"{self.ms}-{self.seq}-{self.frame_index}"


START = StreamId(0, 0)
