"""Listeners, and what waits for them."""

from collections.abc import Callable

from events_app.domain.audience import Audience, Backlog, Listener


def nothing() -> None:
    pass


def anything(_: str) -> bool:
    return True


def a_listener(*names: str) -> Listener[str, int]:
    return Listener(accepts=anything, arrived=nothing, names=frozenset(names) or None)


def test_texts_are_taken_in_order_with_the_place_of_the_last() -> None:
    backlog: Backlog[int] = Backlog()
    backlog.add("a", 1)
    backlog.add("b", 2)

    taken = backlog.take()

    assert (taken.texts, taken.last, taken.overrun) == (["a", "b"], 2, False)
    assert backlog.take().texts == []


def overrun(fill: Callable[[Backlog[int]], bool], backlog: Backlog[int]) -> None:
    assert not fill(backlog)
    # Once something did not fit, nothing may stand behind the gap.
    assert not backlog.add("", 9)
    taken = backlog.take()
    assert (taken.texts, taken.last, taken.overrun) == (["aa", "bb"], 2, True)
    assert taken.missed == 3
    assert backlog.add("e", 5)
    after = backlog.take()
    assert (after.overrun, after.missed) == (False, None)


def test_too_many_texts_do_not_fit() -> None:
    backlog: Backlog[int] = Backlog(most=2)
    assert backlog.add("aa", 1) and backlog.add("bb", 2)

    overrun(lambda b: b.add("c", 3), backlog)


def test_too_long_texts_do_not_fit() -> None:
    backlog: Backlog[int] = Backlog(most_characters=5)
    assert backlog.add("aa", 1) and backlog.add("bb", 2)

    overrun(lambda b: b.add("cc", 3), backlog)


def test_listeners_are_found_by_name() -> None:
    audience: Audience[str, int] = Audience()
    of_a, of_both, of_all = a_listener("a"), a_listener("a", "b"), a_listener()
    for listener in (of_a, of_both, of_all):
        audience.add(listener)

    assert set(audience.listening_for("a")) == {of_a, of_both, of_all}
    assert set(audience.listening_for("b")) == {of_both, of_all}
    assert list(audience.listening_for("c")) == [of_all]


def test_an_audience_that_went_is_empty() -> None:
    audience: Audience[str, int] = Audience()
    listeners = [a_listener("a"), a_listener("a", "b"), a_listener()]
    for listener in listeners:
        audience.add(listener)
    assert audience

    for listener in listeners:
        audience.discard(listener)
        audience.discard(listener)

    assert not audience
    assert list(audience.listening_for("a")) == []


def test_an_audience_may_change_while_it_is_walked_through() -> None:
    audience: Audience[str, int] = Audience()
    listeners = [a_listener("a") for _ in range(3)]
    for listener in listeners:
        audience.add(listener)

    for listener in audience.listening_for("a"):
        audience.discard(listener)

    assert not audience
