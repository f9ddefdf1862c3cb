"""The real client against a running product: its commands, scripts, serve processes and workers."""

import base64
import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from project.lib.json_documents import Document
from project.lib.lifeline import dies_with
from tests.prefect_client import environment
from tests.system import NOT_INHERITED, Product, wait_for

WARM = Path(__file__).with_name("warm.py")
FLOWS = Path(__file__).with_name("flows")
COMMAND_SECONDS = 120
DISMISSED_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    output: str


@dataclass
class Running:
    """A process of the client: what it says goes to a file."""

    pid: int
    output: Path
    ended: threading.Event = field(default_factory=threading.Event)
    code: int = 0

    def end(self, code: int) -> None:
        self.code = code
        self.ended.set()

    def wait(self, seconds: float = COMMAND_SECONDS) -> Done:
        assert self.ended.wait(seconds), self.text
        return Done(self.code, self.text)

    def stop(self, number: int = signal.SIGTERM) -> Done:
        """The signal, and its end; also of one that has ended."""
        if not self.ended.is_set():
            os.kill(self.pid, number)
        return self.wait()

    def dismiss(self, seconds: float = DISMISSED_SECONDS) -> None:
        """For what the test is done with: the client's workers do not always end by a signal."""
        if not self.ended.is_set():
            os.kill(self.pid, signal.SIGTERM)
        if not self.ended.wait(seconds):
            os.kill(self.pid, signal.SIGKILL)
            self.wait()

    @property
    def text(self) -> str:
        return self.output.read_text() if self.output.exists() else ""


