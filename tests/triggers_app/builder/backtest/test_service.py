"""The backtest of a draft: the engine's, kept, compared, given up when nobody wants it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import redis
from django.core.management import call_command

from events_app.domain.event import rfc3339
from project.lib import redis_client
from project.lib.json_documents import Document
from project.lib.process_memory import clear_all
from tests.menagerie import compound, reactive
from tests.triggers_app.builder.past import (
    HOUR,
    NOW,
    backtested,
    came,
    draft_of,
    edited,
    thursday,
    wednesday,
)
from tests.triggers_app.live import empty_tables, identified
from triggers_app.automation.triggers import EventTrigger, Trigger
from triggers_app.builder.backtest import jobs
from triggers_app.builder.backtest import service as backtests
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Automation, AutomationVersion, Draft
from triggers_app.services.backtesting import Backtest, BacktestProgress

pytestmark = pytest.mark.django_db(transaction=True)
ORDER = reactive("order")
COUNTING = compound(reactive("order", threshold=2, within=HOUR), reactive("stock"), within=HOUR)


@pytest.fixture(autouse=True)
def tables() -> Iterator[None]:
    with empty_tables():
        came(("order", wednesday(4)), ("order", wednesday(4.5)), ("stock", wednesday(4.6)),
             ("order", thursday(9)))  # fmt: skip
        yield


def look(draft: Draft, **more: Any) -> backtests.BacktestView:
    return backtests.look(draft, now=NOW, patience=30, **more)


def saved(trigger: Document) -> Automation:
    document = {"name": "orders", "trigger": trigger, "actions": []}
    row = Automation.objects.create(name="orders", change=1, version=1, document=document)
    AutomationVersion.objects.create(
        automation=row, version=1, enabled=True, document=document,
        effective_after_ms=0, effective_after_seq=0,
    )  # fmt: skip
    return row


def with_ids(document: Document) -> Document:
    children = [with_ids(child) for child in document.get("triggers", [])]
    return identified(document | ({"triggers": children} if children else {}), str(uuid4()))


def told_by_the_command(row: Automation) -> dict[str, Any]:
    out = StringIO()
    since, until = rfc3339(NOW - timedelta(days=7)), rfc3339(NOW)
    call_command("backtest", str(row.pk), since=since, until=until, json=True, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_draft_of_a_saved_automation_gives_what_the_command_gives() -> None:
    row = saved(with_ids(COUNTING))
    draft = drafts.open_for(row.pk, author="eda", now=NOW)

    found = look(draft)

    assert found.result is not None
    assert json.loads(msgspec.json.encode(found.result)) == told_by_the_command(row)
    assert (found.result.firings_total, found.base, found.saved) == (1, None, None)


def test_result_is_kept_for_whatever_does_not_change_the_trigger(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draft = draft_of(ORDER)
    assert backtests.cached_result(draft) is None
    first = look(draft).result
    monkeypatch.setattr(jobs, "ask", lambda *_, **__: pytest.fail("It was asked for anew."))

    renamed = edited(draft, name="b", actions=[])

    assert look(renamed).result == first
    assert backtests.cached_result(renamed) == first


def test_another_trigger_has_a_result_of_its_own() -> None:
    draft = draft_of(ORDER)
    assert look(draft).result

    changed = edited(draft, trigger=reactive("stock"))

    assert backtests.cached_result(changed) is None
    result = look(changed).result
    assert result is not None and result.firings_total == 1


def test_the_end_stays_until_somebody_asks_for_now() -> None:
    draft, later = draft_of(ORDER), NOW + timedelta(minutes=3)
    look(draft)

    same = backtests.look(draft, now=later, patience=30).until
    backtests.refresh(draft)

    assert (same, backtests.look(draft, now=later, patience=30).until) == (NOW, later)


def test_draft_is_compared_with_the_version_it_began_with() -> None:
    row = saved(with_ids(ORDER))
    draft = drafts.open_for(row.pk, author="eda", now=NOW)
    both = with_ids(reactive("order", "stock", after=[], match={"prefect.resource.id": "order.*"}))
    changed = edited(draft, trigger=both)

    found = look(changed)

    assert found.base == 1 and found.result and found.saved
    differences = backtests.differences(found.result, found.saved)
    assert [one.event.event for one in differences.added if one.event] == ["stock"]
    assert differences.removed == []


def runs(monkeypatch: pytest.MonkeyPatch) -> list[Trigger]:
    """The triggers that are backtested from now on."""
    ran: list[Trigger] = []
    iterate = Backtest.__iter__

    def noted(backtest: Backtest) -> Iterator[BacktestProgress]:
        ran.append(backtest.question.trigger)
        return iterate(backtest)

    monkeypatch.setattr(Backtest, "__iter__", noted)
    return ran


def test_what_a_draft_is_compared_with_is_backtested_once(monkeypatch: pytest.MonkeyPatch) -> None:
    row = saved(with_ids(ORDER))
    draft = drafts.open_for(row.pk, author="eda", now=NOW)
    ran = runs(monkeypatch)

    one = look(draft := edited(draft, trigger=with_ids(reactive("stock"))))
    two = look(edited(draft, trigger=with_ids(reactive("order", "stock"))))

    assert [trigger.event_names for trigger in ran if isinstance(trigger, EventTrigger)] == [
        ["stock"], ["order"], ["order", "stock"],
    ]  # fmt: skip
    assert one.saved is not None and one.saved == two.saved


def test_a_partial_result_of_the_saved_version_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    row = saved(with_ids(ORDER))
    draft = drafts.open_for(row.pk, author="eda", now=NOW)
    ran = runs(monkeypatch)

    for name in ("stock", "box"):
        draft = edited(draft, trigger=with_ids(reactive(name)))
        look(draft, seconds=0.0)

    assert len(ran) == 4


def test_a_long_backtest_of_the_saved_version_runs_beside_the_web_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = saved(with_ids(ORDER))
    draft = edited(
        drafts.open_for(row.pk, author="eda", now=NOW), trigger=with_ids(reactive("box"))
    )
    asked: list[bool] = []
    monkeypatch.setattr(jobs, "ask", lambda job, *, here: asked.append(here))
    monkeypatch.setattr(backtests, "FEW_EVENTS", 2)  # of the three that the saved one reads

    backtests.look(draft, now=NOW)

    assert asked == [False]


def test_what_would_not_fire_any_more_is_told() -> None:
    _, before = backtested(reactive("order", "stock"))
    _, now = backtested(ORDER)

    found = backtests.differences(now, before)

    assert [one.event.event for one in found.removed if one.event] == ["stock"]
    assert found.added == []


def test_long_lists_are_compared_as_far_back_as_both_reach() -> None:
    _, whole = backtested(ORDER)
    short = msgspec.structs.replace(whole, firings=whole.firings[-1:])

    found = backtests.differences(whole, short)

    assert (found.added, found.removed) == ([], [])


@pytest.mark.parametrize(
    ("trigger", "problem"),
    [
        ({"type": "event", "expect": ["a"]}, "trigger.posture: `posture` is required."),
        ({"type": "compound", "triggers": []}, "trigger.require: `require` is required."),
    ],
    ids=["no posture", "no require"],
)
def test_trigger_that_cannot_be_read_says_what_is_missing(trigger: Document, problem: str) -> None:
    found = look(draft_of(trigger))

    assert found.state == "unreadable"
    assert problem in [str(one) for one in found.problems]


def test_an_action_that_cannot_be_read_is_no_obstacle() -> None:
    assert look(draft_of(ORDER, actions=[{"type": "run-deployment"}])).state == "done"


def test_process_beside_this_one_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    here = look(draft_of(ORDER)).result
    monkeypatch.setattr(backtests, "FEW_EVENTS", -1)
    try:
        beside = backtests.look(draft_of(ORDER), now=NOW, patience=60)
    finally:
        jobs.stop_processes()

    assert (beside.state, beside.error) == ("done", "")
    assert here is not None and beside.result is not None
    assert beside.result.firings_total == here.firings_total == 3


def job(name: str = "a", draft: str = "d") -> jobs.BacktestJob:
    trigger = backtested(ORDER)[0].model_dump(mode="json")
    ends = int(NOW.timestamp() * 1000)
    wish = jobs.Wish(
        trigger=trigger, since_ms=ends - 7 * 86_400_000, until_ms=ends, resolves=False, seconds=5
    )
    return jobs.BacktestJob(id=name, draft=draft, wishes=[wish])


def test_newer_job_of_the_draft_stops_the_older_one() -> None:
    jobs.newest("d", "newer")

    jobs.run(job("older"))

    assert jobs.status_of("older") is None


def test_job_that_somebody_works_on_is_not_begun_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.ask(job(), here=True)
    monkeypatch.setattr(jobs, "run", lambda _: pytest.fail("It was begun twice."))

    jobs.ask(job(), here=True)

    told = jobs.status_of("a")
    assert told is not None and told.state == "done"


def test_runner_that_died_is_forgotten_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    lives: list[int] = []

    def progress(_: Backtest) -> Iterator[BacktestProgress]:
        yield BacktestProgress(0, 10, 0, 0)
        lives.append(redis_client.client().pttl("flint:backtest:a"))

    asked = job()
    monkeypatch.setattr(Backtest, "__iter__", progress)
    jobs.newest("d", "a")
    jobs.run(asked)

    assert 0 < lives[0] <= 5_000


def test_broken_backtest_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = job()
    monkeypatch.setattr(Backtest, "__iter__", lambda _: 1 / 0)
    jobs.newest("d", "a")

    with pytest.raises(ZeroDivisionError):
        jobs.run(asked)

    told = jobs.status_of("a")
    assert told is not None
    assert (told.state, told.error) == ("broken", "ZeroDivisionError: division by zero")


def test_time_that_runs_out_leaves_a_part() -> None:
    found = look(draft_of(ORDER), seconds=0.0)

    assert found.result is not None
    assert (found.state, found.result.finished) == ("done", False)


def test_result_of_another_version_of_flint_is_asked_for_anew() -> None:
    draft = draft_of(ORDER)
    look(draft)
    (key,) = redis_client.client().keys("flint:backtest:" + "?" * 32)
    redis_client.client().set(key, b"odd")
    clear_all()  # what ended a moment ago is remembered

    assert look(draft).state == "done"


def test_without_redis_it_says_so_and_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = draft_of(ORDER)
    away = redis.Redis(unix_socket_path="/nowhere")
    monkeypatch.setattr(redis_client, "client", lambda: away)

    assert (look(draft).state, look(draft).error) == ("broken", backtests.AWAY)
    assert backtests.cached_result(draft) is None
    backtests.refresh(draft)
    assert backtests.fold_of(draft, now=NOW)[1] == 7 * 86_400_000


def test_effect_is_told_by_day_hour_and_minute() -> None:
    came(*[("bulk", wednesday(12) + number) for number in range(90)])
    _, result = backtested(reactive("bulk", "order"), since=wednesday(0), until=thursday(24))

    effect = backtests.effect_of(result)

    assert (effect.firings, effect.busiest_minute, effect.busiest_hour) == (93, 60, 90)
    assert (result.days, effect.covered) == (
        {"2023-11-15": 92, "2023-11-16": 1}, timedelta(hours=44),
    )  # fmt: skip
    assert round(effect.per_day, 1) == 50.7


@pytest.mark.parametrize(
    ("oldest", "offered"),
    [(NOW, ["24h", "7d"]), (NOW + timedelta(days=9), ["24h", "7d", "30d"])],
    ids=["little is recorded", "more than a week"],
)
def test_periods_end_where_the_records_do(oldest: Any, offered: list[str]) -> None:
    assert backtests.periods(now=oldest) == offered
