"""The whole product in one terminal: what `manage.py up` runs.

Order of a start: lock, port, embedded services, tables and static files, first user and
key, children, ready. Order of a stop: children, then services; 10 s in all.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from project import first_start, preparing, probes, processes
from project.announcement import ready_text
from project.child import Child, ChildPlan
from project.console import Console
from project.embedded.starting import CannotStart
from project.lib import datadir
from project.nursery import Nursery
from project.signals import Signals

TICK_SECONDS = 0.05
CALM_TICK_SECONDS = 1.0  # once everything runs; the end of a child wakes the supervisor at once
SERVICES_SECONDS = 60.0  # PostgreSQL may have to replay its log after a crash
REMIND_SECONDS = 15.0
STOP_CHILDREN_SECONDS = 5.0
STOP_SERVICES_SECONDS = 2.5


class Stopped(Exception):
    """Someone asked to stop."""


class Supervisor:
    def __init__(
        self,
        *,
        host: str,
        port: int,
        data_dir: Path,
        console: Console,
        nursery: Nursery | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._data_dir = data_dir
        self._console = console
        self._services: list[Child] = []
        self._children: list[Child] = []
        self._stop_requested = False
        self._nursery = nursery
        self._signals = Signals(also=[] if nursery is None else [nursery.fileno()])

    def run(self) -> int:
        """Start everything and stay until asked to stop; the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        self._signals.watch_children()
        began = time.monotonic()
        try:
            with only_one(self._data_dir), _listening(self._host, self._port) as listener:
                self._start_and_watch(listener.fileno(), began)
        except CannotStart as problem:
            self._console.say("flint", str(problem))
            return 1
        except Stopped:
            self._console.say("flint", "Stopped.")
        return 0

    def _ask_to_stop(self, *_: object) -> None:
        # A plain flag: a lock (as in threading.Event) may be held by the very code that this
        # signal interrupts, and would then never be free again.
        self._stop_requested = True

    def _start_and_watch(self, listener_fd: int, began: float) -> None:
        try:
            collecting = _Background(preparing.collect_static)
            self._start_services()
            if applied := preparing.migrate():
                self._console.say("flint", f"The database is up to date ({applied} migrations).")
            credentials = first_start.ensure(self._data_dir)
            warnings = [*preparing.flow_warnings(), *preparing.key_warnings()]
            preparing.close_connections()
            self._wait_until(collecting.is_done, seconds=SERVICES_SECONDS)
            self._start(self._children, processes.children(self._data_dir, listener_fd=listener_fd))
            self._wait_for_health()
            seconds = time.monotonic() - began
            address = f"http://{self._host_in_address()}:{self._port}"
            self._console.say("flint", f"Ready after {seconds:.1f} s: {address}")
            self._console.show(ready_text(address, credentials, warnings))
            self._wait_until(lambda: False, seconds=None, tick=CALM_TICK_SECONDS)
        finally:
            self._stop_all()

    def _start_services(self) -> None:
        datadir.make_socket_dir(self._data_dir)
        self._start(self._services, processes.services(self._data_dir))
        for name, answers in (
            ("Redis", probes.redis_answers),
            ("The broker of Celery's messages", probes.broker_answers),
            ("PostgreSQL", probes.postgres_answers),
        ):
            if not self._wait_until(answers, seconds=SERVICES_SECONDS):
                raise CannotStart(f"{name} does not answer. Its output is above; or check its URL.")
        if refusal := probes.redis_refusal():
            raise CannotStart(refusal)
        for warning in probes.redis_warnings():
            self._console.say("flint", warning)

    def _wait_for_health(self) -> None:
        host = self._host_in_address()
        missing: str | None = ""

        def healthy() -> bool:
            nonlocal missing
            missing = probes.missing_for_health(self._port, host)
            return missing is None

        while not self._wait_until(healthy, seconds=REMIND_SECONDS):
            self._console.say("flint", f"Not ready yet: {missing}")

    def _start(self, group: list[Child], plans: Sequence[ChildPlan]) -> None:
        for plan in plans:
            child = Child(plan, self._console, self._nursery)
            group.append(child)
            child.start()

    def _wait_until(
        self, true: Callable[[], bool], *, seconds: float | None, tick: float = TICK_SECONDS
    ) -> bool:
        """Watch everything meanwhile. False after `seconds`; Stopped when asked to stop."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not true():
            if deadline is not None and time.monotonic() > deadline:
                return False
            if self._stop_requested:
                raise Stopped
            self._signals.wait(tick)
            for child in (*self._services, *self._children):
                child.watch()
        return True

    def _stop_all(self) -> None:
        if self._children:
            self._console.say("flint", "Stopping.")
        self._stop_group(self._children, STOP_CHILDREN_SECONDS)
        if self._nursery:
            self._nursery.close()
        self._stop_group(self._services, STOP_SERVICES_SECONDS)
        shutil.rmtree(datadir.socket_dir(self._data_dir), ignore_errors=True)

    def _stop_group(self, group: Sequence[Child], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for child in group:
            child.ask_to_stop()
        for child in group:
            if not child.finish(deadline):
                self._console.say("flint", f"{child.plan.name} did not stop in time: killed.")

    def _host_in_address(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(self._host, self._host)


class _Background:
    """One function in a thread; its error is raised where its end is awaited."""

    def __init__(self, function: Callable[[], object]) -> None:
        self._error: BaseException | None = None
        self._function = function
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._function()
        except BaseException as error:
            self._error = error

    def is_done(self) -> bool:
        if self._error is not None:
            raise CannotStart(f"The static files cannot be collected: {self._error}")
        return not self._thread.is_alive()


@contextlib.contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """A lock that the kernel gives back whatever becomes of this process."""
    data_dir.mkdir(parents=True, exist_ok=True)
    data_dir.chmod(0o711)  # PostgreSQL's own user passes through; nobody looks around
    with (data_dir / "lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise CannotStart(
                f"Flint is already running on {data_dir} (process {file.read().strip() or '?'}). "
                "Stop it, or set FLINT_DATA_DIR to another folder."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The web process' socket, opened here: a port in use is told at once, and a restart of
    that process refuses nobody."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, proto)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        raise CannotStart(
            f"Cannot listen on {host}:{port}: {error.strerror or error}. "
            "Set PORT (and HOST) to a free address."
        ) from None
    with listener:
        yield listener
