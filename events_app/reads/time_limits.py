"""Questions that are given up when they take too long."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, transaction
from psycopg.errors import QueryCanceled

from events_app.storage.stored_events import limit_time


class QueryTooSlow(Exception):
    """The question was given up; a narrower one is answered."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """One query for the limit. Raises QueryTooSlow."""
    try:
        with transaction.atomic():
            limit_time(seconds)
            yield
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        raise QueryTooSlow from None
