"""Accounts and their calendars."""

from dataclasses import replace

import apsw
import pytest
from psycopg.errors import UniqueViolation

from parley.core.account import Account, Calendar
from parley.store import accounts
from tests.make import SUNDAY_NOON
from tests.store.conftest import GRACE, KARL


@pytest.mark.parametrize(
    ("find", "given", "expected"),
    [
        pytest.param(accounts.find, 1, GRACE, id="by key"),
        pytest.param(accounts.by_sub, "acc_2", KARL, id="by sub"),
        pytest.param(accounts.by_email, "grace@EXAMPLE.org", GRACE, id="by address, in any case"),
        pytest.param(accounts.find, 3, None, id="by a key of nobody"),
        pytest.param(accounts.by_sub, "ACC_2", None, id="by a sub in another case"),
        pytest.param(accounts.by_email, "race@example.org", None, id="by part of an address"),
        pytest.param(accounts.by_email, "%", None, id="by a pattern"),
    ],
)
def test_an_account_is_found(db, find, given, expected):
    assert db.read(find, given) == expected


@pytest.mark.parametrize(
    "changed",
    [{"key": 1}, {"sub": "acc_1"}, {"email": "GRACE@example.org"}, {"profile_id": "pro_1"}],
    ids=lambda changed: next(iter(changed)),
)
def test_no_two_accounts_share(db, changed):
    other = replace(GRACE, key=9, sub="acc_9", email="ida@example.org", profile_id="pro_9")
    with pytest.raises((apsw.ConstraintError, UniqueViolation)):
        db.write(lambda tx: accounts.insert(tx, replace(other, **changed)))


def test_accounts_without_address_do_not_stand_in_each_others_way(db):
    calendars = [
        Account(key, f"apc_{key}", None, None, "Etc/UTC", f"pro_{key}", SUNDAY_NOON, application, "room")
        for key, application in ((7, "app"), (8, "other"))
    ]
    for one in calendars:
        db.write(lambda tx, one=one: accounts.insert(tx, one))
    assert db.read(accounts.by_application_calendar, "app", "room") == calendars[0]
    assert db.read(accounts.by_application_calendar, "other", "room") == calendars[1]
    assert db.read(accounts.by_application_calendar, "app", "kitchen") is None


def test_the_primary_calendar_comes_first(db):
    for name, is_primary, created_at in (("cal_b", False, 2), ("cal_a", False, 3), ("cal_0", True, 9)):
        calendar = Calendar(name, 3, "C", is_primary, created_at)
        account = Account(3, "acc_3", None, None, "Etc/UTC", "pro_3", 0)
        db.write(lambda tx, account=account: accounts.find(tx, 3) or accounts.insert(tx, account))
        db.write(lambda tx, calendar=calendar: accounts.add_calendar(tx, calendar))
    assert [one.id for one in db.read(accounts.calendars, 3)] == ["cal_0", "cal_b", "cal_a"]


def test_a_calendar_is_found_in_its_account_only(db):
    assert db.read(accounts.calendar, 1, "cal_1").id == "cal_1"
    assert db.read(accounts.calendar, 2, "cal_1") is None
