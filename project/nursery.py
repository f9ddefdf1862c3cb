"""One process that has imported the product, and forks the others off itself.

Seven Pythons that import Django and Celery cost seconds of a core each and hold their own copy
of the code; a fork costs milliseconds and shares it. The nursery has one thread and no
connection when it forks, so nothing is shared that must not be.

It is itself forked off `manage.py up` before that has threads. Where there is no fork without
danger (elsewhere than on Linux), or when the nursery was killed, children are started as
programs of their own, with the same commands.
"""

import contextlib
import ctypes
import gc
import json
import os
import random
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.utils.module_loading import import_string
from setproctitle import setproctitle

from project.lib.lifeline import dies_with

# What web, workers and beat import; each imports the rest of what it needs by itself. Not
# project.asgi: it reads the static files, which may still be collected.
PRELOADED = (
    "project.celery",
    "project.django_front",
    "project.urls",
    "events_app.api.ingest",
    "events_app.api.sockets",
    "events_app.api.sockets_out",
    "runs_app.api.log_socket",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.solo",
    "celery.concurrency.thread",
    "celery.fixups.django",
    "celery.worker.autoscale",
    "celery.worker.strategy",
    "kombu.transport.redis",
)
_MESSAGE_BYTES = 1 << 20
_POLL_SECONDS = 0.02


class Gone(Exception):
    """The nursery does not live any more."""


class Forked:
    """A child of the nursery, as far as `subprocess.Popen` is wanted of it."""

    def __init__(self, nursery: "Nursery", pid: int, args: Sequence[str]) -> None:
        self.pid = pid
        self.args = list(args)
        self.returncode: int | None = None
        self._nursery = nursery

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._nursery.exit_code(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            time.sleep(_POLL_SECONDS)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Nursery:
    """The supervisor's end."""

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self._connection = connection
        self._pid = pid
        self._ended: dict[int, int] = {}
        self._lives = True

    @classmethod
    def open(cls) -> "Nursery | None":
        """Fork the nursery; None where that cannot be done.

        Also returns never: in the nursery, and in the processes that it forks, the program ends
        with SystemExit. To be called while the process has one thread and no connection.
        """
        if not sys.platform.startswith("linux"):
            return None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            ours.close()
            dies_with(parent)()
            _serve(theirs)
        theirs.close()
        ours.setblocking(False)
        return cls(ours, pid)

    def fileno(self) -> int:
        """Readable when a child has ended."""
        return self._connection.fileno()

    def start(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        output: int,
        pass_fds: Sequence[int] = (),
        death_signal: int = signal.SIGKILL,
    ) -> Forked:
        """Fork a process that does what `python arguments` would. Raises Gone.

        `output` is the descriptor that it writes to. A descriptor of `pass_fds` that stands
        among the arguments is replaced there by the child's own number for it.
        """
        message = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "death_signal": death_signal,
            "pass_fds": list(pass_fds),
        }
        try:
            self._connection.setblocking(True)
            socket.send_fds(self._connection, [json.dumps(message).encode()], [output, *pass_fds])
            pid = self._started()
        except OSError:
            self._lives = False
            raise Gone from None
        finally:
            self._connection.setblocking(False)
        return Forked(self, pid, [sys.executable, *arguments])

    def _started(self) -> int:
        while True:
            received = self._connection.recv(_MESSAGE_BYTES)
            if not received:
                raise ConnectionError("the nursery is gone")
            message = json.loads(received)
            if "started" in message:
                return int(message["started"])
            self._note(message)

    def exit_code(self, pid: int) -> int | None:
        """As Popen's `returncode`; None while it lives. It dies with the nursery."""
        self._read()
        if not self._lives and pid not in self._ended:
            return -signal.SIGKILL
        return self._ended.get(pid)

    def _read(self) -> None:
        while self._lives:
            try:
                received = self._connection.recv(_MESSAGE_BYTES)
            except BlockingIOError:
                return
            except OSError:
                received = b""
            if received:
                self._note(json.loads(received))
            else:
                self._lives = False

    def _note(self, message: dict[str, Any]) -> None:
        self._ended[message["ended"]] = message["code"]

    def close(self) -> None:
        """End the nursery, and whatever of its children is left."""
        self._connection.close()
        # Not asked: it may hang, and has nothing to finish.
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)


@dataclass(frozen=True, slots=True)
class _Program:
    """What a forked process is to become."""

    arguments: list[str]
    environment: dict[str, str]

    def run(self) -> NoReturn:
        os.environ.clear()
        os.environ.update(self.environment)
        random.seed()
        setproctitle(" ".join([sys.executable, *self.arguments]))
        module, *rest = self.arguments[1:]
        sys.argv = [module, *rest]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        raise SystemExit(0)


def _serve(connection: socket.socket) -> NoReturn:
    """The nursery's life. In each process that it forks, the program's."""
    setproctitle("flint nursery")
    _clear_first_environment()
    # Ctrl-C and SIGTERM are for the supervisor, which closes the connection when all is done.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    added = _preload()
    while True:
        ready, _, _ = select.select([connection.fileno(), read], [], [])
        if read in ready:
            os.read(read, 4096)
            _tell_of_the_dead(connection)
        if connection.fileno() in ready:
            received, descriptors, _, _ = socket.recv_fds(connection, _MESSAGE_BYTES, 8)
            if not received:
                raise SystemExit(0)
            message = json.loads(received)
            message["environment"] = {**added, **message["environment"]}
            program = _forked(connection, message, descriptors, (read, write))
            if program is not None:
                program.run()


def _clear_first_environment() -> None:
    """Wipe what the kernel shows as this process's environment, and as that of all its forks.

    `up` was started with secrets that its children do not get; a fork would show them for ever.
    """
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update(kept)  # copies: nothing refers to the memory of the start any more
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    start, end = int(fields[47]), int(fields[48])  # env_start and env_end, see proc(5)
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)


def _preload() -> dict[str, str]:
    """Import what all need; the variables that the modules set while they were imported."""
    before = dict(os.environ)
    for name in PRELOADED:
        import_module(name)
    for middleware in settings.MIDDLEWARE:
        import_string(middleware)
    import_module("project.celery").app.loader.import_default_modules()
    gc.collect()
    gc.freeze()  # the collector's marks would copy every page that is shared
    return {name: value for name, value in os.environ.items() if name not in before}


def _tell_of_the_dead(connection: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        code = os.waitstatus_to_exitcode(status)
        with contextlib.suppress(OSError):
            connection.send(json.dumps({"ended": pid, "code": code}).encode())


def _forked(
    connection: socket.socket,
    message: dict[str, Any],
    descriptors: list[int],
    own: tuple[int, int],
) -> _Program | None:
    """Fork; None in the nursery itself."""
    nursery = os.getpid()
    pid = os.fork()
    if pid:
        connection.send(json.dumps({"started": pid}).encode())
        for descriptor in descriptors:
            os.close(descriptor)
        return None
    os.setsid()
    dies_with(nursery, by=message["death_signal"])()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    connection.close()
    for descriptor in own:
        os.close(descriptor)
    output, *passed = descriptors
    _attach(output)
    renamed = {
        str(given): str(here) for given, here in zip(message["pass_fds"], passed, strict=True)
    }
    arguments = [renamed.get(argument, argument) for argument in message["arguments"]]
    return _Program(arguments, message["environment"])


def _attach(output: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(nothing)
    os.close(output)