class PrefectClient:
    """`python` belongs to an environment with Prefect, `folder` is where the client works."""

    def __init__(self, python: Path, product: Product, folder: Path) -> None:
        self.product = product
        self.folder = folder
        self._started: queue.Queue[int] = queue.Queue()
        self._running: dict[int, Running] = {}
        self._early: dict[int, int] = {}
        self._lock = threading.Lock()
        self._number = 0
        self._ready = threading.Event()
        self._process = subprocess.Popen(
            [python, WARM],
            cwd=folder,
            env=_environment(product, folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=dies_with(os.getpid(), by=signal.SIGTERM),
        )
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def cli(self, *arguments: str, cwd: Path | None = None) -> Done:
        """`prefect …`, to its end."""
        return self.start("cli", arguments, cwd).wait()

    def good(self, *arguments: str, cwd: Path | None = None) -> str:
        """The output of a command that must succeed."""
        done = self.cli(*arguments, cwd=cwd)
        assert done.code == 0, done.output
        return done.output

    def script(self, path: Path, *arguments: str) -> Done:
        """A Python program, to its end."""
        return self.start("script", [str(path), *arguments], path.parent).wait()

    def start(self, run: str, arguments: Sequence[str], cwd: Path | None = None) -> Running:
        assert self._ready.wait(60), "The client could not be imported"
        with self._lock:
            self._number += 1
            output = self.folder / f"{self._number}.out"
            where = str(cwd or self.folder)
            request = {"run": run, "arguments": list(arguments), "cwd": where}
            self._say(request | {"output": str(output)})
            running = Running(self._started.get(timeout=30), output)
            self._running[running.pid] = running
            if running.pid in self._early:
                running.end(self._early.pop(running.pid))
        return running

    def close(self) -> None:
        for running in self._running.values():
            if not running.ended.is_set():
                try:
                    os.killpg(running.pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._listening.join(10)

    def _say(self, request: Document) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._note(json.loads(line))

    def _note(self, answer: Document) -> None:
        if "ready" in answer:
            self._ready.set()
        elif "started" in answer:
            self._started.put(answer["started"])
        elif (running := self._running.get(answer["pid"])) is not None:
            running.end(answer["code"])
        else:
            self._early[answer["pid"]] = answer["code"]

    # What the product knows of it.

    def api(self) -> httpx.Client:
        return self.product.client()

    def post(self, path: str, body: Any) -> Any:
        with self.api() as api:
            answer = api.post(path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        with self.api() as api:
            answer = api.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def emit(self, event: str, resource: str, **payload: Any) -> None:
        """Send an event, not through the client: that has tests of its own."""
        document = {
            "id": str(uuid4()),
            "occurred": datetime.now(UTC).isoformat(),
            "event": event,
            "resource": {"prefect.resource.id": resource},
            "payload": payload,
        }
        self.post("/events", [document])

    def deployment(self, name: str) -> Document:
        """By `flow/deployment`."""
        found: Document = self.get(f"/deployments/name/{name}")
        return found

    def automations(self, deployment: str) -> list[Document]:
        own = f"prefect.deployment.{self.deployment(deployment)['id']}"
        found: list[Document] = self.get(f"/automations/related-to/{own}")
        return found

    def runs(self, deployment: str) -> list[Document]:
        wanted = {"name": {"any_": [deployment.partition("/")[2]]}}
        found: list[Document] = self.post("/flow_runs/filter", {"deployments": wanted})
        return found

    def run_of(
        self, deployment: str, *, seconds: float = 120, state: str = "COMPLETED"
    ) -> Document:
        """The one run of a deployment, once it has come to its end in that state."""

        def ended() -> bool:
            return any(run["end_time"] for run in self.runs(deployment))

        wait_for(ended, seconds=seconds, failing=lambda: f"{self.runs(deployment)} {self.said()}")
        time.sleep(0.2)  # a second run would be wrong
        (run,) = self.runs(deployment)
        assert run["state_type"] == state, (run["state"], self.said())
        return run

    def run_through(self, deployment: str, count: int, *, seconds: float) -> None:
        """So many runs, all waiting at once: each completed once, no state lost or doubled."""
        path = f"/deployments/{self.deployment(deployment)['id']}/create_flow_run"
        made = {self.post(path, {"parameters": {"order": str(n)}})["id"] for n in range(count)}
        mine = {"flow_runs": {"id": {"any_": sorted(made)}}}
        open_runs = {**mine, "flow_runs": {**mine["flow_runs"], "end_time": {"is_null_": True}}}
        until(lambda: self.post("/flow_runs/count", open_runs) == 0, self, seconds=seconds)

        runs: list[Document] = self.post("/flow_runs/filter", {**mine, "limit": 200})
        ends = {(run["state_type"], run["run_count"]) for run in runs}
        assert (len(runs), ends) == (count, {("COMPLETED", 1)}), self.said()
        for run in runs:
            history = self.get(f"/flow_run_states/?flow_run_id={run['id']}")
            states = [state["type"] for state in history if state["name"] != "Late"]
            assert states == ["SCHEDULED", "PENDING", "PENDING", "RUNNING", "COMPLETED"], states

    def messages(self, run: Document, count: int = 1) -> list[str]:
        """What the flow has printed, at least so many lines."""
        wanted = {"logs": {"flow_run_id": {"any_": [run["id"]]}}}

        def printed() -> list[str]:
            lines: list[Document] = self.post("/logs/filter", wanted)
            return [line["message"] for line in lines if line["message"].startswith("got ")]

        wait_for(lambda: len(printed()) >= count, seconds=20, failing=self.said)
        return printed()

    def said(self) -> str:
        """The ends of what all of the client's processes said, for failures."""
        return "\n".join(each.text[-3000:] for each in self._running.values())


def until(true: Callable[[], bool], client: PrefectClient, *, seconds: float = 120) -> None:
    wait_for(true, seconds=seconds, failing=client.said)


def _environment(product: Product, folder: Path) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in NOT_INHERITED and not name.startswith(("PREFECT_", "PYTHON", "DJANGO_"))
    }
    basic = base64.b64encode(f"admin:{product.key}".encode()).decode()
    headers = {} if environment.knows_handshake() else {"Authorization": f"Basic {basic}"}
    return {
        **inherited,
        "PREFECT_CLIENT_CUSTOM_HEADERS": json.dumps(headers),
        "PREFECT_API_URL": f"{product.url}/api",
        "PREFECT_API_AUTH_STRING": f"admin:{product.key}",
        "PREFECT_HOME": str(folder / "home"),
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "DO_NOT_TRACK": "1",
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }
