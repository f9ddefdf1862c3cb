"""What does the feed of events cost each browser, and how late are its rows?

python -m bench.feed [browsers] [events a second]     20 and 500 without them

Starts Flint in a folder of its own, as `python -m bench` does. As many events are sent twice, at
the same rate: while nobody looks, and while so many browsers have the list of events open. The
difference in CPU of the whole tree (web, databases, readers) is what the browsers cost. Rows come
over the wire as a browser reads them, and are late by the time since their receipt. A second round
narrows the query until fewer than 200 rows a second remain, and counts what is missing.
"""

import asyncio
import contextlib
import json
import re
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from bench import tree
from bench.client import Client, frames_of, moment, order_event, percentile, until
from tests.system import Product, running_product

BROWSERS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
RATE = int(sys.argv[2]) if len(sys.argv) > 2 else 500
SECONDS = 12
FRAME = 25
# Of the names, every so many-eth is what the second round asks for: less than 200 rows a second.
NARROW = 5


@dataclass
class Heard:
    """What one browser got."""

    shown: set[str] = field(default_factory=set)
    skipped: int = 0
    late: list[float] = field(default_factory=list)
    characters: int = 0


async def measure(product: Product) -> None:
    client = Client(product)
    async with contextlib.aclosing(await _signed_in(product)) as browser:
        await _round(client, browser, "warm", "name:{}.*", expected=RATE * SECONDS)
        everything = await _round(client, browser, "all", "name:{}.*", expected=RATE * SECONDS)
        print(everything)
        few = RATE * SECONDS // NARROW
        print(await _round(client, browser, "few", "name:{}.0", expected=few))


async def _round(
    client: Client, browser: httpx.AsyncClient, what: str, query: str, *, expected: int
) -> str:
    alone = await _cost(client, f"bench.{uuid4().hex[:8]}")
    name = f"bench.{uuid4().hex[:8]}"
    heard = [Heard() for _ in range(BROWSERS)]
    reading = [asyncio.create_task(_read(browser, query.format(name), one)) for one in heard]
    await asyncio.sleep(2)
    shared = await _cost(client, name)
    await asyncio.sleep(2)
    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    events = RATE * SECONDS
    late = sorted(value for one in heard for value in one.late)
    missing = sum(expected - len(one.shown) - one.skipped for one in heard)
    rows = sum(len(one.shown) for one in heard) / BROWSERS / SECONDS
    return (
        f"{what}: {BROWSERS} browsers, {RATE} events/s, {rows:.0f} rows/s each:"
        f" {(shared - alone) / BROWSERS / events * 1e6:.1f} µs of CPU per event and browser"
        f" (alone {alone / events * 1e6:.0f} µs per event);"
        f" rows p50 {percentile(late, 50):.2f} s, p99 {percentile(late, 99):.2f} s after receipt;"
        f" missing {missing}"
    )


async def _cost(client: Client, name: str) -> float:
    """CPU seconds of the tree while events are sent at the rate, until all are recorded."""
    begun, at = tree.cpu_seconds(client.pid), time.perf_counter()
    sent = [order_event(f"{name}.{n % NARROW}", f"shop.{n}") for n in range(RATE * SECONDS)]
    for number, frame in enumerate(frames_of(sent, FRAME)):
        await asyncio.sleep(max(0.0, at + number * FRAME / RATE - time.perf_counter()))
        await client.send([frame], senders=1)
    await until(lambda: client.recorded(name), len(sent))
    return tree.cpu_seconds(client.pid) - begun


async def _read(browser: httpx.AsyncClient, query: str, heard: Heard) -> None:
    async with browser.stream("GET", "/events/stream", params={"q": query}) as answer:
        async for line in _data(answer):
            message = json.loads(line)
            heard.characters += len(line)
            if "rows" not in message:
                continue  # what became of rows
            now = time.time()
            heard.skipped += message["skipped"]
            heard.shown |= {row["id"] for row in message["rows"]}
            heard.late += [now - moment(row["received"]) for row in message["rows"]]


async def _data(answer: httpx.Response) -> AsyncIterator[str]:
    async for line in answer.aiter_lines():
        if line.startswith("data: {"):
            yield line.removeprefix("data: ")


async def _signed_in(product: Product) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=BROWSERS + 5)
    browser = httpx.AsyncClient(
        base_url=product.url, follow_redirects=True, timeout=60, limits=limits
    )
    page = await browser.get("/sign-in/")
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token is not None
    form = {"username": product.user, "password": product.password}
    answer = await browser.post("/sign-in/", data=form | {"csrfmiddlewaretoken": token[1]})
    assert answer.url.path == "/", answer.url
    return browser


def main() -> None:
    for product in running_product():
        asyncio.run(measure(product))


if __name__ == "__main__":
    main()
