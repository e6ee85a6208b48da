"""Shares of an application's allowance, which only processes on one PostgreSQL need to agree on."""

import threading

import pytest

from parley.core.allowance import Rule
from parley.store import rate_limits

NOON = 1_200_000_000
SECOND = Rule(50, 1)


@pytest.fixture
def engine():
    return "postgresql"


def lease(db, now=NOON, rule=SECOND, application="app"):
    return db.write(lambda tx: rate_limits.lease(tx, application, rule, now))


def test_a_share_is_a_tenth_until_all_is_taken(db):
    assert [lease(db) for _ in range(12)] == [5] * 10 + [0] * 2


@pytest.mark.parametrize("calls", [1, 7, 10, 19, 25, 99, 1001])
def test_no_more_than_a_tenth_is_taken_beyond_the_allowance(db, calls):
    taken = sum(lease(db, rule=Rule(calls, 1)) for _ in range(30))
    assert calls <= taken < calls + max(1, calls // 10)


def test_applications_rules_and_windows_have_allowances_of_their_own(db):
    while lease(db):
        pass
    assert (lease(db, application="other"), lease(db, rule=Rule(500, 60)), lease(db, NOON + 1)) == (5, 50, 5)


def began(db):
    return [row[0] - NOON for row in db.read(lambda tx: tx.all("select began from rate_limits order by began"))]


def test_only_windows_next_to_this_one_are_kept_whatever_the_clock_does(db):
    kept = []
    for now in (0, 1, 2, 9000, 3):
        lease(db, NOON + now)
        kept.append(began(db))
    assert kept == [[0], [0, 1], [1, 2], [9000], [3]]


def test_many_at_once_take_no_more_than_there_is(db):
    taken = []

    def take():
        for _ in range(10):
            taken.append(lease(db))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (sum(taken), len(taken)) == (50, 80)
