"""A flow's process: started apart from everything, listened to, and ended for certain."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal

from project.lib.identity import OURS, Identity
from runs_app.executor.location import Location
from runs_app.executor.output import LineCutter

RUNNER = Path(__file__).with_name("runner.py")
STDOUT_LEVEL, STDERR_LEVEL = 20, 30
_MAX_REPORT_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class OutputLine:
    """A line of output. `timestamp` None means: when it was read."""

    name: str
    level: int
    message: str
    timestamp: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: what the runner reported, if it lived to, and its exit code."""

    outcome: Literal["completed", "failed"] | None
    exit_code: int
    message: str | None = None
    traceback: str | None = None


@dataclass
class FlowProcess:
    """One flow's process in a session and process group of its own."""

    process: "subprocess.Popen[bytes]"
    _lifeline: int
    _readers: list[threading.Thread] = field(default_factory=list)
    _result: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def start(
        cls,
        location: Location,
        *,
        parameters: Mapping[str, Any],
        environment: Mapping[str, str],
        memory_bytes: int,
        on_line: Callable[[OutputLine], None],
        identity: Identity = OURS,
    ) -> "FlowProcess":
        """Start the runner; `on_line` is called from threads. Raises OSError.

        Parameters travel through standard input: an argument would be shown by `ps`.
        """
        reports, report_to = os.pipe()
        watched, lifeline = os.pipe()
        try:
            process = subprocess.Popen(
                # Isolated: no variable and no folder of a user changes what the interpreter
                # loads. What the flow imports from its own root the runner adds.
                [sys.executable, "-I", "-u", str(RUNNER), str(report_to), str(watched)],
                user=identity.user,
                group=identity.group,
                extra_groups=identity.extra_groups,
                cwd=location.root,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(report_to, watched),
                start_new_session=True,
            )
        except BaseException:
            os.close(reports)
            os.close(lifeline)
            raise
        finally:
            os.close(report_to)
            os.close(watched)
        flow = cls(process, lifeline)
        flow._listen(reports, on_line)
        order = {
            "root": str(location.root),
            "file": str(location.file),
            "function": location.function,
            "parameters": dict(parameters),
            "memory_bytes": memory_bytes,
        }
        flow._instruct(json.dumps(order).encode())
        return flow

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the process; True when it has ended. It is not reaped yet."""
        deadline = time.monotonic() + seconds
        pause = 0.005
        while not self._has_exited():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            time.sleep(min(pause, remaining))
            pause = min(pause * 2, 0.1)
        return True

    def end(self, *, grace_seconds: float) -> None:
        """Ask the whole group to stop, and kill what has not stopped after the grace."""
        self._signal(signal.SIGTERM)
        self.wait(grace_seconds)
        self._signal(signal.SIGKILL)

    def collect(self) -> Ended:
        """Reap the process and everything it left behind, and tell how it ended."""
        self.wait(10)
        # The leader is not reaped yet, so its number still belongs to its group alone.
        self._signal(signal.SIGKILL)
        exit_code = self.process.wait()
        for reader in self._readers:
            reader.join(2)
        os.close(self._lifeline)
        result = self._result
        return Ended(
            outcome=result.get("outcome"),
            exit_code=exit_code,
            message=_text(result.get("message")),
            traceback=_text(result.get("traceback")),
        )

    def _has_exited(self) -> bool:
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process.pid, options) is not None

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def _instruct(self, order: bytes) -> None:
        def write() -> None:
            assert self.process.stdin is not None
            with contextlib.suppress(BrokenPipeError), self.process.stdin as stdin:
                stdin.write(order)

        # On a thread: a process that never reads must not hold up its executor.
        self._spawn(write)

    def _listen(self, reports: int, on_line: Callable[[OutputLine], None]) -> None:
        out, err = self.process.stdout, self.process.stderr
        assert out is not None and err is not None
        self._spawn(lambda: _read_lines(out, "stdout", STDOUT_LEVEL, on_line))
        self._spawn(lambda: _read_lines(err, "stderr", STDERR_LEVEL, on_line))
        self._spawn(lambda: self._read_reports(reports, on_line))

    def _spawn(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        thread.start()
        self._readers.append(thread)

    def _read_reports(self, descriptor: int, on_line: Callable[[OutputLine], None]) -> None:
        with os.fdopen(descriptor, "rb") as file:
            while line := file.readline(_MAX_REPORT_BYTES):
                report = _report(line)
                if isinstance(report.get("result"), dict):
                    self._result = report["result"]
                elif log := _log_line(report.get("log")):
                    on_line(log)


def _read_lines(
    stream: IO[bytes], name: str, level: int, on_line: Callable[[OutputLine], None]
) -> None:
    cutter = LineCutter()
    # Closed here and nowhere else: something that escaped its group may still write to it.
    with stream:
        while chunk := os.read(stream.fileno(), 65536):
            for text in cutter.feed(chunk):
                on_line(OutputLine(name, level, text))
    for text in cutter.end():
        on_line(OutputLine(name, level, text))


def _report(line: bytes) -> dict[str, Any]:
    """The flow's own code could write here too: what is no report is nothing."""
    try:
        report = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return report if isinstance(report, dict) else {}


def _log_line(log: Any) -> OutputLine | None:
    if not isinstance(log, dict):
        return None
    try:
        return OutputLine(
            name=(_text(log["name"]) or "root")[:200],
            level=max(0, min(int(log["level"]), 100)),
            message=_text(log["message"]) or "",
            timestamp=datetime.fromtimestamp(float(log["timestamp"]), UTC),
        )
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def _text(value: Any) -> str | None:
    """Text that PostgreSQL takes."""
    if value is None:
        return None
    return str(value).replace("\0", "\ufffd").encode("utf-8", "replace").decode()
