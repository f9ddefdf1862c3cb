"""The README's screenshots: `make screenshots`.

Starts the product in a folder of its own, loads the demo, signs in with headless Chromium and
takes a picture of each page. With --all every page is taken at two widths and in both themes
into --to, for people who look for what is wrong.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

from scripts import chromium

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "a spark in the dark"
MOST_BYTES = 180_000
NOT_INHERITED = ("DATABASE_URL", "REDIS_URL", "FLINT_DATA_DIR", "PORT")
Theme = Literal["light", "dark"]
WIDE, README_WIDE, NARROW = 1440, 1200, 390
HEIGHTS = {WIDE: 900, README_WIDE: 750, NARROW: 844}


@dataclass(frozen=True, slots=True)
class View:
    """A page: its address, then the text of links to follow from there."""

    name: str
    path: str
    follow: tuple[str, ...] = ()


def _first(kind: str) -> str:
    """The first link of a list that leads to one of its members."""
    return f"main a[href^='/{kind}/']:not([href*='?'], [href$='/{kind}/'], [href*='/new/'])"


VIEWS = [
    View("overview", "/"),
    View("automations", "/automations/"),
    View("automation", "/automations/", ("Pick paid orders in batches",)),
    View("composite", "/automations/", ("Import a partner's file once it is checked",)),
    View("builder", "/automations/", ("Import a partner's file once it is checked", "Edit")),
    View("starts", "/automations/new/"),
    View("firings", "/firings/"),
    View("firing", "/firings/", (_first("firings"),)),
    View("events", "/events/"),
    View("feed", "/events/?q=name:order.*"),
    View("event", "/events/?name=order.paid", (_first("events"),)),
    View("runs", "/runs/"),
    View("run", "/runs/?state=failed", (_first("runs"),)),
    View("deployments", "/deployments/"),
    View("deployment", "/deployments/", ("pick-batch",)),
    View("compose", "/events/new/"),
    View("account", "/account/"),
]
README: list[tuple[str, Theme, int]] = [
    ("overview", "light", README_WIDE),
    ("builder", "light", README_WIDE),
    ("firing", "dark", README_WIDE),
    ("feed", "dark", README_WIDE),
]


def main() -> int:
    options = _options()
    options.to.mkdir(parents=True, exist_ok=True)
    wanted = README
    if options.all:
        themes: tuple[Theme, ...] = ("light", "dark")
        wanted = [(v.name, t, w) for v in VIEWS for t in themes for w in (WIDE, NARROW)]
    with _product(options.url) as url, sync_playwright() as playwright:
        browser = _chromium(playwright)
        too_large = [
            path.name
            for theme, width in sorted({(theme, width) for _, theme, width in wanted})
            for path in _shoot(
                browser,
                url,
                theme,
                width,
                [view for view in VIEWS if (view.name, theme, width) in wanted],
                options,
            )
            if path.stat().st_size > MOST_BYTES and not options.all
        ]
        browser.close()
    if too_large:
        sys.stderr.write(f"Larger than {MOST_BYTES:,} bytes: {', '.join(too_large)}\n")
    return 1 if too_large else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--all", action="store_true", help="every page, width and theme")
    parser.add_argument("--whole", action="store_true", help="the whole page, not the first screen")
    parser.add_argument("--url", help="a running product with the demo; password in FLINT_PASSWORD")
    return parser.parse_args()


@contextmanager
def _product(url: str | None) -> Iterator[str]:
    """The address of a product with the demo; one of our own is stopped and removed again."""
    if url:
        yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="flint-screenshots-"))
    folder.chmod(0o711)  # PostgreSQL has a user of its own
    port = _free_port()
    environment = {key: value for key, value in os.environ.items() if key not in NOT_INHERITED}
    environment |= {"FLINT_DATA_DIR": str(folder), "PORT": str(port)}
    environment |= {"FLINT_ADMIN_PASSWORD": PASSWORD}
    log = (folder / "up.log").open("w+")
    manage = [sys.executable, "manage.py"]
    up = subprocess.Popen([*manage, "up"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait_for("Flint is ready", folder / "up.log", up)
        subprocess.run([*manage, "demo"], cwd=ROOT, env=environment, check=True)
        time.sleep(8)  # the runs of its fresh events
        yield f"http://127.0.0.1:{port}"
    finally:
        up.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            up.wait(15)
        up.kill()
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(text: str, log: Path, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + 60
    while text not in log.read_text():
        if process.poll() is not None or time.monotonic() > ends:
            raise SystemExit(log.read_text())
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _chromium(playwright: Playwright) -> Browser:
    try:
        return playwright.chromium.launch(
            executable_path=chromium.on_path(), args=chromium.ARGUMENTS
        )
    except Error:
        raise SystemExit(chromium.HOW_TO_GET_ONE) from None


def _shoot(
    browser: Browser,
    url: str,
    theme: Theme,
    width: int,
    views: list[View],
    options: argparse.Namespace,
) -> Iterator[Path]:
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme=theme,
        reduced_motion="reduce",
        base_url=url,
    )
    page = context.new_page()
    page.on("console", lambda message: _complain(message.type, message.text))
    page.on("pageerror", lambda error: _complain("error", str(error)))
    _sign_in(page)
    for view in views:
        path: Path = options.to / f"{view.name}-{theme}{'-narrow' if width == NARROW else ''}.png"
        _open(page, view)
        page.screenshot(path=path, full_page=options.whole)
        wide = page.evaluate("document.documentElement.scrollWidth")
        note = f"  {wide} px wide" if wide > width else ""
        sys.stdout.write(f"{path.name:32} {path.stat().st_size / 1000:6.0f} kB{note}\n")
        yield path
    context.close()


def _sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(os.environ.get("FLINT_PASSWORD", PASSWORD))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()


def _open(page: Page, view: View) -> None:
    page.goto(view.path)
    for step in view.follow:
        link = page.locator(step) if "[" in step else page.get_by_role("link", name=step)
        page.goto(link.first.get_attribute("href") or "")
    page.wait_for_load_state("load")
    page.locator("[aria-busy=true]").first.wait_for(state="detached", timeout=15_000)
    page.wait_for_timeout(700)  # fragments that load themselves; live pages are never idle


def _complain(kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        sys.stderr.write(f"{kind}: {text}\n")


if __name__ == "__main__":
    sys.exit(main())
