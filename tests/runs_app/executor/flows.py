"""Flows that the tests execute."""

import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

values = {"called": 0}


def show(order_id: str = "none", amount: float = 0.0, raw: dict[str, Any] | None = None) -> None:
    print(f"order {order_id} {amount} {raw}")


def keyword_flow(**parameters: Any) -> None:
    print(sorted(parameters))


async def asynchronous(n: int) -> None:
    print(n * 2)


def fail() -> None:
    raise ValueError("bad flow")


def speak() -> None:
    print("out")
    print("err", file=sys.stderr)
    logging.getLogger("shop").warning("stock is %s", "low")
    logging.getLogger("shop").debug("not shown")


def odd_records() -> None:
    logging.getLogger("a\udcffb\0").warning("x\ud800y\0")


def environment() -> None:
    for name in sorted(os.environ):
        print(f"{name}={os.environ[name]}")


def where() -> None:
    print(Path.cwd(), __file__)


def leave(code: int) -> None:
    sys.exit(code)


def vanish() -> None:
    os._exit(0)


def kill_itself() -> None:
    os.kill(os.getpid(), 9)


def hold_memory() -> None:
    bytearray(4 * 1024**3)


def sleep(seconds: float = 60) -> None:
    print("sleeping", flush=True)
    time.sleep(seconds)


def ignore_termination() -> None:
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("stubborn", flush=True)
    time.sleep(60)


def leave_a_child(seconds: int = 60) -> None:
    import subprocess

    child = subprocess.Popen(["sleep", str(seconds)])
    print(child.pid)


def chatter(lines: int, width: int) -> None:
    for _ in range(lines):
        sys.stdout.write("x" * width + "\n")


def odd_bytes() -> None:
    sys.stdout.buffer.write(b"a\0b \xff end without newline")
