"""Writing to participants: who is written to, what, when, how often, and what the conversation tells of it."""

import time
from dataclasses import replace

import icalendar
import pytest
import vobject

from parley import worker
from parley.actions import letters as writing
from parley.core.access import read_mail_token
from parley.core.conversation import Participant
from parley.core.letter import Kind, Letter
from parley.errands import mail as errand
from parley.store import history, letters
from tests.actions.conftest import World, auto, chooser
from tests.mail_server import scripted
from tests.make import at

KARL, IDA = "karl@example.com", "ida@example.org"


def karl(**more):
    return Participant(email=KARL, common_name="Karl", **more)


def ida(**more):
    return Participant(email=IDA, common_name="Ida", **more)


def told(world, talk):
    """The history: what happened, to whom, through which channel."""
    entries = world.dc.db.read(history.after, talk, 0, 1000)
    return [(one.change.type.value, one.change.position, one.channel) for one in entries]


def invitations(mail):
    return [part for part in mail.message.walk() if part.get_content_type() == "text/calendar"]


def test_whoever_must_act_and_has_an_address_is_asked(mailing, post):
    grace = mailing.account()
    talk = mailing.open(auto(grace), karl())
    mailing.work()
    assert [one.to for one in post.mails] == [KARL]
    assert told(mailing, talk) == [("created", None, "api"), ("asked", 1, "mail")]


def test_letters_about_several_conversations_are_sent_at_once_and_those_about_one_in_order(mailing, post):
    post.pause = 0.2
    asked = [mailing.open(auto(mailing.account(f"{n}@example.org")), karl(), ida()) for n in range(8)]
    at_work = worker.Worker(mailing.dc)
    at_work.start()
    try:
        deadline = time.monotonic() + 30
        while len(post.mails) < 2 * len(asked) and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        at_work.stop()
    assert sorted(one.to for one in post.mails) == sorted([KARL, IDA] * len(asked))
    assert post.most_at_once > 1
    lanes = {(talk, Letter(kind, talk, at).lane("app_1")) for talk in asked for kind in Kind for at in range(3)}
    assert len(lanes) == len(asked)


def test_whoever_chooses_and_has_an_account_is_asked_at_its_address(mailing, post):
    mailing.open(chooser(mailing.account("grace@example.org")), karl())
    mailing.work()
    assert sorted(one.to for one in post.mails) == ["grace@example.org", KARL]


@pytest.mark.parametrize(
    "person",
    [
        pytest.param(Participant(participant_id="@karl", common_name="Karl"), id="has no address"),
        pytest.param(karl(unsubscribed=True), id="wants no mail"),
        pytest.param(karl(bounced="550 5.1.1"), id="has an address that is refused"),
        pytest.param(karl(selected=(at("09:00"),), turn=1), id="has chosen"),
    ],
)
def test_nobody_else_is_written_to(mailing, post, person):
    mailing.open(Participant(participant_id="@grace"), person)
    mailing.work()
    assert post.mails == []


def test_without_mail_nothing_is_sent_and_nothing_waits(dc, post):
    world = World(dc)
    world.open(karl(), ida())
    assert world.waiting() == 0


def test_a_message_put_while_mail_was_on_is_forgotten_when_it_is_off(mailing, dc, post):
    mailing.open(auto(mailing.account()), karl())
    worker_without_mail = World(dc)
    worker_without_mail.work()
    assert post.mails == []


def test_a_question_says_where_an_answer_goes_and_where_it_returns_to(mailing, post):
    talk = mailing.open(auto(mailing.account()), karl())
    mailing.work()
    (mail,) = post.mails
    boxes = [
        read_mail_token(mailing.dc.secret, address.partition("+")[2].partition("@")[0])
        for address in (str(mail.message["Reply-To"]), mail.envelope_from)
    ]
    assert [(box.purpose, box.position) for box in boxes] == [("r", 1), ("b", 1)]
    assert {f"scv_{box.subject}" for box in boxes} == {talk}
    name = mailing.talk(talk).participants[0].common_name
    assert str(mail.message["From"]) == f'"{name} (via Parley)" <parley@example.org>'


def test_the_slots_are_numbered_and_kept_as_they_were_sent(mailing, post):
    talk = mailing.open(auto(mailing.account()), karl())
    mailing.work()
    kept = mailing.dc.db.read(letters.find, Letter(Kind.ASK, talk, 1).message_id)
    assert kept.starts == (at("09:00"), at("10:00"), at("11:00"))
    text = post.mails[0].text()
    assert [text.index(f"{number}.  {clock}") for number, clock in enumerate(("09:00", "10:00", "11:00"), 1)]
    assert text.count("slot=slt_") == 3


def test_a_letter_that_nobody_can_have_got_is_fixed_anew_under_the_same_id(mailing, post, clock):
    grace = mailing.account()
    post.answers[KARL] = ["450 4.2.1 later"]
    talk = mailing.open(auto(grace), karl())
    mailing.work()
    mailing.put(grace, "evt", "09:00", "10:00")
    clock.instant += 10
    mailing.work()
    (mail,) = post.mails
    assert mail.message["Message-ID"] == f"<ask.{talk}.1.0@example.org>"
    assert "1.  10:00 to 11:00" in mail.text()
    assert mailing.dc.db.read(letters.find, f"ask.{talk}.1.0").starts == (at("10:00"), at("11:00"))


