"""Fixtures of the upgrade tests."""

from collections.abc import Iterator
from typing import Any

import pytest

from project import preparing
from project.lib import redis_client
from tests.upgrade.dumps import FOLDERS, loaded_database
from tests.web.fixtures import plain_static_files

__all__ = ["plain_static_files"]


@pytest.fixture(scope="module", params=FOLDERS)
def upgraded(request: Any, django_db_blocker: Any) -> Iterator[str]:
    """The database of an earlier version, brought up to date; the name of its folder."""
    with django_db_blocker.unblock(), loaded_database(request.param):
        redis_client.client().flushall()
        preparing.migrate()
        yield request.param
        redis_client.client().flushall()
