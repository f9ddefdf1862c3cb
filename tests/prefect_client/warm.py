"""Runs in an environment of Prefect's own: imports the client once, forks off every command.

A Python that imports Prefect costs seconds; a fork costs milliseconds. Reads one JSON object per
line, `{"run": "cli" | "script", "arguments": […], "cwd": …, "output": path}`, answers each with
the child's pid at once, and with `{"pid": …, "code": …}` when it has ended.
"""

import json
import os
import runpy
import selectors
import signal
import sys
from pathlib import Path

import prefect.cli
import prefect.client.orchestration
import prefect.deployments
import prefect.events
import prefect.flow_engine
import prefect.flows
import prefect.runner
import prefect.task_engine
import prefect.workers.process

assert prefect


def start(request: dict) -> int:
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.chdir(request["cwd"])
        output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout.reconfigure(line_buffering=True)
        command(request)
    return pid


def command(request: dict) -> None:
    """Ends the process as the program itself would: whatever it does at its exit is done."""
    arguments = request["arguments"]
    if request["run"] == "script":
        sys.argv = list(arguments)
        sys.path[0] = str(Path(arguments[0]).resolve().parent)
        runpy.run_path(arguments[0], run_name="__main__")
        raise SystemExit(0)
    sys.argv = ["prefect", *arguments]
    raise SystemExit(prefect.cli.app())


def main() -> None:
    # A pipe that a signal writes to: whoever waits for a line also sees that a child has ended.
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    waiting = selectors.DefaultSelector()
    waiting.register(sys.stdin.fileno(), selectors.EVENT_READ)
    waiting.register(ended, selectors.EVENT_READ)
    say({"ready": prefect.__version__})
    rest = b""
    while True:
        for key, _ in waiting.select():
            if key.fd == ended:
                os.read(ended, 4096)
                tell_ended()
                continue
            data = os.read(sys.stdin.fileno(), 65536)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                say({"started": start(json.loads(line))})


def tell_ended() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        say({"pid": pid, "code": os.waitstatus_to_exitcode(status)})


def say(answer: dict) -> None:
    os.write(1, json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main()
