"""Which slots can be chosen, and which of them are shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.core.availability import Availability, Hours
from parley.core.periods import Period
from tests.make import HOUR, MONDAY, at, available, period, rule

MINUTE = 60


def starts(*clocks):
    return [at(one) for one in clocks]


def selectable(availability):
    """Every open start of Monday, found by trying each minute."""
    return [one for one in range(MONDAY, MONDAY + 24 * HOUR, MINUTE) if availability.is_open(one)]


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        pytest.param(
            [period("09:00", "10:30")], ["09:00", "09:15", "09:30"], id="the quarter hours that leave room for an hour"
        ),
        pytest.param([period("09:05", "10:30")], ["09:05", "09:15", "09:30"], id="and the period's own start"),
        pytest.param([period("09:05", "10:06")], ["09:05"], id="a period whose own start alone leaves room"),
        pytest.param([period("09:00", "09:59")], [], id="a period that is too short"),
        pytest.param(
            [period("09:00", "10:10"), period("10:10", "11:10")],
            ["09:00", "09:15", "09:30", "09:45", "10:00", "10:10"],
            id="touching periods are one, and the second keeps its own start",
        ),
        pytest.param(
            [period("09:00", "11:10"), period("09:20", "10:00")],
            ["09:00", "09:15", "09:20", "09:30", "09:45", "10:00"],
            id="a period inside another keeps its own start",
        ),
        pytest.param(
            [period("09:40", "10:40"), period("09:00", "10:20")],
            ["09:00", "09:15", "09:30", "09:40"],
            id="overlapping periods in any order",
        ),
        pytest.param(
            [period("09:00", "10:00"), period("10:01", "11:01")],
            ["09:00", "10:01"],
            id="a slot never spans time between periods",
        ),
    ],
)
def test_a_start_on_the_grid_that_leaves_room_can_be_selected(periods, expected):
    assert selectable(available(*periods)) == starts(*expected)


def test_the_grid_is_that_of_the_clock_of_utc_to_the_second():
    availability = available(Period(at("09:00") + 1, at("17:00")))
    assert availability.has_slot(at("09:00") + 1)
    assert not availability.has_slot(at("09:00"))
    assert not availability.has_slot(at("09:15") + 1)
    assert availability.has_slot(at("09:15"))


@pytest.mark.parametrize(
    ("busy", "expected"),
    [
        pytest.param(period("08:00", "09:00"), ["09:00", "09:15", "09:30", "09:45", "10:00"], id="ends as it starts"),
        pytest.param(period("11:00", "12:00"), ["09:00", "09:15", "09:30", "09:45", "10:00"], id="starts as it ends"),
        pytest.param(period("10:00", "10:01"), ["09:00"], id="a minute in the middle"),
        pytest.param(period("08:00", "09:01"), ["09:15", "09:30", "09:45", "10:00"], id="a minute at the start"),
        pytest.param(period("09:00", "11:00"), [], id="all of it"),
        pytest.param(period("10:00", "10:00"), ["09:00", "09:15", "09:30", "09:45", "10:00"], id="no time at all"),
    ],
)
def test_busy_time_closes_the_slots_that_it_overlaps(busy, expected):
    assert selectable(available(period("09:00", "11:00"), busy=(busy,))) == starts(*expected)


def test_busy_time_comes_in_any_order():
    busy = (period("11:00", "17:00"), period("09:00", "10:00"), period("09:30", "09:45"))
    assert selectable(available(busy=busy)) == starts("10:00")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(at("09:00"), ["09:00", "09:15", "09:30"], id="a start that is now is not past"),
        pytest.param(at("09:00") + 1, ["09:15", "09:30"], id="one second later it is"),
        pytest.param(at("09:30"), ["09:30"], id="the last one"),
        pytest.param(at("10:30"), [], id="all are past"),
        pytest.param(at("23:00"), [], id="long past"),
    ],
)
def test_past_starts_are_not_open(now, expected):
    availability = available(period("09:00", "10:30"), now=now)
    assert selectable(availability) == starts(*expected)
    assert availability.has_slot(at("09:00"))


@pytest.mark.parametrize(
    ("start", "on_grid"),
    [
        pytest.param(at("09:00"), True, id="free"),
        pytest.param(at("10:00"), True, id="busy"),
        pytest.param(at("09:10"), False, id="off the grid"),
        pytest.param(at("08:45"), False, id="before the period"),
        pytest.param(at("16:15"), False, id="the slot would end after the period"),
        pytest.param(at("17:00"), False, id="at the period's end"),
        pytest.param(at("09:00", day=1), False, id="another day"),
        pytest.param(0, False, id="long ago"),
    ],
)
def test_a_slot_exists_by_grid_and_period_alone(start, on_grid):
    assert available(busy=(period("10:00", "11:00"),)).has_slot(start) is on_grid


@pytest.mark.parametrize(
    ("busy", "expected"),
    [
        pytest.param([], ["09:00", "10:00", "11:00", "12:00"], id="end to end"),
        pytest.param([period("09:00", "09:10")], ["09:15", "10:15", "11:15"], id="from the first start of the grid"),
        pytest.param([period("10:30", "10:40")], ["09:00", "10:45", "11:45"], id="anew in each gap"),
        pytest.param([period("09:00", "12:00")], ["12:00"], id="one that fits exactly"),
        pytest.param([period("09:00", "11:55")], ["12:00"], id="one after waiting for the grid"),
        pytest.param([period("09:00", "12:01")], [], id="a gap that is too short"),
        pytest.param([period("09:00", "11:46"), period("12:50", "13:00")], [], id="room, but not from the grid"),
    ],
)
def test_slots_are_listed_end_to_end_in_each_gap(busy, expected):
    availability = available(period("09:00", "13:00"), busy=tuple(busy))
    assert availability.listed([], most=512) == starts(*expected)
    assert availability.earliest() == next(iter(starts(*expected)), None)


def test_a_slot_that_is_no_multiple_of_a_quarter_moves_the_next_one_to_the_grid():
    availability = available(period("09:00", "11:00"), duration=20 * MINUTE)
    assert availability.listed([], most=512) == starts("09:00", "09:30", "10:00", "10:30")


def test_the_own_start_of_a_period_is_listed_where_it_is_the_first_after_a_slot():
    availability = available(period("09:00", "10:05"), period("10:05", "11:30"))
    assert availability.listed([], most=512) == starts("09:00", "10:00")
    assert available(period("09:00", "10:20"), period("10:05", "11:30"), duration=65 * MINUTE).listed(
        [], most=512
    ) == starts("09:00", "10:05")


@pytest.mark.parametrize(
    ("standing", "most", "expected"),
    [
        pytest.param(["09:15"], 9, ["09:00", "09:15", "10:00", "11:00"], id="between the others"),
        pytest.param(["10:00"], 9, ["09:00", "10:00", "11:00"], id="once, where it is listed anyway"),
        pytest.param(["10:30", "10:30"], 9, ["09:00", "10:00", "10:30", "11:00"], id="once, chosen by two"),
        pytest.param(["10:45"], 2, ["09:00", "10:45"], id="before the others where there is a limit"),
        pytest.param(["10:45", "09:45"], 2, ["09:45", "10:45"], id="instead of the others"),
        pytest.param(["10:45", "09:45", "10:30"], 2, ["09:45", "10:30"], id="as many as the limit allows"),
        pytest.param(["09:20"], 9, ["09:00", "10:00", "11:00"], id="not, where it is off the grid"),
        pytest.param(["08:00"], 9, ["09:00", "10:00", "11:00"], id="not, where it is outside"),
    ],
)
def test_standing_selections_are_listed_first(standing, most, expected):
    availability = available(period("09:00", "12:00"))
    assert availability.listed(starts(*standing), most) == starts(*expected)


def test_a_standing_selection_that_is_no_longer_open_is_not_listed():
    busy = (period("09:00", "09:45"),)
    assert available(period("09:00", "11:00"), busy=busy).listed(starts("09:15"), 9) == starts("09:45")


def test_a_standing_selection_leaves_the_other_slots_where_they_were():
    availability = available(period("09:00", "12:00"))
    assert set(availability.listed([], 9)) < set(availability.listed(starts("09:30"), 9))


def test_no_more_than_the_limit_are_listed():
    assert available(period("00:00", "24:00")).listed([], most=3) == starts("00:00", "01:00", "02:00")


def test_a_calendar_change_keeps_a_shown_start_selectable_while_it_is_free():
    shown = available().listed([], most=512)
    changed = available(busy=(period("09:00", "09:20"),))
    assert changed.listed([], most=512) == starts("09:30", "10:30", "11:30", "12:30", "13:30", "14:30", "15:30")
    assert [one for one in shown if changed.is_open(one)] == shown[1:]


# Against the specification, minute by minute.

DAY_MINUTES = 8 * 60
minutes = st.integers(0, DAY_MINUTES).map(lambda fifth: fifth // 5 * 5)
stretch = st.builds(lambda start, length: (start, start + length), minutes, minutes.filter(bool))
few = st.lists(stretch, min_size=1, max_size=4)


def instant(minute):
    return MONDAY + minute * MINUTE


def covered(stretches):
    return {minute for start, end in stretches for minute in range(start, end)}


def as_periods(stretches):
    return [Period(instant(start), instant(end)) for start, end in stretches]


def open_minutes(proposed, busy, duration, now):
    """Each minute that is on the grid and from which every minute of the slot is proposed, free and not past."""
    inside, taken = covered(proposed), covered(busy)
    grid = {start for start, _ in proposed} | {minute for minute in inside if minute % 15 == 0}
    return sorted(
        start
        for start in grid
        if start >= now and all(one in inside and one not in taken for one in range(start, start + duration))
    )


def end_to_end(proposed, busy, duration, now):
    """The listing as described: in each gap the first start, then each time the first one not before the slot's end."""
    free = {one for one in covered(proposed) - covered(busy) if one >= now}
    can_start, listed, earliest = set(open_minutes(proposed, busy, duration, now)), [], 0
    for minute in range(max(free, default=-1) + 1):
        earliest = minute if minute not in free else earliest
        if minute in can_start and minute >= earliest:
            listed.append(minute)
            earliest = minute + duration
    return listed


