"""What holds for every trigger and every log: how it is cut up must not matter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

from events_app.domain.event import Entry
from project.lib.json_documents import Document
from tests.menagerie import (
    ZERO_MS,
    compound,
    entry,
    event,
    ms,
    proactive,
    reactive,
    sequence,
    version,
)
from triggers_app.automation.engine.evaluator import Evaluator, Version
from triggers_app.automation.engine.outcome import ClosedWindow, Firing, Window, WindowKey
from triggers_app.automation.engine.simulation import simulate
from triggers_app.automation.engine.windows import decode_window, encode_window
from triggers_app.automation.triggers import renumber

NAMES = st.sampled_from(["start", "e", "stop"])
SOME_NAMES = st.lists(NAMES, max_size=2)
RESOURCES = st.sampled_from(["a", "b"])
KEYS = st.sampled_from([[], ["prefect.resource.id"]])
END_SECONDS = 2000


@st.composite
def leaves(draw: st.DrawFn) -> Document:
    fields: dict[str, Any] = {
        "after": draw(SOME_NAMES),
        "for_each": draw(KEYS),
        "threshold": draw(st.integers(0, 3)),
    }
    expect = draw(SOME_NAMES)
    if draw(st.booleans()):
        return reactive(*expect, within=draw(st.sampled_from([0, 10, 30])), **fields)
    return proactive(*expect, within=draw(st.sampled_from([10, 30])), **fields)


def _composites(children: st.SearchStrategy[Document]) -> st.SearchStrategy[Document]:
    some = st.lists(children, min_size=1, max_size=3)
    within = st.sampled_from([None, 0, 10, 60])
    return st.one_of(
        st.builds(
            lambda parts, need, time: compound(*parts, require=need, within=time),
            some,
            st.sampled_from(["any", "all", 1]),
            within,
        ),
        st.builds(lambda parts, time: sequence(*parts, within=time), some, within),
    )


TRIGGERS = st.one_of(leaves(), st.recursive(leaves(), _composites, max_leaves=4))


@dataclass(frozen=True)
class Sent:
    """One event: seconds since the one before, how late it is, and what it is."""

    wait: int
    lag: int
    name: str
    resource: str
    same_frame: bool
    follows: int | None


SENT = st.builds(
    Sent,
    st.sampled_from([0, 1, 5, 9, 20, 70]),
    st.sampled_from([0, 0, 0, -100, 5, 40]),
    NAMES,
    RESOURCES,
    st.booleans(),
    st.one_of(st.none(), st.none(), st.integers(0, 14)),
)
LOGS = st.lists(SENT, max_size=15)


def log_of(sent: Sequence[Sent]) -> list[Entry]:
    frames: list[tuple[int, list[Any], list[int]]] = []
    now = 0
    for number, one in enumerate(sent):
        now += one.wait
        made = event(
            one.name,
            at=now - one.lag,
            resource=one.resource,
            id=f"event {number}",
            follows=None if one.follows is None else f"event {one.follows}",
        )
        if not (one.same_frame and frames and frames[-1][0] == now):
            frames.append((now, [], []))
        if one.follows is not None and one.follows < number:
            frames[-1][2].append(len(frames[-1][1]))
        frames[-1][1].append(made)
    return [
        entry(*events, at=at, seq=seq, known=known)
        for seq, (at, events, known) in enumerate(frames)
    ]


class Tables:
    """What an evaluator would find in storage after a restart."""

    def __init__(self) -> None:
        self.windows: dict[WindowKey, bytes] = {}
        self.firings: list[Firing] = []
        self.closed: list[ClosedWindow] = []

    def store(self, evaluator: Evaluator) -> None:
        outcome = evaluator.take()
        assert outcome.raised == {}
        self.firings += outcome.firings
        self.closed += outcome.closed
        for key in outcome.deleted:
            self.windows.pop(key, None)
        for window in outcome.windows:
            self.windows[window.window_key] = encode_window(window)

    def restored(self, versions: list[Version], log_ms: int) -> Evaluator:
        evaluator = Evaluator()
        stored: list[Window] = [decode_window(data) for data in self.windows.values()]
        evaluator.restore(versions, stored, log_ms=log_ms)
        return evaluator


def started(versions: list[Version]) -> Evaluator:
    evaluator = Evaluator()
    for one in versions:
        evaluator.apply(one, log_ms=ZERO_MS)
    return evaluator


def whole(versions: list[Version], log: list[Entry]) -> Tables:
    evaluator, tables = started(versions), Tables()
    for one in log:
        evaluator.fold(one)
    evaluator.advance(ms(END_SECONDS))
    tables.store(evaluator)
    return tables


def assert_equal(one: Tables, other: Tables) -> None:
    assert one.firings == other.firings
    assert sorted(one.closed, key=repr) == sorted(other.closed, key=repr)
    assert one.windows == other.windows


def versions_of(documents: list[Document]) -> list[Version]:
    """As storage has them: no trigger has the id of one of another automation."""
    return [
        with_own_ids(version(document, of=f"automation {n}"))
        for n, document in enumerate(documents)
    ]


def with_own_ids(one: Version) -> Version:
    trigger = renumber(one.trigger, lambda node: uuid5(one.automation_id, str(node.id)))
    return replace(one, trigger=trigger)


LOOKS = st.lists(st.integers(0, END_SECONDS * 1000), max_size=20)
DOCUMENTS = st.lists(TRIGGERS, min_size=1, max_size=3).map(versions_of)


@given(versions=DOCUMENTS, sent=LOGS, data=st.data())
@settings(max_examples=30)
def test_restarts_and_batches_do_not_matter(
    versions: list[Version], sent: list[Sent], data: st.DataObject
) -> None:
    log = log_of(sent)
    cuts = data.draw(st.sets(st.integers(0, max(0, len(log) - 1)), max_size=4))

    evaluator, tables = started(versions), Tables()
    for number, one in enumerate(log):
        evaluator.fold(one)
        if number in cuts:
            tables.store(evaluator)
            evaluator = tables.restored(versions, one.id.ms)
    evaluator.advance(ms(END_SECONDS))
    tables.store(evaluator)

    assert_equal(tables, whole(versions, log))


@given(versions=DOCUMENTS, sent=LOGS, steps=LOOKS)
@settings(max_examples=30)
def test_how_often_log_time_is_looked_at_does_not_matter(
    versions: list[Version], sent: list[Sent], steps: list[int]
) -> None:
    log = log_of(sent)

    evaluator, tables = started(versions), Tables()
    looks = sorted(ZERO_MS + step for step in steps)
    for one in log:
        while looks and looks[0] <= one.id.ms:
            evaluator.advance(looks.pop(0))
            tables.store(evaluator)
        evaluator.fold(one)
    for look in looks:
        evaluator.advance(look)
    evaluator.advance(ms(END_SECONDS))
    tables.store(evaluator)

    assert_equal(tables, whole(versions, log))


@given(versions=DOCUMENTS, sent=LOGS)
@settings(max_examples=25)
def test_an_automation_fires_the_same_alone(versions: list[Version], sent: list[Sent]) -> None:
    log = log_of(sent)

    together = whole(versions, log)

    for one in versions:
        mine = [f for f in together.firings if f.automation_id == one.automation_id]
        assert mine == whole([one], log).firings


@given(versions=DOCUMENTS, sent=LOGS)
@settings(max_examples=25)
def test_no_firing_has_the_id_of_another(versions: list[Version], sent: list[Sent]) -> None:
    ids = [firing.id for firing in whole(versions, log_of(sent)).firings]

    assert len(set(ids)) == len(ids)


@given(document=TRIGGERS, sent=LOGS, data=st.data())
@settings(max_examples=25)
def test_redelivered_ids_do_not_matter(
    document: Document, sent: list[Sent], data: st.DataObject
) -> None:
    now = 0
    events: list[dict[str, Any]] = []
    for number, one in enumerate(sent):
        now += one.wait
        events.append(
            {
                "offset_seconds": now - one.lag,
                "received_offset_seconds": now,
                "event": one.name,
                "resource": {"prefect.resource.id": one.resource},
                "ref": str(number),
            }
        )
        events += data.draw(st.lists(st.sampled_from(events), max_size=2))
    scenario = {"trigger": document, "clock_advances": {"run_until_seconds": END_SECONDS}}

    twice = simulate({**scenario, "events": events})
    unique = [one for number, one in enumerate(events) if is_first(events, number)]
    once = simulate({**scenario, "events": unique})

    assert len(twice) == len(once)
    assert [f.at_seconds for f in twice] == [f.at_seconds for f in once]


def is_first(events: list[dict[str, Any]], number: int) -> bool:
    return events[number]["ref"] not in [one["ref"] for one in events[:number]]
