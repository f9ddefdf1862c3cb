"""The program that a flow's process runs. Standard library only; it never sees Django.

Arguments: the number of the descriptor to report to, and that of the lifeline. Standard input
holds one JSON object: root, file, function, parameters, memory_bytes. Each report is a line of
JSON: {"log": {...}} or {"result": {...}}.
"""

import asyncio
import contextlib
import functools
import importlib.util
import inspect
import json
import logging
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

MAX_TEXT = 20_000
_APP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
FINDER = os.path.join(_APP, "domain", "flow_functions.py")  # noqa: PTH118


class CannotRun(Exception):
    """The flow cannot be started; the text says why."""


class Reporter:
    """Lines to the executor, from any thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, **report: Any) -> None:
        line = json.dumps(report).encode() + b"\n"
        with self._lock:
            while line:
                line = line[os.write(self._descriptor, line) :]


class ReportingHandler(logging.Handler):
    """Log records of the flow keep their level, logger and time."""

    def __init__(self, reporter: Reporter) -> None:
        super().__init__(logging.INFO)
        self._reporter = reporter

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)[:MAX_TEXT]
            log = {
                "name": record.name,
                "level": record.levelno,
                "message": text,
                "timestamp": record.created,
            }
            self._reporter.send(log=log)
        except Exception:
            self.handleError(record)


def main() -> int:
    reporter = Reporter(int(sys.argv[1]))
    threading.Thread(target=_die_with_executor, args=(int(sys.argv[2]),), daemon=True).start()
    order = json.load(sys.stdin.buffer)
    _limit_memory(order["memory_bytes"])
    logging.root.addHandler(ReportingHandler(reporter))
    logging.root.setLevel(logging.INFO)
    sys.path[:0] = dict.fromkeys([os.path.dirname(order["file"]), order["root"]])  # noqa: PTH120
    result = _outcome(order)
    _flush()
    reporter.send(result=result)
    return 0


def _outcome(order: dict[str, Any]) -> dict[str, Any]:
    try:
        function = _load(order["file"], order["function"])
        _call(function, order["parameters"])
    except CannotRun as error:
        return {"outcome": "failed", "message": str(error)}
    except SystemExit as error:
        if error.code not in (None, 0):
            raise
    except BaseException as error:
        return _failure(error)
    return {"outcome": "completed"}


def _load(file: str, name: str) -> Callable[..., Any]:
    """The function that the entrypoint names; it must be written in that file."""
    finder = _module("__flint_functions__", FINDER)
    try:
        with open(file, "rb") as opened:  # noqa: PTH123 (a flow's process loads what it needs)
            source = opened.read()
        module = _module("__flint_flow__", file)
    except PermissionError as error:
        if error.filename != file:
            raise
        raise CannotRun(f"{file} may not be read by the user that flows run as.") from None
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "prefect":
            raise
        raise CannotRun(
            "This flow needs the package prefect, which is not installed where it is executed. "
            "Install it there, or make the flow a plain function."
        ) from None
    try:
        finder.find_function(source, name)
    except finder.MissingFunction:
        raise CannotRun(f"There is no {name!r} in {file}.") from None
    except finder.NotAFunction as error:
        if error.imported:
            raise CannotRun(f"{file} cannot be run: {error}.") from None
        raise CannotRun(f"{name!r} in {file} is not a function.") from None
    except finder.NoSuchFunction as error:
        raise CannotRun(f"{file} cannot be run: {error}.") from None
    owner, _, method = name.partition(".")
    owner_object = getattr(module, owner, None)
    function: Any = _method(owner_object, method) if method else _body(owner_object)
    if not callable(function):
        raise CannotRun(f"{name!r} in {file} is not a function.")
    bound: Callable[..., Any] = function
    return bound


def _module(name: str, file: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise CannotRun(f"{file} cannot be loaded as a Python module.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _body(function: Any) -> Any:
    """The engine around a Prefect flow reports to a server with a key; the body is enough."""
    if type(function).__module__.partition(".")[0] == "prefect":
        return getattr(function, "fn", function)
    return function


def _method(owner: Any, name: str) -> Any:
    """Static and class methods as they are; any other one of a new object."""
    written = inspect.getattr_static(owner, name, None)
    kind, inner = type(written), _body(getattr(written, "__func__", written))
    if isinstance(inner, staticmethod | classmethod):
        kind, inner = type(inner), inner.__func__
    if kind is staticmethod or not callable(inner):
        return inner
    return functools.partial(inner, owner if kind is classmethod else owner())


def _call(function: Callable[..., Any], parameters: dict[str, Any]) -> None:
    try:
        inspect.signature(function).bind(**parameters)
    except TypeError as error:
        raise CannotRun(f"The parameters do not fit the function: {error}.") from None
    result = function(**parameters)
    if inspect.iscoroutine(result):
        asyncio.run(result)


def _failure(error: BaseException) -> dict[str, Any]:
    name, text = type(error).__name__, _text_of(error)
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename in (
        __file__,
        "<frozen importlib._bootstrap>",
        "<frozen importlib._bootstrap_external>",
    ):
        frames = frames.tb_next
    lines = traceback.format_exception(type(error), error, frames)
    return {
        "outcome": "failed",
        "message": f"Flow run encountered an exception: {name}: {text}"[:MAX_TEXT],
        "traceback": "".join(lines)[-MAX_TEXT:],
    }


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(its text cannot be shown)"


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


def _limit_memory(limit_bytes: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        limit_bytes = min(limit_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))


def _die_with_executor(lifeline: int) -> None:
    """The executor holds the other end: when it is gone, however it went, so are we."""
    while os.read(lifeline, 1):
        time.sleep(0.1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
