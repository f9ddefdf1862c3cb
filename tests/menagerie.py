"""Named events, triggers and automations for tests. Pure; second 0 is `ZERO`."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any, Self
from uuid import UUID, uuid5

import msgspec

from events_app.domain.event import EPOCH, Entry, Event
from events_app.domain.position import StreamId
from project.lib.json_documents import Document
from triggers_app.automation.document import AutomationDocument, with_ids
from triggers_app.automation.engine.evaluator import Evaluator, Version
from triggers_app.automation.engine.outcome import ClosedWindow, Firing, Outcome
from triggers_app.automation.parsing import parse_automation, parse_trigger
from triggers_app.automation.triggers import Trigger, renumber

ZERO_MS = 1_700_000_000_000
ZERO = EPOCH + timedelta(milliseconds=ZERO_MS)
NAMES = UUID("b5b0cbb5-9f9f-4c9d-8d8e-0f6d6f0d7c11")
ETL = UUID("11111111-1111-4111-8111-111111111111")


def named(name: str) -> UUID:
    return uuid5(NAMES, name)


def event(
    name: str = "order.created",
    *,
    at: float = 0,
    resource: str = "order.1",
    labels: Mapping[str, str] | None = None,
    related: Sequence[Mapping[str, str]] = (),
    payload: object = None,
    id: str | None = None,
    follows: str | None = None,
) -> Event:
    """An event that occurred `at` seconds after second 0; `id` and `follows` are names."""
    return Event(
        occurred=ZERO + timedelta(seconds=at),
        event=name,
        resource={"prefect.resource.id": resource, **(labels or {})},
        related=[dict(other) for other in related],
        payload=msgspec.Raw(msgspec.json.encode(payload or {})),
        id=named(id or f"{name} {resource} {at}"),
        follows=None if follows is None else named(follows),
    )


def related(role: str, resource: str, **labels: str) -> dict[str, str]:
    return {"prefect.resource.id": resource, "prefect.resource.role": role, **labels}


def entry(*events: Event, at: float, seq: int = 0, known: Sequence[int] = ()) -> Entry:
    """A log entry received `at` seconds after second 0; `known`: followers of known leaders."""
    return Entry(StreamId(ms(at), seq), list(events), frozenset(known))


def ms(seconds: float) -> int:
    return ZERO_MS + round(seconds * 1000)


def us(seconds: float) -> int:
    return ms(seconds) * 1000


def reactive(*expect: str, **fields: Any) -> Document:
    return {"type": "event", "posture": "Reactive", "expect": list(expect), **fields}


def proactive(*expect: str, **fields: Any) -> Document:
    return {"type": "event", "posture": "Proactive", "expect": list(expect), **fields}


def compound(*children: Document, require: str | int = "all", **fields: Any) -> Document:
    return {
        "type": "compound",
        "require": require,
        "within": None,
        "triggers": list(children),
        **fields,
    }


def sequence(*children: Document, **fields: Any) -> Document:
    return {"type": "sequence", "within": None, "triggers": list(children), **fields}


def run_etl(**fields: Any) -> Document:
    return {"type": "run-deployment", "deployment_id": str(ETL), **fields}


def automation_document(trigger: Document | None = None, **fields: Any) -> Document:
    return {
        "name": "orders to etl",
        "trigger": trigger or reactive("order.created"),
        "actions": [run_etl()],
        **fields,
    }


def automation(trigger: Document | None = None, **fields: Any) -> AutomationDocument:
    """A saved automation: its triggers have ids."""
    return with_ids(parse_automation(automation_document(trigger, **fields)))


def trigger(document: Document) -> Trigger:
    """A parsed trigger whose nodes have the ids "node 0", "node 1" … in declaration order."""
    numbers = count()
    return renumber(parse_trigger(document), lambda _: named(f"node {next(numbers)}"))


def version(
    document: Document,
    *,
    number: int = 1,
    enabled: bool = True,
    guarded: bool = False,
    of: str = "a",
) -> Version:
    return Version(named(of), number, enabled, trigger(document), guarded=guarded)


class Stage:
    """An evaluator with one automation loaded at second 0, and what came of it."""

    def __init__(self, document: Document | None = None, **fields: Any) -> None:
        self.evaluator = Evaluator()
        self.seq = count()
        self.outcome = Outcome()
        self.sent: set[UUID] = set()
        if document is not None:
            self.evaluator.apply(version(document, **fields), log_ms=ZERO_MS)

    def send(self, name: str, at: float, *, occurred: float | None = None, **fields: Any) -> Self:
        """An event alone in its entry, received `at`, occurred then or at `occurred`."""
        sent = event(name, at=at if occurred is None else occurred, **fields)
        known = [0] if sent.follows in self.sent else []
        self.sent.add(sent.id)
        return self.fold(entry(sent, at=at, seq=next(self.seq), known=known))

    def fold(self, *entries: Entry) -> Self:
        for one in entries:
            self.evaluator.fold(one)
        return self

    def until(self, at: float) -> Self:
        self.evaluator.advance(ms(at))
        return self

    @property
    def firings(self) -> list[Firing]:
        self.take()
        return self.outcome.firings

    @property
    def closed(self) -> list[ClosedWindow]:
        self.take()
        return self.outcome.closed

    @property
    def times(self) -> list[float]:
        """When it fired, in seconds since second 0."""
        return [(firing.fired_ms - ZERO_MS) / 1000 for firing in self.firings]

    @property
    def causes(self) -> list[str | None]:
        """The names of the triggering events."""
        return [
            None if firing.triggering is None else firing.triggering.event.event
            for firing in self.firings
        ]

    def take(self) -> None:
        taken = self.evaluator.take()
        for name in ("firings", "windows", "deleted", "closed"):
            getattr(self.outcome, name).extend(getattr(taken, name))
        self.outcome.raised |= taken.raised
