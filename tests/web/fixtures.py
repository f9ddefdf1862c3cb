"""Who looks at pages. Imported by the conftest of each app's web tests."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:
    """Hashed names need `collectstatic`; a test of its own covers them."""
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": PLAIN_STATIC}}


@pytest.fixture
def viewer(db: None) -> Client:
    return signed_in(User.objects.create_user("vera"))


@pytest.fixture
def editor(db: None) -> Client:
    return signed_in(User.objects.create_user("eda", is_staff=True))


@pytest.fixture
def fragment(viewer: Client) -> Callable[[str], HttpResponse]:
    """Ask as HTMX does."""
    return lambda address: viewer.get(address, headers=HTMX)  # type: ignore[return-value]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
