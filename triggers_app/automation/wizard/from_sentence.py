"""Sentences with gaps, each of which makes a trigger: the quickest way to begin. Pure.

A sentence is a row of words and fields. What somebody wrote into the fields comes as texts by
the fields' names; problems are located by the same names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE
from project.lib.durations import parse_duration
from project.lib.json_documents import Document
from project.lib.problems import Invalid, Problem
from triggers_app.automation.triggers import METRIC_MINIMUM, PROACTIVE_MINIMUM

Kind = Literal["event", "duration", "count", "number", "choice", "label", "deployment"]
Make = Callable[["_Read"], Document]
MOST_TIMES = 1_000_000
OPERATORS = {"above": ">", "at or above": ">=", "below": "<", "at or below": "<="}
METRICS = {
    "duration": "the average duration of runs, in seconds,",
    "lateness": "the average lateness of runs, in seconds,",
    "successes": "the share of runs that succeed (0 to 1)",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """A field within a sentence. `label` is what it is called when it is read aloud."""

    name: str
    label: str
    kind: Kind
    value: str = ""
    options: Sequence[tuple[str, str]] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class Sentence:
    """`key` is its address, `title` the sentence in short, `hint` what it is good for."""

    key: str
    title: str
    hint: str
    parts: Sequence[str | Gap]
    make: Make

    @property
    def gaps(self) -> list[Gap]:
        return [part for part in self.parts if isinstance(part, Gap)]


@dataclass(slots=True)
class _Read:
    """The texts of a form on their way to values; `problems` grows."""

    fields: Mapping[str, str]
    gaps: Mapping[str, Gap]
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def event(self, name: str) -> str:
        text = self.text(name)
        if not text and self.gaps[name].required:
            self.wrong(name, "Say which event, such as order.placed. A `*` stands for any ending.")
        return text

    def seconds(self, name: str, *, least: float = 0) -> float:
        try:
            seconds = _seconds(self.text(name))
        except (ValueError, OverflowError):
            self.wrong(name, "Write a time such as 30 s, 15 min, 12 h or 7 d.")
            return least
        if seconds < least or seconds <= 0:
            self.wrong(name, f"This must be at least {least or 1:g} seconds.")
        return seconds

    def count(self, name: str, *, least: int = 1, most: int = MOST_TIMES) -> int:
        text = self.text(name)
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
        if not least <= number <= most:
            self.wrong(name, f"Write a whole number from {least} to {most:,}.")
        return number

    def number(self, name: str) -> float:
        try:
            number = float(self.text(name))
        except ValueError:
            number = float("nan")
        if not abs(number) < 1e15:
            self.wrong(name, "Write a number, such as 600 or 0.95.")
        return number

    def choice(self, name: str) -> str:
        text = self.text(name)
        known = [value for value, _ in self.gaps[name].options]
        if text not in known:
            self.wrong(name, "Choose one of the list.")
        return text

    def wrong(self, name: str, sentence: str) -> None:
        self.problems.append(Problem((name,), sentence))


def trigger_of_sentence(sentence: Sentence, fields: Mapping[str, str]) -> Document:
    """The trigger's document. Raises Invalid, located by the names of the gaps."""
    read = _Read(fields, {gap.name: gap for gap in sentence.gaps})
    document = sentence.make(read)
    if read.problems:
        raise Invalid(read.problems)
    return document


def _seconds(text: str) -> float:
    """As documents write it, or in words: `30 min`, `2 hours`, `a day`. Raises ValueError."""
    try:
        return parse_duration(text).total_seconds()
    except ValueError:
        return parse_duration(_short(text)).total_seconds()


def _short(text: str) -> str:
    words = {"a": "1", "an": "1", "one": "1", "and": ""}
    parts = [words.get(part, part) for part in text.lower().replace(",", " ").split()]
    joined = "".join(parts)
    for word, unit in _UNITS:
        joined = joined.replace(word, unit)
    return joined


_UNITS = (
    *(("milliseconds", "ms"), ("millisecond", "ms")),
    *(("seconds", "s"), ("second", "s"), ("secs", "s"), ("sec", "s")),
    *(("minutes", "m"), ("minute", "m"), ("mins", "m"), ("min", "m")),
    *(("hours", "h"), ("hour", "h"), ("hrs", "h"), ("hr", "h")),
    *(("days", "d"), ("day", "d"), ("weeks", "w"), ("week", "w")),
)


def _event(name: str, **more: Any) -> Document:
    base = {"type": "event", "posture": "Reactive", "expect": [name] if name else []}
    plain: Document = {"match": {}, "match_related": {}, "for_each": [], "after": []}
    return {**base, **plain, "threshold": 1, "within": 0, **more}


