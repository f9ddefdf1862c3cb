"""What both embedded servers have in common: why one cannot start, and waiting for one."""

import subprocess
import time


class CannotStart(Exception):
    """An embedded service did not start; the message says why and what to do."""


def keep_waiting(name: str, process: "subprocess.Popen[bytes]", deadline: float) -> None:
    """Sleep a moment; CannotStart when the process has ended or `deadline` (monotonic) is past."""
    if process.poll() is not None:
        raise CannotStart(
            f"{name} stopped with exit code {process.returncode}; see its output above."
        )
    if time.monotonic() > deadline:
        raise CannotStart(f"{name} does not answer.")
    time.sleep(0.05)
