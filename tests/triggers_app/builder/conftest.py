"""What the tests of the builder share."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.triggers_app.live import empty_tables
from tests.web.fixtures import editor, fragment, plain_static_files, signed_in, viewer

__all__ = ["editor", "fragment", "plain_static_files", "viewer"]


@pytest.fixture
def tables() -> Iterator[None]:
    """For what reads over a connection of its own: committed, and gone afterwards."""
    with empty_tables():
        yield


@pytest.fixture
def eda(tables: None) -> Client:
    """An editor, with empty tables."""
    return signed_in(User.objects.create_user("eda", is_staff=True))
