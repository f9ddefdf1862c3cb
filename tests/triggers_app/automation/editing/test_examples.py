"""Events made up from what a trigger says: the trigger wants them."""

from typing import Any

import msgspec
import pytest

from tests.events_app.menagerie import an_event
from tests.menagerie import Document, proactive, reactive
from triggers_app.automation.editing.examples import concrete, example_of
from triggers_app.automation.engine.explaining import conditions
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.triggers import EventTrigger, MetricTrigger

METRIC = {
    "type": "metric",
    "posture": "Metric",
    "match_related": {"prefect.resource.role": "deployment", "prefect.resource.id": "prefect.d.1"},
    "metric": {"name": "duration", "threshold": 60, "operator": ">"},
}
TRIGGERS: dict[str, Document] = {
    "a name": reactive("order.placed"),
    "any name": reactive(),
    "a family": reactive("order.*"),
    "an absence": proactive("heartbeat", within=60),
    "what it follows": reactive("b.done", after=["a.done"]),
    "a pattern": reactive("a", match={"prefect.resource.id": "s3://in/*/[0-9]?.csv"}),
    "a star that is meant": reactive("a", match={"prefect.resource.id": "a[*]b"}),
    "several values": reactive("a", match={"site": ["!north", "south", "west"]}),
    "all but one": reactive("a", match={"site": "!example"}),
    "all but some": reactive("a", match={"site": "!example*"}),
    "a set of others": reactive("a", match={"site": "[!abc]x"}),
    "two related": reactive(
        "a",
        match_related=[
            {"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.prod"},
            {"prefect.resource.role": "flow"},
        ],
    ),
    "counted apart": reactive("a", for_each=["site", "related:flow:prefect.resource.id"]),
    "a metric": METRIC,
}


def leaf(document: Document) -> EventTrigger | MetricTrigger:
    trigger = parse_trigger(document)
    assert isinstance(trigger, EventTrigger | MetricTrigger)
    return trigger


@pytest.mark.parametrize("document", TRIGGERS.values(), ids=TRIGGERS.keys())
def test_the_engine_wants_the_example(document: Document) -> None:
    trigger = leaf(document)
    example: dict[str, Any] = example_of(trigger)
    payload = msgspec.Raw(b"{}")

    event = an_event(event=example["event"], resource=example["resource"])
    event = msgspec.structs.replace(event, related=example["related"], payload=payload)

    unmet = [one.sentence for one in conditions(trigger, event) if not one.met]
    assert unmet == []


def test_the_example_has_what_windows_are_counted_by() -> None:
    example = example_of(leaf(TRIGGERS["counted apart"]))

    assert example["resource"]["site"] == "example"
    [flow] = example["related"]
    assert (flow["prefect.resource.role"], flow["prefect.resource.id"]) == ("flow", "example")


@pytest.mark.parametrize("document", [reactive("a"), METRIC], ids=["event", "metric"])
def test_the_example_is_marked_as_a_test(document: Document) -> None:
    assert example_of(leaf(document))["resource"]["flint.test"] == "true"


def test_what_the_trigger_says_of_the_mark_wins() -> None:
    document = reactive("a", match={"flint.test": "no"})

    assert example_of(leaf(document))["resource"]["flint.test"] == "no"


@pytest.mark.parametrize(
    ("glob", "text"),
    [("a*", "aexample"), ("?", "x"), ("[ab]c", "ac"), ("[!a]", "b"), ("[", "["), ("", "")],
)
def test_globs_become_a_text(glob: str, text: str) -> None:
    assert concrete(glob) == text
