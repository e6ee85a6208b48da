"""Applications: their limits, and secrets that are replaced while both are good."""

import pytest

from parley.actions import applications
from parley.actions.applications import Impossible
from parley.core.access import digest
from parley.store import applications as stored


@pytest.fixture
def made(dc):
    return applications.create(dc, "Test", ("https://a.example/back",))


def good(dc, *secrets):
    return [dc.db.read(stored.holder_of, digest(one), dc.now()) is not None for one in secrets]


def test_an_application_has_a_secret_that_opens_again(dc, made):
    (kept,) = dc.db.read(stored.secrets, made.application.id, dc.now())
    assert dc.unseal(kept.sealed) == made.client_secret
    assert made.client_secret not in kept.sealed
    assert dc.db.read(stored.find, made.application.id) == made.application


def test_both_secrets_are_good_until_the_overlap_ends(dc, clock, made):
    new = applications.rotate_secret(dc, made.application.id, overlap=100)
    assert good(dc, made.client_secret, new.client_secret) == [True, True]
    clock.instant += 100
    assert good(dc, made.client_secret, new.client_secret) == [False, True]


def test_without_overlap_the_old_secret_ends_at_once(dc, made):
    new = applications.rotate_secret(dc, made.application.id, overlap=0)
    assert good(dc, made.client_secret, new.client_secret) == [False, True]


def test_retiring_ends_all_but_the_newest(dc, made):
    second = applications.rotate_secret(dc, made.application.id, overlap=100)
    third = applications.rotate_secret(dc, made.application.id, overlap=100)
    assert applications.retire_secret(dc, made.application.id) == 2
    assert good(dc, made.client_secret, second.client_secret, third.client_secret) == [False, False, True]
    assert applications.retire_secret(dc, made.application.id) == 0


def test_limits_change_one_by_one(dc, made):
    applications.set_limits(dc, made.application.id, {"max_participants": 10})
    changed = applications.set_limits(dc, made.application.id, {"max_days": 7})
    assert (changed.limits.max_participants, changed.limits.max_days) == (10, 7)
    assert dc.db.read(stored.find, made.application.id) == changed


@pytest.mark.parametrize(
    "changed", [{"max_participants": 0}, {"max_days": 202}, {"max_periods_at_creation": 51}], ids=str
)
def test_limits_out_of_bounds_are_refused_and_change_nothing(dc, made, changed):
    with pytest.raises(Impossible, match=next(iter(changed))):
        applications.set_limits(dc, made.application.id, changed)
    assert dc.db.read(stored.find, made.application.id) == made.application


@pytest.mark.parametrize(
    "act",
    [
        lambda dc: applications.set_limits(dc, "nobody", {}),
        lambda dc: applications.rotate_secret(dc, "nobody", 0),
        lambda dc: applications.retire_secret(dc, "nobody"),
    ],
    ids=["limits", "rotate", "retire"],
)
def test_an_application_that_is_not_there_is_named(dc, act):
    with pytest.raises(Impossible, match="nobody"):
        act(dc)
