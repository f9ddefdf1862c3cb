"""`make chaos`: kill everything, for minutes, under load, and balance the books.

    python -m tests.chaos [--seconds 180] [--seed 7]

Exit code 1, with what does not balance, when a promise was broken.
"""

import argparse
import random
import sys
import time

from tests.chaos.storm import Storm, at_random
from tests.system import running_product


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    given = parser.parse_args()
    print(f"Seed {given.seed}, {given.seconds:g} s.", flush=True)
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)

    problems: list[str] = []
    for product in running_product():
        books = Storm(product, given.seed, say).survive(at_random(given.seconds))
        print("\n".join(f"    {line}" for line in books.lines))
        problems = books.problems
        if problems:
            print(product.log[-20_000:], file=sys.stderr)
    if problems:
        sys.exit("DOES NOT BALANCE\n" + "\n".join(f"    {line}" for line in problems))
    print("The books balance.")


if __name__ == "__main__":
    main()
