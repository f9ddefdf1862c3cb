"""`make bench`: start Flint in a folder of its own, ask every question, print one table."""

import asyncio
import sys

from bench.client import Client
from bench.scenarios import ALL, Row
from tests.system import Product, running_product


async def measure(product: Product, names: list[str]) -> list[Row]:
    client = Client(product.url, product.key)
    rows: list[Row] = []
    for name in names:
        print(f"… {name}", file=sys.stderr, flush=True)
        rows += await ALL[name](client)
    return rows


def main() -> None:
    names = sys.argv[1:] or list(ALL)
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.exit(f"Unknown: {', '.join(unknown)}. There are: {', '.join(ALL)}.")
    rows: list[Row] = []
    for product in running_product():
        rows = asyncio.run(measure(product, names))
    for label, value, unit in rows:
        print(f"{label:<40}{value:>12,.1f} {unit}")


if __name__ == "__main__":
    main()
