"""When schedules occur, most of all where clocks are changed."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project.lib.problems import Invalid
from runs_app.domain import schedules

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NEW_YORK = "America/New_York"
ZONES = [NEW_YORK, "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]


def parse(document: dict[str, Any]) -> schedules.Schedule:
    return schedules.parse(schedules.with_anchor(document, now=NOW))


def first(document: dict[str, Any], after: str, count: int = 4) -> list[str]:
    found = islice(parse(document).occurrences(datetime.fromisoformat(after)), count)
    return [each.isoformat(timespec="minutes").removesuffix("+00:00") for each in found]


# Recorded from Prefect 3.9.1: the day on which clocks go forward, and the one on which they go
# back. 2:30 does not exist on the first, 1:30 exists twice on the second.
@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        ("30 2 * * *", "2027-03-13T22:00+00:00", ["2027-03-14T07:30", "2027-03-15T06:30"]),
        ("30 2 * * *", "2027-03-14T07:10+00:00", ["2027-03-14T07:30", "2027-03-15T06:30"]),
        ("30 1 * * *", "2026-10-31T22:00+00:00", ["2026-11-01T05:30", "2026-11-02T06:30"]),
        ("30 1 * * *", "2026-11-01T06:15+00:00", ["2026-11-02T06:30", "2026-11-03T06:30"]),
        ("0 * * * *", "2026-11-01T05:00+00:00", ["2026-11-01T07:00", "2026-11-01T08:00"]),
        ("0 * * * *", "2027-03-14T06:00+00:00", ["2027-03-14T07:00", "2027-03-14T08:00"]),
        ("0 9 * * 1-5", "2027-03-13T22:00+00:00", ["2027-03-15T13:00", "2027-03-16T13:00"]),
    ],
)
def test_a_cron_schedule_goes_by_the_wall_clock(cron: str, after: str, expected: list[str]) -> None:
    assert first({"cron": cron, "timezone": NEW_YORK}, after, len(expected)) == expected


def test_day_and_weekday_are_joined_as_is_said() -> None:
    either = first({"cron": "0 0 13 * 5"}, "2026-11-01T00:00+00:00")
    both = first({"cron": "0 0 13 * 5", "day_or": False}, "2026-11-01T00:00+00:00", 2)

    assert either == [
        "2026-11-06T00:00",
        "2026-11-13T00:00",
        "2026-11-20T00:00",
        "2026-11-27T00:00",
    ]
    assert both == ["2026-11-13T00:00", "2027-08-13T00:00"]


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(
        [
            {"cron": "30 2 * * *"},
            {"cron": "*/20 * * * *"},
            {"cron": "15 1,2,3 * * 0"},
            {"interval": 86_400.0, "anchor_date": "2024-01-01T07:30:00+00:00"},
            {"interval": 2_700.0, "anchor_date": "2031-01-01T00:00:00Z"},
            {"interval": 129_600.0, "anchor_date": "2024-01-01T02:30:00"},
            {"rrule": "DTSTART:20240101T023000\nRRULE:FREQ=DAILY"},
            {"rrule": "DTSTART:20240101T013000\nRRULE:FREQ=HOURLY;INTERVAL=5"},
            {"rrule": "DTSTART:20240101T013000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU"},
        ]
    ),
)
def test_it_does_not_matter_when_one_asks(
    zone: str, moment: datetime, document: dict[str, Any]
) -> None:
    """In order, later than asked for, and the same times whatever came before."""
    schedule = parse(document | {"timezone": zone})

    times = list(islice(schedule.occurrences(moment), 12))

    assert times == sorted(set(times)) and times[0] > moment
    assert list(islice(schedule.occurrences(times[3]), 8)) == times[4:]
    halfway = times[3] + (times[4] - times[3]) / 2
    assert list(islice(schedule.occurrences(halfway), 8)) == times[4:]


@given(st.sampled_from(ZONES), st.dates(date(2024, 1, 2), date(2029, 12, 1)))
def test_a_daily_schedule_occurs_once_on_every_day_of_its_zone(zone: str, day: date) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    for document in (
        {"cron": "30 2 * * *"},
        {"interval": 86_400, "anchor_date": "2024-01-01T02:30:00"},
        {"rrule": "DTSTART:20240101T023000\nFREQ=DAILY"},
    ):
        schedule = parse(document | {"timezone": zone})

        times = islice(schedule.occurrences(start - timedelta(seconds=1)), 5)

        days = [each.astimezone(ZoneInfo(zone)).date() for each in times]
        assert days == [day + timedelta(days=n) for n in range(5)]


@given(
    st.sampled_from(ZONES),
    st.integers(1, 86_399),
    st.datetimes(datetime(2024, 1, 1), NOW.replace(tzinfo=None)),
)
def test_intervals_below_a_day_are_counted_in_elapsed_time(
    zone: str, seconds: int, moment: datetime
) -> None:
    schedule = parse({"interval": seconds, "timezone": zone})

    times = list(islice(schedule.occurrences(moment.replace(tzinfo=UTC)), 5))

    assert {b - a for a, b in pairwise(times)} == {timedelta(seconds=seconds)}
    assert times[0] - moment.replace(tzinfo=UTC) <= timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"cron": "0 0 30 2 *"}, "cron"),
        ({"cron": "61 * * * *"}, "cron"),
        ({"cron": "every day"}, "cron"),
        ({"cron": "R * * * *"}, "cron"),
        ({"cron": "* * * * * * 2040"}, "cron"),
        ({"cron": 7}, "cron"),
        ({"cron": ""}, "cron"),
        ({"interval": 0}, "interval"),
        ({"interval": 0.1}, "interval"),
        ({"interval": 1e300}, "interval"),
        ({"interval": True}, "interval"),
        ({"interval": 60, "anchor_date": "soon"}, "anchor_date"),
        ({"interval": 60, "anchor_date": "0001-01-01T00:00:00Z"}, "anchor_date"),
        ({"interval": 60, "timezone": "Mars/Base"}, "timezone"),
        ({"interval": 60, "timezone": "America"}, "timezone"),
        ({"interval": 60, "timezone": "../etc/passwd"}, "timezone"),
        ({"rrule": "FREQ=DAILY", "timezone": 7}, "timezone"),
        ({"rrule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "rrule"),
        ({"rrule": "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"}, "rrule"),
        ({"rrule": "RRULE:FREQ=SECONDLY\nEXRULE:FREQ=SECONDLY"}, "rrule"),
        ({"rrule": "FREQ=DAILY;COUNT=1000000"}, "rrule"),
        ({"rrule": "FREQ=DAILY;INTERVAL=0"}, "rrule"),
        ({"rrule": "DTSTART:10000101T000000\nFREQ=DAILY"}, "rrule"),
        ({"rrule": "often"}, "rrule"),
        ({"rrule": "FREQ=DAILY\n" * 2_000}, "rrule"),
        ({"cron": "0 0 * * *", "interval": 60}, ""),
        ({}, ""),
    ],
)
def test_what_never_occurs_or_makes_no_sense_is_refused(
    document: dict[str, Any], path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        parse(document)

    [problem] = refused.value.problems
    assert problem.path == path


def test_a_rule_counts_from_its_start_whatever_has_passed() -> None:
    rule = {"rrule": "DTSTART:20200101T000000\nFREQ=MINUTELY;INTERVAL=7"}

    [moment] = islice(parse(rule).occurrences(NOW), 1)

    assert (moment - datetime(2020, 1, 1, tzinfo=UTC)) % timedelta(minutes=7) == timedelta(0)
    assert NOW < moment <= NOW + timedelta(minutes=7)


def test_a_rule_ends_by_its_count_its_until_and_its_exceptions() -> None:
    start = "DTSTART:20260301T000000\n"

    counted = first({"rrule": f"{start}FREQ=DAILY;COUNT=3"}, "2026-03-01T12:00+00:00")
    until = first({"rrule": f"{start}FREQ=DAILY;UNTIL=20260303T000000Z"}, "2026-03-01T12:00+00:00")
    without = f"{start}RRULE:FREQ=DAILY\nEXDATE:20260302T000000\nRDATE:20260302T120000"

    assert counted == until == ["2026-03-02T00:00", "2026-03-03T00:00"]
    assert first({"rrule": without}, "2026-03-01T12:00+00:00", 2) == [
        "2026-03-02T12:00",
        "2026-03-03T00:00",
    ]


def test_a_rule_that_is_past_its_end_is_over_and_no_mistake() -> None:
    schedule = parse({"rrule": "DTSTART:20200101T000000\nFREQ=DAILY;COUNT=3"})

    assert schedules.is_over(schedule, now=NOW)
    assert not schedules.is_over(parse({"cron": "0 0 29 2 *"}), now=NOW)


def test_what_the_phase_depends_on_is_written_down() -> None:
    interval = schedules.with_anchor({"interval": 60}, now=NOW)
    rule = schedules.with_anchor({"rrule": "FREQ=DAILY", "timezone": NEW_YORK}, now=NOW)
    sent = {"interval": 60, "anchor_date": "2024-01-01T00:00:00Z", "timezone": None}

    assert interval["anchor_date"] == "2026-03-01T12:00:00+00:00"
    assert rule["rrule"] == "DTSTART:20260301T070000\nFREQ=DAILY"
    assert schedules.with_anchor(sent, now=NOW) == sent
    assert schedules.with_anchor({"cron": "@daily"}, now=NOW)["day_or"] is True


@pytest.mark.parametrize(
    ("document", "most", "count"),
    [
        ({"cron": "0 0 1 * *"}, None, 3),
        ({"cron": "0 0 1 1 *"}, None, 0),
        ({"cron": "0 0 * * *"}, None, 3),
        ({"cron": "*/5 * * * *"}, None, 15),
        ({"interval": 1}, None, 100),
        ({"interval": 1}, 2, 2),
        ({"cron": "* * * * * *"}, 1000, 100),
    ],
)
def test_so_many_runs_are_made_ahead(
    document: dict[str, Any], most: int | None, count: int
) -> None:
    ahead = schedules.upcoming(parse(document), now=NOW, most=most)

    assert len(ahead) == count
    assert schedules.next_look(ahead, now=NOW, most=most) > NOW


@given(st.integers(1, 100_000), st.integers(1, 100), st.integers(0, 10**6))
def test_a_look_comes_before_a_run_is_missing(seconds: int, most: int, later: int) -> None:
    """Between two looks the time never reaches the end of what was made ahead, unless `most`
    or once a minute says so."""
    schedule = parse({"interval": seconds})
    now = NOW + timedelta(seconds=later)

    ahead = schedules.upcoming(schedule, now=now, most=most)
    look = schedules.next_look(ahead, now=now, most=most)

    assert look <= ahead[-1] or look == now + timedelta(minutes=1)
