"""What events of a list did to automations, in two numbers each."""

from typing import Any
from uuid import UUID

import pytest

from events_app.domain.event import Event
from events_app.services.event_outcomes import NOTHING, EventOutcome, fresh_outcomes
from project.lib.clock import utcnow
from tests.menagerie import event, reactive
from tests.triggers_app.live import Live
from tests.triggers_app.services.test_fates import saved, sent
from triggers_app.services import row_outcomes
from triggers_app.services.fates import Listeners

pytestmark = pytest.mark.django_db(transaction=True)


def test_fired_and_counted_are_told_apart_in_open_and_closed_windows(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(live, "every", reactive("e"))
    saved(live, "pairs", reactive("e", threshold=2, within=60))
    first, second, third, other = (
        sent(live, 1), sent(live, 2), sent(live, 100), sent(live, 101, "other"),
    )  # fmt: skip
    ids = [first, second, third, other]

    outcomes = _fresh(ids, monkeypatch)

    assert [outcomes[one] for one in ids] == [
        EventOutcome(1, 1),
        EventOutcome(2, 0),
        EventOutcome(1, 1),
        NOTHING,
    ]


def _fresh(ids: list[UUID], monkeypatch: pytest.MonkeyPatch) -> dict[UUID, EventOutcome]:
    monkeypatch.setattr("events_app.services.event_outcomes.connection.close", lambda: None)
    return fresh_outcomes(ids, now=utcnow().replace(year=2020))


def test_what_was_not_recorded_yet_has_no_outcome(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(live, "every", reactive("e"))
    one = event("e", at=1, id="not recorded")
    live.send([one])
    live.evaluate_all()

    assert _fresh([one.id], monkeypatch) == {}


def test_only_so_many_windows_are_made_as_are_looked_at(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first", "second"):
        saved(live, name, reactive("e", threshold=9, within=60))
    ids = [sent(live, 1), sent(live, 2), sent(live, 3)]
    monkeypatch.setattr(row_outcomes, "MOST_PLACES", 2)
    matched, matching = [], Listeners.matching

    def counting(self: Listeners, event: Event, *, without: set[UUID]) -> Any:
        matched.append(event.id)
        return matching(self, event, without=without)

    monkeypatch.setattr(Listeners, "matching", counting)

    outcomes = _fresh(ids, monkeypatch)

    assert len(matched) == 1
    assert sum(one.counted for one in outcomes.values()) == 2
