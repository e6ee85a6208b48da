"""Answers to the invitation after an agreement: recorded, shown, told to the organizer, and never a choice."""

from dataclasses import replace

import msgspec
import pytest

from parley.actions import replies
from parley.core.access import Standing
from parley.core.conversation import Participant
from parley.core.errors import NotFound
from parley.core.event import Attendee
from parley.core.letter import Kind, Letter
from parley.core.proposed import Proposed
from parley.core.reply import Answer
from parley.settings import Settings
from parley.store import history, letters
from parley.wire.conversations import write_participant
from tests.actions.conftest import World
from tests.make import SUNDAY_NOON, at

GRACE = Participant(email="grace@example.org", common_name="Grace")
KARL = Participant(email="karl@example.org", common_name="Karl")
LATER = Proposed(at("14:00"), at("15:00"), "Europe/Berlin")


@pytest.fixture
def world(dc):
    mailing = Settings(data_dir=dc.settings.data_dir, smtp_url="smtp://127.0.0.1:25", mail_from="parley@example.org")
    return World(replace(dc, settings=mailing))


def answer(talk, status="declined", stamp=SUNDAY_NOON, address="karl@example.org", **more):
    return Answer(f"{talk}@parley", (Attendee(address, None, status),), 0, stamp, **more)


@pytest.fixture
def agreed(world):
    talk = world.open(GRACE, KARL)
    world.select(talk, 0, "09:00")
    world.select(talk, 1, "09:00")
    return talk


def replied(world, talk):
    found = world.dc.db.read(history.after, talk, 0, 1000)
    return [(one.channel, one.change.position, one.change.detail) for one in found if one.change.type == "replied"]


def declined(world):
    mails = [msgspec.json.decode(one.document, type=Letter) for one in world.claim() if one.kind == "mail"]
    return [(one.position, one.about) for one in mails if one.kind is Kind.DECLINED]


@pytest.mark.parametrize("status", ["accepted", "tentative", "declined"])
def test_an_answer_is_kept_and_told(world, agreed, status):
    before = world.talk(agreed)
    assert replies.record_reply(world.dc, agreed, 1, answer(agreed, status)) == replies.RECORDED
    assert world.talk(agreed).participants[1].reply == status
    assert world.talk(agreed).chosen == before.chosen
    assert replied(world, agreed) == [("mail", 1, status)]
    assert declined(world) == ([(0, 1)] if status == "declined" else [])


def test_the_organizer_hears_of_a_decline_once(world, agreed):
    for minutes, status in enumerate(["declined", "accepted", "declined"]):
        world.dc.now.instant += 60
        stamp = SUNDAY_NOON + minutes * 60
        assert replies.record_reply(world.dc, agreed, 1, answer(agreed, status, stamp)) == replies.RECORDED
    assert declined(world) == [(0, 1)]


def test_a_decline_that_has_been_told_is_not_told_again(world, agreed):
    told = Letter(Kind.DECLINED, agreed, 0, "1", about=1)
    world.dc.db.write(lambda tx: letters.add(tx, told, SUNDAY_NOON))
    assert replies.record_reply(world.dc, agreed, 1, answer(agreed)) == replies.RECORDED
    assert declined(world) == []


def test_an_organizer_who_declines_is_not_told_so(world, agreed):
    replies.record_reply(world.dc, agreed, 0, answer(agreed, address="grace@example.org"))
    assert world.talk(agreed).participants[0].reply == "declined"
    assert declined(world) == []


def test_the_newest_answer_stands_in_whatever_order_they_come(world, agreed):
    newest = answer(agreed, "accepted", SUNDAY_NOON)
    assert replies.record_reply(world.dc, agreed, 1, newest) == replies.RECORDED
    assert replies.record_reply(world.dc, agreed, 1, answer(agreed, "declined", SUNDAY_NOON - 1)) == replies.OLD
    assert replies.record_reply(world.dc, agreed, 1, newest) == replies.REPEATED
    assert world.talk(agreed).participants[1].reply == "accepted"
    assert len(replied(world, agreed)) == 1


def test_a_clock_that_is_fast_does_not_shut_out_later_answers(world, agreed):
    replies.record_reply(world.dc, agreed, 1, answer(agreed, "accepted", at("09:00", day=3000)))
    world.dc.now.instant += 60
    assert replies.record_reply(world.dc, agreed, 1, answer(agreed, "declined", at("09:00"))) == replies.RECORDED


def test_another_time_is_told_and_changes_nothing(world, agreed):
    given = answer(agreed, "tentative", comment="In the afternoon?", proposed=LATER)
    assert replies.record_reply(world.dc, agreed, 1, given) == replies.RECORDED
    [(_, _, detail)] = replied(world, agreed)
    assert detail == (
        "tentative; proposes 2031-05-05T16:00:00+02:00 to 2031-05-05T17:00:00+02:00 (Europe/Berlin): In the afternoon?"
    )
    assert world.talk(agreed).chosen == at("09:00")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"status": "needs_action"}, replies.EMPTY, id="no answer in it"),
        pytest.param({"status": "x_maybe"}, replies.EMPTY, id="a word of their own"),
        pytest.param({"address": "k@example.com"}, replies.RECORDED, id="another of their addresses, alone"),
    ],
)
def test_what_is_an_answer(world, agreed, given, expected):
    assert replies.record_reply(world.dc, agreed, 1, answer(agreed, **given)) == expected


def test_in_a_crowd_only_their_own_words_count(world, agreed):
    crowd = (Attendee("eve@example.org", None, "declined"), Attendee("bo@example.org", None, "accepted"))
    given = replace(answer(agreed), attendees=crowd)
    assert replies.record_reply(world.dc, agreed, 1, given) == replies.EMPTY


def test_an_answer_about_another_event_is_left(world, agreed):
    given = replace(answer(agreed), uid="other@parley")
    assert replies.record_reply(world.dc, agreed, 1, given) == replies.ANOTHER
    assert world.talk(agreed).participants[1].reply is None


def test_before_there_is_an_agreement_it_stands_in_the_history_alone(world):
    talk = world.open(GRACE, KARL)
    before = world.talk(talk)
    assert replies.record_reply(world.dc, talk, 1, answer(talk, "accepted")) == replies.RECORDED
    assert world.talk(talk) == before
    assert replied(world, talk) == [("mail", 1, "accepted")]
    assert declined(world) == []


@pytest.mark.parametrize(("talk", "position"), [("scv_none", 0), ("", 7)])
def test_nobody_there(world, agreed, talk, position):
    with pytest.raises(NotFound):
        replies.record_reply(world.dc, talk or agreed, position, answer(agreed))


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        pytest.param(Standing(owner=True), "declined", id="the owner"),
        pytest.param(Standing(owner=False, position=1), "declined", id="themself"),
        pytest.param(Standing(owner=False, position=0), None, id="another participant"),
    ],
)
def test_who_sees_how_somebody_answered(world, agreed, standing, expected):
    replies.record_reply(world.dc, agreed, 1, answer(agreed))
    told = write_participant(world.talk(agreed), 1, standing, "", ["", ""])
    assert told.get("invitation_status") == expected