def test_a_letter_that_somebody_may_have_got_says_the_same_when_it_is_sent_again(dc, mailing, post, clock):
    grace = mailing.account()
    with scripted(b"220 here\r\n", b"250 here\r\n", b"250 OK\r\n", b"250 OK\r\n", b"354 go\r\n") as url:
        hanging_up = World(replace(dc, settings=mailing.dc.settings.model_copy(update={"smtp_url": url})))
        talk = hanging_up.open(auto(grace), karl(), app=mailing.app)
        hanging_up.work()
    mailing.put(grace, "evt", "09:00", "10:00")
    clock.instant += 10
    mailing.work()
    (mail,) = post.to(KARL)
    assert mail.message["Message-ID"] == f"<ask.{talk}.1.0@example.org>"
    assert "1.  09:00 to 10:00" in mail.text()


def test_a_crash_between_the_server_and_the_record_sends_the_same_letter_again_and_no_other(mailing, post, clock):
    talk = mailing.open(auto(mailing.account()), karl())
    (message,) = [one for one in mailing.claim() if one.kind == "mail"]
    clock.instant += 20  # the lease is over, and another worker has it by now
    mailing.claim()
    errand.run(mailing.dc, message, lambda: True)
    assert told(mailing, talk) == [("created", None, "api")]
    clock.instant += 20
    mailing.work()
    first, second = (one.message for one in post.mails)
    assert first["Message-ID"] == second["Message-ID"]
    assert [one.text() for one in post.mails][:1] * 2 == [one.text() for one in post.mails]
    assert told(mailing, talk) == [("created", None, "api"), ("asked", 1, "mail")]


def test_who_no_longer_holds_a_message_does_not_send_it(mailing, post):
    mailing.open(auto(mailing.account()), karl())
    (message,) = [one for one in mailing.claim() if one.kind == "mail"]
    errand.run(mailing.dc, message, lambda: False)
    assert post.mails == []


def test_a_server_that_says_later_is_asked_again_later(mailing, post, clock):
    post.answers[KARL] = ["451 4.3.0 no", "451 4.3.0 no"]
    talk = mailing.open(auto(mailing.account()), karl())
    counts = []
    for _ in range(4):
        mailing.work()
        counts.append(len(post.mails))
        clock.instant += 60
    assert counts == [0, 0, 1, 1]
    assert [one for one, *_ in told(mailing, talk)] == ["created", "asked"]


def test_a_refused_address_stands_in_the_conversation_and_gets_nothing_more(mailing, post):
    post.answers[KARL] = ["550 5.1.1 <karl@example.com>: no such user"] * 9
    talk = mailing.open(auto(mailing.account(), email=None), karl())
    mailing.work()
    (bounce,) = [one.change for one in mailing.dc.db.read(history.after, talk, 1, 9)]
    assert (bounce.type.value, bounce.position) == ("bounce", 1)
    assert bounce.detail == "550 5.1.1 bounce: <karl@example.com>: no such user"
    assert mailing.talk(talk).participants[1].bounced == "550 5.1.1 <karl@example.com>: no such user"
    mailing.select(talk, 1, "09:00")
    mailing.work()
    assert [one.to for one in post.mails] == ["grace@example.org"]  # the organizer hears of the agreement alone
    assert len(post.answers[KARL]) == 8


def test_what_is_logged_of_a_server_that_says_no_names_nobody(mailing, post, capsys):
    post.answers[KARL] = [f"450 4.2.0 <{KARL}> Greylisted"]
    mailing.open(auto(mailing.account()), karl())
    mailing.work()
    logged = "".join(capsys.readouterr())
    assert ("mail.not_taken" in logged, "450" in logged, KARL in logged) == (True, True, False)


def test_a_question_that_is_answered_before_it_is_sent_is_not_sent(mailing, post):
    talk = mailing.open(auto(mailing.account()), karl())
    mailing.select(talk, 1, "09:00")
    mailing.work()
    assert [one.message["Message-ID"].partition(".")[0] for one in post.to(KARL)] == ["<agreed"]


def test_an_agreement_is_told_to_everybody_and_invites_those_whose_calendar_is_not_ours(mailing, post):
    talk = mailing.open(auto(mailing.account()), karl())
    mailing.work()
    mailing.select(talk, 1, "10:00")
    mailing.work()
    to_grace, to_karl = post.to("grace@example.org"), post.to(KARL)
    assert [len(invitations(one)) for one in (*to_grace, *to_karl)] == [0, 0, 1]
    assert told(mailing, talk)[-1] == ("invited", 1, "mail")
    assert mailing.waiting() == 1  # the reminder, which will not be sent


