"""Accounts, and what applications may do for them."""

import pytest

from parley.actions import accounts, applications
from parley.actions.applications import Impossible
from parley.core import limits
from parley.core.access import digest
from parley.core.errors import Invalid, NotFound, OAuthRefused, Unauthorized
from parley.core.hours import AvailablePeriod
from parley.store import tokens
from tests.make import period, rule


@pytest.fixture
def made(dc):
    """An application with a secret that it knows."""
    return applications.create(dc, "Test")


@pytest.fixture
def grant(dc, made):
    """Grace's tokens for the application."""
    account = accounts.create(dc, "grace@example.org", "Grace", "Etc/UTC")
    return accounts.grant(dc, account.sub, made.application.id)


def holder(dc, access_token):
    return dc.db.read(tokens.by_access_token, digest(access_token), dc.now())


def refresh(dc, made, token):
    return accounts.refresh(dc, made.application.id, made.client_secret, token)


def revoke(dc, made, *, token=None, sub=None):
    accounts.revoke(dc, made.application.id, made.client_secret, token=token, sub=sub)


@pytest.mark.parametrize("address", ["grace@example.org", "Grace@Example.ORG"])
def test_an_address_has_one_account(dc, address):
    accounts.create(dc, "grace@example.org", None, "Etc/UTC")
    with pytest.raises(Impossible, match="has an account"):
        accounts.create(dc, address, None, "Etc/UTC")


def test_an_address_beyond_ascii_has_one_account_too(dc):
    accounts.create(dc, "Ünal@example.org", None, "Etc/UTC")
    with pytest.raises(Impossible, match="has an account"):
        accounts.create(dc, "ÜNAL@example.org", None, "Etc/UTC")


def test_a_grant_needs_an_account_and_an_application(dc, made, grant):
    with pytest.raises(Impossible, match="acc_nobody"):
        accounts.grant(dc, "acc_nobody", made.application.id)
    with pytest.raises(Impossible, match="no application"):
        accounts.grant(dc, grant.account.sub, "nobody")


def test_an_access_token_lasts_an_hour_and_a_refresh_token_makes_another(dc, clock, made, grant):
    clock.instant += limits.ACCESS_TOKEN_SECONDS
    assert holder(dc, grant.access_token) is None
    again = refresh(dc, made, grant.refresh_token)
    assert again.refresh_token == grant.refresh_token
    assert holder(dc, again.access_token) == (made.application.id, grant.account.key, grant.account.sub, grant.scope)


@pytest.mark.parametrize(
    ("secret", "token", "error"),
    [("wrong", None, "invalid_client"), (None, "wrong", "invalid_grant")],
    ids=["wrong secret", "wrong token"],
)
def test_a_refresh_that_is_refused_says_why(dc, made, grant, secret, token, error):
    with pytest.raises(OAuthRefused, match=error):
        accounts.refresh(dc, made.application.id, secret or made.client_secret, token or grant.refresh_token)


def test_a_refresh_token_is_good_for_its_application_only(dc, grant):
    with pytest.raises(OAuthRefused, match="invalid_grant"):
        refresh(dc, applications.create(dc, "Other"), grant.refresh_token)


@pytest.mark.parametrize("by", ["access_token", "refresh_token"])
def test_revoking_a_token_ends_what_came_with_it(dc, made, grant, by):
    revoke(dc, made, token=getattr(grant, by))
    assert holder(dc, grant.access_token) is None
    with pytest.raises(OAuthRefused, match="invalid_grant"):
        refresh(dc, made, grant.refresh_token)


def test_revoking_an_account_ends_every_grant_of_the_application_and_no_others(dc, made, grant):
    second = accounts.grant(dc, grant.account.sub, made.application.id)
    other = accounts.grant(dc, grant.account.sub, applications.create(dc, "Other").application.id)
    revoke(dc, made, sub=grant.account.sub)
    found = [holder(dc, one.access_token) for one in (grant, second, other)]
    assert [one is not None for one in found] == [False, False, True]


def test_a_token_wins_over_an_account(dc, made, grant):
    second = accounts.grant(dc, grant.account.sub, made.application.id)
    revoke(dc, made, token=grant.access_token, sub=grant.account.sub)
    assert holder(dc, second.access_token)


def test_revoking_what_is_unknown_is_a_success_and_with_a_wrong_secret_is_not(dc, made, grant):
    revoke(dc, made, token="unknown")
    revoke(dc, made, sub="acc_unknown")
    with pytest.raises(OAuthRefused, match="invalid_client"):
        accounts.revoke(dc, made.application.id, "wrong", token=grant.access_token, sub=None)
    assert holder(dc, grant.access_token)


def application_calendar(dc, made, name="room"):
    return accounts.application_calendar(dc, made.application.id, made.client_secret, name)


def test_an_application_calendar_is_made_once_and_each_application_has_its_own(dc, made):
    first, again = application_calendar(dc, made), application_calendar(dc, made)
    kitchen, other = (
        application_calendar(dc, made, "kitchen"),
        application_calendar(dc, applications.create(dc, "Other")),
    )
    assert first.account.sub.startswith("apc_")
    assert again.account == first.account
    assert len({one.account.sub for one in (first, kitchen, other)}) == 3
    assert holder(dc, first.access_token)
    assert holder(dc, again.access_token)


def test_an_application_calendar_needs_the_secret(dc, made):
    with pytest.raises(Unauthorized):
        accounts.application_calendar(dc, made.application.id, "wrong", "room")


@pytest.fixture
def caller(world):
    return world.account()


def test_an_account_has_a_limited_number_of_rules_and_may_still_replace_one(dc, caller):
    for number in range(limits.RULES):
        accounts.put_rule(dc, caller, rule("Etc/UTC", "monday 09:00-10:00", name=f"r{number}"))
    accounts.put_rule(dc, caller, rule("Etc/UTC", "monday 10:00-11:00", name="r7"))
    with pytest.raises(Invalid) as refusal:
        accounts.put_rule(dc, caller, rule("Etc/UTC", "monday 09:00-10:00", name="one more"))
    assert [(one.path, one.key) for one in refusal.value.faults] == [("availability_rule_id", "errors.too_many")]


def test_deleting_a_rule_that_is_not_there_finds_nothing(dc, caller):
    with pytest.raises(NotFound):
        accounts.delete_rule(dc, caller, "nothing")


def test_deleting_a_period_that_is_not_there_is_a_success_and_settles_nothing(world, dc, caller):
    accounts.put_period(dc, caller, AvailablePeriod("p", period("09:00", "10:00")))
    accounts.delete_periods(dc, caller, "nothing")
    accounts.delete_periods(dc, caller, None)
    accounts.delete_periods(dc, caller, None)
    assert world.waiting() == 0
