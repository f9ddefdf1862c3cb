"""Answers that are kept for some seconds."""

import threading
from datetime import timedelta
from functools import partial

import pytest

from project.lib.ttl_cache import TtlCache
from tests.menagerie import ZERO


def test_an_answer_is_kept_until_it_is_too_old() -> None:
    memory = TtlCache(seconds=10, most=5)
    memory.ask("a", lambda: "once", now=ZERO)

    assert memory.ask("a", lambda: "again", now=ZERO + timedelta(seconds=10)) == "once"
    assert memory.ask("a", lambda: "again", now=ZERO + timedelta(seconds=11)) == "again"


def test_what_a_clock_ahead_kept_is_not_believed() -> None:
    memory = TtlCache(seconds=10, most=5)
    memory.ask("a", lambda: "tomorrow", now=ZERO + timedelta(days=1))

    assert memory.get("a", now=ZERO) is None


def test_the_oldest_give_way_and_too_much_is_not_kept() -> None:
    memory = TtlCache(seconds=10, most=5)
    for name, size in (("a", 3), ("b", 2), ("c", 2), ("whole", 6)):
        memory.ask(name, partial(str, size), now=ZERO, weight=int)

    known = [name for name in ("a", "b", "c", "whole") if memory.get(name, now=ZERO)]

    assert known == ["b", "c"]


def test_a_question_that_fails_can_be_asked_again() -> None:
    memory = TtlCache(seconds=10, most=5)
    with pytest.raises(ZeroDivisionError):
        memory.ask("a", lambda: 1 / 0, now=ZERO)

    assert memory.ask("a", lambda: "well", now=ZERO) == "well"


def test_who_asks_the_same_meanwhile_waits_for_the_answer() -> None:
    memory = TtlCache(seconds=10, most=5)
    asked, go = threading.Event(), threading.Event()
    answers: list[str] = []

    def slowly() -> str:
        asked.set()
        assert go.wait(10)
        return "first"

    threads = [threading.Thread(target=lambda: answers.append(memory.ask("a", slowly, now=ZERO)))]
    threads[0].start()
    assert asked.wait(10)
    second = lambda: answers.append(memory.ask("a", lambda: "second", now=ZERO))  # noqa: E731
    threads.append(threading.Thread(target=second))
    threads[1].start()
    go.set()
    for thread in threads:
        thread.join()

    assert answers == ["first", "first"]
