"""Larch's people: what needs one of them becomes a ticket."""

import random
import time


def open_ticket(title: str, details: str = "", priority: str = "normal") -> None:
    """Open a ticket."""
    time.sleep(random.uniform(0.2, 0.6))
    print(f"#{random.randint(4_000, 9_999)} {title}")
    print(f"priority {priority}")
    if details:
        print(details)
