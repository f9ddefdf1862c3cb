"""Row 14 of docs/semantics.md: certain loops are accepted, marked in every version, and guarded."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from events_app.domain.event import from_ms
from runs_app.models import Deployment
from tests.menagerie import event, ms, named
from tests.triggers_app.delivery.examples import NOW, a_deployment
from tests.triggers_app.live import Live, identified, live_ms
from triggers_app.automation.parsing import parse_automation
from triggers_app.models import Automation, AutomationVersion, Firing
from triggers_app.services import (
    authoring,
    bulk,
    cycle_guard,
    explaining,
    fates,
    redeploying,
    save_warnings,
)
from triggers_app.services.replaying import replay_differences

pytestmark = pytest.mark.django_db(transaction=True)
DONE = "prefect.flow-run.Completed"
OWNER = "team.1"
BY_ONE, BY_TWO = named("one"), named("two")


def body(
    name: str, after: Deployment | None, run: Deployment | None, **changes: Any
) -> dict[str, Any]:
    related = {} if after is None else {
        "prefect.resource.role": "deployment",
        "prefect.resource.id": f"prefect.deployment.{after.pk}",
    }  # fmt: skip
    which: dict[str, Any] = (
        {"source": "inferred"} if run is None else {"deployment_id": str(run.pk)}
    )
    trigger = {"posture": "Reactive", "expect": [DONE], "match_related": related}
    actions = [{"type": "run-deployment", **which}]
    return {"name": name, "trigger": trigger, "actions": actions, **changes}


def create(*args: Any, **changes: Any) -> Automation:
    return authoring.create(parse_automation(body(*args, **changes)), author="me", now=NOW)


def replace(row: Automation, *args: Any, **changes: Any) -> Automation:
    automation = parse_automation(body(*args, **changes))
    return authoring.replace(row.pk, automation, author="me", now=NOW)


def marks(row: Automation) -> list[bool]:
    """Of all its versions, the first one first."""
    found = AutomationVersion.objects.filter(automation=row).order_by("version")
    return list(found.values_list("guarded", flat=True))


def test_a_loop_of_one_is_accepted_and_marked() -> None:
    one = a_deployment("one")

    row = create("first", None, one)

    assert row.guarded and marks(row) == [True]
    [warning] = save_warnings.of(None, row)
    assert warning.startswith("This automation runs in a loop, so it is guarded")
    assert "`first` runs `etl/one`, whose prefect.flow-run.Completed fires `first`" in warning


def test_runs_of_the_events_own_deployment_are_marked() -> None:
    row = create("first", None, None)

    assert marks(row) == [True]
    assert "the event's deployment" in save_warnings.of(None, row)[0]


@pytest.mark.parametrize(
    "changes",
    [{"enabled": False}, {"flint": {"shadow": True}}],
    ids=["switched off", "in shadow"],
)
def test_what_starts_nothing_is_not_marked(changes: dict[str, Any]) -> None:
    one = a_deployment("one")

    row = create("first", None, one, **changes)

    assert marks(row) == [False]
    assert save_warnings.of(None, row) == []


def test_a_save_marks_every_automation_of_the_loop_in_its_transaction() -> None:
    one, two = a_deployment("one"), a_deployment("two")
    first = create("first", one, two)
    beside = create("beside", two, a_deployment("three"))

    second = create("second", two, one)

    assert (marks(first), marks(second), marks(beside)) == ([False, True], [True], [False])
    versions = AutomationVersion.objects.filter(automation=first).order_by("version")
    assert versions[0].document == versions[1].document
    assert Automation.objects.get(pk=first.pk).version == 2


ENDS: dict[str, Any] = {
    "switched off": lambda row: authoring.enable(row.pk, False, author="me", now=NOW),
    "deleted": lambda row: authoring.delete(row.pk, author="me", now=NOW),
    "set to shadow": lambda row: authoring.shadow(row.pk, True, author="me", now=NOW),
    "switched off with others": lambda row: bulk.off([row.pk], author="me", now=NOW),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_when_a_loop_ends_its_marks_go(end: Any) -> None:
    one, two = a_deployment("one"), a_deployment("two")
    first, second = create("first", one, two), create("second", two, one)

    end(second)

    assert (marks(first), marks(second)) == ([False, True, False], [True, False])


def test_a_change_that_opens_the_loop_takes_both_marks() -> None:
    one, two = a_deployment("one"), a_deployment("two")
    first, second = create("first", one, two), create("second", two, one)

    replace(second, "second", two, a_deployment("three"))

    assert (marks(first), marks(second)) == ([False, True, False], [True, False])


def test_marks_of_another_loop_stay() -> None:
    one, two, three = a_deployment("one"), a_deployment("two"), a_deployment("three")
    first, second = create("first", one, two), create("second", two, one)
    third = create("third", two, three)
    fourth = create("fourth", three, one)
    assert marks(third) == [False, True] and marks(fourth) == [True]

    authoring.enable(second.pk, False, author="me", now=NOW)

    assert [marks(row)[-1] for row in (first, second, third, fourth)] == [True, False, True, True]


def test_what_is_deployed_again_keeps_its_mark_and_what_is_not_loses_it() -> None:
    one, two = a_deployment("one"), a_deployment("two")
    first = create("first", one, two)
    second = create("second", two, one, owner_resource=OWNER)
    authoring.delete_owned_by(OWNER, now=NOW)
    again = create("second", two, one, owner_resource=OWNER)
    assert again.pk == second.pk and again.guarded and marks(first)[-1]

    authoring.delete_owned_by(OWNER, now=NOW)
    redeploying.end_graces(now=NOW + timedelta(minutes=1))

    assert (marks(first)[-1], marks(second)[-1]) == (False, False)


def test_two_saves_at_once_see_each_other() -> None:
    ring = [a_deployment(f"d{n}") for n in range(4)]

    def save(index: int) -> None:
        create(f"link {index}", ring[index], ring[(index + 1) % len(ring)])
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(save, range(len(ring))))

    assert list(Automation.objects.values_list("guarded", flat=True)) == [True] * 4


def test_what_was_taken_back_is_not_remembered() -> None:
    one, two = a_deployment("one"), a_deployment("two")
    first = create("first", one, two)
    cycle_guard.others()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        create("second", two, one)
        raise ZeroDivisionError

    assert marks(create("third", two, a_deployment("three"))) == [False]
    assert marks(first) == [False]


def caused_by(*automations: Any) -> dict[str, str]:
    return {"flint.causes": ",".join(map(str, automations))} if automations else {}


def test_it_fires_for_others_and_never_for_what_it_caused(live: Live) -> None:
    trigger = identified({"type": "event", "posture": "Reactive", "expect": [DONE]})
    live.save(BY_ONE, trigger)
    Automation.objects.update(guarded=True)
    AutomationVersion.objects.update(guarded=True)
    chains = [(), (BY_ONE,), (BY_TWO,), (BY_TWO, BY_ONE)]
    for at, chain in enumerate(chains, start=1):
        live.at(ms(at))
        live.send([event(DONE, at=at, id=f"done {at}", labels=caused_by(*chain))])
    live.evaluate(restart=True)
    live.record_all()

    fired = [one.log_ms for one in Firing.objects.order_by("fired")]
    told = explaining.explain(BY_ONE, named("done 2"), now=from_ms(live_ms(60)))
    assert fired == [live_ms(1), live_ms(3)]
    assert not replay_differences(from_ms(live_ms(0)), from_ms(live_ms(60)))
    assert told.verdict is not None
    assert told.verdict.sentence == "Ignored: caused by this automation."
    [row] = fates.fates(told.event, told.position).rows
    assert (row.fate, row.sentence) == ("ignored", "Ignored: caused by this automation.")
