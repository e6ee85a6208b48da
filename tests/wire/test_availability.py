"""Availability Rules and Available Periods as JSON."""

import pytest

from parley.core.errors import Invalid
from parley.core.hours import AvailabilityRule, AvailablePeriod, WeeklyPeriod
from parley.core.periods import Period
from parley.wire.availability import (
    read_period,
    read_period_deletion,
    read_query,
    read_rule,
    write_period,
    write_rule,
)
from tests.make import at, period, text, utc

MONDAY_MORNING = {"day": "monday", "start_time": "09:00", "end_time": "12:30"}
RULE = {"availability_rule_id": "work", "tzid": "Europe/Berlin", "weekly_periods": [MONDAY_MORNING]}


def faults(read, *given):
    with pytest.raises(Invalid) as refusal:
        read(*given)
    return [(one.path, one.key.removeprefix("errors.")) for one in refusal.value.faults]


def rule_faults(**named):
    return faults(read_rule, RULE | named, ["cal_1"])


def test_a_rule_is_read_and_told_as_it_came():
    rule = read_rule(RULE | {"calendar_ids": ["cal_1"]}, ["cal_1", "cal_2"])
    assert rule == AvailabilityRule("work", "Europe/Berlin", (WeeklyPeriod("monday", 540, 750),), ("cal_1",))
    assert write_rule(rule) == RULE | {"calendar_ids": ("cal_1",)}


@pytest.mark.parametrize("named", [{}, {"calendar_ids": None}, {"calendar_ids": ""}], ids=str)
def test_a_rule_that_names_no_calendars_tells_none(named):
    assert write_rule(read_rule(RULE | named, ["cal_1"])) == RULE


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [("00:00", "24:00", (0, 1440)), ("00:00", "00:01", (0, 1)), ("23:59", "24:00", (1439, 1440))],
)
def test_hours_reach_from_midnight_to_midnight(start, end, minutes):
    weekly = [{"day": "sunday", "start_time": start, "end_time": end}]
    rule = read_rule(RULE | {"weekly_periods": weekly}, [])
    assert rule.weekly_periods == (WeeklyPeriod("sunday", *minutes),)
    assert write_rule(rule)["weekly_periods"] == weekly


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"day": None}, [("day", "required")], id="no day"),
        pytest.param({"day": "Monday"}, [("day", "not_recognized")], id="a capital"),
        pytest.param({"day": 1}, [("day", "invalid_format")], id="a number of a day"),
        pytest.param({"start_time": None}, [("start_time", "required")], id="no start"),
        pytest.param({"end_time": ""}, [("end_time", "required")], id="no end"),
        pytest.param({"start_time": "9:00"}, [("start_time", "invalid_format")], id="one digit"),
        pytest.param({"start_time": "24:00"}, [("start_time", "invalid_format")], id="begins at 24"),
        pytest.param({"end_time": "24:01"}, [("end_time", "invalid_format")], id="after 24"),
        pytest.param({"end_time": "12:60"}, [("end_time", "invalid_format")], id="minute 60"),
        pytest.param({"end_time": "1２:00"}, [("end_time", "invalid_format")], id="a digit that is not ASCII"),
        pytest.param({"end_time": 1230}, [("end_time", "invalid_format")], id="a number"),
        pytest.param({"end_time": "09:00"}, [("end_time", "invalid_time_pair")], id="no time"),
        pytest.param({"end_time": "08:00"}, [("end_time", "invalid_time_pair")], id="backwards"),
    ],
)
def test_each_fault_of_a_weekly_period_is_told_at_its_place(changed, expected):
    told = rule_faults(weekly_periods=[MONDAY_MORNING, MONDAY_MORNING | changed])
    assert told == [(f"weekly_periods[1].{path}", key) for path, key in expected]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        pytest.param({"availability_rule_id": None}, [("availability_rule_id", "required")], id="no id"),
        pytest.param({"availability_rule_id": "a" * 65}, [("availability_rule_id", "too_long")], id="a long id"),
        pytest.param({"availability_rule_id": "ä"}, [("availability_rule_id", "invalid_format")], id="not ASCII"),
        pytest.param({"tzid": None}, [("tzid", "required")], id="no zone"),
        pytest.param({"tzid": "../etc"}, [("tzid", "tzid_unrecognized")], id="an unknown zone"),
        pytest.param({"weekly_periods": None}, [("weekly_periods", "required")], id="no hours"),
        pytest.param({"weekly_periods": []}, [("weekly_periods", "required")], id="empty hours"),
        pytest.param({"weekly_periods": [MONDAY_MORNING] * 101}, [("weekly_periods", "too_many")], id="too many hours"),
        pytest.param({"calendar_ids": []}, [("calendar_ids", "required")], id="no calendar"),
        pytest.param(
            {"calendar_ids": ["cal_2"]}, [("calendar_ids", "invalid_calendar_ids")], id="not a calendar of theirs"
        ),
        pytest.param({"calendar_ids": [5]}, [("calendar_ids[0]", "invalid_format")], id="a number"),
    ],
)
def test_each_fault_of_a_rule_is_told_at_its_place(named, expected):
    assert rule_faults(**named) == expected


