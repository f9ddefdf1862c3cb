"""A pytest plugin, loaded with `-p tests.plugin` so that it runs before Django's.

Tests of the pure core need no server: with FLINT_TEST_SERVICES=off nothing is started.
"""

import os
from collections.abc import Generator, Iterator
from importlib import import_module

import hypothesis
import pytest
from hypothesis import HealthCheck

from project.lib import process_memory
from scripts import chromium
from tests import services

_running: list[services.Services] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    if services_wanted() and not _running:
        _running.append(services.start())


# A slow or busy machine is no fault of what is tested; and a fixture that is shared by the examples
# of one test is one that holds no state of them.
hypothesis.settings.register_profile(
    "flint",
    parent=hypothesis.settings(),  # in CI that is Hypothesis' own: the same examples always
    deadline=None,
    print_blob=True,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
)
hypothesis.settings.load_profile("flint")


def pytest_configure(config: pytest.Config) -> None:
    """Static files are served from where they lie, as tests collect nothing."""
    import_module("project.celery")  # tasks are called without a worker, which would load it
    from django.conf import settings

    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    # A password hash is slow on purpose; hundreds of tests need not prove it.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


def pytest_report_header(config: pytest.Config) -> list[str]:
    return [f"services: {services.folder}" for services in _running]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    """Tells just above pytest's last line how to get the browser that tests lacked."""
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    if any(chromium.MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(
            f"The browser tests were skipped. {chromium.HOW_TO_GET_ONE}", yellow=True
        )


def pytest_unconfigure(config: pytest.Config) -> None:
    while _running:
        _running.pop().stop()


@pytest.fixture(autouse=True)
def no_memory_of_an_earlier_test(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """What the process remembers outlives a test's transaction; it must not outlive the test.

    A thread beside a slow test would read API keys by a connection of its own, which does not
    see those that the test's transaction has made.
    """
    if services_wanted():
        from accounts_app.services import access

        if _in_one_transaction(request):
            monkeypatch.setattr(access, "_in_a_thread", lambda renew, now: renew(now))
    yield
    process_memory.clear_all()


def _in_one_transaction(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    committing = {"transactional_db", "live_server"} & set(request.fixturenames)
    if committing or (marker and marker.kwargs.get("transaction")):
        return False
    return marker is not None or "db" in request.fixturenames


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share the session's product run in one worker, so that it starts only once."""
    for item in items:
        if "product" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("product"))


def services_wanted() -> bool:
    return os.environ.get("FLINT_TEST_SERVICES") != "off"
