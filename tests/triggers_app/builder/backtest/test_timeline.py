"""Where everything stands on the drawing of a backtest."""

from datetime import timedelta

import msgspec
import pytest

from project.lib.json_documents import Document
from tests.menagerie import compound, proactive, reactive, sequence
from tests.triggers_app.builder.past import (
    HOUR,
    MIDNIGHT,
    THURSDAY,
    WEDNESDAY,
    backtested,
    came,
    thursday,
    wednesday,
)
from triggers_app.builder.backtest.timeline import draw
from triggers_app.builder.backtest.timeline_shapes import Drawing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tables")]
ORDER = reactive("order")


def drawn(document: Document, *, since: float = MIDNIGHT, until: float = thursday(24)) -> Drawing:
    return draw(*backtested(document, since=since, until=until))


def test_signs_stand_where_they_happened() -> None:
    came(("order", wednesday(12)), ("order", thursday(12)))

    drawing = drawn(ORDER)

    assert [mark.x for mark in drawing.signs[0].marks] == [25, 75]
    assert [row.title for row in drawing.signs[0].marks] == [
        "Fired Wed 15 Nov 12:00: order",
        "Fired Thu 16 Nov 12:00: order",
    ]


def test_days_count_what_fired_and_what_almost_did() -> None:
    came(("order", wednesday(4)), ("stock", wednesday(4.1)), ("order", thursday(4)))

    drawing = drawn(compound(ORDER, reactive("stock"), within=HOUR))

    assert [(one.day, one.firings, one.almost, one.width) for one in drawing.days[:2]] == [
        (WEDNESDAY, 1, 0, 50),
        (THURSDAY, 0, 1, 50),
    ]


def test_few_events_are_dots_and_many_are_bars() -> None:
    came(*[("order", wednesday(4.1) + number) for number in range(9)], ("stock", wednesday(5)))

    bars, dots = drawn(compound(ORDER, reactive("stock"), within=HOUR)).leaves

    assert [(one.count, one.dots) for one in bars.columns] == [(9, [])]
    assert [(one.count, len(one.dots)) for one in dots.columns] == [(1, 1)]


def test_window_is_filled_as_far_as_it_was() -> None:
    came(("order", wednesday(4)), ("order", wednesday(4.5)))

    (window,) = drawn(reactive("order", threshold=4, within=HOUR)).windows

    assert (window.kind, window.full, window.deadline) == ("almost", 0.5, False)
    assert window.title == "Window, 2 of 4 order came"


def test_absence_ends_with_its_deadline() -> None:
    came(("beat", wednesday(4)), ("other", wednesday(5)))

    drawing = drawn(proactive("beat", within=10 * HOUR), until=wednesday(15))

    assert [(one.kind, one.deadline) for one in drawing.windows] == [("fired", True)]
    assert [mark.x for mark in drawing.signs[0].marks] == [
        drawing.windows[0].x + (drawing.windows[0].width)
    ]


def test_windows_that_overlap_lie_in_lanes() -> None:
    for number, resource in enumerate("abcd"):
        came(("order", wednesday(4 + number / 10)), resource=resource)
    each = reactive("order", threshold=2, within=HOUR, for_each=["prefect.resource.id"])

    drawing = drawn(each)

    assert len({one.y for one in drawing.windows}) == len(drawing.windows) == 3


def test_what_is_not_recorded_or_not_read_is_hatched() -> None:
    came(("order", wednesday(12)), ("order", thursday(1)))
    trigger, result = backtested(ORDER, since=MIDNIGHT)
    part = msgspec.structs.replace(
        result, finished=False, covered_until=result.until - timedelta(days=1)
    )

    drawing = draw(trigger, part)

    assert (drawing.unknown, drawing.unread) == (25, 50)


def test_parts_of_one_name_are_told_apart() -> None:
    parts = [reactive("file", match={"kind": "full", "partner": one}) for one in ("acme", "borel")]

    drawing = drawn(sequence(*parts, within=60))

    assert [row.name for row in drawing.leaves] == ["file · acme", "file · borel"]


@pytest.mark.parametrize(
    ("events", "summary"),
    [
        ([], "No events are recorded yet"),
        (["other"], "Would not have fired in 2 days"),
        (["order"], "Would have fired once in 2 days, last Wed 15 Nov 00:00"),
        (["order"] * 3, "Would have fired 3 times in 2 days, last Wed 15 Nov 00:00"),
    ],
    ids=["nothing recorded", "none", "once", "more"],
)
def test_it_is_summed_up_in_a_sentence(events: list[str], summary: str) -> None:
    came(*[(name, MIDNIGHT + number) for number, name in enumerate(events)])

    assert drawn(ORDER).summary == summary


def test_hours_of_a_single_day_have_their_names() -> None:
    came(("order", wednesday(12)))

    ticks = drawn(ORDER, since=wednesday(1), until=wednesday(23)).ticks

    assert [one.label for one in ticks][:3] == ["03:00", "06:00", "09:00"]
