from collections.abc import Iterator

import pytest
import redis

from project.lib import redis_client


@pytest.fixture
def log_client() -> Iterator[redis.Redis]:
    """The Redis of this test run, empty."""
    client = redis_client.client()
    client.flushall()
    yield client