@settings(deadline=None, max_examples=150)
@given(few, st.lists(stretch, max_size=4), st.sampled_from([5, 15, 30, 50, 60, 120]), minutes)
def test_open_and_listed_slots_agree_with_counting_minutes(proposed, busy, duration, now):
    availability = Availability(as_periods(proposed), duration * MINUTE, as_periods(busy), instant(now))
    expected = open_minutes(proposed, busy, duration, now)
    listed = availability.listed([], most=10_000)
    assert [one for one in range(2 * DAY_MINUTES) if availability.is_open(instant(one))] == expected
    assert listed == [instant(one) for one in end_to_end(proposed, busy, duration, now)]
    assert bool(listed) == bool(expected)
    assert availability.earliest() == (instant(expected[0]) if expected else None)


# Managed hours.

MONDAYS = rule("Etc/UTC", "monday 09:00-12:00")
WINDOW = period("00:00", "24:00")


def left_open(hours):
    return available(WINDOW, busy=tuple(hours.closed(WINDOW))).gaps


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        pytest.param(Hours((MONDAYS,)), [period("09:00", "12:00")], id="a rule"),
        pytest.param(Hours((), (period("14:00", "15:00"),)), [period("14:00", "15:00")], id="a stored period"),
        pytest.param(
            Hours((MONDAYS, rule("Etc/UTC", "monday 11:00-13:00"))), [period("09:00", "13:00")], id="rules together"
        ),
        pytest.param(
            Hours((MONDAYS,), (period("12:00", "13:00"),)), [period("09:00", "13:00")], id="a period that goes on"
        ),
        pytest.param(
            Hours((MONDAYS,), (period("14:00", "15:00"),)),
            [period("09:00", "12:00"), period("14:00", "15:00")],
            id="a period apart",
        ),
        pytest.param(Hours((rule("Etc/UTC", "tuesday 09:00-12:00"),)), [], id="a rule for another day"),
        pytest.param(Hours((), (period("09:00", "10:00", day=1),)), [], id="a period of another day"),
    ],
)
def test_an_account_with_hours_is_open_in_their_union(hours, expected):
    assert left_open(hours) == expected


