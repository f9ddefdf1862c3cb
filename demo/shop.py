"""Larch's shop and warehouse: orders, payments, scanners, tickets. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from demo.happenings import Happening, Stretch, happening, rhythm

WAREHOUSES = {"DE": "hamburg", "FR": "lyon", "PL": "poznan", "AT": "hamburg", "ES": "lyon"}
SCANNERS = [f"scanner-{number}" for number in range(1, 6)]
GOODS = ["birch shelf", "oak table", "larch bench", "linen chair", "ash bed", "pine stool"]
ORDERS = rhythm(350, peaks=(11, 19))
TICKETS = rhythm(16, peaks=(10, 15), night=0.01)
ERRORS = rhythm(110, peaks=(12, 20))
BULK_DAYS_AGO, OUTAGE_DAYS_AGO, AHEAD_DAYS_AGO, DEAD_DAYS_AGO = 3, 5, 2, 1


def shop(stretch: Stretch) -> Iterator[Happening]:
    """Everything that begins in the stretch; what follows may lie behind its end."""
    for moment in stretch.arrivals(ORDERS):
        yield from _order(stretch, moment)
        if _bulk(stretch, moment):
            yield from _order(stretch, moment + timedelta(seconds=40))
    for moment in stretch.arrivals(ERRORS):
        for _ in range(6 if _outage(stretch, moment) else 1):
            yield _checkout_error(stretch, moment)
    for moment in stretch.arrivals(TICKETS):
        yield _ticket(stretch, moment)
    yield from _heartbeats(stretch)


def _bulk(stretch: Stretch, moment: datetime) -> bool:
    """An afternoon when a hotel chain orders: many and large orders."""
    return stretch.days_ago(moment) == BULK_DAYS_AGO and 13 <= moment.hour < 17


def _outage(stretch: Stretch, moment: datetime) -> bool:
    """An evening when the payment provider was hardly there."""
    return stretch.days_ago(moment) == OUTAGE_DAYS_AGO and moment.hour == 19


def _order(stretch: Stretch, placed_at: datetime) -> Iterator[Happening]:
    random = stretch.random
    number = f"{int(placed_at.timestamp() * 10) % 10_000_000:07}"
    customer = f"c-{int(random.triangular(1, 400, 20)):04}"
    country = random.choices(list(WAREHOUSES), weights=[45, 25, 15, 9, 6])[0]
    bulk = _bulk(stretch, placed_at)
    lines = random.randint(16, 26) if bulk else random.randint(1, 6)
    labels = {
        "prefect.resource.name": f"Order {number}",
        "customer": customer,
        "country": country,
        "warehouse": WAREHOUSES[country],
        "channel": random.choices(["web", "app", "phone"], weights=[60, 33, 7])[0],
    }
    payload = {
        "amount": round(lines * random.lognormvariate(4.2, 0.6), 2),
        "currency": "EUR",
        "lines": lines,
        "goods": random.sample(GOODS, min(lines, 3)),
    }
    about = {"customer": f"customer.{customer}"}
    placed = happening(
        stretch,
        placed_at,
        "order.placed",
        f"order.{number}",
        labels,
        related=about,
        payload=payload,
    )
    paid_at = placed_at + stretch.after(random.uniform(20, 200))
    failures = list(_failed_payments(stretch, placed_at, number, customer))
    yield from failures
    if failures:
        paid_at = failures[-1].received + stretch.after(random.uniform(30, 240))
    if random.random() < (0.45 if len(failures) > 2 else 0.01):
        yield placed
        return
    # The shop's two servers do not wait for each other: now and then the payment comes first.
    swapped = random.random() < 0.02
    if swapped:
        late = paid_at + timedelta(seconds=random.uniform(2, 15))
        placed = Happening(late, placed.event)
    yield placed
    follows = placed.event.id if paid_at - placed_at < timedelta(minutes=4) else None
    yield happening(
        stretch,
        paid_at,
        "order.paid",
        f"order.{number}",
        labels,
        related=about,
        payload=payload,
        follows=follows,
    )
    yield from _journey(stretch, paid_at, number, labels, about)


def _failed_payments(
    stretch: Stretch, placed_at: datetime, number: str, customer: str
) -> Iterator[Happening]:
    random = stretch.random
    attempts = 0
    if random.random() < (0.7 if _outage(stretch, placed_at) else 0.07):
        attempts = random.choices([1, 2, 3, 4], weights=[50, 20, 22, 8])[0]
    moment = placed_at
    for attempt in range(1, attempts + 1):
        moment += stretch.after(random.uniform(25, 110))
        yield happening(
            stretch,
            moment,
            "payment.failed",
            f"payment.{number}.{attempt}",
            {"customer": customer, "provider": "payfort", "order": f"larch.order.{number}"},
            related={"customer": f"customer.{customer}", "order": f"order.{number}"},
            payload={"attempt": attempt, "code": random.choice(["declined", "timeout", "3ds"])},
        )


def _journey(
    stretch: Stretch,
    paid_at: datetime,
    number: str,
    labels: dict[str, str],
    about: dict[str, str],
) -> Iterator[Happening]:
    """What happens to an order that was paid: one in fifty leaves late, a few never."""
    random = stretch.random
    fate = random.random()
    if fate < 0.006:
        return
    hours = random.uniform(4.1, 7) if fate < 0.026 else random.triangular(0.6, 3.8, 1.5)
    shipped_at = paid_at + stretch.after(hours * 3600)
    carrier = {"carrier": random.choice(["dachs", "gls", "posten"])}
    given = (f"order.{number}", labels | carrier)
    yield happening(stretch, shipped_at, "order.shipped", *given, related=about)
    if random.random() < 0.05:
        article = random.choice(GOODS).replace(" ", "-")
        yield happening(
            stretch,
            shipped_at,
            "stock.low",
            f"sku.{article}",
            {"warehouse": labels["warehouse"]},
            payload={"left": random.randint(0, 5)},
        )
    delivered_at = shipped_at + stretch.after(random.uniform(16, 52) * 3600)
    # Drivers' phones send what they know when they are back in the network.
    offline = stretch.after(random.uniform(300, 5400) if random.random() < 0.08 else 1)
    yield happening(
        stretch,
        delivered_at + offline,
        "order.delivered",
        *given,
        related=about,
        occurred=delivered_at,
    )
    if random.random() < 0.02:
        requested_at = delivered_at + stretch.after(random.uniform(2, 20) * 3600)
        yield happening(stretch, requested_at, "order.refund.requested", *given, related=about)


def _checkout_error(stretch: Stretch, moment: datetime) -> Happening:
    moment += timedelta(seconds=stretch.random.uniform(0, 20))
    code = stretch.random.choice([502, 503, 504, 504])
    labels = {"service": "checkout", "region": stretch.random.choice(["eu-1", "eu-2"])}
    payload = {"status": code, "path": "/checkout/pay"}
    return happening(stretch, moment, "checkout.error", "service.checkout", labels, payload=payload)


def _ticket(stretch: Stretch, moment: datetime) -> Happening:
    random = stretch.random
    phone = random.random() < 0.3
    subject = random.choice(
        ["Where is my bench?", "A leg is missing", "Invoice for a company", "Wrong color"]
    )
    customer = f"c-{random.randint(1, 400):04}"
    # The old form of the call center knows no tier; a template that asks for it fails.
    payload: dict[str, Any] = {"subject": subject, "customer_id": customer}
    if not phone:
        tier = random.choice(["gold", "plain"])
        payload = {"subject": subject, "customer": {"id": customer, "tier": tier}}
    labels = {
        "priority": "urgent" if random.random() < 0.25 else "normal",
        "channel": "phone" if phone else "web",
    }
    ticket = f"ticket.{int(moment.timestamp()) % 1_000_000:06}"
    return happening(stretch, moment, "support.ticket.opened", ticket, labels, payload=payload)


def _heartbeats(stretch: Stretch) -> Iterator[Happening]:
    """Each scanner is heard of every ten minutes, except when it is silent."""
    every = 600
    for index, scanner in enumerate(SCANNERS):
        tick = int(stretch.start.timestamp()) // every * every + index * 97
        while tick < stretch.end.timestamp() + every:
            moment = datetime.fromtimestamp(tick, stretch.start.tzinfo)
            moment += timedelta(seconds=Random(f"{scanner}/{tick}").uniform(0, 25))
            tick += every
            if stretch.start <= moment < stretch.end and not _silent(stretch, scanner, moment):
                yield _heartbeat(stretch, scanner, moment)


def _heartbeat(stretch: Stretch, scanner: str, moment: datetime) -> Happening:
    ahead = scanner == "scanner-4" and stretch.days_ago(moment) == AHEAD_DAYS_AGO
    occurred = moment + timedelta(minutes=11) if ahead and moment.hour >= 11 else None
    number = int(scanner.rpartition("-")[2])
    return happening(
        stretch,
        moment,
        "scanner.heartbeat",
        f"scanner.{number}",
        {"scanner": scanner, "warehouse": ["hamburg", "lyon", "poznan"][number % 3]},
        payload={"battery": stretch.random.randint(20, 100)},
        occurred=occurred,
    )


def _silent(stretch: Stretch, scanner: str, moment: datetime) -> bool:
    chance = Random(f"{scanner}/{moment.date()}")
    hour, hours = chance.uniform(6, 20), chance.uniform(0.6, 1.6)
    if scanner == "scanner-2" and stretch.days_ago(moment) == DEAD_DAYS_AGO:
        return 5 <= moment.hour < 14
    now = moment.hour + moment.minute / 60
    return chance.random() < 0.35 and hour <= now < hour + hours
