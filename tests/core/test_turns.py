"""Whose turn it is: nobody who lets us wait holds up others, nor what is quick of their own."""

from collections import Counter

from parley.core.turns import Kind, Load, Pace, whose

THREADS = {False: 4, True: 64}
OURS = Kind(False)


def lanes(owner, pace, count):
    return [(f"{owner} {pace.name} {number}", Kind(True, owner, pace)) for number in range(count)]


def turns(waiting, busy=()):
    """How many lanes of each kind get a thread, by the first two words of their names."""
    found = whose(waiting, Load(THREADS, busy))
    assert len(found) == len(set(found))
    return Counter(" ".join(lane.split()[:2]) for lane in found)


def test_one_application_gets_half_of_the_threads_and_two_share_them_all():
    assert turns(lanes("a", Pace.QUICK, 100)) == {"a QUICK": 32}
    assert turns(lanes("a", Pace.QUICK, 100) + lanes("b", Pace.QUICK, 100)) == {"a QUICK": 32, "b QUICK": 32}


def test_what_is_slow_leaves_room_for_what_is_not_known_and_that_for_what_is_quick():
    waiting = [*lanes("a", Pace.SLOW, 100), *lanes("a", Pace.UNKNOWN, 100), *lanes("a", Pace.QUICK, 100)]
    assert turns(waiting) == {"a SLOW": 8, "a UNKNOWN": 16, "a QUICK": 8}
    assert turns(lanes("a", Pace.SLOW, 100)) == {"a SLOW": 8}
    assert turns(lanes("a", Pace.UNKNOWN, 100)) == {"a UNKNOWN": 24}


def test_whoever_keeps_fewer_threads_busy_comes_first():
    busy = [kind for _, kind in lanes("a", Pace.QUICK, 30)] + [kind for _, kind in lanes("b", Pace.QUICK, 30)]
    assert turns(lanes("a", Pace.QUICK, 9) + lanes("c", Pace.QUICK, 9), busy) == {"c QUICK": 4}


def test_lanes_of_one_kind_have_their_turns_in_the_order_given():
    waiting = lanes("a", Pace.QUICK, 40)
    assert whose(waiting, Load(THREADS, ())) == [lane for lane, _ in waiting[:32]]


def test_our_own_lanes_have_threads_of_their_own():
    full = [kind for owner in "ab" for _, kind in lanes(owner, Pace.QUICK, 32)]
    ours = [(f"settle {number}", OURS) for number in range(9)]
    assert whose(ours + lanes("c", Pace.QUICK, 9), Load(THREADS, full)) == [
        "settle 0",
        "settle 1",
        "settle 2",
        "settle 3",
    ]
    assert whose(ours, Load(THREADS, [OURS] * 4)) == []


def test_where_nothing_waits_nobody_has_a_turn():
    assert whose([], Load(THREADS, ())) == []
