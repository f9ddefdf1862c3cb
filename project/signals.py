"""Waiting that any signal ends, the end of a child among them."""

import contextlib
import os
import select
import signal
from collections.abc import Sequence


class Signals:
    """Waits of the main thread, cut short by what the interpreter writes for each signal.

    `also` are descriptors of others that end a wait when they are readable; they read them.
    """

    def __init__(self, also: Sequence[int] = ()) -> None:
        self._also = list(also)
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def watch_children(self) -> None:
        """From here on, signals end `wait`; those of children need a handler to be noticed."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)

    def wait(self, seconds: float) -> None:
        ready, _, _ = select.select([self._read, *self._also], [], [], seconds)
        if self._read in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._read, 4096)
