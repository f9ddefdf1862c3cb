"""What a process keeps in memory of its database, made at first use and put away all at once."""

import functools
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_forgetting: list[Callable[[], None]] = []


def process_memory(make: Callable[[], T]) -> Callable[[], T]:
    """What `make` returns, once per process. Made when it is first asked for, so after a fork.

    The whole of it is what `clear_all` forgets: a database that was put back, or the next test's,
    must not be answered for with what was read of another.
    """
    kept = functools.cache(make)
    _forgetting.append(kept.cache_clear)
    return kept


def clear_all() -> None:
    for clear in _forgetting:
        clear()
