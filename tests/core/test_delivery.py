"""When a message is tried again, and when it is given up."""

from itertools import pairwise

import pytest

from parley.core.delivery import Again, GiveUp, after_failure, after_push


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 4), (3, 8), (11, 2048), (12, 3600), (15, 3600)])
def test_the_pause_doubles_up_to_an_hour(attempts, seconds):
    assert after_failure(attempts, 0.5) == Again(seconds)


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 819), (0.25, 922), (0.5, 1024), (1.0, 1229)])
def test_chance_makes_it_up_to_a_fifth_shorter_or_longer(chance, seconds):
    assert after_failure(10, chance) == Again(seconds)


def test_the_pause_never_shrinks():
    pauses = [after_failure(attempts, 0.5).seconds for attempts in range(1, 16)]
    assert all(one <= later for one, later in pairwise(pauses))


def test_after_some_hours_it_is_given_up():
    assert after_failure(16, 0.5) == GiveUp()
    assert sum(after_failure(attempts, 0.5).seconds for attempts in range(1, 16)) > 4 * 3600


def pauses(chance):
    return [after_push(attempts, chance, 0).seconds for attempts in range(1, 11)]


def test_a_push_is_tried_again_within_15_seconds_and_then_within_45():
    assert all(pauses(chance)[0] < 15 and pauses(chance)[1] < 45 for chance in (0.0, 0.5, 1.0))


def test_ten_attempts_at_a_push_take_three_days_with_pauses_that_grow():
    assert 70 * 3600 < sum(pauses(0.5)) < 74 * 3600
    assert all(one < later for chance in (0.0, 0.5, 1.0) for one, later in pairwise(pauses(chance)))
    assert after_push(11, 0.5, 0) == GiveUp()


@pytest.mark.parametrize(("asked", "seconds"), [(0, 10), (5, 10), (120, 120), (86400, 86400), (999_999, 86400)])
def test_a_receiver_can_put_a_push_off_by_a_day_at_most(asked, seconds):
    assert after_push(1, 0.5, asked) == Again(seconds)
