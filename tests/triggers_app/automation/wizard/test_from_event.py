"""The ladder from an event to a trigger that fires for tomorrow's event, too."""

from typing import Any
from uuid import uuid4

import pytest

from events_app.domain.event import Event
from tests.events_app.menagerie import an_event
from triggers_app.automation.engine.selection import Selection
from triggers_app.automation.parsing import parse_automation, parse_trigger
from triggers_app.automation.triggers import EventTrigger
from triggers_app.automation.wizard.from_event import (
    ANY,
    Choice,
    ValueTally,
    automation_of,
    copy_of,
    default_choice,
    empty_automation,
    ladder,
    trigger_of,
)
from triggers_app.automation.wizard.patterns import exactly, widened, wider_names

RUN, DEPLOYMENT = "prefect.flow-run.", "prefect.deployment.0f2b7c1e-1b1a-4c8e-9d6c-0a4d3f2f7b90"


@pytest.mark.parametrize(
    ("id", "patterns"),
    [
        ("s3://in/acme/3.csv", ["s3://in/acme/*.csv", "s3://in/acme/*", "s3://in/*"]),
        ("order.4711", ["order.*"]),
        ("larch.order.A-2026-11-23-0042", ["larch.order.A-*", "larch.order.*", "larch.*"]),
        (f"{RUN}0193cc1a-1111-7abc-8def-0123456789ab", ["prefect.flow-run.*", "prefect.*"]),
        (f"{RUN}deadbeef-cafe-babe-dead-beefcafebabe", ["prefect.flow-run.*", "prefect.*"]),
        ("/in/2026-11-23/orders.csv", ["/in/*/orders.csv", "/in/*/orders.*", "/in/*"]),
        ("report_2026_11_22.csv", ["report_*.csv", "report_*"]),
        ("probe.eu-west", ["probe.*"]),
        ("wh-7", ["wh-*"]),
        ("inventory", []),
        ("2026-11-23", []),
        ("", []),
    ],
)
def test_ids_are_widened_where_they_are_of_one_occasion_and_from_their_end(
    id: str, patterns: list[str]
) -> None:
    assert widened(id) == patterns


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("orders.file.landed", ["orders.file.landed", "orders.file.*", "orders.*"]),
        ("heartbeat", ["heartbeat"]),
        ("job.4711.done", ["job.4711.done", "job.*.done", "job.4711.*", "job.*"]),
    ],
)
def test_names_are_widened_segment_by_segment(name: str, names: list[str]) -> None:
    assert wider_names(name) == names


@pytest.mark.parametrize("id", ["a*b", "what?", "list[0]", "!no", "plain", "[]"])
def test_an_id_is_matched_exactly_whatever_stands_in_it(id: str) -> None:
    event = an_event(resource={"prefect.resource.id": id})
    steps = ladder(event)

    assert steps.resources[0] == exactly(id)
    assert selects(trigger_of(steps, Choice(event.event, exactly(id))), event)


def landed(day: str, customer: str, number: int) -> Event:
    id_ = f"s3://in/{customer}/{day}/part-{number}.csv"
    return an_event(
        event="orders.file.landed",
        resource={"prefect.resource.id": id_, "customer": customer},
        related=[{"prefect.resource.id": "prefect.tag.prod", "prefect.resource.role": "tag"}],
    )


def finished(run: str, *, state: str = "Completed", deployment: str | None = DEPLOYMENT) -> Event:
    related = [{"prefect.resource.id": "prefect.flow.1", "prefect.resource.role": "flow"}]
    if deployment:
        role = {"prefect.resource.role": "deployment"}
        related.append({"prefect.resource.id": deployment, **role})
    resource = {"prefect.resource.id": RUN + run}
    return an_event(event=f"prefect.flow-run.{state}", resource=resource, related=related)


PAIRS = {
    "a file with a date": (landed("2026-11-23", "acme", 7), landed("2026-11-24", "acme", 1)),
    "an order": (
        an_event(resource={"prefect.resource.id": "order.4711"}),
        an_event(resource={"prefect.resource.id": "order.4902"}),
    ),
    "a ticket of a day": (
        an_event(resource={"prefect.resource.id": "T-2026-11-23/0042"}),
        an_event(resource={"prefect.resource.id": "T-2026-11-24/0001"}),
    ),
    "a bare uuid": (
        an_event(resource={"prefect.resource.id": str(uuid4())}),
        an_event(resource={"prefect.resource.id": str(uuid4())}),
    ),
    "a flow run": (finished(str(uuid4())), finished(str(uuid4()))),
    "a flow run without a deployment": (
        finished(str(uuid4()), deployment=None),
        finished(str(uuid4()), deployment=None),
    ),
    "a name with a number": (
        an_event(event="job.4711.done", resource={"prefect.resource.id": "job.4711"}),
        an_event(event="job.4712.done", resource={"prefect.resource.id": "job.4712"}),
    ),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS.keys())
