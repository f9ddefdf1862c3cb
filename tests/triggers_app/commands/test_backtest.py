"""`manage.py backtest`: what a saved automation would have done."""

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from events_app.domain.event import Entry, Event, from_ms, to_us
from events_app.domain.position import StreamId
from project.lib.clock import utcnow
from tests.menagerie import automation, compound, reactive
from tests.triggers_app.live import BASE_MS, Live, empty_tables, record
from triggers_app.automation.document import document
from triggers_app.models import Automation
from triggers_app.services import backtest_questions as questions
from triggers_app.services.backtesting import Backtest

pytestmark = pytest.mark.django_db(transaction=True)
COUNTING = reactive("e", threshold=2, within=60)


@pytest.fixture
def live() -> Iterator[Live]:
    with empty_tables() as client:
        yield Live(client)


@pytest.fixture
def saved(live: Live) -> Automation:
    made = automation(compound(COUNTING, reactive("e", threshold=5, within=600), require="any"))
    return Automation.objects.create(name="orders", change=1, document=document(made))


def happened(count: int) -> None:
    """Events some minutes ago, one a second."""
    now = utcnow() - timedelta(minutes=5)
    for place in range(count):
        one = Event(occurred=now, event="e", resource={"prefect.resource.id": "r"}, id=uuid4())
        record([Entry(StreamId(to_us(now) // 1000 + 1000 * place, 0), [one])])


def told(*args: str, status: int | None = None) -> str:
    out = StringIO()
    if status is None:
        call_command("backtest", *args, stdout=out)
    else:
        with pytest.raises(SystemExit) as ended:
            call_command("backtest", *args, stdout=out)
        assert ended.value.code == status
    return out.getvalue()


def test_firings_and_what_almost_fired_are_listed(saved: Automation) -> None:
    happened(3)

    lines = told("orders").splitlines()

    assert lines[0] == f"orders ({saved.pk})"
    assert "3 events read" in lines[2] and "1 firings, 0 almost" in lines[2]
    assert "no window open" in lines[3]
    assert "No events are recorded before" in lines[4]
    assert [line.split()[0] for line in lines[5:]] == ["fired", "filling"]


def test_an_id_is_as_good_as_a_name_and_json_tells_all(saved: Automation) -> None:
    happened(2)

    result = json.loads(told(str(saved.pk), "--since", "1h", "--json"))

    assert (result["firings_total"], len(result["nodes"])) == (1, 3)


def test_without_events_it_says_so(saved: Automation) -> None:
    assert "No events are recorded." in told("orders")


def test_running_out_of_time_has_an_exit_code(saved: Automation) -> None:
    assert "only a part" in told("orders", "--seconds", "0", status=2)


def test_an_engine_that_gives_up_has_an_exit_code(
    saved: Automation, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened(1)
    monkeypatch.setattr("triggers_app.automation.engine.reactive.Counting.feed", lambda *_: 1 / 0)

    assert "ZeroDivisionError" in told("orders", status=3)


WRONG = [
    (["nobody"], "no automation"),
    (["orders", "--since", "soon"], "`since` must be a duration"),
    (["orders", "--since", "1d", "--until", "2d"], "before `until`"),
    (["00000000-0000-4000-8000-000000000000"], "no automation"),
]


@pytest.mark.parametrize(("args", "message"), WRONG, ids=[" ".join(one[0][:3]) for one in WRONG])
def test_what_cannot_be_backtested(saved: Automation, args: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        told(*args)


def test_a_name_that_several_have(saved: Automation) -> None:
    twin = Automation.objects.create(name="orders", change=2, document=saved.document)

    with pytest.raises(CommandError, match=str(twin.pk)):
        told("orders")


def test_a_saved_automation_goes_on_from_a_snapshot(live: Live) -> None:
    made = document(automation(COUNTING))
    live.at(0)
    automation_id = uuid4()
    live.save(automation_id, made["trigger"])
    live.send([Event(occurred=from_ms(0), event="e", resource={"prefect.resource.id": "r"},
                     id=uuid4())])  # fmt: skip
    live.evaluate_all()
    since = from_ms(live.snapshot() + 1)
    row = Automation.objects.get()
    until = since + timedelta(seconds=30)

    going_on = Backtest(questions.of_saved(row, since, until)).run()
    row.document["trigger"]["threshold"] = 3
    changed = Backtest(questions.of_saved(row, since, until)).run()

    assert (going_on.starts, going_on.open[0].count) == ("snapshot", 1)
    assert (changed.starts, changed.open) == ("empty", [])


def test_what_is_not_recorded_yet_does_not_look_like_silence(live: Live) -> None:
    made = automation({"type": "event", "posture": "Proactive", "expect": ["beat"], "within": 10})
    since = from_ms(BASE_MS)
    live.at(0)
    happened_at = Event(
        occurred=from_ms(0), event="beat", resource={"prefect.resource.id": "r"}, id=uuid4()
    )
    live.send([happened_at])

    behind = questions.of_draft(made, since, since + timedelta(seconds=60))
    live.record_all()
    abreast = questions.of_draft(made, since, since + timedelta(seconds=60))

    assert behind.until_ms == behind.since_ms
    assert abreast.until_ms == abreast.since_ms + 60_000
