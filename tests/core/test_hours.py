"""Weekly hours over changes of the clock: what the local clock shows at an instant decides."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.core.hours import DAYS, AvailabilityRule, WeeklyPeriod, unrolled
from parley.core.periods import Period
from tests.make import rule, utc

BERLIN_SPRING, BERLIN_AUTUMN = ("Europe/Berlin", "2024-03-31"), ("Europe/Berlin", "2024-10-27")
CHICAGO_SPRING, CHICAGO_AUTUMN = ("America/Chicago", "2024-03-10"), ("America/Chicago", "2024-11-03")
LORD_HOWE_SPRING, LORD_HOWE_AUTUMN = ("Australia/Lord_Howe", "2024-10-06"), ("Australia/Lord_Howe", "2024-04-07")
DAY = 86400


def opened(tzid, day, *hours):
    """What a rule of these hours on Sundays opens: hours and minutes before and after midnight UTC of the day."""
    weekly = rule(tzid, *(f"sunday {one}" for one in hours))
    found = unrolled(weekly, Period(utc(day) - DAY, utc(day) + 2 * DAY))
    return [f"{clock(one.start, day)}-{clock(one.end, day)}" for one in found]


def clock(instant, day):
    minutes = (instant - utc(day)) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


@pytest.mark.parametrize(
    ("weekend", "hours", "expected"),
    [
        pytest.param(BERLIN_SPRING, "09:00-17:00", ["+07:00-+15:00"], id="ahead, spring, day"),
        pytest.param(BERLIN_SPRING, "00:00-24:00", ["-01:00-+22:00"], id="ahead, spring, 23 hours"),
        pytest.param(BERLIN_SPRING, "02:00-03:00", [], id="ahead, spring, an hour that does not happen"),
        pytest.param(BERLIN_SPRING, "02:15-02:45", [], id="ahead, spring, inside the gap"),
        pytest.param(BERLIN_SPRING, "02:30-04:00", ["+01:00-+02:00"], id="ahead, spring, begins in the gap"),
        pytest.param(BERLIN_SPRING, "01:00-02:30", ["+00:00-+01:00"], id="ahead, spring, ends in the gap"),
        pytest.param(BERLIN_SPRING, "01:30-03:30", ["+00:30-+01:30"], id="ahead, spring, over the gap"),
        pytest.param(BERLIN_AUTUMN, "09:00-17:00", ["+08:00-+16:00"], id="ahead, autumn, day"),
        pytest.param(BERLIN_AUTUMN, "00:00-24:00", ["-02:00-+23:00"], id="ahead, autumn, 25 hours"),
        pytest.param(BERLIN_AUTUMN, "02:00-03:00", ["+00:00-+02:00"], id="ahead, autumn, an hour that comes twice"),
        pytest.param(
            BERLIN_AUTUMN, "02:15-02:45", ["+00:15-+00:45", "+01:15-+01:45"], id="ahead, autumn, inside the fold"
        ),
        pytest.param(
            BERLIN_AUTUMN, "02:30-04:00", ["+00:30-+01:00", "+01:30-+03:00"], id="ahead, autumn, begins in the fold"
        ),
        pytest.param(
            BERLIN_AUTUMN, "01:00-02:30", ["-01:00-+00:30", "+01:00-+01:30"], id="ahead, autumn, ends in the fold"
        ),
        pytest.param(CHICAGO_SPRING, "09:00-17:00", ["+14:00-+22:00"], id="behind, spring, day"),
        pytest.param(CHICAGO_SPRING, "00:00-24:00", ["+06:00-+29:00"], id="behind, spring, 23 hours"),
        pytest.param(CHICAGO_SPRING, "02:00-03:00", [], id="behind, spring, an hour that does not happen"),
        pytest.param(CHICAGO_SPRING, "02:30-04:00", ["+08:00-+09:00"], id="behind, spring, begins in the gap"),
        pytest.param(CHICAGO_SPRING, "01:00-02:30", ["+07:00-+08:00"], id="behind, spring, ends in the gap"),
        pytest.param(CHICAGO_AUTUMN, "09:00-17:00", ["+15:00-+23:00"], id="behind, autumn, day"),
        pytest.param(CHICAGO_AUTUMN, "00:00-24:00", ["+05:00-+30:00"], id="behind, autumn, 25 hours"),
        pytest.param(
            CHICAGO_AUTUMN, "01:15-01:45", ["+06:15-+06:45", "+07:15-+07:45"], id="behind, autumn, inside the fold"
        ),
        pytest.param(CHICAGO_AUTUMN, "01:00-02:00", ["+06:00-+08:00"], id="behind, autumn, an hour that comes twice"),
        pytest.param(
            CHICAGO_AUTUMN, "01:30-03:00", ["+06:30-+07:00", "+07:30-+09:00"], id="behind, autumn, begins in the fold"
        ),
        pytest.param(LORD_HOWE_SPRING, "02:00-03:00", ["-08:30--08:00"], id="half an hour left out"),
        pytest.param(LORD_HOWE_SPRING, "02:00-02:30", [], id="the half hour that does not happen"),
        pytest.param(LORD_HOWE_AUTUMN, "01:30-02:00", ["-09:30--08:30"], id="the half hour that comes twice"),
        pytest.param(LORD_HOWE_AUTUMN, "01:45-01:50", ["-09:15--09:10", "-08:45--08:40"], id="inside half an hour"),
        pytest.param(("America/Sao_Paulo", "2018-11-04"), "00:00-02:00", ["+03:00-+04:00"], id="midnight is left out"),
        pytest.param(("America/Havana", "2024-03-10"), "00:30-01:30", ["+05:00-+05:30"], id="begins at one"),
        pytest.param(
            ("America/Havana", "2024-11-03"), "00:30-00:45", ["+04:30-+04:45", "+05:30-+05:45"], id="midnight twice"
        ),
        pytest.param(
            ("America/St_Johns", "2006-10-29"),
            "00:00-00:30",
            ["+02:30-+02:31", "+03:30-+04:00"],
            id="the day is interrupted by the day before",
        ),
        pytest.param(("Asia/Kolkata", "2024-03-31"), "00:00-24:00", ["-05:30-+18:30"], id="never changes"),
    ],
)
def test_a_rule_opens_when_the_local_clock_shows_its_hours(weekend, hours, expected):
    assert opened(*weekend, hours) == expected


def test_a_weekday_that_a_zone_skipped_opens_nothing():
    weekly = rule("Pacific/Apia", "friday 00:00-24:00")  # Samoa had no Friday 30 December 2011
    found = unrolled(weekly, Period(utc("2011-12-28"), utc("2012-01-02")))
    assert found == []


def test_an_evening_that_comes_twice_opens_twice():
    weekly = rule("America/Sao_Paulo", "saturday 23:15-23:45")
    found = unrolled(weekly, Period(utc("2018-02-17"), utc("2018-02-19")))
    assert found == [
        Period(utc("2018-02-18", "01:15"), utc("2018-02-18", "01:45")),
        Period(utc("2018-02-18", "02:15"), utc("2018-02-18", "02:45")),
    ]


def test_hours_that_overlap_or_meet_at_midnight_are_one_stretch():
    weekly = rule("Etc/UTC", "sunday 22:00-24:00", "monday 00:00-01:00", "monday 00:30-02:00")
    found = unrolled(weekly, Period(utc("2024-03-30"), utc("2024-04-03")))
    assert found == [Period(utc("2024-03-31", "22:00"), utc("2024-04-01", "02:00"))]


def test_hours_are_cut_at_the_window():
    weekly = rule("Etc/UTC", "sunday 09:00-17:00")
    window = Period(utc("2024-03-31", "10:00"), utc("2024-03-31", "11:00"))
    assert unrolled(weekly, window) == [window]


CHANGES = [
    ("Europe/Berlin", "2024-03-31"),
    ("Europe/Berlin", "2024-10-27"),
    ("America/Chicago", "2024-03-10"),
    ("America/Chicago", "2024-11-03"),
    ("Australia/Lord_Howe", "2024-10-06"),
    ("Australia/Lord_Howe", "2024-04-07"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("America/Havana", "2024-11-03"),
    ("America/St_Johns", "2006-10-29"),
    ("Pacific/Apia", "2011-12-30"),
    ("Asia/Kathmandu", "2024-01-01"),
]

clocks = st.lists(st.integers(0, 1440), min_size=2, max_size=2, unique=True).map(sorted)
weekly_periods = st.builds(lambda day, hours: WeeklyPeriod(day, *hours), st.sampled_from(DAYS), clocks)


def minutes_open(found, window):
    return [any(one.start <= at < one.end for one in found) for at in range(window.start, window.end, 60)]


def minutes_shown(weekly, window):
    zone = ZoneInfo(weekly.tzid)
    return [is_shown(weekly, datetime.fromtimestamp(at, UTC).astimezone(zone)) for at in range(*window, 60)]


def is_shown(weekly, local):
    at = local.hour * 60 + local.minute
    return any(DAYS[local.weekday()] == one.day and one.start <= at < one.end for one in weekly.weekly_periods)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(CHANGES), st.lists(weekly_periods, max_size=5), st.integers(-1600, 0), st.integers(1, 2000))
def test_hours_agree_with_looking_at_the_clock_every_minute(change, weekly, start, length):
    tzid, day = change
    given_rule = AvailabilityRule("any", tzid, tuple(weekly))
    begin = utc(day) + DAY // 2 + start * 60
    window = Period(begin, begin + length * 60)
    assert minutes_open(unrolled(given_rule, window), window) == minutes_shown(given_rule, window)
