"""How many calls may be made in how much time."""

import pytest

from parley.core import allowance
from parley.core.allowance import Held, Rule

SECOND, MINUTE = Rule(50, 1), Rule(500, 60)
BOTH = (SECOND, MINUTE)
NOON = 1_200_000_000  # the beginning of a minute


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        pytest.param("50/s;500/min", BOTH, id="as documented"),
        pytest.param(" 500/min ; 50/s ", BOTH, id="the longer first, with spaces"),
        pytest.param("7/h", (Rule(7, 3600),), id="one rule"),
        pytest.param("0", (), id="off"),
    ],
)
def test_rules_are_read(text, rules):
    assert allowance.read_rules(text) == rules


@pytest.mark.parametrize(
    "text", ["", "50", "50/d", "0/s", "-1/s", "50/s;", "50/s;60/s", "50/s,500/min", "1e3/s", "٥/s", "10000000/s", "00"]
)
def test_any_other_text_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="50/s;500/min"):
        allowance.read_rules(text)


def spend(held, now, times=1, *, rules=BOTH, whole=True):
    """What is held after so many calls, and how many of them there were none for."""
    refused = 0
    for _ in range(times):
        held = allowance.at(rules, held, now, whole=whole)
        if allowance.is_enough(held):
            held = allowance.spent(held)
        else:
            refused += 1
    return held, refused


@pytest.mark.parametrize(
    ("calls", "refused"), [pytest.param(50, 0, id="as many as a second has"), pytest.param(53, 3, id="three more")]
)
def test_a_second_has_so_many_calls(calls, refused):
    assert spend(None, NOON, calls)[1] == refused


def test_the_next_second_has_as_many_again_and_the_minute_less():
    held, _ = spend(None, NOON, 50)
    held, refused = spend(held, NOON + 1, 50)
    assert refused == 0
    assert held == Held((NOON + 1, NOON), (0, 400), (True, True))


def test_a_minute_ends_before_its_last_second_when_all_is_spent():
    held = None
    for second in range(10):
        held, refused = spend(held, NOON + second, 50)
        assert refused == 0
    assert spend(held, NOON + 10)[1] == 1
    assert spend(held, NOON + 59)[1] == 1
    assert spend(held, NOON + 60)[1] == 0


@pytest.mark.parametrize(
    ("now", "held", "seconds"),
    [
        pytest.param(NOON, Held((NOON, NOON), (0, 9), (True, True)), 1, id="the second is over"),
        pytest.param(NOON + 13, Held((NOON + 13, NOON), (9, 0), (True, True)), 47, id="the minute is over"),
        pytest.param(NOON + 13, Held((NOON + 13, NOON), (0, 0), (True, True)), 47, id="both are: the longer wait"),
        pytest.param(NOON + 59, Held((NOON + 59, NOON), (9, 0), (True, True)), 1, id="the last second of the minute"),
        pytest.param(NOON, Held((NOON, NOON), (0, 9), (False, True)), 0, id="more may be had"),
        pytest.param(NOON, Held((NOON, NOON), (1, 9), (True, True)), 0, id="the last call"),
    ],
)
def test_the_pause_is_what_is_left_of_the_window(now, held, seconds):
    assert allowance.pause(BOTH, held, now) == seconds


@pytest.mark.parametrize(
    ("back", "longest"),
    [
        pytest.param(30, 36, id="inside the minute that is spent: to its end"),
        pytest.param(55, 0, id="into the minute before"),
        pytest.param(3600, 0, id="an hour"),
        pytest.param(86400 * 365, 0, id="a year"),
    ],
)
def test_a_clock_that_is_set_back_keeps_nobody_waiting(back, longest):
    held = None
    for second in range(10):
        held, _ = spend(held, NOON + 45 + second, 50)
    now = NOON + 54 - back
    held = allowance.at(BOTH, held, now, whole=True)
    pause = allowance.pause(BOTH, held, now)
    assert pause == longest
    assert spend(held, now + pause)[1] == 0


def test_where_it_is_shared_nothing_is_held_before_it_was_had():
    held = allowance.at(BOTH, None, NOON, whole=False)
    assert (allowance.lacking(BOTH, held), allowance.pause(BOTH, held, NOON)) == ([SECOND, MINUTE], 0)


def test_what_was_had_can_be_spent_and_then_more_may_be_had():
    held = allowance.at(BOTH, None, NOON, whole=False)
    held = allowance.added(BOTH, held, [(SECOND, NOON, 5), (MINUTE, NOON, 50)])
    held, refused = spend(held, NOON, 6, whole=False)
    assert refused == 1
    assert (allowance.lacking(BOTH, held), allowance.pause(BOTH, held, NOON)) == ([SECOND], 0)


def test_what_could_not_be_had_is_waited_for():
    held = allowance.at(BOTH, None, NOON, whole=False)
    held = allowance.added(BOTH, held, [(SECOND, NOON, 5), (MINUTE, NOON, 0)])
    assert allowance.pause(BOTH, held, NOON) == 60


def test_what_was_had_for_a_window_that_is_over_counts_for_nothing():
    held = allowance.at(BOTH, None, NOON + 1, whole=False)
    assert allowance.added(BOTH, held, [(SECOND, NOON, 5)]) == held


@pytest.mark.parametrize(("calls", "share"), [(50, 5), (500, 50), (10, 1), (9, 1), (1, 1), (19, 1)])
def test_a_share_is_a_tenth_and_at_least_one(calls, share):
    assert Rule(calls, 1).share == share


@pytest.mark.parametrize(
    ("address", "place"),
    [
        pytest.param("192.0.2.7", "192.0.2.7", id="IPv4"),
        pytest.param("::ffff:192.0.2.7", "192.0.2.7", id="IPv4 written as IPv6"),
        pytest.param("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", id="IPv6"),
        pytest.param("fe80::1%eth0", "fe80::/64", id="with a zone"),
        pytest.param("x" * 100, "x" * 64, id="no address"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_an_address_stands_for_a_place(address, place):
    assert allowance.place(address) == place
