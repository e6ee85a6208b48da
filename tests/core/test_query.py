"""The availability query where people's free time is cut into many pieces."""

import time

from parley.core.limits import DAY, MINUTE
from parley.core.periods import Period
from parley.core.query import Common, Group, Member

LENGTH = 35 * DAY


def taking_turns(minutes):
    """Two people of whom always exactly one is free, for as many minutes."""
    step = minutes * MINUTE
    first = [Period(at, at + step) for at in range(0, LENGTH, 2 * step)]
    second = [Period(at, at + step) for at in range(step, LENGTH, 2 * step)]
    return Group((Member("grace", busy=first), Member("bo", busy=second)), required=1)


def looked_for(group, duration):
    return Common([group], [Period(0, LENGTH)], duration, before=0, after=0, now=0)


def test_slots_are_found_in_time_that_grows_with_the_pieces_not_with_their_square():
    common = looked_for(taking_turns(minutes=2), duration=3 * MINUTE)
    began = time.process_time()
    assert list(common.slots(None)) == []
    assert list(common.slots(5 * MINUTE)) == []
    assert list(common.overlapping_slots(5 * MINUTE)) == []
    assert list(common.periods()) == []
    assert time.process_time() - began < 1


def test_slots_end_to_end_begin_where_somebody_can_stay_for_all_of_it():
    common = looked_for(taking_turns(minutes=50), duration=30 * MINUTE)
    found = [one for _, one in zip(range(3), common.slots(None), strict=False)]
    assert [(one.period.start // MINUTE, one.subs) for one in found] == [(0, ("bo",)), (50, ("grace",)), (100, ("bo",))]


def test_slots_on_an_interval_begin_a_multiple_of_it_after_the_gap():
    common = looked_for(taking_turns(minutes=50), duration=30 * MINUTE)
    found = [one for _, one in zip(range(3), common.slots(20 * MINUTE), strict=False)]
    assert [(one.period.start // MINUTE, one.subs) for one in found] == [(0, ("bo",)), (60, ("grace",)), (100, ("bo",))]
