"""Lists of periods, against the same done second by second."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.core.periods import Period, clipped, holding, hull, merged, minus
from tests.make import period

NINE_TO_NOON = [period("09:00", "12:00")]

short = st.builds(lambda start, length: Period(start, start + length), st.integers(0, 24), st.integers(-1, 6))
some = st.lists(short, max_size=6)


def seconds(periods):
    return {second for one in periods for second in range(one.start, one.end)}


def is_tidy(periods):
    return all(one.start < one.end for one in periods) and all(
        one.end < next_one.start for one, next_one in pairwise(periods)
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([period("09:00", "10:00"), period("10:00", "12:00")], NINE_TO_NOON, id="touching"),
        pytest.param([period("10:00", "12:00"), period("09:00", "11:00")], NINE_TO_NOON, id="overlapping, unordered"),
        pytest.param([period("09:00", "12:00"), period("10:00", "11:00")], NINE_TO_NOON, id="one inside another"),
        pytest.param([period("09:00", "12:00"), period("10:00", "10:00")], NINE_TO_NOON, id="an empty one"),
        pytest.param([period("09:00", "12:00"), period("08:00", "07:00")], NINE_TO_NOON, id="one that ends too early"),
    ],
)
def test_merged_periods_are_the_same_time_in_one_piece(given, expected):
    assert merged(given) == expected


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        pytest.param([], NINE_TO_NOON, id="nothing"),
        pytest.param([period("08:00", "09:00")], NINE_TO_NOON, id="ends as we start"),
        pytest.param([period("12:00", "13:00")], NINE_TO_NOON, id="starts as we end"),
        pytest.param([period("08:00", "13:00")], [], id="all of it"),
        pytest.param([period("09:00", "12:00")], [], id="exactly it"),
        pytest.param(
            [period("10:00", "11:00")], [period("09:00", "10:00"), period("11:00", "12:00")], id="out of the middle"
        ),
    ],
)
def test_minus_leaves_what_is_not_taken(taken, expected):
    assert minus(NINE_TO_NOON, taken) == expected


def test_one_taken_period_cuts_every_period_that_it_reaches():
    two = [period("09:00", "10:00"), period("11:00", "12:00")]
    assert minus(two, [period("09:30", "11:30")]) == [period("09:00", "09:30"), period("11:30", "12:00")]


@settings(deadline=None)
@given(some, some)
def test_merged_and_minus_agree_with_counting_seconds(periods, taken):
    left = minus(merged(periods), merged(taken))
    assert seconds(merged(periods)) == seconds(periods)
    assert seconds(left) == seconds(periods) - seconds(taken)
    assert is_tidy(merged(periods))
    assert is_tidy(left)


@settings(deadline=None)
@given(some, short)
def test_clipped_periods_are_what_lies_inside_the_window(periods, window):
    assert seconds(clipped(periods, window)) == seconds(periods) & seconds([window])
    assert all(one.start < one.end for one in clipped(periods, window))


@settings(deadline=None)
@given(some, st.integers(-2, 32))
def test_the_holding_period_is_the_one_that_has_the_instant(periods, instant):
    found = holding(merged(periods), instant)
    assert (found is not None) == (instant in seconds(periods))
    assert found is None or (found in merged(periods) and found.start <= instant < found.end)


def test_the_hull_reaches_from_the_earliest_start_to_the_latest_end():
    assert hull([period("11:00", "12:00"), period("09:00", "17:00"), period("10:00", "13:00")]) == period(
        "09:00", "17:00"
    )
