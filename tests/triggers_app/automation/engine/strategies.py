"""Small, adversarial worlds: automations, edits of them, and a log. For Hypothesis.

Alphabets are tiny so that events meet: in the same millisecond, out of order, late, from
the future, and right at deadlines or a millisecond beside them. Everything is drawn from
few flat choices and built in plain Python: drawing is what such tests spend their time on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from events_app.domain.causes import causes_label
from events_app.domain.event import EPOCH, Entry, Event, to_us
from events_app.domain.position import StreamId
from project.lib.json_documents import Document
from tests.menagerie import ZERO_MS, named
from triggers_app.automation.engine.evaluator import Version
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.triggers import Trigger

RESOURCE, ROLE = "prefect.resource.id", "prefect.resource.role"
AUTOMATIONS = ("one", "two")

# Milliseconds at which windows of 0, 10 and 60 s end, are swept, or stop reaching back, and
# at which followers are given up and held events forgotten; and one beside each.
EDGES = (10_000, 10_000, 60_000, 70_000, 120_000, 900_000)
BESIDE = [edge + beside for edge, beside in product(EDGES, (-1, 0, 0, 1))]
GAPS = st.sampled_from([*([0] * 16), 1, 1_000, 1_000, 5_000, 20_000, *BESIDE, 1_790_000])
# Event time minus log time in microseconds; above 0 the sender's clock is ahead.
FAR = [-500, -9_999_500, -1_200_000_000, -(10**11), 1_000, 10**7, 10**11]
LATE = [1, 1_000, 1_000, 5_000, 5_000, *BESIDE]
SKEWS = st.sampled_from([*([0] * 32), *(-1000 * late for late in LATE), *FAR])
WHAT = st.sampled_from([*["a", "b"] * 6, "a.b", "prefect.log.write"])
OWNER = {RESOURCE: "o", ROLE: "owner"}
RED = OWNER | {"team": "red"}
# Of two with the same role only the first one's labels make the key.
RELATED: list[list[dict[str, str]]] = [[], [], [RED], [OWNER, RED]]
WHOSE: list[tuple[dict[str, str], list[dict[str, str]]]] = [
    ({RESOURCE: resource} | ({"site": site} if site else {}), related)
    for resource, site, related in product(["x", "x", "x", "y"], ["", "", "n"], RELATED)
]
# Which event of which entry an event follows (entries back or ahead, index there); most none.
LEADERS = st.sampled_from([*([None] * 14), (0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (-1, 0)])
# Which automation, which of the world's triggers (none: deleted), disabled or not.
EDITS = [*product(AUTOMATIONS, range(3), [True]), ("one", 0, False), ("two", None, False)]


def steps(
    gaps: st.SearchStrategy[int],
    skews: st.SearchStrategy[int],
    leaders: st.SearchStrategy[tuple[int, int] | None],
) -> st.SearchStrategy[Any]:
    events = st.tuples(WHAT, skews, st.sampled_from(WHOSE), leaders, st.integers(0, 19))
    edits = st.sampled_from([*([None] * 72), *EDITS])
    return st.tuples(gaps, st.lists(events, min_size=1, max_size=3), edits)


STEPS = steps(GAPS, SKEWS, LEADERS)
# Senders that lag by less and by more than a window lasts, and followers that wait through ends.
LAGGING = steps(
    st.sampled_from([0, 0, 1_000, 1_000, 2_000, 5_000, 9_000, 10_000, 60_000, 900_000]),
    st.sampled_from([0, 0, *(-1_000_000 * lag for lag in (1, 5, 5, 8, 12, 20, 60)), 1_000_000]),
    st.sampled_from([None, None, None, (0, 1), (-1, 0), (-1, 0), (-2, 0), (1, 0)]),
)

PATTERNS = [*([["a"]] * 6), *([["b"]] * 3), ["a", "b"], ["a*"], ["*"], ["*.b"], ["?", "b"], ["!b"]]
KEYS: list[list[str]] = [[], [], [], [RESOURCE], [RESOURCE], ["site", RESOURCE]]
KEYS.append(["related:owner:team"])
MATCHES: list[tuple[Any, Any]] = [
    *([({}, {})] * 10),
    ({RESOURCE: "x"}, {}),
    ({"site": ["!n", "q"]}, {}),
    ({RESOURCE: "[!y]"}, {"team": "r*"}),
    ({}, [{ROLE: "owner"}, {"team": ["red", "blue"]}]),
]
LEAVES = st.tuples(
    st.booleans(),
    st.sampled_from([*([[]] * 20), *PATTERNS]),
    st.sampled_from([*([[]] * 5), *PATTERNS]),
    st.sampled_from(KEYS),
    st.sampled_from([*([1] * 10), 2, 2, 2, 2, 3, 4, 0, -1]),
    st.sampled_from([0, 0, 10, 10, 10, 60]),
    st.sampled_from(MATCHES),
).map(lambda fields: _leaf(*fields))

ABSENCES = st.tuples(
    st.just(True),
    st.sampled_from([[], [], ["a"], ["a"], ["b"], ["a", "b"], ["a*"]]),
    st.sampled_from([[], ["a"], ["a"], ["b"], ["a", "b"], ["a*"]]),
    st.sampled_from([[], [], [RESOURCE]]),
    st.sampled_from([1, 1, 1, 2, 2, 3]),
    st.sampled_from([10, 10, 20]),
    st.just(MATCHES[0]),
).map(lambda fields: _leaf(*fields))


REQUIRE: list[str | int] = ["sequence", "sequence", "all", "all", "any", 1, 2, 3]


def _composites(children: st.SearchStrategy[Document]) -> st.SearchStrategy[Document]:
    return st.tuples(
        st.one_of(st.lists(children, min_size=2, max_size=3), st.lists(children, max_size=2)),
        st.sampled_from(REQUIRE),
        st.sampled_from([None, None, 60, 60, 10, 0, -10]),
        st.sampled_from([None, [], [], [RESOURCE], [RESOURCE]]),
    ).map(lambda fields: _composite(*fields))


SHALLOW = _composites(LEAVES)
COMPOSITES = st.one_of(SHALLOW, _composites(st.one_of(LEAVES, SHALLOW)))
TRIGGERS = st.one_of(LEAVES, COMPOSITES)


@dataclass(frozen=True)
class Applied:
    """From this log time on, this version applies; None: the automation is deleted."""

    automation_id: UUID
    log_ms: int
    version: Version | None


@dataclass(frozen=True)
class World:
    """What happens, in the order of the log, and until when log time is looked at."""

    steps: Sequence[Applied | Entry]
    until_ms: int

    def __repr__(self) -> str:
        return "\n".join(["", *map(_described, self.steps), f"until {self.until_ms - ZERO_MS}"])


def worlds(
    triggers: st.SearchStrategy[Document] = TRIGGERS,
    drawn: st.SearchStrategy[Any] = STEPS,
    *,
    max_size: int = 12,
) -> st.SearchStrategy[World]:
    return st.tuples(
        st.lists(triggers, min_size=1, max_size=3),
        st.lists(drawn, min_size=2, max_size=max_size),
        st.sampled_from([0, 10_000, 135_000, 1_000_000]),
    ).map(lambda fields: _world(*fields))


def world_of(document: Document, *steps: Sequence[Any], until_ms: int) -> World:
    """A world by hand. A step: milliseconds since the one before, then name and skew (us) of
    each event of its entry."""
    drawn = [
        (gap, [(name, skew, WHOSE[0], None, 0) for name, skew in events], None)
        for gap, *events in steps
    ]
    return _world([document], drawn, until_ms - sum(gap for gap, *_ in steps))


def _leaf(
    proactive: bool,
    after: list[str],
    expect: list[str],
    for_each: list[str],
    threshold: int,
    within: int,
    matches: tuple[Any, Any],
) -> Document:
    return {
        "type": "event",
        "posture": "Proactive" if proactive else "Reactive",
        "after": after,
        "expect": expect,
        "for_each": for_each,
        "threshold": threshold,
        "within": within,
        "match": matches[0],
        "match_related": matches[1],
    }


def _composite(
    triggers: list[Document], require: str | int, within: int | None, for_each: list[str] | None
) -> Document:
    """`for_each`: the children's own where it is None; else of all, and of the whole."""
    if for_each is not None:
        triggers = [_keyed(child, for_each) for child in triggers]
    document: Document = {"type": "sequence", "triggers": triggers, "within": within}
    document["for_each"] = for_each or []
    if require == "sequence":
        return document
    if isinstance(require, int):
        require = min(require, len(triggers)) or "all"
    return {**document, "type": "compound", "require": require}


