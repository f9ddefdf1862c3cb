"""A pytest plugin, loaded with `-p tests.plugin` so that it runs before Django's.

Tests of the pure core need no server: with FLINT_TEST_SERVICES=off nothing is started.
"""

import os

import pytest

from tests import services

_running: list[services.Services] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    if os.environ.get("FLINT_TEST_SERVICES") != "off" and not _running:
        _running.append(services.start())


def pytest_unconfigure(config: pytest.Config) -> None:
    while _running:
        _running.pop().stop()
