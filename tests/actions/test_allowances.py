"""Allowances of applications and addresses: in one process, in several, and without a database."""

import threading
from dataclasses import replace

import pytest

from parley import data_center
from parley.actions.allowances import Allowances, Ledger
from parley.core.access import AccountCaller, ApplicationCaller, ParticipantCaller
from parley.core.allowance import Rule
from parley.core.errors import TooManyCalls
from parley.settings import Settings

APP = ApplicationCaller("app")
GRACE = AccountCaller("app", 1, "acc_1", "create_event")
KARL = ParticipantCaller("scv_1", 1, 0)
HOME, OFFICE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def limited(dc):
    """The installation with the documented limits, or others."""
    return lambda text="50/s;500/min": replace(dc, settings=dc.settings.model_copy(update={"rate_limit": text}))


def allowed(allowances, calls, caller=APP, address=HOME):
    """How many of so many calls are let through."""
    return sum(not refused(allowances, caller, address) for _ in range(calls))


def refused(allowances, caller=APP, address=HOME):
    try:
        allowances.spend(caller, address)
    except TooManyCalls:
        return True
    return False


def test_an_application_has_what_is_documented_from_wherever_and_for_whomever_it_calls(limited, clock):
    allowances = Allowances(limited())
    calls = [(APP, HOME), (GRACE, HOME), (APP, OFFICE), (GRACE, OFFICE)]
    assert sum(allowed(allowances, 15, *one) for one in calls) == 50
    clock.instant += 1
    assert allowed(allowances, 60) == 50


def test_the_refusal_says_when_there_will_be_a_call(limited, clock):
    allowances = Allowances(limited("2/min"))
    clock.instant += 17
    assert allowed(allowances, 2) == 2
    with pytest.raises(TooManyCalls) as told:
        allowances.spend(APP, HOME)
    assert told.value.retry_after == 43
    clock.instant += told.value.retry_after
    assert not refused(allowances)


def test_applications_do_not_use_up_what_others_have(limited):
    allowances = Allowances(limited("2/min"))
    assert allowed(allowances, 3) == 2
    assert allowed(allowances, 3, ApplicationCaller("other")) == 2


def test_participants_and_pages_count_for_their_address(limited):
    allowances = Allowances(limited("4/min"))
    assert [allowed(allowances, 3, KARL), allowed(allowances, 3, None)] == [3, 1]
    assert allowed(allowances, 3, None, OFFICE) == 3
    assert allowed(allowances, 3) == 3


def test_one_network_of_ipv6_is_one_address(limited):
    allowances = Allowances(limited("4/min"))
    assert sum(allowed(allowances, 1, None, f"2001:db8::{at}") for at in range(6)) == 4
    assert allowed(allowances, 1, None, "2001:db8:0:1::1") == 1


def test_without_a_limit_nothing_is_counted(limited):
    allowances = Allowances(limited("0"))
    assert allowed(allowances, 1000) == 1000
    for _ in range(200):
        allowances.fail(HOME)


def test_fifty_tokens_that_nobody_has_are_looked_up_for_an_address_in_a_minute(limited, clock):
    allowances = Allowances(limited())
    for _ in range(50):
        allowances.fail(HOME)
    with pytest.raises(TooManyCalls):
        allowances.fail(HOME)
    allowances.fail(OFFICE)
    clock.instant += 60
    allowances.fail(HOME)


def test_only_those_who_called_last_are_remembered():
    ledger = Ledger((Rule(1, 60),), most=100)
    for number in range(1000):
        ledger.spend(str(number), 0)
    assert ledger.spend("0", 0) == []
    with pytest.raises(TooManyCalls):
        ledger.spend("999", 0)


def test_threads_of_one_process_share_what_there_is(limited):
    allowances = Allowances(limited("100/min"))
    let = []
    threads = [threading.Thread(target=lambda: let.append(allowed(allowances, 50))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert 100 <= sum(let) <= 110


class TestSeveralProcesses:
    """Several processes on one PostgreSQL."""

    @pytest.fixture
    def engine(self):
        return "postgresql"

    @pytest.fixture
    def other(self, limited, tmp_path, database_address):
        """What another process has open."""
        opened = data_center.opened(Settings(data_dir=tmp_path / "data", database=database_address))
        yield lambda text="50/s;500/min": replace(limited(text), db=opened.db)
        opened.db.close()

    def test_they_let_through_as_much_as_one_would(self, limited, other, clock):
        here, there = Allowances(limited()), Allowances(other())
        for _ in range(20):
            assert 45 <= sum(allowed(one, 1) for _ in range(100) for one in (here, there)) <= 55
            clock.instant += 60

    def test_no_more_than_a_tenth_too_many_whatever_turns_they_take(self, limited, other):
        here, there = Allowances(limited("200/min")), Allowances(other("200/min"))
        let = [allowed(here, 7), allowed(there, 190), allowed(here, 300), allowed(there, 300)]
        assert 180 <= sum(let) <= 220

    def test_addresses_are_counted_by_each_for_itself(self, limited, other):
        here, there = Allowances(limited("4/min")), Allowances(other("4/min"))
        assert [allowed(one, 6, None) for one in (here, there)] == [4, 4]

    def test_nobody_is_refused_because_the_database_is_gone(self, limited, other):
        lost = other()
        allowances = Allowances(lost)
        assert allowed(allowances, 5) == 5
        lost.db.close()
        assert allowed(allowances, 100) == 100

    def test_once_all_is_taken_the_database_is_left_alone(self, limited, other):
        lost = other("2/min")
        allowances = Allowances(lost)
        assert allowed(allowances, 3) == 2
        lost.db.close()
        assert allowed(allowances, 100) == 0
