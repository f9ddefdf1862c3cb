"""What one event did to all automations, at a glance."""

from typing import Any
from uuid import UUID

import pytest

from events_app.domain.position import Position
from project.lib import database
from project.lib.json_documents import Document
from tests.menagerie import compound, event, ms, named, reactive
from tests.triggers_app.live import Live, identified
from triggers_app.models import Automation
from triggers_app.services import fates as service
from triggers_app.services.fates import Fates, fates
from triggers_app.storage import history

pytestmark = pytest.mark.django_db(transaction=True)


def saved(live: Live, name: str, document: Document, **more: Any) -> None:
    live.save(named(name), identified(document, name), **more)
    Automation.objects.filter(pk=named(name)).update(name=name)
    live.evaluate_all()


def sent(live: Live, at: float, name: str = "e", **fields: Any) -> UUID:
    one = event(name, at=at, id=f"{name} {at}", **fields)
    live.at(ms(at))
    live.send([one])
    live.evaluate_all()
    live.record_all()
    return one.id


def fates_of(event_id: UUID) -> Fates:
    with database.connect(application_name="flint test") as own:
        past = history.event_with_id(own, event_id)
    assert past
    return fates(past.event, Position(*past.position))


def told(event_id: UUID) -> list[tuple[str, str]]:
    return [(row.name, row.fate) for row in fates_of(event_id).rows]


def test_one_row_for_each_automation_that_has_a_say(live: Live) -> None:
    saved(live, "fires", reactive("e"))
    saved(live, "counts", reactive("e", threshold=3, within=60))
    saved(live, "part", compound(identified(reactive("e"), "1"), identified(reactive("f"), "2")))
    saved(live, "other name", reactive("f"))
    saved(live, "other resource", reactive("e", match={"prefect.resource.id": "x"}))
    saved(live, "off", reactive("e"), enabled=False)

    found = fates_of(sent(live, 1))

    assert [(row.name, row.fate) for row in found.rows] == [
        ("fires", "fired"),
        ("counts", "counted"),
        ("part", "matched"),
        ("other resource", "ignored"),
    ]
    assert (found.matched_total, found.ignored_total) == (2, 1)
    assert found.rows[0].firing_id
    assert found.rows[1].sentence == "It is one of 1 so far, until 2100-01-01T00:01:01Z."
    assert found.rows[3].sentence == (
        "Ignored: its label `prefect.resource.id` is `order.1`, not `x`."
    )


def test_a_window_that_closed_since_is_told(live: Live) -> None:
    saved(live, "counts", reactive("e", threshold=2, within=60))
    first = sent(live, 1)
    sent(live, 2)

    (row,) = fates_of(first).rows

    assert (row.fate, row.sentence) == ("counted", "It was one of 2 events of a window that fired.")


def test_keys_are_told_apart(live: Live) -> None:
    saved(live, "counts", reactive("e", threshold=2, within=60, for_each=["prefect.resource.id"]))
    one = sent(live, 1, resource="x")
    sent(live, 2, resource="y")

    assert fates_of(one).rows[0].sentence.startswith("It is one of 1 so far")


def test_a_follower_that_waited_fired_later(live: Live) -> None:
    saved(live, "fires", reactive("e"))
    waits = sent(live, 1, follows="leader")
    assert told(waits) == [("fires", "matched")]
    live.at(ms(5))
    live.send([event("x", id="leader")])
    live.evaluate_all()

    assert told(waits) == [("fires", "fired")]


def test_changes_are_noticed(live: Live) -> None:
    saved(live, "a", reactive("e", threshold=5, within=60))
    one = sent(live, 1)
    assert told(one) == [("a", "counted")]
    saved(live, "a", reactive("f"))

    assert told(one) == []


def test_nobody_looks_at_log_lines(live: Live) -> None:
    saved(live, "every", reactive())

    assert told(sent(live, 1, "prefect.log.write")) == []


def test_what_is_listed_is_limited_and_counted(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_IGNORED", 1)
    monkeypatch.setattr(service, "MOST_CANDIDATES", 1)
    for number in range(3):
        saved(live, f"matched {number}", reactive("e", threshold=5, within=60))
        saved(live, f"ignored {number}", reactive("e", match={"site": "n"}))

    found = fates_of(sent(live, 1))

    assert sorted(row.fate for row in found.rows) == ["counted", "ignored"]
    assert (found.matched_total, found.ignored_total) == (3, 3)


def test_it_takes_few_queries_however_many_automations(
    live: Live, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        saved(live, f"matched {number}", reactive("e", threshold=5, within=60))
        saved(live, f"ignored {number}", reactive("e", match={"site": "n"}))
    with database.connect(application_name="flint test") as own:
        past = history.event_with_id(own, sent(live, 1))
    assert past

    with django_assert_num_queries(6):  # fired, changed, closed, open, names, ignored
        fates(past.event, Position(*past.position))