def _happens(read: _Read) -> Document:
    return _event(read.event("event"))


def _absent(read: _Read) -> Document:
    after, each = read.event("after"), read.text("each")
    return _event(
        read.event("event"),
        posture="Proactive",
        after=[after] if after else [],
        for_each=[each] if each else [],
        within=read.seconds("within", least=PROACTIVE_MINIMUM.total_seconds()),
    )


def _often(read: _Read) -> Document:
    each = read.text("each")
    return _event(
        read.event("event"),
        threshold=read.count("times", least=2),
        within=read.seconds("within"),
        for_each=[each] if each else [],
    )


def _then(read: _Read) -> Document:
    triggers = [_event(read.event("first")), _event(read.event("second"))]
    return {"type": "sequence", "within": read.seconds("within"), "triggers": triggers}


def _both(read: _Read) -> Document:
    triggers = [_event(read.event("first")), _event(read.event("second"))]
    whole = {"type": "compound", "require": "all", "within": read.seconds("within")}
    return {**whole, "triggers": triggers}


def _some(read: _Read) -> Document:
    names = [name for name in map(read.event, ("first", "second", "third", "fourth")) if name]
    least = read.count("require", most=max(len(names), 1))
    whole = {"type": "compound", "require": least, "within": read.seconds("within")}
    return {**whole, "triggers": [_event(name) for name in names]}


def _number(read: _Read) -> Document:
    deployment, minimum = read.text("deployment"), METRIC_MINIMUM.total_seconds()
    related = {RESOURCE_ROLE: "deployment", RESOURCE_ID: f"prefect.deployment.{deployment}"}
    metric = {
        "name": read.choice("metric"),
        "operator": OPERATORS.get(read.choice("operator"), ">"),
        "threshold": read.number("threshold"),
        "range": minimum,
        "firing_for": read.seconds("firing_for", least=minimum),
    }
    return {
        **{"type": "metric", "posture": "Metric", "match": {}},
        **{"match_related": related if deployment else {}, "metric": metric},
    }


def _name(name: str, label: str, *, required: bool = True) -> Gap:
    return Gap(name, label, "event", required=required)


_WITHIN = Gap("within", "Time", "duration", "30 min")
_EACH = Gap("each", "Label to count apart by", "label", required=False)
SENTENCES: dict[str, Sentence] = {
    sentence.key: sentence
    for sentence in (
        Sentence(
            "happens",
            "When … happens",
            "Run something for every order.",
            ("When", _name("event", "Event"), "happens"),
            _happens,
        ),
        Sentence(
            "absent",
            "When … does not happen within …",
            "Notice that a heartbeat, a file or an answer stayed away.",
            (
                *("When", _name("event", "Event that stays away"), "does not happen within"),
                *(_WITHIN, "after", _name("after", "Event that it follows", required=False)),
                *("for each", _EACH),
            ),
            _absent,
        ),
        Sentence(
            "then",
            "When …, and then …",
            "A file landed, and then its checksum.",
            (
                *("When", _name("first", "First event"), "and then"),
                *(_name("second", "Second event"), "happen within", _WITHIN),
            ),
            _then,
        ),
        Sentence(
            "both",
            "When both … and … happen",
            "Two things are ready, whichever comes first.",
            (
                *("When", _name("first", "One event"), "and"),
                *(_name("second", "The other event"), "both happen within", _WITHIN),
            ),
            _both,
        ),
        Sentence(
            "some",
            "When n of … happen",
            "Two of three regions reported.",
            (
                *("When at least", Gap("require", "How many of them", "count", "2"), "of"),
                *(_name("first", "First event"), ",", _name("second", "Second event"), ","),
                *(_name("third", "Third event", required=False), ","),
                *(_name("fourth", "Fourth event", required=False), "happen within", _WITHIN),
            ),
            _some,
        ),
        Sentence(
            "often",
            "When … happens n times within …",
            "Five failed payments of one customer in ten minutes.",
            (
                *("When", _name("event", "Event"), "happens at least"),
                *(Gap("times", "How often", "count", "5"), "times within"),
                *(Gap("within", "Time", "duration", "10 min"), "for each", _EACH),
            ),
            _often,
        ),
        Sentence(
            "number",
            "When a number stays above …",
            "Runs of a deployment have become slow.",
            (
                *("When", Gap("metric", "Number", "choice", "duration", tuple(METRICS.items()))),
                *("of", Gap("deployment", "Deployment", "deployment", required=False), "stays"),
                Gap("operator", "Comparison", "choice", "above", tuple((o, o) for o in OPERATORS)),
                Gap("threshold", "Limit", "number", "600"),
                *("for", Gap("firing_for", "Time", "duration", "10 min")),
            ),
            _number,
        ),
    )
}
