"""How invitations follow each other, and which answers count."""

from dataclasses import replace
from datetime import date

import pytest

from parley.core import smart_invite as core
from parley.core.event import Attendee, Event
from parley.core.periods import Period
from parley.core.proposed import Proposed
from parley.core.reply import Answer
from parley.core.smart_invite import Method, Recipient, SmartInvite, answered, ended, invited
from tests.make import SUNDAY_NOON, at, period

INVITE = SmartInvite("0123456789abcdef01234567", "app", "interview")
EVENT = Event("interview", INVITE.uid, "Interview", period("09:00", "10:00"), tzid="Europe/Berlin")
RENAMED = replace(EVENT, summary="Second interview")
MOVED = replace(EVENT, period=period("14:00", "15:00"))
KARL, BO = Recipient(0, "karl@example.org"), Recipient(1, "bo@example.org")
LATER = Proposed(at("16:00"), at("17:00"), "Europe/Berlin")


def sent(person, *events, **known):
    """Somebody who has been invited to each of these, one after the other."""
    for event in events:
        (person,) = invited([person], event, SUNDAY_NOON)
    return replace(person, **known)


def test_a_first_invitation():
    karl, bo = invited([KARL, BO], EVENT, SUNDAY_NOON)
    assert (karl.sequence, bo.sequence, karl.status) == (0, 0, "pending")
    assert (karl.event, karl.stamp) == (EVENT, SUNDAY_NOON)
    assert (karl.together, bo.together) == ((0, 1), (0, 1))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([EVENT, EVENT], (0, 0), id="the same again"),
        pytest.param([EVENT, RENAMED], (1, 0), id="other words"),
        pytest.param([EVENT, MOVED], (1, 1), id="another time"),
        pytest.param([EVENT, MOVED, RENAMED], (2, 2), id="back again, renamed"),
        pytest.param([EVENT, RENAMED, MOVED, MOVED], (2, 2), id="the last one twice"),
        pytest.param([EVENT, replace(EVENT, days=(date(2031, 5, 5), date(2031, 5, 6)))], (1, 1), id="all day"),
    ],
)
def test_the_sequence_grows_with_each_change_and_answers_count_from_the_last_move(events, expected):
    karl = sent(KARL, *events)
    assert (karl.sequence, karl.since) == expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(EVENT, ("accepted", "Gladly"), id="the same again"),
        pytest.param(RENAMED, ("accepted", "Gladly"), id="other words"),
        pytest.param(MOVED, ("pending", None), id="another time"),
    ],
)
def test_who_has_answered_is_asked_again_for_another_time_only(event, expected):
    karl = sent(sent(KARL, EVENT, status="accepted", comment="Gladly", replied_at=SUNDAY_NOON), event)
    assert (karl.status, karl.comment) == expected


def test_those_invited_together_get_one_sequence_that_is_new_to_whom_it_changes_something():
    karl, bo = sent(KARL, EVENT, MOVED, RENAMED), sent(BO, EVENT)
    assert [one.sequence for one in invited([karl, bo], RENAMED, SUNDAY_NOON)] == [2, 2]
    assert [one.sequence for one in invited([karl, bo], MOVED, SUNDAY_NOON)] == [3, 3]


def test_answers_go_to_the_same_address_as_long_as_people_are_invited_alone():
    bo = sent(BO, EVENT, MOVED)
    assert bo.mailbox == 1
    assert [one.mailbox for one in invited([bo, KARL], EVENT, SUNDAY_NOON)] == [1, 1]
    assert ended([bo], Method.CANCEL, SUNDAY_NOON)[0].mailbox == 1


def test_calling_off_follows_and_calling_off_again_changes_nothing():
    (off,) = ended([sent(KARL, EVENT)], Method.CANCEL, SUNDAY_NOON)
    assert (off.method, off.sequence) == (Method.CANCEL, 1)
    (again,) = ended([off], Method.REMOVE, SUNDAY_NOON)
    assert (again.method, again.sequence) == (Method.REMOVE, 1)
    back = sent(replace(again, status="accepted"), EVENT)
    assert (back.method, back.sequence, back.since, back.status) == (Method.REQUEST, 2, 2, "pending")


def answer(status="accepted", stamp=SUNDAY_NOON, sequence=0, **more):
    values = {"uid": INVITE.uid, "attendees": (Attendee("karl@example.org", None, status),)}
    return Answer(**{**values, "sequence": sequence, "stamp": stamp, **more})


@pytest.mark.parametrize("status", ["accepted", "tentative", "declined"])
def test_an_answer_is_kept(status):
    said, outcome = answered(INVITE, sent(KARL, EVENT), answer(status, comment="Well"), SUNDAY_NOON)
    assert (said.status, said.comment, outcome) == (status, "Well", core.RECORDED)


@pytest.mark.parametrize(
    ("known", "given", "expected"),
    [
        pytest.param({}, {"status": "needs_action"}, core.EMPTY, id="no answer in it"),
        pytest.param({}, {"uid": "other@parley"}, core.ANOTHER, id="about another event"),
        pytest.param({"method": Method.CANCEL}, {}, core.CANCELLED, id="what is called off"),
        pytest.param({"since": 2}, {"sequence": 1}, core.OLD, id="to an invitation for another time"),
        pytest.param({"since": 1, "sequence": 3}, {"sequence": 2}, core.RECORDED, id="to other words of this time"),
        pytest.param({"replied_at": SUNDAY_NOON}, {"stamp": SUNDAY_NOON - 1}, core.OLD, id="overtaken by a newer one"),
        pytest.param({"replied_at": SUNDAY_NOON}, {}, core.RECORDED, id="of the same second"),
        pytest.param({"status": "accepted"}, {}, core.REPEATED, id="the same as before"),
        pytest.param({"replied_at": SUNDAY_NOON}, {"stamp": None}, core.RECORDED, id="of no time"),
    ],
)
def test_which_answers_count(known, given, expected):
    karl = sent(KARL, EVENT, **known)
    said, outcome = answered(INVITE, karl, answer(**given), SUNDAY_NOON)
    assert outcome == expected
    assert (said.status == karl.status) == (expected != core.RECORDED)


def test_a_clock_that_is_fast_does_not_shut_out_later_answers():
    said, _ = answered(INVITE, sent(KARL, EVENT), answer("accepted", at("09:00", 3000)), SUNDAY_NOON)
    said, outcome = answered(INVITE, said, answer("declined", at("09:00", 2000)), SUNDAY_NOON + 1)
    assert (said.status, outcome) == ("declined", core.RECORDED)


def test_another_time_is_shown_until_the_next_answer():
    given = answer("tentative", attendees=(Attendee("karl@example.org"),), proposed=LATER)
    said, outcome = answered(INVITE, sent(KARL, EVENT), given, SUNDAY_NOON)
    assert (said.status, said.proposed, said.has_replied, outcome) == ("pending", LATER, True, core.RECORDED)
    said, _ = answered(INVITE, said, answer(), SUNDAY_NOON)
    assert (said.status, said.proposed) == ("accepted", None)


def test_a_recipient_stands_among_the_attendees_as_they_have_answered():
    assert KARL.attendee == Attendee("karl@example.org", None, "needs_action")
    assert replace(KARL, status="declined").attendee.status == "declined"
    assert Recipient(2, "eve@example.org").event.period == Period(0, 0)
