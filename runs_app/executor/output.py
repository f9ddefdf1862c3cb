"""What a flow writes, cut into lines and bounded."""

from dataclasses import dataclass, field

MAX_LINE_BYTES = 10_000
MAX_LINES = 10_000
MAX_BYTES = 8 * 1024 * 1024


@dataclass
class LineCutter:
    """Cuts a stream of bytes into lines of text; the rest of a line that is too long is dropped."""

    _rest: bytearray = field(default_factory=bytearray)
    _dropped_bytes: int = 0

    def feed(self, chunk: bytes) -> list[str]:
        lines = []
        *whole, last = chunk.split(b"\n")
        for part in whole:
            self._keep(part)
            lines.append(self._line())
        self._keep(last)
        return lines

    def end(self) -> list[str]:
        """The last line, when it has no end of its own."""
        return [self._line()] if self._rest or self._dropped_bytes else []

    def _keep(self, part: bytes) -> None:
        room = MAX_LINE_BYTES - len(self._rest)
        self._rest += part[:room]
        self._dropped_bytes += max(0, len(part) - room)

    def _line(self) -> str:
        text = self._rest.decode("utf-8", "replace").rstrip("\r").replace("\0", "\ufffd")
        if self._dropped_bytes:
            text += f" … ({self._dropped_bytes:,} more bytes were not kept)"
        self._rest, self._dropped_bytes = bytearray(), 0
        return text


@dataclass
class OutputBudget:
    """How much of a run's output is kept. Says once when it is used up."""

    lines: int = MAX_LINES
    bytes: int = MAX_BYTES
    _reported: bool = False

    def admit(self, text: str) -> str | None:
        """The text to keep: the line itself, a note that the rest is dropped, or None."""
        self.lines -= 1
        self.bytes -= len(text)
        if self.lines >= 0 and self.bytes >= 0:
            return text
        if self._reported:
            return None
        self._reported = True
        return (
            f"The output beyond {MAX_LINES:,} lines or {MAX_BYTES // 1024 // 1024} MiB "
            "of this run was not kept."
        )