def _keyed(document: Document, for_each: list[str]) -> Document:
    children = [_keyed(child, for_each) for child in document.get("triggers", [])]
    return {**document, "for_each": for_each} | ({"triggers": children} if children else {})


def _world(documents: list[Document], drawn: Iterable[Any], beyond_ms: int) -> World:
    now = ZERO_MS
    steps: list[Applied | Entry] = [
        _applied(name, now, number, document, True)
        for number, (name, document) in enumerate(zip(AUTOMATIONS, documents, strict=False))
    ]
    seen: set[UUID] = set()
    # Sequence numbers of one digit and of two: as text they sort otherwise than as numbers.
    for number, (gap, events, edit) in enumerate(drawn, start=7):
        now += gap
        steps.append(_entry(now, number, events, seen))
        if edit is not None:
            name, which, enabled = edit
            document = None if which is None else documents[which % len(documents)]
            steps.append(_applied(name, now, number, document, enabled))
    return World(steps, now + beyond_ms)


def _entry(ms: int, number: int, drawn: Iterable[Any], seen: set[UUID]) -> Entry:
    """An entry as the log makes it; `seen` are the ids of the events before it."""
    made: dict[UUID, Event] = {}
    known_leaders = set()
    for index, (what, skew, (resource, related), leader, again) in enumerate(drawn):
        if again == 18:
            resource = resource | causes_label([str(named("one"))])
        # The log forgets ids after some minutes: now and then one comes again.
        id = named("again") if again == 19 else named(f"{number}.{index}")
        if id in made:
            continue
        follows = None if leader is None else named(f"{number - leader[0]}.{leader[1]}")
        if follows in seen:
            known_leaders.add(len(made))
        seen.add(id)
        occurred = EPOCH + timedelta(microseconds=ms * 1000 + skew)
        made[id] = Event(
            occurred=occurred,
            event=what,
            resource=resource,
            related=related,
            id=id,
            follows=follows,
        )
    return Entry(StreamId(ms, number), list(made.values()), frozenset(known_leaders))


