"""Where an automation begins: events that were seen, and how far to generalize from one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from events_app.domain.event import Event
from events_app.reads import events
from triggers_app.automation.engine.keys import compile_key
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.wizard import from_event
from triggers_app.automation.wizard.from_event import Choice, Ladder, ValueTally
from triggers_app.automation.wizard.patterns import is_of_one_event
from triggers_app.automation.wording import trigger_sentence
from triggers_app.builder.numbers.service import Numbers, numbers_of
from triggers_app.storage import name_lookup, seen_names
from triggers_app.storage.name_lookup import Named
from triggers_app.storage.seen_names import SeenName

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
    """One choice of a step. `place` is what its field sends; `remark` is said beside it.

    `numbers` are those of the events that it would select, if nothing else were asked.
    """

    place: str
    word: str
    chosen: bool
    numbers: Numbers | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A label to count apart by, with how many values the newest events of the name had."""

    label: str
    values: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Steps:
    """The ladder of an event with numbers. `sampled`: labels were looked at in newest events."""

    event: Event
    names: list[Rung]
    resources: list[Rung]
    related: list[Rung]
    labels: list[Label]
    sampled: bool


@dataclass(frozen=True, slots=True)
class ChosenStart:
    """What a choice comes to: its trigger, in words, and the events that it would select."""

    trigger: dict[str, Any]
    sentence: str
    numbers: Numbers


def names_seen(text: str, *, now: datetime) -> list[ListedName]:
    """Up to 10 names that hold a text, those seen last first. One query."""
    days = _days(now)
    return [_listed(one, days) for one in seen_names.names(text, since=days[0], limit=NAMES)]


def _days(now: datetime) -> list[date]:
    return [now.date() - timedelta(days=DAYS - 1 - n) for n in range(DAYS)]


def _listed(one: SeenName, days: Sequence[date]) -> ListedName:
    return ListedName(one.name, one.total, [one.by_day.get(day, 0) for day in days], one.last)


def newest_of(name: str) -> UUID | None:
    """The event of this name that happened last. One query."""
    return seen_names.newest_of(name)


def event_of(event_id: UUID) -> Event | None:
    """A recorded event, without its payload. One query."""
    event = events.by_id(event_id)
    if event is None:
        return None
    return Event(
        id=event.id,
        occurred=event.occurred,
        event=event.event,
        resource=event.resource,
        related=event.related,
    )


def steps_of(event: Event, choice: Choice | None, *, now: datetime) -> tuple[Steps, Choice]:
    """The steps with numbers, and what is chosen: by default what matches tomorrow's, too.

    Without a choice among what is offered, the default. Some five queries; those of the numbers
    are remembered for a moment.
    """
    ladder = from_event.ladder(event)
    numbers = numbers_of(_nodes(ladder), now=now)
    if choice is None or not _offered(ladder, choice):
        choice = from_event.default_choice(ladder, _tally(ladder, numbers))
    alike = seen_names.like(event.event, limit=SAMPLE)
    steps = Steps(
        event=event,
        names=_names(ladder, choice, numbers),
        resources=_resources(ladder, choice, numbers),
        related=_related(ladder, choice, numbers),
        labels=_labels(ladder, choice, alike),
        sampled=len(alike) == SAMPLE,
    )
    return steps, choice


def _offered(ladder: Ladder, choice: Choice) -> bool:
    return choice.name in ladder.names and choice.resource in ladder.resources


def _nodes(ladder: Ladder) -> dict[str, dict[str, Any]]:
    """A trigger for each choice, all else left open: what its number is counted of."""
    name = ladder.names[0]
    choices = {
        **{f"name {place}": Choice(one) for place, one in enumerate(ladder.names)},
        **{f"resource {n}": Choice(name, one) for n, one in enumerate(ladder.resources)},
        **{f"related {kin.place}": Choice(name, related=[kin.place]) for kin in ladder.related},
    }
    return {key: from_event.trigger_of(ladder, choice) for key, choice in choices.items()}


def _tally(ladder: Ladder, numbers: Mapping[str, Numbers]) -> ValueTally:
    counts = [numbers[f"resource {n}"].met for n in range(len(ladder.resources))]
    # The last one narrows nothing.
    return ValueTally(counts[-1], dict(zip(ladder.resources, counts, strict=True)))


def _names(ladder: Ladder, choice: Choice, numbers: Mapping[str, Numbers]) -> list[Rung]:
    return [
        Rung(name, name or "any name", name == choice.name, numbers[f"name {place}"])
        for place, name in enumerate(ladder.names)
    ]


def _resources(ladder: Ladder, choice: Choice, numbers: Mapping[str, Numbers]) -> list[Rung]:
    own, *wider = (numbers[f"resource {n}"] for n in range(len(ladder.resources)))
    event_id = ladder.event.resource_id
    once = "seen once" if own.met == 1 else ""
    remark = "will never repeat" if own.met <= 1 and is_of_one_event(event_id) else once
    pattern = ladder.resources[0]
    return [
        Rung(pattern, f"exactly {event_id}", pattern == choice.resource, own, remark),
        *(
            Rung(pattern, pattern or "any", pattern == choice.resource, pair)
            for pattern, pair in zip(ladder.resources[1:], wider, strict=True)
        ),
    ]


def _related(ladder: Ladder, choice: Choice, numbers: Mapping[str, Numbers]) -> list[Rung]:
    return [
        Rung(
            str(kin.place),
            kin.word,
            kin.place in choice.related,
            numbers[f"related {kin.place}"],
            kin.role,
        )
        for kin in ladder.related
    ]


def _labels(ladder: Ladder, choice: Choice, alike: Sequence[Event]) -> list[Label]:
    keys = {label: compile_key([label]) for label in ladder.labels}
    return [
        Label(label, len({key(one) for one in alike}), label in choice.each)
        for label, key in keys.items()
    ]


def chosen_of(event: Event, choice: Choice, *, now: datetime) -> ChosenStart:
    """What the choice comes to; its numbers are the engine's. Two queries or three."""
    trigger = from_event.trigger_of(from_event.ladder(event), choice)
    numbers = numbers_of({"chosen": trigger}, now=now)["chosen"]
    return ChosenStart(trigger, trigger_sentence(parse_trigger(trigger)), numbers)


def trigger_of(event: Event, choice: Choice) -> dict[str, Any]:
    """The document of the trigger that a choice makes."""
    return from_event.trigger_of(from_event.ladder(event), choice)


def automation_around(trigger: dict[str, Any]) -> dict[str, Any]:
    """An automation's document with this trigger, called by its sentence."""
    sentence = trigger_sentence(parse_trigger(trigger)).rstrip(".")
    name = sentence if len(sentence) <= MAX_NAME else f"{sentence[: MAX_NAME - 1]}…"
    return from_event.automation_of(trigger, name=name)


def deployments() -> list[Named]:
    """The first 200 by name, to choose one of. One query."""
    return name_lookup.deployments(())
