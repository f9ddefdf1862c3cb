"""kill -9 of every process in the middle of a load: nothing is lost, nothing doubled.

The short form; `make chaos` goes on for minutes.
"""

import pytest

from tests.chaos.storm import Storm, at_random, in_turn
from tests.system import Product

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


def test_the_books_balance_when_every_process_is_killed_once(own_product: Product) -> None:
    books = Storm(own_product, seed=1, pause=0.1, frame=25).survive(in_turn(1.0))

    assert books.problems == [], books.lines


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
def test_the_books_balance_after_a_storm(own_product: Product, seed: int) -> None:
    books = Storm(own_product, seed=seed).survive(at_random(60))

    assert books.problems == [], books.lines