STORED = {"available_period_id": "p1", "start": text("09:00"), "end": text("12:00")}


def test_a_period_is_read_and_told_as_it_came():
    read = read_period(STORED)
    assert read == AvailablePeriod("p1", period("09:00", "12:00"))
    assert write_period(read) == STORED


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        pytest.param({"available_period_id": None}, [("available_period_id", "required")], id="no id"),
        pytest.param({"available_period_id": "ä"}, [("available_period_id", "invalid_format")], id="not ASCII"),
        pytest.param({"start": None}, [("start", "required")], id="no start"),
        pytest.param({"start": "2031-05-05"}, [("start", "invalid_format")], id="a date"),
        pytest.param({"end": text("09:00")}, [("end", "invalid_time_pair")], id="no time"),
        pytest.param({"end": "2031-05-05T09:00:59Z"}, [("end", "invalid_time_pair")], id="59 seconds"),
        pytest.param({"end": "2032-05-05T09:00:01Z"}, [("end", "out_of_range")], id="more than a leap year"),
        pytest.param({"tzid": "Mars"}, [("tzid", "tzid_unrecognized")], id="an unknown zone"),
    ],
)
def test_each_fault_of_a_period_is_told_at_its_place(named, expected):
    assert faults(read_period, STORED | named) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"available_period_id": "p1"}, "p1"),
        ({"delete_all": True}, None),
        ({"delete_all": False, "available_period_id": "p1"}, "p1"),
    ],
    ids=str,
)
def test_a_deletion_names_one_period_or_all(values, expected):
    assert read_period_deletion(values) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, [("available_period_id", "required")]),
        ({"delete_all": False}, [("available_period_id", "required")]),
        ({"delete_all": "yes", "available_period_id": "p1"}, [("delete_all", "must_be_boolean")]),
        ({"available_period_id": 5}, [("available_period_id", "invalid_format")]),
    ],
    ids=str,
)
def test_a_deletion_that_names_nothing_deletes_nothing(values, expected):
    assert faults(read_period_deletion, values) == expected


def test_periods_are_asked_for_in_days_of_a_zone_or_from_a_time():
    asked = {"tzid": "Europe/Berlin", "from": "2024-03-31", "to": text("09:00")}
    assert read_query(asked) == Period(utc("2024-03-30", "23:00"), at("09:00"))
    assert read_query({}).start < -(2**40) < 2**40 < read_query({}).end


@pytest.mark.parametrize("bound", ["from", "to"])
def test_periods_asked_for_between_bounds_need_a_zone(bound):
    assert faults(read_query, {bound: "2031-05-05"}) == [("tzid", "required")]
