"""What happens in the demo's company, and how its flows are acted. Pure."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from demo import automations, company
from demo.acting import ActingStage
from demo.happenings import Happening, rhythm
from triggers_app.automation.parsing import parse_automation

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FLOWS = Path(__file__).parents[2] / "docs" / "examples" / "demo"


def week() -> list[Happening]:
    return sorted(company.history(NOW), key=lambda each: each.received)


def test_a_week_is_the_same_whenever_it_is_told() -> None:
    assert [each.event.id for each in week()] == [each.event.id for each in week()]


def test_a_week_has_late_swapped_and_future_events() -> None:
    events = week()
    lags = [each.received - each.event.occurred for each in events]
    assert max(lags) > timedelta(minutes=30) and min(lags) < -timedelta(minutes=10)
    place = {each.event.id: index for index, each in enumerate(events)}
    followers = [each.event for each in events if each.event.follows in place]
    assert any(place[each.id] < place[each.follows] for each in followers if each.follows)


def test_a_week_holds_thousands_of_events_with_a_rhythm() -> None:
    events = week()
    assert 12_000 < len(events) < 25_000
    orders = Counter(e.received.hour for e in events if e.event.event == "order.placed")
    assert orders[19] > 5 * orders[4]


def test_a_rhythm_adds_up_to_its_day() -> None:
    assert sum(rhythm(300, peaks=(11, 19))) == pytest.approx(300)


def test_automations_of_every_kind_are_sound() -> None:
    documents = [parse_automation(each.document) for each in automations.demo_automations(Ids())]
    kinds = {node.type for each in documents for node in each.trigger.walk()}
    assert kinds == {"event", "compound", "sequence", "metric"}
    assert len({each.name for each in documents}) == len(automations.ids()) == 15


class Ids(dict[str, UUID]):
    def __missing__(self, key: str) -> UUID:
        return automations.ids()[0]


@pytest.mark.parametrize("seed", range(12))
def test_a_flow_is_acted_without_waiting(seed: int) -> None:
    given = {"warehouse": "lyon", "order": "Order 7", "lines": 20}
    acted = ActingStage(FLOWS).act("warehouse.py:pick_batch", given, at=NOW, random=Random(seed))
    assert acted.ended > NOW + timedelta(seconds=0.3)
    assert acted.lines[0].message == "Picking a batch in lyon; Order 7 completed it"
    failed = acted.proposal.type == "FAILED"
    assert failed == ("LookupError" in acted.lines[-1].message)


def test_what_follows_on_live_events_follows_soon() -> None:
    end = NOW + timedelta(minutes=5)
    told = list(company.ahead(NOW, end, random=Random(1), pace=25))
    names = Counter(each.event.event for each in told)
    assert names["order.placed"] > 20 and names["order.shipped"] > 20
    assert min(each.received for each in told) >= NOW