@pytest.mark.parametrize("counted", [False, True], ids=["uncounted", "counted"])
def test_the_default_trigger_of_an_event_matches_tomorrows_event_too(
    pair: tuple[Event, Event], counted: bool
) -> None:
    today, tomorrow = pair
    steps = ladder(today)
    tally = ValueTally(1, {steps.resources[0]: 1, **dict.fromkeys(steps.resources, 1)})

    trigger = trigger_of(steps, default_choice(steps, tally if counted else ValueTally()))

    assert selects(trigger, today)
    assert selects(trigger, tomorrow)


def test_a_run_is_recognized_by_its_deployment_and_not_by_its_own_id() -> None:
    steps = ladder(finished(str(uuid4())))

    trigger = trigger_of(steps, default_choice(steps, ValueTally()))

    assert trigger["match"] == {"prefect.resource.id": "prefect.flow-run.*"}
    assert trigger["match_related"] == {
        "prefect.resource.role": "deployment",
        "prefect.resource.id": DEPLOYMENT,
    }
    other = "prefect.deployment.99999999-1b1a-4c8e-9d6c-0a4d3f2f7b90"
    assert not selects(trigger, finished(str(uuid4()), deployment=other))


@pytest.mark.parametrize(
    ("counts", "chosen"),
    [
        ({"probe.eu-west": 40}, "probe.eu-west"),
        ({"probe.eu-west": 1, "probe.*": 40}, "probe.*"),
        ({"probe.eu-west": 10, "probe.*": 25}, "probe.*"),
        ({"probe.eu-west": 10, "probe.*": 15}, ANY),
    ],
)
def test_the_default_resource_is_the_narrowest_that_half_of_the_events_have(
    counts: dict[str, int], chosen: str
) -> None:
    steps = ladder(an_event(resource={"prefect.resource.id": "probe.eu-west"}))

    assert default_choice(steps, ValueTally(40, counts)).resource == chosen


def test_what_is_chosen_stands_in_the_trigger() -> None:
    steps = ladder(landed("2026-11-23", "acme", 7))

    trigger = trigger_of(steps, Choice("orders.*", ANY, [0, 9], ["customer", "nothing"]))

    parsed = parse_trigger(trigger)
    assert isinstance(parsed, EventTrigger)
    assert (parsed.expect, parsed.match, parsed.for_each) == (["orders.*"], {}, ["customer"])
    assert parsed.related_specifications == [
        {"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.prod"}
    ]


def test_a_deployment_is_called_by_its_flow_and_its_name() -> None:
    related = [
        {"prefect.resource.id": "prefect.flow.1", "prefect.resource.role": "flow",
         "prefect.resource.name": "load"},
        {"prefect.resource.id": DEPLOYMENT, "prefect.resource.role": "deployment",
         "prefect.resource.name": "nightly"},
    ]  # fmt: skip

    words = [kin.word for kin in ladder(an_event(related=related)).related]

    assert words == ["load", "load / nightly"]


def test_fleeting_labels_are_not_offered_to_count_by() -> None:
    resource = {"prefect.resource.id": "a", "site": "north", "prefect.state-timestamp": "now"}

    assert ladder(an_event(resource=resource)).labels == ["prefect.resource.id", "site"]


def test_a_copy_says_so_and_is_off() -> None:
    original = {"id": "1", "name": "load", "enabled": True, "tags": ["a"], "updated": "x"}

    assert copy_of(original) == {"name": "Copy of load", "enabled": False, "tags": ["a"]}


def test_what_one_begins_with_is_an_automation_that_does_nothing() -> None:
    parsed = parse_automation(automation_of(empty_automation()["trigger"], name="mine"))

    assert (parsed.enabled, parsed.actions, parsed.name) == (False, [], "mine")


def selects(document: dict[str, Any], event: Event) -> bool:
    """Asked the way the engine asks."""
    trigger = parse_trigger(document)
    assert isinstance(trigger, EventTrigger)
    selection = Selection(trigger.expect, {}, [])
    exact = Selection.of(trigger)
    if exact.by == "label":  # proven by the index's key elsewhere
        proven = event.resource.get(exact.label) in exact.values
    elif exact.by == "related":
        ids = {one.get(exact.label) for one in event.related}
        proven = bool(ids & set(exact.values))
    else:
        proven = True
    met = exact.test is None or exact.test(event)
    return selection.names.match(event.event) and proven and met
