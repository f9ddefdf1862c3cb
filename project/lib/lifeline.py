"""Children that do not outlive their parent, even when it is killed with -9 (Linux)."""

import ctypes
import os
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def dies_with(parent_pid: int, *, by: int = signal.SIGKILL) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends the child `by` when its parent is gone.

    Changing the user clears this setting, but `Popen(user=…)` does so before it calls the
    function. Elsewhere than on Linux nothing happens.
    """

    def ask_the_kernel() -> None:
        prctl = getattr(_libc, "prctl", None)
        if prctl is None:
            return
        prctl(_PR_SET_PDEATHSIG, by, 0, 0, 0)
        # The parent may have died between fork and prctl; then no signal would ever come.
        if os.getppid() != parent_pid:
            os.kill(os.getpid(), by)

    return ask_the_kernel
