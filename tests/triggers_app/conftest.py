"""What the tests of services and pages share."""

from collections.abc import Iterator

import pytest

from tests.menagerie import ms
from tests.triggers_app.live import Live, empty_tables


@pytest.fixture
def live() -> Iterator[Live]:
    """The log and the evaluator on empty tables, at the beginning of time."""
    with empty_tables() as client:
        live = Live(client)
        live.at(ms(0))
        yield live
