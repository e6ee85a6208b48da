"""When somebody is reminded: in their hours, on both sides of UTC and over both changes of the clock."""

import pytest

from parley.core.reminding import moment, office_hours
from tests.make import at, rule, utc

BERLIN, CHICAGO = "Europe/Berlin", "America/Chicago"
MOMENTS = [
    pytest.param("Etc/UTC", utc("2031-05-05", "10:00"), utc("2031-05-05", "10:00"), id="in office hours: at once"),
    pytest.param("Etc/UTC", utc("2031-05-05", "09:00"), utc("2031-05-05", "09:00"), id="as they begin: at once"),
    pytest.param("Etc/UTC", utc("2031-05-05", "17:00"), utc("2031-05-06", "09:00"), id="as they end: tomorrow"),
    pytest.param("Etc/UTC", utc("2031-05-05", "03:00"), utc("2031-05-05", "09:00"), id="at night: in the morning"),
    pytest.param("Etc/UTC", utc("2031-05-09", "16:59"), utc("2031-05-09", "16:59"), id="Friday, just in time"),
    pytest.param("Etc/UTC", utc("2031-05-09", "17:01"), utc("2031-05-12", "09:00"), id="Friday evening: Monday"),
    pytest.param(BERLIN, utc("2031-05-05", "05:00"), utc("2031-05-05", "07:00"), id="ahead of UTC"),
    pytest.param(CHICAGO, utc("2031-05-05", "05:00"), utc("2031-05-05", "14:00"), id="behind UTC"),
    pytest.param(
        "Asia/Tokyo", utc("2031-05-04", "23:00"), utc("2031-05-05", "00:00"), id="Monday, where UTC has Sunday"
    ),
    pytest.param(BERLIN, utc("2031-03-28", "17:00"), utc("2031-03-31", "07:00"), id="over the gap, ahead of UTC"),
    pytest.param(BERLIN, utc("2031-10-24", "17:00"), utc("2031-10-27", "08:00"), id="over the fold, ahead of UTC"),
    pytest.param(CHICAGO, utc("2031-03-07", "23:30"), utc("2031-03-10", "14:00"), id="over the gap, behind UTC"),
    pytest.param(CHICAGO, utc("2031-10-31", "22:30"), utc("2031-11-03", "15:00"), id="over the fold, behind UTC"),
]


@pytest.mark.parametrize(("tzid", "earliest", "expected"), MOMENTS)
def test_whoever_has_told_no_hours_is_reminded_from_nine_to_five_on_working_days(tzid, earliest, expected):
    assert moment(earliest, [office_hours(tzid)]) == expected


def test_whoever_has_told_hours_is_reminded_in_any_of_them():
    rules = [rule("Etc/UTC", "sunday 18:00-20:00"), rule(BERLIN, "monday 06:00-08:00")]
    assert moment(at("12:00", -1), rules) == at("18:00", -1)
    assert moment(at("20:00", -1), rules) == at("04:00")


def test_hours_over_the_gap_of_the_clock_begin_when_there_is_such_a_time():
    night = rule(BERLIN, "sunday 02:30-06:00")
    assert moment(utc("2031-03-29", "20:00"), [night]) == utc("2031-03-30", "01:00")


def test_whoever_never_works_is_reminded_at_any_time():
    assert moment(at("03:00"), [rule("Etc/UTC")]) == at("03:00")
