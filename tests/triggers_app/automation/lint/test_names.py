"""L03, L04, L08."""

from typing import Any

import pytest

from project.lib.json_documents import Document
from tests.menagerie import compound, proactive, reactive
from tests.triggers_app.automation.lint.looking import Case, check_fires, check_silent
from triggers_app.automation.lint import names
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.seen_names import SeenNames
from triggers_app.automation.loops.run_reach import OTHER_STATES, SURE_STATES

RUN = "prefect.flow-run."
RUNNING, PENDING, DONE = RUN + "Running", RUN + "Pending", RUN + "Completed"
BOTH = [RUNNING, PENDING]
OTHERS = [RUN + state for state in (*SURE_STATES, *OTHER_STATES) if RUN + state not in BOTH]
SEEN = LintContext(event_names=SeenNames({"order.created": 9, "order.file.landed": 3, "e": 1}))
EXPECT = ("trigger", "expect")


def waiting(*expect: str, after: list[str], **fields: Any) -> Document:
    return proactive(*expect, after=after, within=60, **fields)


STAYS = {
    "several states": Case(
        names.stays_in,
        waiting(RUNNING, PENDING, DONE, after=BOTH),
        loc=EXPECT,
        says="going from one to the other begins it anew",
        fixed=waiting(DONE, after=BOTH),
    ),
    "several states and any state": Case(
        names.stays_in,
        waiting(RUN + "*", "stop", after=BOTH),
        loc=EXPECT,
        fixed=waiting(*OTHERS, "stop", after=BOTH),
    ),
    "several states and any event": Case(
        names.stays_in, waiting(after=BOTH), loc=EXPECT, fixed=waiting(*OTHERS, after=BOTH)
    ),
    "several events and any event": Case(
        names.stays_in, waiting("*", after=["a", "b"]), loc=EXPECT
    ),
    "nothing else": Case(names.stays_in, waiting("a", "b", after=["a", "b"]), loc=EXPECT),
    "an opener that never counts": Case(
        names.stays_in,
        reactive("a", after=["a"]),
        loc=("trigger", "after"),
        says="never fires",
        fixed=reactive("a"),
    ),
}
EVERYTHING = {
    "nothing said": Case(names.every_event, reactive(), loc=EXPECT, says="every event"),
    "a star": Case(names.every_event, reactive("e", "*"), loc=EXPECT),
    "any id": Case(
        names.every_event,
        reactive(match={"prefect.resource.id": "*"}, match_related=[{}]),
        loc=EXPECT,
    ),
    "silence of everything": Case(names.every_event, proactive(), loc=EXPECT),
    "after something": Case(names.every_event, reactive(after=["a"], within=9), loc=EXPECT),
    "one part": Case(
        names.every_event,
        compound(reactive("a"), reactive()),
        loc=("trigger", "triggers", 1, "expect"),
    ),
}
UNSEEN = {
    "a slip": Case(
        names.unseen_names,
        reactive("ordre.created", "e"),
        facts=SEEN,
        loc=EXPECT,
        says="Did you mean `order.created`?",
        fixed=reactive("order.created", "e"),
    ),
    "another case, of a name that is there already": Case(
        names.unseen_names,
        reactive("e", "Order.Created", "order.created"),
        facts=SEEN,
        loc=EXPECT,
        fixed=reactive("e", "order.created"),
    ),
    "a slip in what Flint emits": Case(
        names.unseen_names,
        reactive("e", after=[RUN + "completed"]),
        facts=SEEN,
        loc=("trigger", "after"),
        fixed=reactive("e", after=[DONE]),
    ),
    "a slip in a pattern": Case(
        names.unseen_names,
        reactive("orders.file.*"),
        facts=SEEN,
        loc=EXPECT,
        fixed=reactive("order.file.*"),
    ),
    "nothing like it": Case(
        names.unseen_names, reactive("invoice"), facts=SEEN, loc=EXPECT, says="how it is written"
    ),
    "a question mark": Case(
        names.unseen_names,
        reactive("order.?[ab]"),
        loc=EXPECT,
        says="never selects an event",
        fixed=reactive("order.*"),
    ),
    "a question mark alone": Case(
        names.unseen_names,
        reactive("order.?"),
        loc=EXPECT,
        says="stand for themselves",
        fixed=reactive("order.*"),
    ),
    "a negation": Case(names.unseen_names, reactive("!order"), loc=EXPECT),
}


@pytest.mark.parametrize("case", STAYS.values(), ids=STAYS.keys())
def test_event_that_begins_and_ends_the_wait_is_named(case: Case) -> None:
    check_fires("L03", case)


@pytest.mark.parametrize("case", EVERYTHING.values(), ids=EVERYTHING.keys())
def test_trigger_on_every_event_is_named(case: Case) -> None:
    check_fires("L04", case)


@pytest.mark.parametrize("case", UNSEEN.values(), ids=UNSEEN.keys())
def test_name_that_no_event_has_is_named(case: Case) -> None:
    check_fires("L08", case)


SILENT = {
    "a heartbeat": Case(names.stays_in, waiting("beat", DONE, after=["beat"])),
    "one state and any state": Case(names.stays_in, waiting(RUN + "*", after=[RUNNING])),
    "no after": Case(names.stays_in, waiting("a", "b", after=[])),
    "every second one": Case(names.stays_in, reactive("a", after=["a"], within=9)),
    "another opener": Case(names.stays_in, reactive("a", after=["a", "b"])),
    "another end": Case(names.stays_in, reactive("a", "b", after=["a"])),
    "whatever comes next": Case(names.stays_in, reactive(after=["a"])),
    "a name": Case(names.every_event, reactive("e")),
    "a label": Case(names.every_event, reactive(match={"a": "*"})),
    "an id": Case(names.every_event, reactive(match={"prefect.resource.id": "a*"})),
    "a related one": Case(names.every_event, reactive(match_related={"a": "*"})),
    "what comes after, one by one": Case(
        names.every_event, reactive(after=["a"], for_each=["prefect.resource.id"], within=9)
    ),
    "names nobody knows": Case(names.unseen_names, reactive("ordre")),
    "seen": Case(names.unseen_names, reactive("e", "order.*", "order[1"), facts=LintContext()),
    "emitted, not seen": Case(names.unseen_names, reactive(DONE, "prefect.task-run.*"), facts=SEEN),
    "patterns of seen names": Case(names.unseen_names, reactive("order.*", "*"), facts=SEEN),
}


@pytest.mark.parametrize("case", SILENT.values(), ids=SILENT.keys())
def test_names_that_mean_what_they_say_are_left_alone(case: Case) -> None:
    check_silent(case)


def test_only_so_many_names_are_compared() -> None:
    slips = [f"order.created{number}" for number in range(names.MOST_HINTS + 1)]

    found = Case(names.unseen_names, reactive(*slips), facts=SEEN).findings()

    assert [finding.fix is not None for finding in found] == [True] * names.MOST_HINTS + [False]
