"""`make bench`: start Flint in a folder of its own, ask every question, print one table.

`make bench ARGS="ingest latency"` asks only those. bench/README.md says how each is made.
"""

import asyncio
import os
import sys
import time

from bench import limits
from bench.client import Client, Row
from bench.scenarios import ALL
from tests.system import Product, running_product

TARGETS = {
    "ingest http: recorded": "≥ 15,000",
    "ingest http: lost": "0",
    "ingest ws: recorded": "≥ 8,000",
    "ingest ws: lost": "0",
    "stream: CPU per event and subscriber": "≤ 40",
    "stream: missing": "0",
    "fire: events": "≥ 5,000",
    "fire: runs": "≥ 500",
    "fire: missing or doubled runs": "0",
    "latency: event → run, p50": "≤ 20",
    "latency: event → run, p99": "≤ 60",
    "threshold: events": "≥ 3,000",
    "compound: last step sent → all fired": "≤ 0.3",
    "sequence: last step sent → all fired": "≤ 0.3",
    "absence: lateness max": "≤ 500",
    "absence: missing runs": "0",
    "crash: events lost or doubled": "0",
    "crash: runs missing": "0",
    "crash: runs doubled": "0",
    "memory: PSS of all processes": "≤ 1,200",
    "scale: that is": "≤ 1.2",
}


async def measure(product: Product, names: list[str]) -> list[Row]:
    client = Client(product)
    rows: list[Row] = []
    for name in names:
        begun = time.perf_counter()
        rows += await ALL[name](client)
        print(f"… {name}: {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    return rows


def main() -> None:
    names = sys.argv[1:] or list(ALL)
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.exit(f"Unknown: {', '.join(unknown)}. There are: {', '.join(ALL)}.")
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} before the start", file=sys.stderr)
    rows: list[Row] = []
    for product in running_product():
        rows = limits.measure(product)
        rows += asyncio.run(measure(product, names))
    print(f"{'':<46}{'':>12} {'':<10}target")
    for label, value, unit in rows:
        print(f"{label:<46}{_figure(value):>12} {unit:<10}{TARGETS.get(label, '')}".rstrip())


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.2f}"


if __name__ == "__main__":
    main()
