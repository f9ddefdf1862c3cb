"""The whole product, started as its users start it, for end-to-end, crash and browser tests."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from project.lib.lifeline import dies_with

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery"
KEY = "flint_system_test_key_0123456789abcdef"
READY_SECONDS = 60
NOT_INHERITED = ("DATABASE_URL", "REDIS_URL", "FLINT_DATA_DIR", "FLINT_TEST_SERVICES", "PORT")


@dataclass
class Product:
    """A running `manage.py up` on a free port, with a data directory of its own."""

    data_dir: Path
    port: int
    environment: dict[str, str]
    key: str = KEY
    user: str = "admin"
    password: str = PASSWORD
    output: list[str] = field(default_factory=list)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Without a trailing slash; the API is below `/api`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return "".join(self.output)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Nothing is left behind by a test run that was killed.
            preexec_fn=dies_with(os.getpid(), by=signal.SIGTERM),
        )
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        wait_for(lambda: self._is_ready(), seconds=seconds, failing=lambda: self.log)

    def stop(self, number: int = signal.SIGTERM, *, seconds: float = 15) -> int:
        """Send the signal to `up` and wait for its end; the exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def client(self) -> httpx.Client:
        """For the API, with the admin key: `product.client().get("/flows/filter")`."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=f"{self.url}/api", headers=headers, timeout=30)

    def manage(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """A management command against this product."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if check and done.returncode:
            raise AssertionError(f"{arguments[0]} failed: {done.stdout}{done.stderr}")
        return done

    def pids(self) -> dict[str, int]:
        """The processes by name: web, recorder, evaluator, actions, runs, beat and the services."""
        if self.process is None:
            return {}
        found = _named_children(self.process.pid)
        # Flint's own processes are forked off the nursery, or are children of `up` without it.
        return found | (_named_children(found["nursery"]) if "nursery" in found else {})

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Kill one child by its name; the pid it had."""
        pid = self.pids()[name]
        os.kill(pid, number)
        return pid

    def is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/health", timeout=3).status_code == 200
        except httpx.HTTPError:
            return False

    def wait_until_healthy(self, seconds: float = READY_SECONDS) -> None:
        wait_for(self.is_healthy, seconds=seconds, failing=lambda: self.log)

    def _is_ready(self) -> bool:
        if self.process and self.process.poll() is not None:
            raise AssertionError(f"`up` ended with {self.process.returncode}:\n{self.log}")
        return "Flint is ready" in self.log

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        if process.stdout is None:
            return
        with process.stdout:
            for line in process.stdout:
                self.output.append(line.decode(errors="replace"))


def new_product(data_dir: Path, **environment: str) -> Product:
    """Not started yet. `environment` adds variables, such as FLINT_RUN_SLOTS="4"."""
    port = free_port()
    inherited = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
    own = {
        "FLINT_DATA_DIR": str(data_dir),
        "PORT": str(port),
        "FLINT_API_KEY": KEY,
        "FLINT_ADMIN_PASSWORD": PASSWORD,
    }
    return Product(data_dir, port, {**inherited, **own, **environment})


def running_product(**environment: str) -> Iterator[Product]:
    """Start, wait, hand over, stop: the body of a fixture."""
    # Not below pytest's folder: that one is closed to PostgreSQL's own user.
    data_dir = Path(tempfile.mkdtemp(prefix="flint-system-"))
    product = new_product(data_dir, **environment)
    product.start()
    try:
        product.wait_until_ready()
        yield product
    finally:
        end(product)


def end(product: Product) -> None:
    if product.process and product.process.poll() is None:
        try:
            product.stop()
        except subprocess.TimeoutExpired:
            product.process.kill()
            product.process.wait()
    shutil.rmtree(product.data_dir, ignore_errors=True)


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """One product for all system tests of a run; do not kill its parts, see `own_product`."""
    yield from running_product()


@pytest.fixture
def own_product() -> Iterator[Product]:
    """A product for one test, which may treat it as it likes."""
    yield from running_product()


def wait_for(true: Callable[[], bool], *, seconds: float, failing: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"Not within {seconds:g} s. {failing()}")
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        state = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children_of(pid: int) -> list[int]:
    """Direct children, by /proc."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and _parent(folder) == pid:
            found.append(int(folder.name))
    return found


def _named_children(pid: int) -> dict[str, int]:
    return {name: child for child in children_of(pid) if (name := _name_of(child))}


def _parent(folder: Path) -> int | None:
    try:
        # The name in parentheses may hold spaces; the parent is the second field after it.
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def _name_of(pid: int) -> str | None:
    try:
        command = (Path("/proc") / str(pid) / "cmdline").read_bytes().decode().split("\0")
    except OSError:
        return None
    line = " ".join(command)
    worker = re.search(r" -n (\w+)@", line)
    if worker:
        return worker[1]
    known = {
        "flint nursery": "nursery",
        "project.web": "web",
        " beat ": "beat",
        "bin/postgres": "postgres",
        "broker.sock": "broker",
        "redis-server": "redis",
        "valkey-server": "redis",
    }
    return next((name for part, name in known.items() if part in line), None)