def _applied(name: str, ms: int, number: int, document: Document | None, enabled: bool) -> Applied:
    version = None
    if document is not None:
        trigger = _identified(parse_trigger(document), name)
        version = Version(named(name), number, enabled, trigger, guarded=name == "one")
    return Applied(named(name), ms, version)


def _identified(trigger: Trigger, path: str) -> Trigger:
    """Ids as authoring gives them: a node that is equal to the one it replaces keeps its id."""
    update: dict[str, Any] = {"id": named(f"{path} {trigger.model_dump_json()}")}
    if trigger.children:
        update["triggers"] = [
            _identified(child, f"{path}/{number}") for number, child in enumerate(trigger.children)
        ]
    return trigger.model_copy(update=update)


def _described(step: Applied | Entry) -> str:
    if isinstance(step, Applied):
        if step.version is None:
            return f"{step.log_ms - ZERO_MS}: delete {step.automation_id}"
        verb = "apply" if step.version.enabled else "disable"
        trigger = step.version.trigger.model_dump_json()
        return f"{step.log_ms - ZERO_MS}: {verb} {step.automation_id} {trigger}"
    events = [
        f"{str(one.id)[:6]} {one.event} {to_us(one.occurred) / 1000 - ZERO_MS}"
        f" {one.resource} {one.related or ''} {one.follows and str(one.follows)[:6]}"
        for one in step.events
    ]
    return f"{step.id.ms - ZERO_MS}-{step.id.seq}: {events}"
