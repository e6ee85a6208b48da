"""Answers to Smart Invites: read from real calendar files, kept, and told to the application."""

from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import icalendar
import msgspec
import pytest

from parley.actions import incoming, replies
from parley.actions import smart_invites as actions
from parley.core import smart_invite as core
from parley.core.access import Mailbox, read_mail_token
from parley.core.conversation import Participant
from parley.core.event import Attendee
from parley.core.reply import Answer
from parley.settings import Settings
from parley.store import deliveries
from parley.store import smart_invites as store
from parley.wire import itip
from parley.wire.smart_invites import read_wanted, write_recipient
from tests.actions.conftest import World
from tests.make import SUNDAY_NOON, text

CALLBACK = "https://app.example/hook"
EVENT = {"summary": "Interview", "start": text("09:00"), "end": text("10:00"), "tzid": "Europe/Berlin"}


class Invited(World):
    """An installation that sends mail, and an application that invites."""

    def send(self, *emails, **changed):
        people = [{"email": one} for one in emails]
        named = {"recipient": people[0]} if len(people) == 1 else {"recipients": people}
        body = {"smart_invite_id": "interview", "event": EVENT, "callback_url": CALLBACK, **named, **changed}
        return actions.put(self.dc, self.app, read_wanted(body, lambda url: False))

    def file(self, sent):
        return actions.calendar(self.dc, sent)

    def box(self, sent):
        """Where the file has answers sent to."""
        (event,) = icalendar.Calendar.from_ical(self.file(sent)).walk("VEVENT")
        token = str(event["ORGANIZER"]).partition("+")[2].partition("@")[0]
        return read_mail_token(self.dc.secret, token)

    def answer(self, sent, raw, sender="karl@example.org"):
        return actions.replied(self.dc, self.box(sent).subject, itip.read(raw), sender)

    def told(self, sent):
        """What has been sent to the application, oldest first."""
        found = self.dc.db.read(deliveries.recent, f"smart_invite:{sent.invite.key}", 100)
        return [msgspec.json.decode(one.body) for one in reversed(found)]

    def status(self, email="karl@example.org"):
        found = self.dc.db.read(actions.status, self.dc, "interview", self.app, email)
        return write_recipient(found.people[0])


@pytest.fixture
def world(dc):
    mailing = Settings(data_dir=dc.settings.data_dir, smtp_url="smtp://127.0.0.1:25", mail_from="parley@example.org")
    return Invited(replace(dc, settings=mailing))


@pytest.fixture
def sent(world):
    return world.send("karl@example.org")


def reply(sent, status="ACCEPTED", *lines, method="REPLY", address="karl@example.org", stamp="20310504T120000Z"):
    """What a calendar program makes of the file."""
    attendee = f"ATTENDEE;PARTSTAT={status};CN=Karl:mailto:{address}"
    event = ["BEGIN:VEVENT", f"UID:{sent.invite.uid}", attendee, f"DTSTAMP:{stamp}", *lines, "END:VEVENT"]
    return "\r\n".join(["BEGIN:VCALENDAR", f"METHOD:{method}", *event, "END:VCALENDAR"]).encode()


@pytest.mark.parametrize(
    ("status", "expected"), [("ACCEPTED", "accepted"), ("TENTATIVE", "tentative"), ("DECLINED", "declined")]
)
def test_an_answer_is_kept_and_told(world, sent, status, expected):
    assert world.answer(sent, reply(sent, status, "COMMENT:Well")) == core.RECORDED
    karl = {"email": "karl@example.org", "status": expected, "comment": "Well"}
    assert world.status() == karl
    about = {"method": "request", "smart_invite_id": "interview", "callback_url": CALLBACK}
    assert world.told(sent) == [
        {"notification": {"type": "smart_invite"}, "smart_invite": {**about, "recipient": karl, "reply": karl}}
    ]


def test_answers_come_to_an_address_that_tells_what_they_answer(world, sent):
    assert world.box(sent) == Mailbox("i", sent.invite.key, 0, 0)
    bo = world.send("bo@example.org")
    assert world.box(bo) == Mailbox("i", sent.invite.key, 1, 0)
    assert world.box(world.send("karl@example.org", event={**EVENT, "summary": "Other"})) == world.box(sent)


def test_another_time_is_kept_and_told(world, sent):
    times = ("DTSTART;TZID=Europe/Berlin:20310507T140000", "DTEND;TZID=Europe/Berlin:20310507T150000")
    assert world.answer(sent, reply(sent, "TENTATIVE", *times, method="COUNTER")) == core.RECORDED
    proposal = {
        "start": {"time": "2031-05-07T14:00:00+02:00", "tzid": "Europe/Berlin"},
        "end": {"time": "2031-05-07T15:00:00+02:00", "tzid": "Europe/Berlin"},
    }
    assert world.status()["proposal"] == proposal
    [told] = world.told(sent)
    assert told["smart_invite"]["reply"]["proposal"] == proposal


