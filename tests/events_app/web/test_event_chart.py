"""The chart above the list: events, those of them that fired, and the time around."""

import html as markup
import re
from datetime import timedelta

import pytest
from django.test import Client

from events_app.models import EventCount
from tests.web import scene


def chart(client: Client, query: str) -> str:
    return markup.unescape(client.get(f"/events/histogram/?{query}").content.decode())


def fired(html: str) -> list[str]:
    return re.findall(r": (\d+) events?, [1-9]\d* fired</title>", html)


@pytest.mark.parametrize(
    ("query", "bars"),
    [("q=last:1h", ["2"]), ("q=name:a last:1h", ["1"]), ("q=name:b last:1h", []), ("", ["2"]),
     ("q=name:a", ["1"])],
    ids=["an hour", "a name", "another name", "days", "days of a name"],
)  # fmt: skip
def test_bars_show_how_many_events_of_the_query_fired(
    query: str, bars: list[str], viewer: Client, db: None
) -> None:
    event = scene.event("a", received=scene.ago(60))
    scene.event("b", received=scene.ago(60), seq=1)
    automation = scene.automation()
    scene.firing(automation, event)
    scene.firing(automation, event)
    for name in ("a", "b"):
        EventCount.objects.create(log_day=scene.ago(60).date(), event=name, events=1)

    html = chart(viewer, query)

    assert fired(html) == bars
    assert ("1 fired" in html) == bool(bars)


def test_the_time_before_and_after_are_a_link_away(viewer: Client, db: None) -> None:
    html = chart(viewer, "q=name:a since:2026-11-20T04:00 until:2026-11-20T06:00")

    links = dict(re.findall(r'id="chart-(\w+)" href="/events/\?q=([^"]+)"', html))
    assert links == {
        "earlier": "name%3Aa+since%3A2026-11-20T02%3A00+until%3A2026-11-20T04%3A00",
        "later": "name%3Aa+since%3A2026-11-20T06%3A00+until%3A2026-11-20T08%3A00",
        "whole": "name%3Aa",
    }


def test_nothing_is_after_now(viewer: Client, db: None) -> None:
    html = chart(viewer, "q=last:1h")

    assert ('id="chart-earlier"' in html, 'id="chart-later"' in html) == (True, False)


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_the_ends_of_time_have_no_time_beside_them(year: str, viewer: Client, db: None) -> None:
    query = f"q=since:{year}-01-01T00:00 until:{year}-12-31T00:00"

    assert viewer.get(f"/events/histogram/?{query}").status_code == 200


def test_the_chart_is_said_in_words(viewer: Client, db: None) -> None:
    day = scene.NOW.date()
    EventCount.objects.create(log_day=day, event="a", events=8)
    EventCount.objects.create(log_day=day - timedelta(days=1), event="a", events=12)

    html = chart(viewer, "")

    assert "20 events from" in html
    assert "of which 0 fired automations. The most, 12, at" in html
