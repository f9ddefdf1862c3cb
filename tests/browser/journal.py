"""What was done in a page and what it asked for: for whoever reads why a test has failed."""

import time
from typing import Self
from urllib.parse import parse_qs

import pytest
from playwright.async_api import ConsoleMessage, Page, Request

LAST = 80  # lines
MARK = "journal "
# By the console, since it needs no answer: a page that hangs or has gone is told of as well.
LISTEN = """(() => {
    const name = (one) => one?.id ? `#${one.id}` : `${one?.localName}.${one?.className}`;
    const note = (text) => console.debug(`journal ${Date.now()} ${text}`);
    for (const kind of ["keydown", "click", "submit", "change", "focusin"])
        addEventListener(kind, (event) => note(
            `${kind} ${event.key ?? event.submitter?.value ?? ""} at ${name(event.target)}`), true);
    for (const kind of ["beforeRequest", "afterRequest", "sendError", "sendAbort", "oobAfterSwap"])
        addEventListener(`htmx:${kind}`, ({ detail }) => note(
            `${kind} of ${name(detail.elt)} to ${name(detail.target)}`), true);
})()"""


class Journal:
    def __init__(self, page: Page) -> None:
        self._lines: list[tuple[float, str]] = []
        page.on("request", lambda one: self._note(f"-> {one.method} {one.url} {_sent(one)}"))
        page.on("response", lambda one: self._note(f"<- {one.status} {one.url}"))
        page.on("requestfailed", lambda one: self._note(f"<- {one.failure} {one.url}"))
        page.on("console", self._said)

    @classmethod
    async def keep(cls, page: Page, item: pytest.Item) -> Self:
        """Of this page, from now on, for the report of the test."""
        journal = cls(page)
        await page.add_init_script(LISTEN)
        item.stash.setdefault(JOURNALS, []).append(journal)
        return journal

    @staticmethod
    def kept(item: pytest.Item) -> "list[Journal]":
        return item.stash.get(JOURNALS, [])

    def text(self) -> str:
        """The last lines, each with its second."""
        return "\n".join(f"{at % 1000:8.3f} {line}" for at, line in sorted(self._lines)[-LAST:])

    def _note(self, line: str, at: float | None = None) -> None:
        if "/static/" not in line:
            self._lines.append((at or time.time(), line))

    def _said(self, message: ConsoleMessage) -> None:
        if message.text.startswith(MARK):
            milliseconds, _, line = message.text.removeprefix(MARK).partition(" ")
            self._note(line, int(milliseconds) / 1000)
        else:
            self._note(f"console: {message.text}")


def _sent(request: Request) -> str:
    """What a form asked to be done; never its other fields, of which one may be a password."""
    sent = parse_qs((request.post_data or "") if request.method == "POST" else "")
    return " ".join(f"{name}={sent[name][0]}" for name in ("do", "as", "rev") if name in sent)


JOURNALS = pytest.StashKey[list[Journal]]()
