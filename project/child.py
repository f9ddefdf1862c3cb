"""One process that the supervisor keeps alive."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from project.console import Console
from project.lib.calm import likeness
from project.lib.child_environment import bare_environment, process_environment
from project.lib.identity import identity_of
from project.lib.lifeline import dies_with
from project.nursery import Forked, Gone, Nursery

STEADY_SECONDS = 10.0  # who lived that long has recovered: the next restart is immediate again
MAX_DELAY_SECONDS = 5.0
KILLED_SECONDS = 1.0  # from SIGKILL to the end of a process


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """What to start. `command` is asked anew for every start, and may prepare things.

    `death_signal` is what the kernel sends should the supervisor itself be killed.
    """

    name: str
    command: Callable[[], tuple[Sequence[str], str | None]]  # the command line, the user
    stop_signal: int = signal.SIGTERM
    death_signal: int = signal.SIGKILL
    bare: bool = False  # not a program of ours: sees no secret of the environment
    quiet: bool = False  # what it says is only shown when it dies
    pass_fds: tuple[int, ...] = ()
    python: bool = False  # a program of ours, which a nursery can fork


class Child:
    """Start, watch, restart and stop from one and the same thread.

    The kernel's death signal is tied to the thread that started the process, so that must
    be the main one.
    """

    def __init__(self, plan: ChildPlan, console: Console, nursery: Nursery | None = None) -> None:
        self.plan = plan
        self._nursery = nursery
        self.restarts = 0
        self._console = console
        self._process: subprocess.Popen[bytes] | Forked | None = None
        self._started = 0.0
        self._due: float | None = None
        self._delay = 0.0
        self._last_words: deque[str] = deque(maxlen=20)
        self._reported_words: list[str] = []

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self.alive else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        command, user = self.plan.command()
        self._process, output = self._forked(command) or self._spawned(command, user)
        self._started = time.monotonic()
        self._due = None
        threading.Thread(target=self._listen, args=(output,), daemon=True).start()

    def _forked(self, command: Sequence[str]) -> tuple[Forked, IO[bytes]] | None:
        if not self.plan.python or self._nursery is None:
            return None
        read, write = os.pipe()
        try:
            process = self._nursery.start(
                command[1:],
                environment=self._environment(None),
                output=write,
                pass_fds=self.plan.pass_fds,
                death_signal=self.plan.death_signal,
            )
        except Gone:
            os.close(read)
            return None
        finally:
            os.close(write)
        return process, os.fdopen(read, "rb")

    def _spawned(
        self, command: Sequence[str], user: str | None
    ) -> tuple["subprocess.Popen[bytes]", IO[bytes]]:
        as_whom = identity_of(user)
        process = subprocess.Popen(
            command,
            user=as_whom.user,
            group=as_whom.group,
            extra_groups=as_whom.extra_groups,
            cwd="/" if user else None,
            env=self._environment(user),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=self.plan.pass_fds,
            # A group of its own: Ctrl-C reaches the supervisor only, which stops in order.
            start_new_session=True,
            preexec_fn=dies_with(os.getpid(), by=self.plan.death_signal),
        )
        assert process.stdout is not None
        return process, process.stdout

    def _environment(self, user: str | None) -> dict[str, str]:
        if self.plan.bare:
            return bare_environment(os.environ, user=user)
        return process_environment(os.environ)

    def watch(self) -> None:
        """Start it again when it died, at once the first time, later and later after that."""
        now = time.monotonic()
        if self._process is None or self.alive:
            return
        if self._due is None:
            self._plan_restart(now)
        if self._due is not None and now >= self._due:
            self.restarts += 1
            self.start()

    def _plan_restart(self, now: float) -> None:
        if now - self._started >= STEADY_SECONDS:
            self._delay = 0.0
        self._due = now + self._delay
        self._tell_last_words()
        self._console.say(
            "flint",
            f"{self.plan.name} {self._how_it_ended()}; starting it again"
            + (f" in {self._delay:g} s" if self._delay else ""),
        )
        self._delay = min(MAX_DELAY_SECONDS, self._delay * 2 or 0.25)
        # What it had started must not go on beside its successor.
        self._signal_group(signal.SIGKILL)

    def _tell_last_words(self) -> None:
        """Once: one that cannot start says the same each time, while a disk is full, say."""
        words, self._last_words = [*self._last_words], deque(maxlen=self._last_words.maxlen)
        alike = [likeness(word) for word in words]
        if alike != self._reported_words:
            for word in words:
                self._console.say(self.plan.name, word)
        self._reported_words = alike

    def _how_it_ended(self) -> str:
        code = self._process.returncode if self._process else None
        if code is not None and code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"

    def ask_to_stop(self) -> None:
        if self.alive and self._process:
            self._process.send_signal(self.plan.stop_signal)

    def finish(self, deadline: float) -> bool:
        """Wait until `deadline` (monotonic), then kill it and all it started. True if it obeyed."""
        if self._process is None:
            return True
        obeyed = True
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            obeyed = False
        self._signal_group(signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):  # a nursery that hangs tells of nobody
            # All of a group have this long together, as their deadline is the same.
            self._process.wait(max(0.0, deadline + KILLED_SECONDS - time.monotonic()))
        return obeyed

    def _signal_group(self, number: int) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    def _listen(self, output: IO[bytes]) -> None:
        with output:
            for line in output:
                text = line.decode(errors="replace").rstrip()
                if self.plan.quiet:
                    self._last_words.append(text)
                elif text:
                    self._console.say(self.plan.name, text)
