"""What a conversation service may choose: its limits as closed time, over changes of the clock as well."""

import pytest

from parley.core.availability import Availability
from parley.core.periods import Period, clipped, merged, minus
from parley.core.service_limits import ServiceLimits
from tests.make import HOUR, MONDAY, SUNDAY_NOON, at, period, utc

WEEK = Period(MONDAY, MONDAY + 7 * 86400)


def left(limits, window, *, tzid="Etc/UTC", now=SUNDAY_NOON, busy=()):
    return minus([window], merged(clipped(limits.closed(tzid, window, now, busy), window)))


@pytest.mark.parametrize(
    ("limits", "busy", "expected"),
    [
        pytest.param(ServiceLimits(), [], [period("00:00", "24:00")], id="no limits"),
        pytest.param(ServiceLimits(9, 17), [], [period("09:00", "17:00")], id="hours"),
        pytest.param(ServiceLimits(earliest_hour=9), [], [period("09:00", "24:00")], id="earliest alone"),
        pytest.param(ServiceLimits(latest_hour=17), [], [period("00:00", "17:00")], id="latest alone"),
        pytest.param(
            ServiceLimits(minimum_notice_minutes=13 * 60), [], [period("01:00", "24:00")], id="notice from Sunday noon"
        ),
        pytest.param(ServiceLimits(minimum_notice_minutes=36 * 60), [], [], id="notice beyond the day"),
        pytest.param(
            ServiceLimits(pause_minutes=15),
            [period("10:00", "11:00")],
            [period("00:00", "09:45"), period("11:15", "24:00")],
            id="a pause around a meeting",
        ),
        pytest.param(
            ServiceLimits(),
            [period("10:00", "11:00")],
            [period("00:00", "10:00"), period("11:00", "24:00")],
            id="no pause: the meeting itself",
        ),
        pytest.param(
            ServiceLimits(pause_minutes=30),
            [period("23:00", "23:45", -1), period("00:10", "00:20", 1)],
            [period("00:15", "23:40")],
            id="meetings of other days reach in",
        ),
        pytest.param(
            ServiceLimits(8, 18, 21 * 60, 60),
            [period("12:00", "13:00")],
            [period("09:00", "11:00"), period("14:00", "18:00")],
            id="all together",
        ),
    ],
)
def test_limits_leave_this_much_of_a_day(limits, busy, expected):
    assert left(limits, period("00:00", "24:00"), busy=busy) == expected


@pytest.mark.parametrize(
    ("tzid", "day", "limits", "expected"),
    [
        pytest.param("Europe/Berlin", "2031-03-30", (1, 4), ["00:00", "02:00"], id="spring, ahead of UTC"),
        pytest.param("Europe/Berlin", "2031-03-30", (2, 4), ["01:00", "02:00"], id="opens in the gap"),
        pytest.param("Europe/Berlin", "2031-10-26", (1, 4), ["-1:00", "03:00"], id="autumn, ahead of UTC"),
        pytest.param("America/Chicago", "2031-03-09", (1, 4), ["07:00", "09:00"], id="spring, behind UTC"),
        pytest.param("America/Chicago", "2031-11-02", (1, 4), ["06:00", "10:00"], id="autumn, behind UTC"),
    ],
)
def test_hours_are_those_of_the_local_clock_when_it_is_changed(tzid, day, limits, expected):
    window = Period(utc(day) - 2 * HOUR, utc(day) + 14 * HOUR)
    open_time = left(ServiceLimits(*limits), window, tzid=tzid, now=0)
    start, end = (utc(day) + int(one.split(":")[0]) * HOUR for one in expected)
    assert Period(start, end) in open_time


@pytest.mark.parametrize("tzid", ["Etc/UTC", "Europe/Berlin", "America/Chicago", "Asia/Kolkata", "Pacific/Apia"])
def test_all_hours_close_nothing_however_long_and_wherever(tzid):
    window = Period(utc("2031-01-01"), utc("2031-12-31"))
    assert left(ServiceLimits(), window, tzid=tzid, now=0) == [window]


def test_a_night_between_two_days_stays_open_where_all_hours_are():
    slots = Availability([period("22:00", "26:00")], 2 * HOUR, [], SUNDAY_NOON)
    assert slots.without(ServiceLimits().closed("Etc/UTC", WEEK, SUNDAY_NOON, [])).is_open(at("23:00"))


def test_other_meetings_matter_as_far_as_the_pause_reaches():
    assert ServiceLimits(pause_minutes=30).around(period("09:00", "12:00")) == period("08:30", "12:30")


def test_limits_take_away_from_what_is_open_and_nothing_else():
    slots = Availability([period("08:00", "12:00")], HOUR, [period("09:00", "10:00")], SUNDAY_NOON)
    within = slots.without(ServiceLimits(9, 11).closed("Etc/UTC", WEEK, SUNDAY_NOON, []))
    starts = [at("08:00"), at("09:00"), at("10:00"), at("11:00")]
    assert [slots.is_open(one) for one in starts] == [True, False, True, True]
    assert [within.is_open(one) for one in starts] == [False, False, True, False]
    assert all(within.has_slot(one) for one in starts)
    assert within.listed([at("08:00"), at("10:00")], 9) == [at("10:00")]
