"""The supervisor's output: one line per message, with the time and the name of who said it."""

import sys
import threading
from datetime import datetime
from typing import TextIO

_COLORS = {
    "flint": "1;33",
    "web": "36",
    "recorder": "32",
    "evaluator": "35",
    "actions": "34",
    "runs": "94",
    "beat": "90",
    "postgres": "90",
    "redis": "90",
}
_WIDTH = max(map(len, _COLORS))


class Console:
    """Writes whole lines from any thread; colors only where someone is watching."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._colored = self._stream.isatty()
        self._lock = threading.Lock()

    def say(self, name: str, text: str) -> None:
        moment = datetime.now().astimezone().strftime("%H:%M:%S")
        label = f"{name:<{_WIDTH}} |"
        if self._colored:
            label = f"\x1b[{_COLORS.get(name, '37')}m{label}\x1b[0m"
        self._write("".join(f"{moment} {label} {line}\n" for line in text.splitlines() or [""]))

    def show(self, text: str) -> None:
        """Without time and name: to be read and copied."""
        self._write(text + "\n")

    def _write(self, text: str) -> None:
        with self._lock:
            try:
                self._stream.write(text)
                self._stream.flush()
            except (OSError, ValueError):
                # Whoever read the output is gone; the product goes on without its listener.
                return
