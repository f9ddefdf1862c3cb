"""A headless Chromium that looks at the pages of a live server."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pytest
import pytest_asyncio
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from playwright.async_api import Browser, ConsoleMessage, Error, Page, async_playwright

from events_app.models import Event, Reader
from events_app.stream import log
from project.lib import redis_client
from scripts import chromium
from tests.browser import clicks
from tests.browser.estate import Estate, estate
from tests.browser.journal import Journal
from tests.web.fixtures import plain_static_files

__all__ = ["plain_static_files"]
PASSWORD = "a spark in the dark"
# Requests that were given up; and a part on a page of its own, whose answers also bring what only
# the builder's page has a place for.
GIVEN_UP = ("htmx:afterRequest", "htmx:sendAbort", "htmx:oobErrorNoTarget")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path.as_posix()):
            item.add_marker(pytest.mark.browser)
            # In the loop of the browser, which outlives the test.
            if pytest_asyncio.is_async_test(item):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@dataclass
class Tab:
    """A page of a signed-in person, and everything that the browser complained about."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    async def go(self, path: str) -> None:
        await self.page.goto(self.address + path)
        await self.page.wait_for_load_state("load")

    async def sign_in(self, name: str) -> None:
        await self.go("/")
        await self.page.get_by_label("Name").fill(name)
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.get_by_role("button", name="Sign in").click()
        await self.page.wait_for_url(self.address + "/")
        await clicks.begin_anew(self.page)

    def note(self, message: ConsoleMessage) -> None:
        # A request that a newer one replaces, or that was on its way when the page was left.
        given_up = message.text.startswith(GIVEN_UP)
        if message.type in ("error", "warning") and not given_up:
            self.complaints.append(f"{message.type}: {message.text}")


@pytest.fixture
def shown(transactional_db: None) -> Iterator[Estate]:
    """One of everything, and the people who look at it."""
    User.objects.create_user("vera", password=PASSWORD)
    User.objects.create_user("eda", password=PASSWORD, is_staff=True)
    User.objects.create_superuser("ada", password=PASSWORD)
    _recorded_all()
    yield estate()
    # The table of events is not Django's to empty.
    Event.objects.all().delete()


def _recorded_all() -> None:
    """As if the recorder had come to the end of the log, whatever other tests left in both."""
    last = log.last_id(redis_client.client())
    place = {"position_ms": last.ms, "position_seq": last.seq}
    Reader.objects.update_or_create(name="record", defaults=place)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests of a worker; each test has a context of its own."""
    async with async_playwright() as playwright:
        try:
            found = await playwright.chromium.launch(
                executable_path=chromium.on_path(), args=chromium.ARGUMENTS
            )
        except Error as error:
            _do_without(error)
        yield found
        await found.close()


def _do_without(error: Error) -> NoReturn:
    """Skipped where there is none, unless FLINT_TEST_BROWSER=required, as in CI."""
    why = error.message.splitlines()[0]
    if os.environ.get("FLINT_TEST_BROWSER") == "required":
        pytest.fail(f"{why}\n{chromium.HOW_TO_GET_ONE}", pytrace=False)
    pytest.skip(f"{chromium.MISSING} ({why})")


class Underway:
    """Requests that the live server has not finished: they hold locks, and tables are emptied."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        request_started.connect(self._begun)
        request_finished.connect(self._ended)

    def _begun(self, **_: Any) -> None:
        with self._lock:
            self._count += 1

    def _ended(self, **_: Any) -> None:
        with self._lock:
            self._count -= 1

    async def none(self) -> None:
        """Wait until the server is quiet, also for what it has been sent and not begun."""
        quiet = 0
        for _ in range(1000):
            quiet = 0 if self._count > 0 else quiet + 1
            if quiet == 5:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{self._count} requests do not end.")


@pytest.fixture
def underway() -> Iterator[Underway]:
    found = Underway()
    yield found
    request_started.disconnect(found._begun)
    request_finished.disconnect(found._ended)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report: Any = yield
    if report.when == "call" and report.failed:
        report.sections += [("what the browser did", each.text()) for each in Journal.kept(item)]
    return report


@pytest_asyncio.fixture(loop_scope="session")
async def tab(
    browser: Browser, live_server: Any, shown: Estate, underway: Underway, request: Any
) -> AsyncIterator[Tab]:
    """Nobody is signed in yet. Whatever the browser complains about fails the test."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    await clicks.count_clicks(page)
    await Journal.keep(page, request.node)
    opened = Tab(page, live_server.url)
    page.on("console", opened.note)
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    yield opened
    for each in browser.contexts:
        await each.close()
    await underway.none()
    assert opened.complaints == []


async def tab_to(page: Page, selector: str, *, in_dialog: bool = False) -> None:
    """By the keyboard alone; Escape gives the Tab key back where text is written."""
    for _ in range(200):
        if await page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        if not in_dialog:
            await page.keyboard.press("Escape")
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {selector}")
