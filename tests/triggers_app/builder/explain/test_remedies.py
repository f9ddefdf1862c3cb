"""What would have made an almost-firing one, with what it really does."""

import pytest

from project.lib.json_documents import Document
from tests.menagerie import compound, reactive
from tests.triggers_app.builder.past import HOUR, WEDNESDAY, backtested, came, wednesday
from triggers_app.builder.explain import remedies
from triggers_app.builder.explain.why_not import why_not

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tables")]
BOTH = compound(reactive("order"), reactive("stock"), within=HOUR)


def offered(document: Document) -> list[tuple[str, int]]:
    trigger, result = backtested(document)
    found = remedies.remedies_of(trigger, result, why_not(trigger, result, WEDNESDAY))
    return [(one.label, one.more) for one in found]


def test_a_window_is_widened_up_to_what_came_too_late() -> None:
    came(("order", wednesday(4)), ("stock", wednesday(5.5)))

    assert offered(BOTH) == [("Widen the window to 2 h", 1)]


def test_a_count_is_lowered_to_what_came() -> None:
    came(("order", wednesday(4)), ("order", wednesday(4.5)))

    assert offered(reactive("order", threshold=3, within=HOUR)) == [("Need 2 instead of 3", 1)]


def test_the_window_is_widened_or_the_count_lowered() -> None:
    came(("order", wednesday(4)), ("order", wednesday(4.5)), ("order", wednesday(5.2)))

    assert offered(reactive("order", threshold=3, within=HOUR)) == [
        ("Widen the window to 1 h 30 min", 1),
        ("Need 2 instead of 3", 1),
    ]


def test_what_helps_nothing_is_not_offered() -> None:
    came(("order", wednesday(4)))

    assert offered(BOTH) == []


def test_where_a_backtest_is_dear_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    came(("order", wednesday(4)), ("stock", wednesday(5.5)))
    monkeypatch.setattr(remedies, "MOST_EVENTS", 1)

    assert offered(BOTH) == []


def test_it_changes_the_one_part_and_no_other() -> None:
    document = {"id": "a", "within": 1, "triggers": [{"id": "b", "threshold": 3}, "odd"]}

    assert remedies.applied(document, "b", "threshold", 2.0) == {
        "id": "a", "within": 1, "triggers": [{"id": "b", "threshold": 2}, "odd"],
    }  # fmt: skip
    assert remedies.applied(document, "c", "within", 2.0) == document
