"""Fates and verdict trees: docs/semantics.md, "Why"."""

import msgspec
import pytest

from events_app.domain.event import Event
from events_app.domain.position import Position
from project.lib.json_documents import Document
from tests.menagerie import (
    Stage,
    compound,
    event,
    ms,
    proactive,
    reactive,
    related,
    sequence,
    trigger,
    us,
    version,
)
from triggers_app.automation.engine.explaining import explain, verdict_of_firing
from triggers_app.automation.engine.windows import encode_window
from triggers_app.automation.verdict import Verdict

METRIC = {"type": "metric", "metric": {"name": "successes", "threshold": 1, "operator": "<"}}
AFTER = reactive("stop", after=["start"], within=60)
WATCH = proactive("done", after=["start"], within=30)
RELATED = reactive("a", match_related={"prefect.resource.role": "flow", "name": "etl"})


def explained(
    document: Document, sent: Event, *, before: str = "", at: float = 50, enabled: bool = True
) -> Verdict:
    """The verdict on an event at second 50, ten seconds after the events named in `before`."""
    stage = Stage(document)
    for number, name in enumerate(before.split()):
        stage.send(name, 40 + number)
    stage.take()
    kept = {window.window_key: window for window in stage.outcome.windows}
    return explain(
        version(document, enabled=enabled),
        [kept[key] for key in kept if key not in stage.outcome.deleted],
        sent,
        Position(ms(at), 0, 0),
        log_ms=ms(at),
    )


@pytest.mark.parametrize(
    ("document", "before", "sent", "fate", "reason", "sentence"),
    [
        (reactive("a"), "", event("a", at=50), "fired", "", "It fired."),
        (
            reactive("a", threshold=3, within=60),
            "a",
            event("a", at=50),
            "counted",
            "",
            "Counted: 2 of 3, until 2023-11-14T22:15:00Z.",
        ),
        (
            reactive("a", "b", "c", "d.*"),
            "",
            event("x"),
            "ignored",
            "name",
            "Ignored: its name is `x`, not `a` or `b` or `c` or 1 more.",
        ),
        (
            reactive("a", match={"site": ["n", "s"]}),
            "",
            event("a", labels={"site": "w"}),
            "ignored",
            "match",
            "Ignored: its label `site` is `w`, not `n` or `s`.",
        ),
        (
            reactive("a", match={"site": []}),
            "",
            event("a"),
            "ignored",
            "match",
            "Ignored: it has no label `site`.",
        ),
        (
            reactive("a", match={"site": []}),
            "",
            event("a", labels={"site": "n"}),
            "ignored",
            "match",
            "Ignored: its label `site` is `n`, not anything.",
        ),
        (RELATED, "", event("a"), "ignored", "related", "Ignored: it has no related resource."),
        (
            RELATED,
            "",
            event("a", related=[related("tag", "t.1"), related("flow", "f.1", name="x")]),
            "ignored",
            "related",
            "Ignored: of its related resources `f.1` comes nearest, "
            "but its label `name` is `x`, not `etl`.",
        ),
        (
            AFTER,
            "",
            event("stop", at=50),
            "ignored",
            "before after",
            "Ignored: no window was open: nothing had matched `after`, or its window had ended.",
        ),
        (
            AFTER,
            "",
            event("start", at=50),
            "counted",
            "opened",
            "It opened the window, until 2023-11-14T22:15:10Z.",
        ),
        (
            AFTER,
            "start",
            event("start", at=50),
            "ignored",
            "already open",
            "Ignored: it matches `after`, but the window was open already.",
        ),
        (
            AFTER,
            "start",
            event("stop", at=39),
            "ignored",
            "late",
            "Ignored: it occurred before the window, which began at 2023-11-14T22:14:00Z.",
        ),
        (
            reactive("a", within=60),
            "a",
            event("a", at=50),
            "ignored",
            "quiet",
            "Ignored: the trigger had fired and stays quiet until 2023-11-14T22:15:00Z.",
        ),
        (
            WATCH,
            "",
            event("done", at=50),
            "ignored",
            "held",
            "Ignored: nothing had matched `after` yet; it is kept in case that comes late.",
        ),
        (
            WATCH,
            "start",
            event("done", at=50),
            "counted",
            "satisfied",
            "With it, all that was expected has come.",
        ),
        (
            WATCH,
            "start done",
            event("done", at=50),
            "ignored",
            "over",
            "Ignored: the watch is over; it is kept in case `after` comes late.",
        ),
        (
            proactive("a", threshold=0),
            "",
            event("a", at=50),
            "ignored",
            "never",
            "Ignored: fewer than 0 events are impossible, so the trigger never fires.",
        ),
        (
            METRIC,
            "",
            event("prefect.flow-run.Failed", at=50, labels={"prefect.state-type": "FAILED"}),
            "counted",
            "sample",
            "It is one of 1 samples.",
        ),
        (
            METRIC,
            "",
            event("prefect.flow-run.Paused", at=50),
            "ignored",
            "no sample",
            "Ignored: it ends no measurement of a run.",
        ),
        (METRIC, "", event("x"), "ignored", "name", None),
        (
            reactive(),
            "",
            event("prefect.log.write"),
            "ignored",
            "log line",
            "Ignored: triggers do not look at log lines.",
        ),
    ],
)
def test_says_fate_and_first_reason(
    document: Document, before: str, sent: Event, fate: str, reason: str, sentence: str | None
) -> None:
    verdict = explained(document, sent, before=before)

    assert (verdict.fate, verdict.reason) == (fate, reason)
    assert sentence is None or verdict.sentence == sentence


