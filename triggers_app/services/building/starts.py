"""Where an automation begins: events that were seen, and how far to generalize from one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from events_app.domain.event import Event
from events_app.domain.matching import compile_specification, compile_values
from events_app.services import pages as event_pages
from triggers_app.domain.drafting import starting
from triggers_app.domain.drafting.starting import ANY, Choice, Kin, Ladder, Tally
from triggers_app.domain.drafting.widening import is_of_one_occasion
from triggers_app.domain.parsing import parse_trigger
from triggers_app.domain.sentence import trigger_sentence
from triggers_app.engine.keys import compile_key
from triggers_app.engine.selection import Selection
from triggers_app.services.building.numbers import Numbers, numbers_of
from triggers_app.storage import seen
from triggers_app.storage.history_sql import Interest, interest_names
from triggers_app.storage.seen import SeenName

DAYS = 7
NAMES = 10
SAMPLE = 2_000
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class ListedName:
    """A name of events with its last days, the oldest first."""

    name: str
    total: int
    days: list[int]
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Rung:
    """One choice of a step: `count` events of seven days, None where that says nothing.

    `place` is what its field sends; `remark` is said beside it.
    """

    place: str
    word: str
    count: int | None
    chosen: bool
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Steps:
    """The ladder of an event with counts. `exact` is False where they come from a sample."""

    event_id: UUID
    event: Event
    names: list[Rung]
    resources: list[Rung]
    related: list[Rung]
    labels: list[Rung]
    exact: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a choice comes to: its trigger, in words, and the events that it would select."""

    trigger: dict[str, Any]
    sentence: str
    numbers: Numbers


def names_seen(text: str, *, now: datetime) -> list[ListedName]:
    """Up to 10 names that hold a text, those seen last first. One query."""
    days = _days(now)
    return [_listed(one, days) for one in seen.names(text, since=days[0], limit=NAMES)]


def _days(now: datetime) -> list[date]:
    return [now.date() - timedelta(days=DAYS - 1 - n) for n in range(DAYS)]


def _listed(one: SeenName, days: Sequence[date]) -> ListedName:
    return ListedName(one.name, one.total, [one.by_day.get(day, 0) for day in days], one.last)


def newest_of(name: str) -> UUID | None:
    """The event of this name that happened last. One query."""
    return seen.newest_of(name)


def event_of(event_id: UUID) -> Event | None:
    """A recorded event, without its payload. One query."""
    found = event_pages.event_by_id(event_id)
    if found is None:
        return None
    return Event(
        id=found.id,
        occurred=found.occurred,
        event=found.event,
        resource=found.resource,
        related=found.related,
    )


def steps_of(event: Event, choice: Choice | None, *, now: datetime) -> tuple[Steps, Choice]:
    """The steps with counts, and what is chosen: by default what matches tomorrow's, too.

    Two queries: events like it, names.
    """
    ladder = starting.ladder(event)
    since = _days(now)[0]
    alike = seen.like(event.event, limit=SAMPLE)
    recent = [one for one in alike if one.occurred.date() >= since]
    named = _counts_of_names(ladder.names, since)
    exact = len(recent) < SAMPLE
    of_name = named[ladder.names.index(event.event)] if event.event in ladder.names else 0
    count = _Count(recent, 1.0 if exact else of_name / len(recent))
    tally = Tally(len(recent), {one: count.resources(one) for one in ladder.resources})
    if choice is None or not _offered(ladder, choice):
        choice = starting.default_choice(ladder, tally)
    return _steps(ladder, choice, named, count, exact), choice


def _offered(ladder: Ladder, choice: Choice) -> bool:
    return choice.name in ladder.names and choice.resource in ladder.resources


def _counts_of_names(names: Sequence[str], since: date) -> list[int]:
    patterns = [[name] if name != ANY else [] for name in names]
    selections = [Selection(pattern, {}, []) for pattern in patterns]
    conditions = [interest_names(Interest((one,))) for one in selections]
    return seen.counts_of_names(conditions, since=since)


class _Count:
    """Counts in events alike, and what they stand for where they are a sample."""

    def __init__(self, events: Sequence[Event], scale: float) -> None:
        self.events = events
        self.scale = scale

    def scaled(self, count: int) -> int:
        if self.scale <= 1:
            return count
        whole = round(count * self.scale)
        digits = max(len(str(whole)) - 2, 0)
        return round(whole, -digits)

    def resources(self, pattern: str) -> int:
        if pattern == ANY:
            return len(self.events)
        test = compile_values(pattern)
        return sum(test(one.resource_id) for one in self.events)

    def related(self, kin: Kin) -> int:
        test = compile_specification(kin.specification)
        return sum(any(test(other) for other in one.related) for one in self.events) if test else 0

    def values(self, label: str) -> int:
        key = compile_key([label])
        return len({key(one) for one in self.events})


def _steps(
    ladder: Ladder, choice: Choice, named: Sequence[int], count: _Count, exact: bool
) -> Steps:
    event = ladder.event
    return Steps(
        event_id=event.id,
        event=event,
        names=[
            Rung(name, name or "any name", total, name == choice.name)
            for name, total in zip(ladder.names, named, strict=True)
        ],
        resources=[
            _resource(pattern, place, ladder, choice, count)
            for place, pattern in enumerate(ladder.resources)
        ],
        related=[
            Rung(str(kin.place), kin.word, count.scaled(count.related(kin)),
                 kin.place in choice.related, kin.role)
            for kin in ladder.related
        ],
        labels=[
            Rung(label, label, count.values(label), label in choice.each)
            for label in ladder.labels
        ],
        exact=exact,
    )  # fmt: skip


def _resource(pattern: str, place: int, ladder: Ladder, choice: Choice, count: _Count) -> Rung:
    found = count.resources(pattern)
    remark = ""
    if place == 0 and found <= 1 and is_of_one_occasion(ladder.event.resource_id):
        remark = "will never repeat"
    elif place == 0 and found == 1:
        remark = "seen once"
    word = {0: f"exactly {ladder.event.resource_id}"}.get(place, pattern) if pattern else "any"
    return Rung(pattern, word, count.scaled(found), pattern == choice.resource, remark)


def chosen_of(event: Event, choice: Choice, *, now: datetime) -> Chosen:
    """What the choice comes to; its numbers are the engine's. Two queries or three."""
    trigger = starting.trigger_of(starting.ladder(event), choice)
    found = numbers_of({"chosen": trigger}, now=now)["chosen"]
    return Chosen(trigger, trigger_sentence(parse_trigger(trigger)), found)


def automation_around(trigger: dict[str, Any]) -> dict[str, Any]:
    """An automation's document with this trigger, called by its sentence."""
    sentence = trigger_sentence(parse_trigger(trigger)).rstrip(".")
    name = sentence if len(sentence) <= MAX_NAME else f"{sentence[: MAX_NAME - 1]}…"
    return starting.automation_of(trigger, name=name)
