"""Larch's warehouse: picking, shipping, scanners. Plain functions; some fail now and then."""

import random
import time


def pick_batch(warehouse: str, order: str, lines: int = 3) -> None:
    """Pick the lines of a batch that was completed by `order`."""
    print(f"Picking a batch in {warehouse}; {order} completed it")
    for line in range(1, lines + 1):
        shelf = f"{random.choice('ABCDEF')}-{random.randint(1, 40):02}"
        time.sleep(random.uniform(0.3, 0.7))
        if random.random() < 0.012:
            raise LookupError(f"Shelf {shelf} is empty, but the books say 4")
        print(f"line {line} of {lines}: shelf {shelf}")
    print("Batch is on its way to packing")


def chase_shipment(order: str, customer: str, hours: float = 4) -> None:
    """Ask the carrier where a paid order is."""
    print(f"{order} of {customer} was paid {hours:g} hours ago and has not left")
    time.sleep(random.uniform(0.5, 1.5))
    if random.random() < 0.08:
        raise TimeoutError("The carrier did not answer within 30 s")
    print(random.choice(["Carrier: picked up tomorrow", "Carrier: waits for a pallet"]))


def restart_scanner(scanner: str) -> None:
    """Restart a hand scanner over the air."""
    for attempt in range(1, 4):
        print(f"Waking {scanner}, attempt {attempt}")
        time.sleep(random.uniform(0.4, 0.9))
        if random.random() < 0.55:
            print(f"{scanner} answers again")
            return
    raise ConnectionError(f"{scanner} does not answer; somebody has to look for it")
