"""When a message is tried again, and when it is given up."""

from itertools import pairwise

import pytest

from parley.core.delivery import Again, GiveUp, after_failure


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