def test_a_day_can_be_proposed(world):
    sent = world.send("karl@example.org", event={"summary": "Trip", "start": "2031-05-05", "end": "2031-05-06"})
    days = ("DTSTART;VALUE=DATE:20310507", "DTEND;VALUE=DATE:20310508")
    world.answer(sent, reply(sent, "DECLINED", *days, method="COUNTER"))
    assert world.status()["proposal"]["start"] == {"time": "2031-05-07", "tzid": "Etc/UTC"}


@pytest.mark.parametrize("address", ["karl@example.org", "karl@alias.example.com"])
def test_whoever_answers_alone_may_have_another_address_in_their_calendar(world, sent, address):
    assert world.answer(sent, reply(sent, address=address), sender="KARL@example.org") == core.RECORDED


@pytest.mark.parametrize("sender", ["eve@example.org", "", "karl@example.com"])
def test_a_stranger_is_not_heard(world, sent, sender):
    assert world.answer(sent, reply(sent), sender) == core.STRANGER
    assert (world.status()["status"], world.told(sent)) == ("pending", [])


def test_an_address_of_no_invitation_is_nobodys(world, sent):
    answer = itip.read(reply(sent))
    assert actions.replied(world.dc, "0" * 24, answer, "karl@example.org") == core.STRANGER


def test_one_recipient_does_not_speak_for_another(world):
    sent = world.send("Karl@example.org", "bo@example.org")
    times = ("DTSTART:20310507T140000Z", "DTEND:20310507T150000Z")
    for answer in (reply(sent, "DECLINED"), reply(sent, "TENTATIVE", *times, method="COUNTER")):
        assert world.answer(sent, answer, sender="bo@example.org") == core.EMPTY
    assert [world.status(one) for one in ("karl@example.org", "bo@example.org")] == [
        {"email": "Karl@example.org", "status": "pending"},
        {"email": "bo@example.org", "status": "pending"},
    ]
    assert world.told(sent) == []


def test_an_earlier_address_of_theirs_that_was_removed_is_no_other_recipient(world):
    world.send("karl@old.example.org")
    world.send("karl@old.example.org", method="remove")
    sent = world.send("karl@example.org")
    assert world.answer(sent, reply(sent, address="karl@old.example.org")) == core.RECORDED
    assert world.status()["status"] == "accepted"


def test_a_participant_does_not_speak_for_another(world):
    people = [Participant(email=f"{one}@example.org") for one in ("Karl", "bo")]
    talk = world.open(*people)
    for position in range(2):
        world.select(talk, position, "09:00")
    karl = Answer(f"{talk}@parley", (Attendee("karl@example.org", None, "declined"),), 0, SUNDAY_NOON)
    assert replies.record_reply(world.dc, talk, 1, karl) == replies.EMPTY
    alias = replace(karl, attendees=(Attendee("bo@alias.example.com", None, "declined"),))
    assert replies.record_reply(world.dc, talk, 1, alias) == replies.RECORDED
    assert replies.record_reply(world.dc, talk, 0, karl) == replies.RECORDED
    assert [one.reply for one in world.talk(talk).participants] == ["declined", "declined"]


def test_an_answer_comes_once_whatever_is_repeated(world, sent):
    assert [world.answer(sent, reply(sent)) for _ in range(3)] == [core.RECORDED, core.REPEATED, core.REPEATED]
    assert len(world.told(sent)) == 1


def test_an_answer_that_returns_to_an_earlier_one_is_told_again(world, sent):
    """Some programs copy the DTSTAMP of the invitation into every answer."""
    said = ["ACCEPTED", "DECLINED", "DECLINED", "ACCEPTED", "ACCEPTED", "TENTATIVE"]
    outcomes = [core.RECORDED, core.RECORDED, core.REPEATED, core.RECORDED, core.REPEATED, core.RECORDED]
    assert [world.answer(sent, reply(sent, one)) for one in said] == outcomes
    told = [one["smart_invite"]["reply"]["status"] for one in world.told(sent)]
    assert sorted(told) == ["accepted", "accepted", "declined", "tentative"]


def test_answers_to_two_invitations_are_told_of_each(world, sent):
    world.answer(sent, reply(sent))
    again = world.send("karl@example.org", event={**EVENT, "end": text("11:00")})
    assert world.answer(again, reply(again, "ACCEPTED", "SEQUENCE:1")) == core.RECORDED
    assert len(world.told(sent)) == 2


def test_an_older_answer_does_not_undo_a_newer_one(world, sent):
    world.answer(sent, reply(sent, "DECLINED", stamp="20310504T110000Z"))
    assert world.answer(sent, reply(sent, "ACCEPTED", stamp="20310504T105959Z")) == core.OLD
    assert world.status()["status"] == "declined"


