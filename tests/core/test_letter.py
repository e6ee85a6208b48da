"""Which letters there are still to write, and which slots one lists."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.core.letter import Kind, Letter, bounce_text, matters, offered
from tests.make import MONDAY, at, conversation, manual

GRACE = manual("Grace", "09:00", turn=1)
WAITS, ASKED, ASKED_AGAIN = manual("Karl", "09:00", turn=2), manual("Karl"), manual("Karl", turn=2)
OPEN = conversation(GRACE, ASKED)
AGREED = conversation(GRACE, manual("Karl", "09:00", turn=2), chosen=at("09:00"))

MATTERS = [
    pytest.param(Kind.ASK, "0", OPEN, True, id="they are to choose"),
    pytest.param(Kind.ASK, "0", conversation(GRACE, WAITS), False, id="they have chosen"),
    pytest.param(Kind.ASK, "0", conversation(GRACE, ASKED_AGAIN), False, id="they are asked anew in another letter"),
    pytest.param(Kind.ASK, "2", conversation(GRACE, ASKED_AGAIN), True, id="that one"),
    pytest.param(Kind.ASK, "0", AGREED, False, id="it is agreed"),
    pytest.param(Kind.REMINDER, "0", OPEN, True, id="they have not answered"),
    pytest.param(Kind.REMINDER, "0", conversation(GRACE, WAITS), False, id="they have answered"),
    pytest.param(Kind.REMINDER, "0", conversation(GRACE, ASKED_AGAIN), False, id="they have, and are asked again"),
    pytest.param(Kind.REMINDER, "0", AGREED, False, id="no reminder after the agreement"),
    pytest.param(Kind.UNDERSTOOD, "x", conversation(GRACE, WAITS), True, id="a choice is confirmed"),
    pytest.param(Kind.UNDERSTOOD, "x", AGREED, False, id="which the agreement does by itself"),
    pytest.param(Kind.UNCLEAR, "x", OPEN, True, id="an unclear answer"),
    pytest.param(Kind.UNCLEAR, "x", AGREED, True, id="an answer that comes too late"),
    pytest.param(Kind.AGREED, "0", AGREED, True, id="agreed"),
    pytest.param(Kind.AGREED, "0", OPEN, False, id="not agreed"),
    pytest.param(Kind.RAN_OUT, "0", OPEN, True, id="nothing is left"),
    pytest.param(Kind.RAN_OUT, "0", AGREED, False, id="nothing is needed"),
    pytest.param(Kind.NONE_SUIT, "0", OPEN, True, id="nothing suits"),
    pytest.param(Kind.NONE_SUIT, "0", AGREED, False, id="something suited in the end"),
    pytest.param(Kind.DECLINED, "0", AGREED, True, id="somebody declined"),
]


@pytest.mark.parametrize(("kind", "number", "talk", "expected"), MATTERS)
def test_a_letter_is_worth_sending_while_it_is_true(kind, number, talk, expected):
    assert matters(Letter(kind, talk.id, 1, number), talk) is expected


def days(*numbers):
    """So many starts from nine on, each hour, on days after each other."""
    return [at(f"{9 + hour % 15:02d}:00", day) for day, number in enumerate(numbers) for hour in range(number)]


def per_day(starts):
    return [number for _, number in sorted(Counter((one - MONDAY) // 86400 for one in starts).items())]


SPREADS = [
    pytest.param([3], [3], id="all, where there are few"),
    pytest.param([15], [12], id="twelve of one day"),
    pytest.param([15, 15], [6, 6], id="of two days"),
    pytest.param([15, 15, 15], [4, 4, 4], id="of three days"),
    pytest.param([8] * 5, [3, 3, 3, 3], id="of the first four of many days"),
    pytest.param([1] * 20, [1] * 12, id="of twelve days that have one each"),
    pytest.param([1, 15], [1, 11], id="a full day makes up for an empty one"),
    pytest.param([15, 1, 1], [10, 1, 1], id="also the other way round"),
    pytest.param([], [], id="none"),
]


@pytest.mark.parametrize(("there", "expected"), SPREADS)
def test_a_letter_lists_up_to_twelve_slots_of_several_days(there, expected):
    assert per_day(offered(days(*there), (), "Etc/UTC")) == expected


def test_of_a_day_the_first_and_the_last_are_listed_and_some_between():
    assert offered(days(9, 9, 9, 9), (), "Etc/UTC")[:3] == (at("09:00"), at("13:00"), at("17:00"))


def test_what_others_have_chosen_is_always_listed():
    starts = days(*[9] * 30)
    assert {starts[-1], starts[100]} <= set(offered(starts, {starts[-1], starts[100]}, "Etc/UTC"))


def test_days_are_those_of_the_readers_zone():
    starts = [at("20:00"), at("23:00"), at("04:00", 1)]
    assert offered(starts, (), "Asia/Tokyo") == tuple(starts)


@given(st.sets(st.integers(0, 400)), st.sets(st.integers(0, 400), max_size=20))
def test_what_is_listed_is_open_ascending_and_at_least_six_where_there_are_as_many(hours, standing):
    starts = [MONDAY + hour * 3600 for hour in sorted(hours)]
    chosen = {MONDAY + hour * 3600 for hour in standing}
    found = offered(starts, chosen, "Europe/Berlin")
    assert list(found) == sorted(set(found) & set(starts))
    assert len(found) == min(len(starts), 12)
    assert len(chosen & set(found)) == min(len(chosen & set(starts)), 12)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("550 5.1.1 No such user", "550 5.1.1 bounce: No such user"),
        ("550 no", "550 bounce: no"),
        ("5.1.1", "5.1.1 bounce"),
        ("gone", "bounce: gone"),
        ("", "bounce"),
    ],
)
def test_a_refusal_is_told_with_its_code_and_the_word(said, told):
    assert bounce_text(said) == told