def test_an_invitation_is_what_mail_and_calendar_programs_expect(mailing, post):
    talk = mailing.open(auto(mailing.account()), karl())
    mailing.work()
    mailing.select(talk, 1, "10:00")
    mailing.work()
    mail = post.to(KARL)[-1]
    shape = [(part.get_content_type(), part.get_filename()) for part in mail.message.walk()]
    assert shape == [
        ("multipart/mixed", None),
        ("multipart/alternative", None),
        ("text/plain", None),
        ("text/html", None),
        ("text/calendar", None),
        ("application/ics", "invite.ics"),
    ]
    (part,) = invitations(mail)
    assert (part.get_param("method"), part.get_content_charset()) == ("REQUEST", "utf-8")
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["UID"], event["SEQUENCE"]) == ("REQUEST", f"{talk}@parley", 0)
    assert str(event["ORGANIZER"]) == f"mailto:{mail.message['Reply-To']}"
    assert str(event["ATTENDEE"]) == f"mailto:{KARL}"
    assert event["DTSTART"].dt.timestamp() == at("10:00")
    (read_by_another,) = vobject.readComponents(part.get_content())
    assert (read_by_another.method.value, read_by_another.vevent.uid.value) == ("REQUEST", f"{talk}@parley")
    assert read_by_another.vevent.dtstart.value.timestamp() == at("10:00")
    attached = [part for part in mail.message.walk() if part.get_content_type() == "application/ics"]
    assert attached[0].get_payload(decode=True).replace(b"\r\n", b"\n") == part.get_payload(decode=True).replace(
        b"\r\n", b"\n"
    )


def test_an_organizer_without_an_account_is_invited_by_the_service(mailing, post):
    talk = mailing.open(replace(karl(), common_name="Karl"), auto(mailing.account()))
    mailing.select(talk, 0, "10:00")
    mailing.work()
    (part,) = invitations(post.to(KARL)[-1])
    (event,) = icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
    assert event["ORGANIZER"].params["CN"] == "Parley"
    assert str(event["ATTENDEE"]) == f"mailto:{KARL}"


def test_no_letter_tells_one_the_address_of_another(mailing, post):
    mailing.allow(max_participants=3)
    talk = mailing.open(chooser(mailing.account()), karl(), ida())
    for position in (1, 2, 0):
        mailing.work()
        mailing.select(talk, position, "10:00")
    mailing.work()
    everybody = {"grace@example.org", KARL, IDA}
    assert {one.to for one in post.mails} == everybody
    for mail in post.mails:
        whole = (
            str(mail.message)
            + mail.text()
            + mail.text("html")
            + "".join(str(part.get_payload(decode=True)) for part in invitations(mail))
        )
        assert [one for one in everybody - {mail.to} if one in whole] == []


def test_all_letters_to_one_about_one_conversation_make_a_thread(mailing, post, clock):
    talk = mailing.open(chooser(mailing.account()), karl())
    mailing.work()
    mailing.select(talk, 0, "09:00")
    mailing.select(talk, 1, "10:00")  # takes Grace's choice away
    mailing.work()
    mailing.select(talk, 0, "10:00")
    mailing.work()
    first, again, agreed = (one.message for one in post.to("grace@example.org"))
    root = f"<thread.{talk}@example.org>"
    assert (first["In-Reply-To"], first["References"]) == (None, root)
    assert again["In-Reply-To"] == first["Message-ID"]
    assert agreed["References"].split() == [root, first["Message-ID"], again["Message-ID"]]
    assert [one["Subject"] for one in (first, again, agreed)] == [
        "Roadmap with Karl",
        "Re: Roadmap with Karl",
        "Re: Roadmap with Karl",
    ]
    assert {one["Auto-Submitted"] for one in (first, again, agreed)} == {"auto-generated"}


def test_an_answer_answers(mailing, post):
    talk = mailing.open(auto(mailing.account()), karl())
    mailing.work()
    letter = Letter(Kind.UNCLEAR, talk, 1, "7", reason="unclear", answers="<abc@example.com>")
    write(mailing, talk, letter)
    mail = post.to(KARL)[-1].message
    assert (mail["In-Reply-To"], mail["Auto-Submitted"]) == ("<abc@example.com>", "auto-replied")
    assert mail["References"].split()[-2:] == [f"<ask.{talk}.1.0@example.org>", "<abc@example.com>"]


def write(world, talk, letter):
    world.dc.db.write(lambda tx: writing.write(tx, world.dc, world.talk(talk), letter))
    world.work()


@pytest.mark.parametrize(
    "hostile", ["<a b@c>", "<a>\r\nBcc: ida@example.org", "a@b", "<ä@example.org>", f"<{'a' * 999}>"]
)
def test_an_answer_to_a_mail_with_a_hostile_id_goes_out_and_refers_to_nothing_hostile(mailing, post, hostile):
    talk = mailing.open(auto(mailing.account()), karl())
    write(mailing, talk, Letter(Kind.UNCLEAR, talk, 1, "7", answers=hostile))
    mail = post.to(KARL)[-1].message
    assert (mail["Bcc"], "Bcc" in str(mail["References"])) == (None, False)
    assert mail["Auto-Submitted"] == "auto-replied"
