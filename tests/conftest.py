"""Fixtures of all tests."""

from collections.abc import Iterator

import pytest

from tests.system import own_product, product

__all__ = ["django_db_setup", "own_product", "product"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """Connections left open by threads and readers must not keep the database from going."""
    from django.db import connection

    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