def test_an_answer_to_an_earlier_time_does_not_count_for_the_new_one(world, sent):
    world.answer(sent, reply(sent))
    again = world.send("karl@example.org", event={**EVENT, "end": text("11:00")})
    assert world.status()["status"] == "pending"
    assert world.answer(again, reply(again, "ACCEPTED", "SEQUENCE:0")) == core.OLD
    assert world.answer(again, reply(again, "ACCEPTED", "SEQUENCE:1")) == core.RECORDED


def test_what_is_called_off_is_not_answered(world, sent):
    off = world.send("karl@example.org", method="cancel")
    assert world.answer(off, reply(off)) == core.CANCELLED


def test_without_a_callback_an_answer_is_kept_all_the_same(world):
    sent = world.send("karl@example.org", callback_url=None)
    assert world.answer(sent, reply(sent)) == core.RECORDED
    assert world.told(sent) == []
    assert world.status()["status"] == "accepted"


def test_who_has_answered_stands_among_the_replies_and_in_the_file(world):
    sent = world.send("karl@example.org", "bo@example.org")
    world.answer(sent, reply(sent, address="bo@example.org"), "bo@example.org")
    found = world.dc.db.read(actions.status, world.dc, "interview", world.app, "karl@example.org")
    assert [one.email for one in world.dc.db.read(actions.replies, found)] == ["bo@example.org"]
    (event,) = icalendar.Calendar.from_ical(world.file(found)).walk("VEVENT")
    assert [one.params["PARTSTAT"] for one in event["ATTENDEE"]] == ["NEEDS-ACTION", "ACCEPTED"]


def test_recipients_keep_their_places(world):
    world.send("karl@example.org")
    world.send("bo@example.org", "KARL@example.org", "eve@example.org")
    key = world.send("bo@example.org").invite.key
    found = [world.dc.db.read(store.recipient, key, f"{one}@example.org") for one in ("karl", "bo", "eve")]
    assert [one.position for one in found] == [0, 1, 2]


def test_an_answer_to_an_agreement_shows_as_that_of_a_smart_invite(world):
    people = Participant(participant_id="@grace", common_name="Grace"), Participant(email="karl@example.org")
    talk = world.open(*people)
    world.select(talk, 0, "09:00")
    world.select(talk, 1, "09:00")
    karl = Attendee("karl@example.org", None, "declined")
    replies.record_reply(world.dc, talk, 1, Answer(f"{talk}@parley", (karl,), 0, SUNDAY_NOON))
    found = world.dc.db.read(actions.status, world.dc, talk, world.app, "karl@example.org")
    told = [write_recipient(one) for one in (*found.people, *world.dc.db.read(actions.replies, found))]
    assert told == [{"email": "karl@example.org", "status": "declined"}] * 2
    (event,) = icalendar.Calendar.from_ical(world.file(found)).walk("VEVENT")
    assert str(event["ORGANIZER"]).startswith("mailto:parley+r")
    assert event["ATTENDEE"].params["PARTSTAT"] == "DECLINED"


SAMPLES = Path(__file__).parent.parent / "data" / "itip"


def mailed(sent, to, sample, sender="Karl <karl@example.org>", results="dmarc=pass header.from=example.org"):
    """An answer as it comes in: what a calendar program sends, with what our border server says of it."""
    mail = EmailMessage()
    mail["Authentication-Results"] = f"mx.example.net; {results}"
    mail["From"], mail["To"], mail["Message-ID"] = sender, to, f"<{sample}@example.org>"
    mail.set_content("See the attached answer.")
    calendar = (SAMPLES / f"{sample}.ics").read_text().replace("4f2a9d1e6b3c8a7f0d5e2b19@parley", sent.invite.uid)
    mail.add_alternative(calendar, subtype="calendar", params={"method": "REPLY"})
    return mail.as_bytes()


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("google_accepted", "accepted"),
        ("outlook_accepted", "accepted"),
        ("outlook_new_time_proposed", "tentative"),
        ("apple_declined", "declined"),
        ("thunderbird_tentative", "tentative"),
    ],
)
@pytest.mark.parametrize(
    ("more", "counts"),
    [
        pytest.param({}, True, id="proven"),
        pytest.param({"results": "dmarc=fail header.from=example.org"}, False, id="not proven"),
        pytest.param({"sender": "eve@example.org"}, False, id="of a stranger"),
    ],
)
def test_what_calendar_programs_send_arrives_by_mail(world, sample, expected, more, counts):
    settings = world.dc.settings.model_copy(update={"mail_authserv_id": "mx.example.net"})
    world.dc = replace(world.dc, settings=settings)
    sent = world.send("karl@example.org")
    to = world.dc.mail_address(world.box(sent))
    incoming.receive(world.dc, mailed(sent, to, sample, **more), [to])
    assert world.status()["status"] == (expected if counts else "pending")
