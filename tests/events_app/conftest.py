from collections.abc import Iterator

import pytest
import redis
from django.db import connection

from events_app.storage import reader
from project.lib import redis_client


@pytest.fixture
def log_client() -> Iterator[redis.Redis]:
    """The Redis of this test run, empty."""
    client = redis_client.client()
    client.flushall()
    yield client


@pytest.fixture
def clean_tables(transactional_db: None) -> Iterator[None]:
    """Committed data, gone afterwards; Django itself does not empty unmanaged tables."""
    yield
    reader.close_idle()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE event")
