"""kill -9 while snoozes start and end: nothing is lost or doubled, and a replay marks the same."""

import pytest

from tests.chaos.books import connected
from tests.chaos.snoozer import while_snoozing
from tests.chaos.storm import Storm
from tests.system import Product

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(600)]

_MARKED = """
    SELECT count(*) FILTER (WHERE snooze_id IS NOT NULL),
           count(*) FILTER (WHERE snooze_id IS NULL),
           count(DISTINCT snooze_id)
    FROM firing
"""


def test_the_books_balance_while_snoozes_start_and_end(own_product: Product) -> None:
    books = Storm(own_product, seed=5, pause=0.1, frame=25).survive(while_snoozing(30))

    with connected(own_product) as database:
        marked = database.execute(_MARKED).fetchone()
    assert books.problems == [], books.lines
    assert marked is not None
    assert min(marked) > 3, marked  # many were silenced, many acted, under many snoozes