def test_disabled_automation_says_so_with_all_conditions() -> None:
    verdict = explained(compound(reactive("a")), event("x"), enabled=False)

    assert verdict.sentence == "Ignored: the automation was disabled."
    assert [one.met for one in verdict.children[0].conditions] == [False]


def test_every_condition_is_told() -> None:
    document = reactive("a.*", match={"site": "n*", "lane": "1"}, match_related={"name": "etl"})
    sent = event("a.b", at=50, labels={"site": "north"}, related=[related("o", "x", name="etl")])

    verdict = explained(document, sent)

    told = [(one.kind, one.subject, one.actual, one.met) for one in verdict.conditions]
    assert told == [
        ("name", "event", "a.b", True),
        ("match", "site", "north", True),
        ("match", "lane", None, False),
        ("related", "name", "x", True),
    ]


def test_composite_is_the_tree_of_its_children() -> None:
    document = compound(reactive("a"), compound(reactive("b"), reactive("c")), within=60)

    verdict = explained(document, event("b", at=50), before="a")

    inner = verdict.children[1]
    assert (verdict.fate, verdict.sentence) == (
        "counted",
        "Counted: 1 of 2, until 2023-11-14T22:15:00Z.",
    )
    assert (inner.fate, inner.sentence) == ("counted", "Counted: 1 of 2.")
    assert [child.fate for child in inner.children] == ["fired", "ignored"]


def test_composite_that_fires_names_what_took_part() -> None:
    verdict = explained(compound(reactive("a"), reactive("b")), event("b", at=50), before="a")

    assert [verdict.fate, *(child.fate for child in verdict.children)] == ["fired"] * 3
    assert [child.reason for child in verdict.children] == ["before", ""]
    assert [child.conditions[0].actual for child in verdict.children] == ["a", "b"]
    assert verdict.needed == 2


def test_part_that_has_fired_before_is_shown_as_it_was_then() -> None:
    document = compound(reactive("a"), sequence(reactive("b"), reactive("c")), reactive("d"))

    verdict = explained(document, event("c", at=50), before="a b")

    first, second, third = verdict.children
    assert (verdict.fate, verdict.window and verdict.window.count) == ("counted", 2)
    assert (first.fate, first.conditions[0].actual) == ("fired", "a")
    assert [one.fate for one in second.children] == ["fired", "fired"]
    assert (third.fate, third.reason) == ("ignored", "name")


def test_event_past_the_end_of_a_window_waits_for_its_judgment() -> None:
    stage = Stage(WATCH).send("start", 21, occurred=1)

    verdict = explain(
        version(WATCH),
        stage.evaluator.take().windows,
        event("start", at=40),
        Position(ms(40), 0, 0),
        log_ms=ms(40),
    )

    assert (verdict.fate, verdict.reason) == ("counted", "ahead")
    assert verdict.sentence == (
        "It waits until a window is judged that ended before it, at 2023-11-14T22:13:51Z."
    )


def test_follower_that_was_counted_at_a_deadline_says_so() -> None:
    one = version(WATCH)

    verdict = explain(
        one,
        [],
        event("done", at=40, follows="leader"),
        Position(ms(40), 0, 0),
        log_ms=ms(90),
        reported=[one.trigger.node_id],
    )

    assert (verdict.fate, verdict.reason) == ("counted", "told")
    assert verdict.sentence.startswith("It counted at a deadline")


def test_event_that_no_part_wants_says_so() -> None:
    verdict = explained(compound(reactive("a"), reactive("b")), event("x"))

    assert verdict.sentence == "Ignored: none of its parts wanted it."


def test_keyed_composite_shows_the_slots_of_the_events_key() -> None:
    each: Document = {"for_each": ["prefect.resource.id"]}
    document = compound(reactive("a", **each), reactive("b", **each), **each, within=60)

    verdict = explained(document, event("b", at=50, resource="other"), before="a")

    assert verdict.labels == {"prefect.resource.id": "other"}
    assert verdict.window is not None and verdict.window.count == 1


def test_window_decided_by_the_way_is_no_merit_of_the_event() -> None:
    document = proactive("beat", within=30, for_each=["prefect.resource.id"])
    stage = Stage(document).send("beat", 50, occurred=1).send("beat", 50, occurred=40)
    [window] = stage.evaluator.take().windows
    before = encode_window(window)

    verdict = explain(
        version(document), [window], event("beat", at=25), Position(ms(51), 0, 1), log_ms=ms(51)
    )

    assert (verdict.fate, verdict.reason) == ("counted", "satisfied")
    assert encode_window(window) == before


def test_firing_is_explained_from_what_it_stores() -> None:
    document = compound(reactive("a"), reactive("b"), reactive("c"), require=2)
    [firing] = Stage(document).send("a", 1).send("b", 2).firings

    verdict = verdict_of_firing(trigger(document), firing)

    fates = [child.fate for child in verdict.children]
    assert (verdict.fate, verdict.needed, fates) == ("fired", 2, ["fired", "fired", "ignored"])
    assert verdict.children[0].conditions[0].actual == "a"


def test_absence_without_event_is_explained_by_its_window() -> None:
    document = proactive("a", within=30)
    [firing] = Stage(document).until(30).firings

    verdict = verdict_of_firing(trigger(document), firing)

    assert verdict.conditions == []
    assert verdict.window is not None
    assert (verdict.window.start_us, verdict.window.end_us) == (us(0), us(30))


def test_immediate_firing_has_no_window() -> None:
    [firing] = Stage(reactive("a")).send("a", 1).firings

    verdict = verdict_of_firing(trigger(reactive("a")), firing)

    assert verdict.window is None
    assert msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict) == verdict
