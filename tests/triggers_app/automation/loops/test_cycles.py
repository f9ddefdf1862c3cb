"""Row 14 of docs/semantics.md: automations that start themselves over others."""

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from project.lib.json_documents import Document
from tests.menagerie import (
    ETL,
    automation,
    compound,
    named,
    proactive,
    reactive,
    run_etl,
    sequence,
    trigger,
)
from triggers_app.automation.document import document
from triggers_app.automation.loops.cycles import Cycle, find_cycles
from triggers_app.automation.loops.links import Other, Others

D1, D2, D3 = named("d1"), named("d2"), named("d3")
INFERRED = {"type": "run-deployment", "source": "inferred"}


def of_deployment(*ids: UUID, **labels: Any) -> Document:
    resources: Any = [f"prefect.deployment.{one}" for one in ids]
    return {"prefect.resource.role": "deployment", "prefect.resource.id": resources, **labels}


def on(state: str, *ids: UUID, **fields: Any) -> Document:
    related = {"match_related": of_deployment(*ids)} if ids else {}
    return reactive(f"prefect.flow-run.{state}", **related, **fields)


def runs(*ids: UUID) -> list[Document]:
    return [run_etl(deployment_id=str(one)) for one in ids]


def other(name: str, when: Document, *ids: UUID) -> Other:
    return Other.of(named(name), name, trigger(when), ids)


def cycles(when: Document, *others: Other, actions: Sequence[Document] = ()) -> list[Cycle]:
    looked_at = automation(when, name="a", actions=list(actions or runs(D1)))
    return find_cycles(looked_at, Others(others))


ANY_RUN = {"prefect.resource.id": "prefect.flow-run.*"}
CERTAIN = {
    "its own deployment's end": on("Completed", D1),
    "one of several deployments": on("Running", D2, D1),
    "every run": on("Pending"),
    "every run, by its id": on("Scheduled", match=ANY_RUN),
    "every deployment": on("*", match_related={"prefect.resource.id": "prefect.deployment.*"}),
    "any role": on("*", match_related={"prefect.resource.id": f"prefect.deployment.{D1}"}),
    "every event": reactive(),
    "everything related": on("Completed", match_related={"prefect.resource.id": "prefect.*"}),
    "any of two": compound(on("Completed", D1), reactive("x"), require="any"),
    "for each run": on("Completed", for_each=["prefect.resource.id"]),
}


@pytest.mark.parametrize("when", CERTAIN.values(), ids=CERTAIN.keys())
def test_certain_cycle_of_one_automation_is_found_at_its_action(when: Document) -> None:
    [found] = cycles(when)
    [certain] = find_cycles(automation(when, name="a", actions=runs(D1)), only_certain=True)

    assert found.certain
    assert certain == found and certain.loc == ("actions", 0)


POSSIBLE = {
    "a failure": on("Failed", D1),
    "a state of their own": on("Reviewed", D1),
    "a label more": on("Completed", match={**ANY_RUN, "prefect.run-count": "1"}),
    "a tag": on("Completed", match_related={"prefect.resource.role": "tag"}),
    "a name": on("Completed", match_related=of_deployment(D1, **{"prefect.resource.name": "x"})),
    "several at once": on("Completed", D1, threshold=2, within=60),
    "at most once in a while": on("Completed", D1, within=60),
    "after another state": on("Completed", D1, after=["prefect.flow-run.Running"], within=9),
    "a run that hangs": proactive(
        "prefect.flow-run.Completed", after=["prefect.flow-run.Running"], within=60
    ),
    "silence of each run": proactive("prefect.flow-run.*", for_each=["prefect.resource.id"]),
    "both of two": compound(on("Running", D1), on("Completed", D1)),
    "one after the other": sequence(on("Running", D1), on("Completed", D1)),
    "some deployments": on(
        "Completed", match_related={**of_deployment(), "prefect.resource.id": "!*-4*"}
    ),
    "a flow": on("Completed", match_related={"prefect.resource.id": "prefect.flow.1"}),
    "not one run": on("Completed", match={"prefect.resource.id": "!prefect.flow-run.1"}),
    "one of two roles": on(
        "Completed",
        match_related={
            "prefect.resource.role": ["deployment", "flow"],
            "prefect.resource.id": [f"prefect.deployment.{D2}", "prefect.flow.1"],
        },
    ),
}


@pytest.mark.parametrize("when", POSSIBLE.values(), ids=POSSIBLE.keys())
def test_possible_cycle_is_named_and_not_certain(when: Document) -> None:
    [found] = cycles(when)

    assert not found.certain
    assert find_cycles(automation(when, actions=runs(D1)), only_certain=True) == []


NONE = {
    "other events": reactive("orders.*"),
    "another deployment": on("Completed", D2),
    "all but its own": on(
        "Completed",
        match_related=[{**of_deployment(), "prefect.resource.id": f"!prefect.deployment.{D1}"}],
    ),
    "two deployments at once": on(
        "Completed", match_related=[of_deployment(D1), of_deployment(D2)]
    ),
    "no deployment": on(
        "Completed", match_related={**of_deployment(), "prefect.resource.id": "prefect.flow.*"}
    ),
    "nonsense": on(
        "Completed",
        match_related={**of_deployment(), "prefect.resource.id": "prefect.deployment.x"},
    ),
    "one run that exists": on("Completed", match={"prefect.resource.id": "prefect.flow-run.1"}),
    "task runs": on("Completed", match={"prefect.resource.id": "prefect.task-run.*"}),
    "something else each time": compound(on("Completed", D1), reactive("x")),
    "silence from the start": proactive("prefect.flow-run.*"),
    "after something else": on("Completed", D1, after=["x"]),
    "a metric": {
        "type": "metric",
        "metric": {"name": "lateness", "threshold": 1, "operator": ">"},
    },
}


