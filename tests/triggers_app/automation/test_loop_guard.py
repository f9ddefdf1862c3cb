"""Row 14 of docs/semantics.md: which automations run in a certain loop."""

import time
from collections.abc import Iterable
from itertools import product
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.menagerie import named
from tests.triggers_app.automation.loops.test_cycles import D1, D2, D3, of_deployment, on, other
from triggers_app.automation.loop_guard import on_a_cycle_with
from triggers_app.automation.loops.links import Other, Others

ALL_BUT_D1 = {**of_deployment(), "prefect.resource.id": f"!prefect.deployment.{D1}"}


def members(start: Other, *saved: Other) -> set[UUID]:
    return on_a_cycle_with(start, Others(saved))


def test_an_automation_that_leads_to_no_own_run_is_on_no_cycle() -> None:
    a = other("a", on("Completed", D1), D2)

    assert members(a, a, other("b", on("Completed", D2), D3)) == set()


def test_all_on_the_cycle_are_found_and_none_beside_it() -> None:
    a = other("a", on("Completed", D1), D2)
    b = other("b", on("Completed", D2), D3, D1)
    beside = other("beside", on("Completed", D3), named("d4"))
    before = other("before", on("Completed", named("d5")), D1)

    assert members(a, a, b, beside, before) == {a.id, b.id}


def test_an_automation_on_all_but_one_deployment_is_on_cycles_over_the_others() -> None:
    wide = other("wide", on("Completed", match_related=ALL_BUT_D1), D1)
    back = other("back", on("Completed", D1), D2)

    assert members(wide, wide) == set()
    assert members(wide, wide, back) == {wide.id, back.id}


PLACES = [named(f"p{n}") for n in range(4)]
WHENS = [
    *(on("Completed", place) for place in PLACES),
    on("Completed"),
    *(
        on("Completed", match_related={"prefect.resource.id": f"!prefect.deployment.{place}"})
        for place in PLACES[:2]
    ),
]
AUTOMATIONS = st.lists(
    st.tuples(st.sampled_from(WHENS), st.sets(st.sampled_from(PLACES), min_size=1, max_size=2)),
    min_size=1,
    max_size=6,
).map(
    lambda drawn: [
        found
        for n, (when, runs) in enumerate(drawn)
        if (found := other(f"a{n}", when, *sorted(runs)).certain) is not None
    ]
)


def by_closure(saved: Iterable[Other], start: Other) -> set[UUID]:
    """The same, said a second time: everything that reaches everything."""
    saved = list(saved)
    leads = {
        (one.id, two.id)
        for one, two in product(saved, saved)
        if any(way.takes(place) for place in one.runs for way in two.reaches)
    }
    while more := {(a, d) for (a, b), (c, d) in product(leads, leads) if b == c} - leads:
        leads |= more
    return {one.id for one in saved if {(start.id, one.id), (one.id, start.id)} <= leads}


@given(saved=AUTOMATIONS)
@settings(max_examples=100, deadline=None)
def test_members_are_those_that_reach_each_other(saved: list[Other]) -> None:
    for one in saved:
        assert members(one, *saved) == by_closure(saved, one)


def test_ten_thousand_on_one_cycle_are_found_at_once() -> None:
    places = [named(f"place {n}") for n in range(10_000)]
    ring = [
        other(f"link {n}", on("Completed", place), places[(n + 1) % len(places)])
        for n, place in enumerate(places)
    ]
    saved = Others(ring)
    begun = time.process_time()

    assert len(on_a_cycle_with(ring[0], saved)) == 10_000
    assert time.process_time() - begun < 1
