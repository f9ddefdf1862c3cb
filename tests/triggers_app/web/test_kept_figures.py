"""Numbers of a large house are read once a minute; what is new is in them at once."""

from datetime import UTC, datetime, timedelta

import pytest

from events_app.models import EventCount
from events_app.reads import event_counts
from runs_app.reads import flow_runs
from runs_app.reads import overview as run_news
from tests.web import scene
from triggers_app.models import Bucket
from triggers_app.reads import health
from triggers_app.reads import overview as firing_news

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
HOURS_AGO = NOW - timedelta(hours=5)
SOON, LATER = NOW + timedelta(seconds=1), NOW + timedelta(seconds=61)


def fired(now: datetime) -> list[int]:
    """Hours ago and lately, and the windows that are open."""
    news = firing_news.news(now=now)
    return [sum(n for at, n in news.by_hour.items() if at < NOW.replace(minute=0)),
            sum(n for at, n in news.by_hour.items() if at >= NOW.replace(minute=0)),
            news.open_windows]  # fmt: skip


def test_firings_of_the_last_hours_are_counted_at_once(db: None) -> None:
    of = scene.automation()
    scene.firing(of, None, at=HOURS_AGO)
    assert fired(NOW) == [1, 0, 0]

    scene.firing(of, None, at=HOURS_AGO)
    scene.firing(of, None, at=NOW)
    Bucket.objects.create(
        automation_id=of.pk, trigger_id=of.pk, key="[]", state=b"", closes_us=1, count=1
    )

    assert fired(SOON) == [1, 1, 0]
    assert fired(LATER) == [2, 1, 1]


def test_events_of_today_are_counted_at_once(db: None) -> None:
    today, yesterday = NOW.date(), NOW.date() - timedelta(days=1)
    EventCount.objects.create(event="a", log_day=yesterday, events=2)
    assert event_counts.arrivals(now=NOW).by_day == {yesterday: 2}

    EventCount.objects.create(event="b", log_day=yesterday, events=3)
    EventCount.objects.create(event="b", log_day=today, events=7)

    assert event_counts.arrivals(now=SOON).by_day == {yesterday: 2, today: 7}
    assert event_counts.arrivals(now=LATER).by_day == {yesterday: 5, today: 7}


def test_runs_of_the_last_hours_are_counted_at_once(db: None) -> None:
    of = scene.deployment()
    scene.run(of, created=HOURS_AGO)
    assert run_news.news(now=NOW).completed == 1

    scene.run(of, created=HOURS_AGO)
    scene.run(of, created=NOW - timedelta(seconds=9))

    assert run_news.news(now=SOON).completed == 2
    assert run_news.news(now=LATER).completed == 3


@pytest.mark.parametrize(("many", "soon"), [(2, 2), (3, 3)], ids=["many", "few"])
def test_only_completed_runs_and_only_very_many_are_counted_once_a_minute(
    many: int, soon: int, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_runs, "MANY", many)
    of = scene.deployment()
    scene.run(of)
    scene.run(of)
    assert flow_runs.page(size=5, now=NOW).counts == {"COMPLETED": 2}

    scene.run(of)
    scene.run(of, states="SPRF")

    assert flow_runs.page(size=5, now=SOON).counts == {"COMPLETED": soon, "FAILED": 1}
    assert flow_runs.page(size=5, now=LATER).counts == {"COMPLETED": 3, "FAILED": 1}


def test_health_is_judged_twice_a_minute(db: None) -> None:
    of = scene.automation()
    type(of).objects.filter(pk=of.pk).update(created=NOW - timedelta(days=9))
    assert health.unwell(now=NOW).silent == {of.pk}

    scene.firing(of, None, at=NOW)

    assert health.unwell(now=SOON).health_of(of.pk) == "silent"
    assert health.unwell(now=LATER).health_of(of.pk) == "ok"


def test_who_fails_is_neither_noisy_nor_silent_and_who_is_noisy_not_silent(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "NOISY_PER_HOUR", 1)
    failing, noisy, calm = (scene.automation(name) for name in ("a", "b", "c"))
    for of in (failing, noisy):
        for _ in range(2):
            scene.firing(of, None, at=NOW - timedelta(minutes=1))
    scene.action(scene.firing(failing, None, at=NOW), state="rejected")
    type(calm).objects.update(created=NOW - timedelta(days=9))

    state = health.unwell(now=NOW)

    assert state.by_health == {"failing": {failing.pk}, "noisy": {noisy.pk}, "silent": {calm.pk}}