@pytest.mark.parametrize("when", NONE.values(), ids=NONE.keys())
def test_no_cycle_is_seen_where_there_is_none(when: Document) -> None:
    assert cycles(when) == []


def test_cycle_over_others_is_told_with_its_path() -> None:
    saved = Others([other("b", on("Completed", D1), D2), other("c", on("Running", D2), D3)])
    looked_at = automation(on("Completed", D3), name="a", actions=runs(D1))

    [found] = find_cycles(looked_at, saved, only_certain=True)

    assert found.words({D1: "one", D2: "two"}.get) == (
        "`a` runs `one`, whose prefect.flow-run.Completed fires `b`, which runs `two`, whose "
        f"prefect.flow-run.Running fires `c`, which runs deployment {D3}, whose "
        "prefect.flow-run.Completed fires `a` again"
    )


def test_one_narrowed_edge_makes_the_whole_only_possible() -> None:
    [found] = cycles(on("Completed", D2), other("b", on("Failed", D1), D2))

    assert [step.sure for step in found.steps] == [False, True]


def test_certain_way_is_found_beside_a_shorter_possible_one() -> None:
    [found] = cycles(
        on("Completed", D3),
        other("short", on("Failed", D1), D3),
        other("b", on("Completed", D1), D2),
        other("c", on("Completed", D2), D3),
    )

    assert found.certain and [step.automation for step in found.steps] == ["b", "c", "a"]


def test_automation_that_leaves_out_one_deployment_is_fired_by_the_next() -> None:
    all_but_d1 = {**of_deployment(), "prefect.resource.id": f"!prefect.deployment.{D1}"}
    [found] = cycles(
        on("Completed", D3),
        other("open", on("Completed", match_related=all_but_d1), D3),
        other("b", on("Completed", D1), D2),
    )

    assert [step.automation for step in found.steps] == ["b", "open", "a"]


def test_saved_form_of_the_automation_itself_is_left_out() -> None:
    before = other("a", on("Completed", D1), D2)
    after = automation(on("Completed", D2), name="a", actions=runs(D1))

    assert find_cycles(after, Others([before]), automation_id=named("a")) == []
    assert len(find_cycles(after, Others([before]))) == 1


def test_each_action_has_its_own_cycle_and_resolving_counts_for_nothing() -> None:
    looked_at = automation(
        on("Completed"),
        actions=[{"type": "do-nothing"}, *runs(D1)],
        actions_on_trigger=runs(D2),
        actions_on_resolve=runs(D3),
    )

    found = find_cycles(looked_at)

    assert [cycle.loc for cycle in found] == [("actions", 1), ("actions_on_trigger", 0)]


def test_runs_of_the_events_own_deployment_are_a_cycle() -> None:
    [found] = cycles(on("Completed"), actions=[INFERRED])

    assert found.certain and "the event's deployment" in found.words()


SAVED = {
    "a part of loops": (automation(on("Completed"), name="b"), True),
    "disabled": (automation(on("Completed"), enabled=False), False),
    "runs nothing": (automation(on("Completed"), actions=[{"type": "do-nothing"}]), False),
    "not fired by runs": (automation(), False),
}


@pytest.mark.parametrize(("saved", "taken"), SAVED.values(), ids=SAVED.keys())
def test_saved_document_is_read_only_if_it_can_be_part_of_a_loop(saved: Any, taken: bool) -> None:
    found = Other.of_document(named("b"), document(saved))

    assert (found is not None) is taken
    assert not taken or found == other("b", on("Completed"), ETL)


def test_saved_document_that_runs_the_events_own_deployment_starts_itself() -> None:
    when = automation(on("Completed", D1), name="b", actions=[INFERRED])

    found = Other.of_document(named("b"), document(when))

    assert found is not None and found.starts_itself and found.runs == ()
    assert not other("b", on("Completed", D1), D1).starts_itself


def test_saved_document_that_cannot_be_read_is_passed_over() -> None:
    saved = {**document(automation(on("Completed"))), "trigger": {"type": "later"}}

    assert Other.of_document(named("b"), saved) is None


def test_chain_of_ten_thousand_is_searched_at_once_and_told_in_short() -> None:
    places = [named(f"place {n}") for n in range(10_001)]
    chain = [other(f"link {n}", on("Completed", places[n]), places[n + 1]) for n in range(10_000)]
    saved = Others(chain + [other(f"open {n}", on("Failed"), D3) for n in range(1000)])
    looked_at = automation(on("Completed", places[-1]), actions=runs(places[0]))
    begun = time.process_time()

    [found] = find_cycles(looked_at, saved, only_certain=True)

    assert len(found.words()) < 1500
    assert time.process_time() - begun < 1
