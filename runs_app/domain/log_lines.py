"""Lines of logs as they are told live, and which of them somebody asks for. Pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from events_app.domain.text_query import ascii_lower


class LogLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The API's document of a line."""

    id: UUID
    created: datetime
    updated: datetime
    name: str
    level: int
    message: str
    timestamp: datetime
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[LogLine]).decode


def encode_lines(lines: list[LogLine]) -> bytes:
    return _encode(lines)


def decode_lines(data: bytes) -> list[LogLine]:
    return _decode(data)


def log_text(line: LogLine) -> str:
    """The message that tells a subscriber of a line, as Prefect's server writes it."""
    return f'{{"type":"log","log":{_encode(line).decode()}}}'


def line_test(filter: Any) -> Callable[[LogLine], bool]:
    """A test for lines; the same meaning as `runs_app.reads.filters.logs`, kept by a test.

    The filter is any object with the attributes of Prefect's LogFilter.
    """
    tests = _tests(filter)
    if not tests:
        return lambda line: True
    joined = any if filter.operator == "or_" else all
    return lambda line: joined(test(line) for test in tests)


def _tests(filter: Any) -> list[Callable[[LogLine], bool]]:
    tests: list[Callable[[LogLine], bool]] = []
    level, moments, text = filter.level, filter.timestamp, filter.text
    if level and level.ge_ is not None:
        tests.append(lambda line: line.level >= level.ge_)
    if level and level.le_ is not None:
        tests.append(lambda line: line.level <= level.le_)
    if moments and not (moments.before_ is moments.after_ is moments.is_null_ is None):
        tests.append(lambda line: _within(moments, line.timestamp))
    for name in ("flow_run_id", "task_run_id"):
        tests += _id_tests(getattr(filter, name), name)
    if text and text.query:
        tests += [_contains(ascii_lower(word)) for word in text.query.split()]
    return tests


def _within(moments: Any, timestamp: datetime) -> bool:
    if moments.before_ is not None and timestamp > moments.before_:
        return False
    if moments.after_ is not None and timestamp < moments.after_:
        return False
    return moments.is_null_ is not True  # a line always has a time


def _id_tests(ids: Any, name: str) -> list[Callable[[LogLine], bool]]:
    if ids is None:
        return []
    admitted = None if ids.any_ is None else frozenset(ids.any_)
    unwanted = frozenset(getattr(ids, "not_any_", None) or ())
    is_null = getattr(ids, "is_null_", None)
    excludes = getattr(ids, "not_any_", None) is not None

    def accepts(line: LogLine) -> bool:
        value = getattr(line, name)
        if admitted is not None and value not in admitted:
            return False
        if excludes and (value is None or value in unwanted):
            return False
        return is_null is None or is_null == (value is None)

    return [accepts] if (admitted is not None or excludes or is_null is not None) else []


def _contains(word: str) -> Callable[[LogLine], bool]:
    return lambda line: word in ascii_lower(line.message)
