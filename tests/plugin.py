"""A pytest plugin, loaded with `-p tests.plugin` so that it runs before Django's.

Tests of the pure core need no server: with FLINT_TEST_SERVICES=off nothing is started.
"""

import os
from collections.abc import Iterator

import pytest

from tests import services

_running: list[services.Services] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    if services_wanted() and not _running:
        _running.append(services.start())


def pytest_configure(config: pytest.Config) -> None:
    """Static files are served from where they lie, as tests collect nothing."""
    from django.conf import settings

    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    # A password hash is slow on purpose; hundreds of tests need not prove it.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    while _running:
        _running.pop().stop()


@pytest.fixture(autouse=True)
def no_keys_of_an_earlier_test() -> Iterator[None]:
    """The snapshot of API keys outlives a test's transaction; its content must not."""
    yield
    if services_wanted():
        from events_app.services.access import keyring

        keyring().forget()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share the session's product run in one worker, so that it starts only once."""
    for item in items:
        if "product" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("product"))


def services_wanted() -> bool:
    return os.environ.get("FLINT_TEST_SERVICES") != "off"
