"""Why a draft stayed quiet on a day: one reason, the right one."""

from typing import Any

import pytest

from project.lib.json_documents import Document
from tests.menagerie import compound, proactive, reactive, related, sequence
from tests.triggers_app.builder.past import (
    HOUR,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    backtested,
    came,
    thursday,
    wednesday,
)
from triggers_app.builder.explain.why_not import WhyNot, why_not

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tables")]
ORDER, STOCK = reactive("order"), reactive("stock")
BOTH = compound(ORDER, STOCK, within=HOUR)


def why(document: Document, **more: Any) -> WhyNot:
    return why_not(*backtested(document, **more), WEDNESDAY)


QUIET: dict[str, tuple[Document, list[tuple[str, float]], str, str]] = {
    "a part never came": (
        BOTH, [("order", wednesday(4))], "almost",
        "Almost: stock never came, 1 of 2, between 04:00 and 05:00.",
    ),
    "too few came": (
        reactive("order", threshold=3, within=HOUR),
        [("order", wednesday(4)), ("order", wednesday(4.5))], "almost",
        "Almost: 2 of 3 order came, between 03:45 and 05:00.",
    ),
    "the parts came in another order": (
        sequence(ORDER, STOCK, within=HOUR),
        [("stock", wednesday(4)), ("order", wednesday(4.5))], "almost",
        "All its parts came, between 04:00 and 05:00, but in another order.",
    ),
    "no event of the name came": (
        ORDER, [("orders", wednesday(4))], "nothing", "No event named order came.",
    ),
    "a label is another": (
        reactive("order", match={"prefect.resource.id": "order.7"}),
        [("order", wednesday(4))], "nothing",
        "order came once, but its label `prefect.resource.id` is `order.1`, not `order.7`.",
    ),
    "a related resource is missing": (
        reactive("order", match_related={"prefect.resource.role": "tag"}),
        [("order", wednesday(4)), ("order", wednesday(5))], "nothing",
        "order came 2 times, but never matched: it has no related resource.",
    ),
    "the absent event came": (
        proactive("beat", within=90_000),
        [("beat", wednesday(4)), ("beat", wednesday(20))], "came",
        "beat came 2 times, so it was never missing for 1 d 1 h.",
    ),
    "nothing opened the window": (
        reactive("order", after=["opened"], within=HOUR), [("order", wednesday(4))], "other", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", QUIET)
def test_the_one_reason_is_told(case: str) -> None:
    document, events, kind, reason = QUIET[case]
    came(("other", 0.0), *events)

    found = why(document)

    assert (found.kind, found.reason) == (kind, reason)


def test_a_part_that_came_too_late_says_when() -> None:
    came(("order", wednesday(4)), ("stock", wednesday(5.5)))

    assert (
        why(BOTH).more
        == "The next stock came Wed 15 Nov 05:30, 30 min after the window had closed."
    )


def test_a_similar_name_is_offered() -> None:
    came(("ordr.landed", wednesday(4)), ("ordr.landed", wednesday(5)))

    assert why(reactive("order.landed")).more == "ordr.landed did, 2 times."


def test_the_nearest_event_fails_the_fewest_conditions() -> None:
    wanted = {"prefect.resource.id": "order.1", "site": "north", "kind": "full"}
    came(("order", wednesday(4)), labels={"site": "north", "kind": "part"})
    came(("order", wednesday(5)), labels={"site": "south", "kind": "part"})

    found = why(reactive("order", match=wanted))

    assert found.reason.endswith("its label `kind` is `part`, not `full`.")


def test_the_rest_of_a_window_is_quiet_and_the_engine_says_so() -> None:
    came(("order", wednesday(-1)), ("order", wednesday(4)))

    found = why(reactive("order", within=12 * HOUR))

    assert (found.kind, found.reason) == ("other", "")
    assert found.event is not None


def test_a_part_that_never_came_goes_before_the_window_that_waits_for_it() -> None:
    came(("order", wednesday(4)))

    found = why(sequence(ORDER, STOCK))

    assert found.kind == "nothing"
    assert found.reason == "No event named stock came."


def test_a_window_that_is_still_filling_is_told() -> None:
    came(("stock", wednesday(3)), ("order", wednesday(4)), ("stock", wednesday(5)))
    three = reactive("stock", threshold=3, within=40 * HOUR)

    found = why(three, until=thursday(10))

    assert found.kind == "filling"
    assert found.reason == ("A window is still filling, until Thu 16 Nov 19:00: 2 of 3 stock came.")


def test_a_day_on_which_it_fired_says_how_often() -> None:
    came(("order", wednesday(4)), ("order", wednesday(5)))

    found = why(ORDER)

    assert (found.kind, found.reason) == ("fired", "It did fire, 2 times, the last time at 05:00.")


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (TUESDAY, "Events are recorded since Wed 15 Nov 04:00 only."),
        (THURSDAY.replace(day=30), "This day is not part of the period that was backtested."),
    ],
    ids=["before the first", "after the last"],
)
def test_a_day_without_records_says_so(day: Any, reason: str) -> None:
    came(("order", wednesday(4)))

    assert why_not(*backtested(ORDER), day).reason == reason


def test_an_empty_house_says_so() -> None:
    assert why(ORDER).reason == "No events are recorded yet."


def test_related_resources_count_one_by_one() -> None:
    tagged = {"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.prod"}
    came(("order", thursday(4)), related=[related("tag", "prefect.tag.dev")])

    found = why_not(*backtested(reactive("order", match_related=tagged)), THURSDAY)

    assert found.reason.startswith(
        "order came once, but of its related resources `prefect.tag.dev` comes nearest, but"
    )