def test_a_slot_may_span_a_rule_and_a_stored_period():
    hours = Hours((MONDAYS,), (period("12:00", "12:30"),))
    availability = available(WINDOW, busy=tuple(hours.closed(WINDOW)))
    assert availability.is_open(at("11:30"))
    assert not availability.is_open(at("11:45"))


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        pytest.param(Hours(), True, id="nothing stored"),
        pytest.param(Hours((), (WINDOW,)), True, id="periods only"),
        pytest.param(Hours((MONDAYS,)), True, id="a rule that names none"),
        pytest.param(Hours((rule("Etc/UTC", calendar_ids=("cal_work",)),)), True, id="a rule that names it"),
        pytest.param(Hours((rule("Etc/UTC", calendar_ids=("cal_home",)),)), False, id="a rule that names another"),
        pytest.param(
            Hours((rule("Etc/UTC", calendar_ids=("cal_home",)), rule("Etc/UTC", calendar_ids=("cal_work",)))),
            True,
            id="one of two rules that name some",
        ),
        pytest.param(Hours((rule("Etc/UTC", calendar_ids=("cal_home",)), MONDAYS)), True, id="one that names none"),
    ],
)
def test_a_calendar_counts_as_busy_unless_every_rule_names_others(hours, expected):
    assert hours.counts("cal_work") is expected
