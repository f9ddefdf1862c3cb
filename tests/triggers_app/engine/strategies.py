"""Small, adversarial worlds: automations, edits of them, and a log. For Hypothesis.

Alphabets are tiny so that events meet: the same millisecond, out of order, late, from the
future, and right at deadlines or a millisecond beside them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from events_app.domain.event import EPOCH, Entry, Event
from events_app.domain.position import StreamId
from tests.menagerie import ZERO_MS, Document, named
from triggers_app.domain.parsing import parse_trigger
from triggers_app.domain.triggers import Trigger
from triggers_app.engine.evaluator import Version

AUTOMATIONS = ["one", "two"]
NAMES = ["a", "b", "a.b"]
PATTERNS = st.sampled_from(["a", "a", "a", "b", "b", "a.b", "a*", "*", "*.b", "?", "!b", "none"])
RESOURCE = "prefect.resource.id"
FOR_EACH = st.sampled_from(
    [[], [], [RESOURCE], [RESOURCE], ["site"], ["site", RESOURCE], ["related:owner:team"]]
)
# Milliseconds at which windows of 0, 10 and 60 s end, are swept, or stop reaching back.
EDGES = [0, 0, 0, 0, 1_000, 5_000, 10_000, 20_000, 60_000, 70_000, 120_000, 900_000]
GAPS = st.builds(
    lambda edge, beside: max(0, edge + beside),
    st.sampled_from(EDGES),
    st.sampled_from([0, 0, -1, 1]),
)
# Event time minus log time, in microseconds; beyond 0 the clock of the sender is ahead.
SKEWS = st.one_of(
    st.just(0),
    st.just(0),
    GAPS.map(lambda ms: -ms * 1000),
    st.sampled_from([-500, -9_999_500, 1_000, 10**7, 10**11, -(10**11), -2_400_000_000]),
)
# Which events follow which: entries back or ahead, to the first event there.
LED: list[tuple[Any, int | None]] = [(1, 0), (1, -1), (0, 1), (1, 1), (2, 2), (0, -2)]
MATCHES = st.sampled_from([{}, {}, {}, {RESOURCE: "x"}, {"site": ["!n", "q"]}, {RESOURCE: "[xy]"}])
MATCHES_RELATED = st.sampled_from(
    [{}, {}, {}, {"team": "red"}, [{"prefect.resource.role": "owner"}, {"team": "b*"}]]
)


@st.composite
def leaves(draw: st.DrawFn, for_each: list[str] | None = None) -> Document:
    proactive = draw(st.booleans())
    return {
        "type": "event",
        "posture": "Proactive" if proactive else "Reactive",
        "after": draw(st.lists(PATTERNS, max_size=2) if draw(st.booleans()) else st.just([])),
        "expect": draw(st.lists(PATTERNS, max_size=2)),
        "for_each": draw(FOR_EACH) if for_each is None else for_each,
        "threshold": draw(st.sampled_from([1, 1, 1, 2, 2, 3, 4, 0, -1])),
        "within": draw(st.sampled_from([10, 60] if proactive else [0, 0, 10, 60])),
        "match": draw(MATCHES),
        "match_related": draw(MATCHES_RELATED),
    }


@st.composite
def composites(draw: st.DrawFn, depth: int, keys: list[str] | None = None) -> Document:
    for_each = keys if keys is not None else draw(st.sampled_from([[], [], [RESOURCE]]))
    children = st.one_of(
        leaves(for_each=for_each or None),
        composites(depth - 1, for_each or None) if depth > 1 else st.nothing(),
    )
    triggers = draw(st.lists(children, min_size=0 if depth > 1 else 1, max_size=3))
    document: Document = {
        "type": draw(st.sampled_from(["compound", "sequence"])),
        "triggers": triggers,
        "within": draw(st.sampled_from([None, 0, 10, 60, -10])),
        "for_each": for_each,
    }
    if document["type"] == "compound":
        numbers = st.integers(1, len(triggers)) if triggers else st.just("all")
        document["require"] = draw(st.one_of(st.sampled_from(["any", "all"]), numbers))
    return document


TRIGGERS = st.one_of(leaves(), leaves(), composites(1), composites(2))


@dataclass(frozen=True)
class Applied:
    """From this log time on, this version applies; None: the automation is deleted."""

    automation_id: UUID
    log_ms: int
    version: Version | None


Step = Applied | Entry


@dataclass(frozen=True)
class World:
    """What happens, in the order of the log, and until when log time is looked at."""

    steps: list[Step]
    until_ms: int

    def __repr__(self) -> str:
        return "\n".join(["", *map(_described, self.steps), f"until {self.until_ms - ZERO_MS}"])


@st.composite
def worlds(
    draw: st.DrawFn, triggers: st.SearchStrategy[Document] = TRIGGERS, max_size: int = 14
) -> World:
    documents = draw(st.lists(triggers, min_size=1, max_size=3))
    steps: list[Step] = []
    now = ZERO_MS
    for number, name in enumerate(AUTOMATIONS[: len(documents)]):
        steps.append(_applied(name, now, number, documents[number], True))
    seen: set[UUID] = set()
    kinds = draw(st.lists(st.sampled_from("eeeeeeeeec"), max_size=max_size))
    for number, kind in enumerate(kinds):
        now += draw(GAPS)
        if kind == "e":
            steps.append(draw(entries(now, 8 + number, seen)))
        else:
            name = draw(st.sampled_from(AUTOMATIONS))
            document = draw(st.sampled_from([None, *documents]))
            steps.append(_applied(name, now, 10 + number, document, draw(st.booleans())))
    return World(steps, now + draw(st.sampled_from([0, 10_000, 135_000, 2_000_000])))


@st.composite
def entries(draw: st.DrawFn, ms: int, number: int, seen: set[UUID]) -> Entry:
    """An entry as the log makes it; `seen` are the ids of the events before it."""
    made: list[Event] = []
    known_leaders = set()
    for index, fields in enumerate(draw(st.lists(events_at(ms), max_size=3))):
        # The first id comes again now and then: the log forgets ids after some minutes.
        own, leader = draw(st.sampled_from([(index, None)] * 5 + [("first", None), *LED]))
        id = named("first" if own == "first" else f"{number}.{own}")
        if id in [event.id for event in made]:
            continue
        follows = None if leader is None else named(f"{number + leader}.0")
        if follows in seen:
            known_leaders.add(len(made))
        seen.add(id)
        made.append(Event(id=id, follows=follows, **fields))
    return Entry(StreamId(ms, number), made, frozenset(known_leaders))


@st.composite
def events_at(draw: st.DrawFn, ms: int) -> dict[str, Any]:
    resource = {RESOURCE: draw(st.sampled_from(["x", "x", "y"]))}
    site = draw(st.sampled_from(["", "n", "q"]))
    related = {RESOURCE: "o", "prefect.resource.role": "owner"}
    team = draw(st.sampled_from([None, None, "red", "blue", ""]))
    return {
        "occurred": EPOCH + timedelta(microseconds=ms * 1000 + draw(SKEWS)),
        "event": draw(st.sampled_from([*NAMES, *NAMES, "prefect.log.write"])),
        "resource": resource | ({"site": site} if site else {}),
        "related": [related | ({"team": team} if team else {})] if team is not None else [],
    }


def _applied(name: str, ms: int, number: int, document: Document | None, enabled: bool) -> Applied:
    version = None
    if document is not None:
        trigger = identified(parse_trigger(document), name)
        version = Version(named(name), number, enabled, trigger)
    return Applied(named(name), ms, version)


def identified(trigger: Trigger, path: str) -> Trigger:
    """Ids as authoring gives them: a node that is equal to the one it replaces keeps its id."""
    update: dict[str, Any] = {"id": named(f"{path} {trigger.model_dump_json()}")}
    if trigger.children:
        update["triggers"] = [
            identified(child, f"{path}/{number}") for number, child in enumerate(trigger.children)
        ]
    return trigger.model_copy(update=update)


def entries_of(world: World) -> Iterator[Entry]:
    return (step for step in world.steps if isinstance(step, Entry))


def _described(step: Step) -> str:
    if isinstance(step, Applied):
        version = step.version
        trigger = version and version.trigger.model_dump_json()
        enabled = version and version.enabled
        return f"{step.log_ms - ZERO_MS}: apply {step.automation_id} {enabled=} {trigger}"
    events = [
        (one.event, (one.occurred - EPOCH) / timedelta(milliseconds=1) - ZERO_MS, one.resource)
        + ((one.related,) if one.related else ())
        + (str(one.id)[:6],)
        + ((f"after {str(one.follows)[:6]}",) if one.follows else ())
        for one in step.events
    ]
    return f"{step.id.ms - ZERO_MS}: {events}"
