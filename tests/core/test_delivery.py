"""When a message is tried again."""

from itertools import pairwise

import pytest

from parley.core.delivery import pause


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 2), (2, 4), (3, 8), (11, 2048), (12, 3600), (13, 3600), (5000, 3600)]
)
def test_the_pause_doubles_up_to_an_hour(attempts, seconds):
    assert pause(attempts) == seconds


def test_the_pause_never_shrinks():
    assert all(one <= later for one, later in pairwise(pause(attempts) for attempts in range(1, 60)))
