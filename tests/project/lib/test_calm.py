"""Everything that retries and logs is heard now and then, and nothing else is left out."""

import logging
import sys
from typing import Any

import pytest

from project.lib import calm
from project.lib.calm import Calm, likeness, with_left_out
from project.lib.logs import Calmly
from project.lib.store_errors import OUTAGES


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def said(per_second: int, seconds: int) -> list[int]:
    """What is let through of a flood: how many were left out before each."""
    clock = Clock()
    found = Calm(clock=clock)
    heard = []
    for _ in range(per_second * seconds):
        if (left_out := found.left_out_before("away")) is not None:
            heard.append(left_out)
        clock.now += 1 / per_second
    return heard


def test_a_flood_of_7000_in_40_seconds_is_a_few_lines_that_say_how_many() -> None:
    heard = said(175, 40)

    assert len(heard) <= 7
    assert heard[:2] == [0, 174]


def test_it_is_never_more_than_one_a_second_and_the_pauses_grow_to_half_a_minute() -> None:
    assert len(said(1000, 1)) == 1
    assert 10 <= len(said(50, 300)) <= 16


def test_what_comes_now_and_then_is_always_heard() -> None:
    clock = Clock()
    found = Calm(clock=clock)

    for _ in range(20):
        assert found.left_out_before("not ready yet") == 0
        clock.now += 1.5


def test_each_is_calmed_by_itself_and_the_memory_is_bounded() -> None:
    found = Calm(clock=Clock())

    assert all(found.left_out_before(number) == 0 for number in range(3 * calm._KEYS))
    assert len(found._said) <= calm._KEYS
    assert found.left_out_before(3 * calm._KEYS - 1) is None


def test_texts_are_alike_that_differ_in_numbers_and_ids() -> None:
    one = "run 17 of 0197f3a2-1111-7abc-8def-0123456789ab: could not extend base/5/1234"
    other = "run 8 of 0197f3a2-2222-7abc-8def-0123456789ab: could not extend base/5/99"

    assert likeness(one) == likeness(other)
    assert likeness("redis is away") != likeness("postgres is away")
    assert with_left_out("away", 0) == "away"


def record(text: str, level: int = logging.WARNING, *args: Any, error: Any = None) -> Any:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("a.b", level, "x.py", 1, text, args, info)


def raised(error: BaseException, *, elsewhere: bool = False) -> BaseException:
    try:
        if elsewhere:
            raise error
        raise error
    except type(error):
        assert sys.exc_info()[1] is error
        return error


def test_a_log_record_that_says_the_same_is_left_out_and_counted() -> None:
    clock = Clock()
    calmly = Calmly()
    calmly._calm = Calm(clock=clock)
    heard = [calmly.filter(record("%s is away", logging.WARNING, "redis")) for _ in range(5)]
    clock.now += 2
    last = record("%s is away", logging.WARNING, "redis")

    assert heard == [True, False, False, False, False]
    assert calmly.filter(last)
    assert last.getMessage() == "redis is away (4 more like it were left out)"


def test_other_texts_other_errors_and_information_are_heard() -> None:
    calmly = Calmly()

    assert calmly.filter(record("a"))
    assert calmly.filter(record("b"))
    assert all(calmly.filter(record("started", logging.INFO)) for _ in range(5))
    assert calmly.filter(record("failed", logging.ERROR, error=raised(KeyError("x"))))
    assert not calmly.filter(record("failed", logging.ERROR, error=raised(KeyError("y"))))
    place = raised(KeyError("x"), elsewhere=True)
    assert calmly.filter(record("failed", logging.ERROR, error=place))


@pytest.mark.parametrize("error", OUTAGES[:2])
def test_an_outage_is_calmed_though_its_traceback_is_gone(error: type[Exception]) -> None:
    from project.lib.logs import OutagesInOneLine

    outages, calmly = OutagesInOneLine(), Calmly()
    heard = []
    for _ in range(3):
        one = record("failed", logging.ERROR, error=raised(error("away")))
        heard.append(outages.filter(one) and calmly.filter(one))

    assert heard == [True, False, False]
