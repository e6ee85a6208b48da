"""What an application may be allowed."""

import pytest

from parley.core.limits import HIGHEST, Limits, faults


def test_the_defaults_are_the_published_numbers():
    assert Limits() == Limits(
        max_participants=2,
        max_periods_at_creation=10,
        max_periods=50,
        max_days=35,
        max_selected_slots=1,
        max_listed_slots=512,
    )


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param(Limits(), id="the defaults"),
        pytest.param(HIGHEST, id="the highest"),
        pytest.param(Limits(1, 1, 1, 1, 1, 1), id="the lowest"),
        pytest.param(Limits(max_periods_at_creation=50), id="as many periods at creation as later"),
    ],
)
def test_limits_in_their_bounds_can_be_used(limits):
    assert faults(limits) == []


@pytest.mark.parametrize(
    ("limits", "named"),
    [
        (Limits(max_participants=0), "max_participants"),
        (Limits(max_participants=101), "max_participants"),
        (Limits(max_periods_at_creation=0), "max_periods_at_creation"),
        (Limits(max_periods=501), "max_periods"),
        (Limits(max_days=202), "max_days"),
        (Limits(max_selected_slots=-1), "max_selected_slots"),
        (Limits(max_listed_slots=5001), "max_listed_slots"),
        (Limits(max_periods_at_creation=51), "max_periods_at_creation must not be more than max_periods"),
    ],
    ids=str,
)
def test_a_limit_out_of_bounds_is_named(limits, named):
    assert [one.startswith(named) for one in faults(limits)] == [True]


def test_every_limit_out_of_bounds_is_named():
    assert len(faults(Limits(0, 0, 0, 0, 0, 0))) == 6
