"""Answers by mail: what they select, what is told to whom, and what is asked once more."""

from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from parley.actions import letters
from parley.core.letter import Kind, Letter
from parley.store import conversations, history, outbox
from tests.actions.conftest import chooser, guest
from tests.incoming.conftest import AUTHSERV_ID, IDA, KARL, ida, karl
from tests.make import HOUR, at

NINE, TEN, ELEVEN = at("09:00"), at("10:00"), at("11:00")


def entries(post, talk):
    found = post.dc.db.read(history.after, talk, 0, 1000)
    return [(one.change.type.value, one.change.position, one.channel) for one in found]


def test_a_number_selects_the_slot_that_the_letter_listed_under_it(post):
    talk = post.asked()
    assert post.answer(talk, "2") == "selected"
    assert (post.talk(talk).chosen, post.statuses(talk)) == (TEN, ["complete", "complete"])
    assert ("selected", 1, "mail") in entries(post, talk)
    assert [str(one.message["Subject"]).startswith("Re:") for one in post.letters()] == [False, True]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("Hi Grace,\n\nthe second one, please.\n\nBest regards\nKarl\n", TEN),
        ("Montag um 11\n\nAm 4.5.2031 schrieb Parley <parley@example.org>:\n> 1. 09:00\n> 2. 10:00\n", ELEVEN),
        ("any\n\nOn Sun, 4 May 2031, Parley wrote:\n\n> 2. 10:00\n", NINE),
        ("On Sun, 4 May 2031, Parley wrote:\n\n> 1.  09:00 to 10:00\n> 2. 10:00 to 11:00\n\nMonday 10:00\n", TEN),
        ("tomorrow at 11", ELEVEN),
    ],
    ids=["number", "German, quoted", "any", "below the quote", "tomorrow"],
)
def test_an_answer_is_read_above_and_below_what_it_quotes(post, text, start):
    talk = post.asked()
    assert post.answer(talk, text) == "selected"
    assert post.talk(talk).chosen == start


def test_while_others_have_not_chosen_the_answer_tells_how_it_was_understood(post):
    talk = post.asked(ida())
    mail = post.mail(talk, "the second")
    assert post.take(mail) == "selected"
    assert post.statuses(talk) == ["waiting", "waiting", "needs_action"]
    understood = post.letters()[-1]
    assert understood.message["In-Reply-To"] == mail["Message-ID"]
    assert "10:00" in understood.text()


def test_what_is_not_clear_is_asked_once_more_and_at_most_once_an_hour(post, clock):
    talk = post.asked()
    assert post.answer(talk, "2 or 3?") == "unclear question"
    assert post.answer(talk, "maybe 2") == "unclear words unanswered"
    assert len(post.letters()) == 2
    assert post.answer(talk, "perhaps 2") == "unclear words unanswered"
    assert (post.selected(talk), len(post.letters())) == ((), 2)
    clock.instant += HOUR + 60
    assert post.answer(talk, "perhaps") == "unclear words"
    assert len(post.letters()) == 3
    assert post.happened(talk).count("not_understood") == 2
    assert post.answer(talk, "3") == "selected"


def test_a_slot_that_is_taken_meanwhile_is_answered_with_those_that_are_free(post):
    grace = post.account("grace@example.org")
    talk = post.open(chooser(grace), karl())
    post.work()
    post.put(grace, "e", "10:00", "11:00")
    assert post.answer(talk, "2") == "taken"
    assert post.selected(talk) == ()
    assert "09:00" in post.letters()[-1].text()
    assert "10:00 to" not in post.letters()[-1].text()


def waiting(post):
    return [one.name for one in post.dc.db.read(outbox.listed, 100)]


def test_none_of_these_is_told_to_the_organizer_once(post):
    talk = post.asked()
    assert post.answer(talk, "None of these work for me, sorry.") == "none suit"
    assert post.answer(talk, "keiner passt") == "none suit known"
    post.work()
    told = [one for one in post.server.mails if one.to.startswith("grace")]
    assert (len(told), "Karl Kapoor" in told[0].text()) == (1, True)
    assert ("none_suit", 1, "mail") in entries(post, talk)
    assert len(post.letters()) == 2
    assert "is told that none of the times suits you" in post.letters()[-1].text()


@pytest.mark.parametrize("words", ["none of these", "maybe the second"])
def test_whoever_has_answered_is_not_reminded(post, words):
    talk = post.asked()
    reminder = Letter(Kind.REMINDER, talk, 1)
    found = post.dc.db.read(conversations.find, talk)
    assert post.dc.db.write(lambda tx: letters.write(tx, post.dc, found, reminder, post.dc.now() + HOUR))
    assert f"mail:{reminder.message_id}" in waiting(post)
    post.answer(talk, words)
    assert f"mail:{reminder.message_id}" not in waiting(post)


def test_stop_ends_all_mail_to_the_participant(post):
    talk = post.asked()
    assert post.answer(talk, "stop", Authentication_Results=None) == "stop"
    assert post.answer(talk, "stop") == "stop known"
    assert ("unsubscribed", 1, "mail") in entries(post, talk)
    assert post.answer(talk, "2?") == "unclear question unanswered"
    assert len(post.letters()) == 1
    assert post.answer(talk, "2") == "selected"
    assert len(post.letters()) == 1


def test_the_number_is_that_of_the_letter_which_is_answered(post):
    grace = post.account("grace@example.org")
    talk = post.open(chooser(grace), karl())
    first = post.letters()[0].message["Message-ID"]
    post.put(grace, "e", "09:00", "10:00")
    post.answer(talk, "what?")
    second = post.letters()[-1].message["Message-ID"]
    assert first != second
    older = post.mail(talk, "3", In_Reply_To=None, References=f"<root@example.org> {first}")
    assert post.take(older) == "selected"
    assert post.selected(talk) == (ELEVEN,)


def test_without_a_reference_a_number_counts_where_one_letter_alone_listed_slots(post):
    talk = post.asked(ida())
    assert post.answer(talk, "2", In_Reply_To=None) == "selected"
    other = post.asked(ida())
    post.answer(other, "what?")
    assert len(post.letters()) == 4
    assert post.answer(other, "2", In_Reply_To=None) == "unclear not_offered unanswered"
    assert post.selected(other) == ()


def test_the_same_mail_twice_is_acted_upon_once(post):
    talk = post.asked(ida())
    mail = post.mail(talk, "2")
    assert [post.take(mail), post.take(mail)] == ["selected", "repeated"]
    assert post.answer(talk, "2") == "selected before"
    assert len(post.letters()) == 2


def test_an_answer_after_the_agreement_gets_the_agreed_time(post):
    talk = post.asked()
    post.answer(talk, "2")
    assert len(post.letters()) == 2
    assert post.answer(talk, "3") == "not your turn"
    assert "10:00" in post.letters()[-1].text()
    assert post.answer(talk, "what?") == "complete unanswered"
    assert (post.talk(talk).chosen, len(post.letters())) == (TEN, 3)


def test_mail_in_html_alone_is_read_too(post):
    talk = post.asked()
    mail = post.mail(talk, "")
    mail.set_content(
        "<html><head><style>p{}</style></head><body><div>the&nbsp;<b>second</b></div>"
        '<div class="gmail_quote">On Sunday we wrote: <blockquote>1. 09:00</blockquote></div></body></html>',
        subtype="html",
    )
    assert post.take(mail) == "selected"
    assert post.talk(talk).chosen == TEN


def test_what_is_struck_out_in_html_is_no_answer(post):
    talk = post.asked()
    mail = post.mail(talk, "")
    mail.set_content("<p><s>2</s></p>", subtype="html")
    assert post.take(mail) == "unclear words"
    assert post.selected(talk) == ()


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_every_usual_charset_is_read(post, charset):
    talk = post.asked()
    mail = post.mail(talk, "")
    mail.set_content("Der zweite, viele Grüße\nKarl\n".encode(charset), "text", "plain", cte="base64")
    mail.set_param("charset", charset)
    assert post.take(mail) == "selected"


def test_several_plain_parts_are_read_together(post):
    talk = post.asked()
    mail = post.mail(talk, "2")
    mixed = MIMEMultipart()
    for name, value in mail.items():
        if not name.lower().startswith(("content", "mime")):
            mixed[name] = value
    mixed.attach(MIMEText("2"))
    mixed.attach(MIMEText("but only if Bob comes"))
    assert post.take(mixed.as_bytes()) == "unclear words"


CALENDAR = """BEGIN:VCALENDAR\r
METHOD:REPLY\r
BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20310504T120000Z\r
ATTENDEE;PARTSTAT={status}:mailto:karl@example.com\r
END:VEVENT\r
END:VCALENDAR\r
"""


def reply(post, talk, status="ACCEPTED", **fields):
    """What Karl's calendar program sends."""
    mail = post.mail(talk, "Accepted: Roadmap", **fields)
    calendar = CALENDAR.format(uid=f"{talk}@parley", status=status)
    mail.add_alternative(calendar, subtype="calendar", params={"method": "REPLY"})
    return mail


def test_an_answer_to_an_invitation_is_recorded_and_a_decline_told_to_the_organizer(post):
    talk = post.asked()
    post.answer(talk, "2")
    assert post.take(reply(post, talk)) == "reply recorded"
    assert post.talk(talk).participants[1].reply == "accepted"
    declined = reply(post, talk, "DECLINED")
    assert post.take(declined) == "reply recorded"
    post.work()
    to_grace = [one for one in post.server.mails if one.to.startswith("grace")]
    assert "declined" in to_grace[-1].text()


def test_an_answer_to_an_invitation_never_selects(post):
    talk = post.asked()
    assert post.take(reply(post, talk)) == "reply recorded"
    assert (post.selected(talk), post.talk(talk).chosen, len(post.letters())) == ((), None, 1)


def test_an_answer_to_an_invitation_needs_no_border_server_where_none_is_named(post):
    talk = post.asked()
    unproven = reply(post, talk, Authentication_Results=None)
    assert post.take(unproven) == "untrusted"
    other = post.with_settings(mail_authserv_id=None)
    again = reply(post, talk, Authentication_Results=None)
    assert other.take(again) == "reply recorded"


REPORT = """From: MAILER-DAEMON@example.com\r
To: {to}\r
Subject: Undelivered\r
Message-ID: <{number}@example.com>\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r
\r
--b\r
Content-Type: text/plain\r
\r
2\r
--b\r
Content-Type: message/{kind}\r
\r
Reporting-MTA: dns; mx.example.com\r
\r
Final-Recipient: rfc822; karl@example.com\r
Action: {action}\r
Status: {status}\r
Diagnostic-Code: smtp; {diagnostic}\r
\r
--b\r
Content-Type: message/rfc822\r
\r
Subject: Roadmap\r
\r
the mail\r
--b--\r
"""


def report(
    to,
    action="failed",
    status="5.1.1",
    diagnostic="550 5.1.1 no such user",
    number=1,
    kind="delivery-status",
    inside=False,
):
    told = {"to": to, "action": action, "status": status, "diagnostic": diagnostic, "number": number, "kind": kind}
    text = REPORT.format(**told)
    if inside:
        head, body = text.split("MIME-Version: 1.0\r\n", 1)
        text = f'{head}Content-Type: multipart/mixed; boundary="c"\r\n\r\n--c\r\n{body}--c--\r\n'
    return text.encode()


def test_what_could_not_be_delivered_for_good_ends_mail_to_that_address(post):
    talk = post.asked()
    assert post.take(report(post.address(talk, purpose="b"))) == "bounce"
    assert post.take(report(post.address(talk, purpose="b"), number=2)) == "bounce known"
    found = [one for one in post.dc.db.read(history.after, talk, 0, 99) if one.change.type == "bounce"]
    assert [(one.change.position, one.change.detail) for one in found] == [(1, "550 5.1.1 bounce")]
    assert post.talk(talk).participants[1].bounced == "550 5.1.1"
    assert post.answer(talk, "2?") == "unclear question unanswered"
    assert len(post.letters()) == 1


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"Feedback_ID": "i1234:Fastmail"}, id="Fastmail's mark"),
        pytest.param({"X_Auto_Response_Suppress": "DR, OOF, AutoReply"}, id="wants no automatic answer"),
        pytest.param({"From": f"{KARL} (Karl Kapoor)"}, id="with a comment behind the address"),
    ],
)
def test_mail_of_a_person_is_read_whatever_their_mail_program_adds(post, fields):
    talk = post.asked()
    assert post.answer(talk, "2", **fields) == "selected"


def test_mail_that_wants_no_automatic_answer_gets_none(post):
    talk = post.asked()
    assert post.answer(talk, "hm", X_Auto_Response_Suppress="OOF, AutoReply") == "unclear words unanswered"
    assert len(post.letters()) == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        pytest.param({"status": "4.4.1", "diagnostic": "timed out"}, "4.4.1", id="given up after days"),
        pytest.param({"status": "5.2.2", "diagnostic": "452 full"}, "452 5.2.2", id="full for days"),
        pytest.param({"status": "", "diagnostic": "gone"}, "refused", id="no code"),
        pytest.param({"action": "failed (permanent)"}, "550 5.1.1", id="with a comment"),
        pytest.param({"kind": "global-delivery-status"}, "550 5.1.1", id="with addresses in UTF-8"),
        pytest.param({"inside": True}, "550 5.1.1", id="inside of another mail"),
    ],
)
def test_whatever_a_server_has_given_up_ends_mail_to_that_address(post, fields, told):
    talk = post.asked()
    assert post.take(report(post.address(talk, purpose="b"), **fields)) == "bounce"
    assert post.talk(talk).participants[1].bounced == told


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        pytest.param({"action": "delayed", "status": "4.4.1", "diagnostic": "x"}, "ignored", id="delayed"),
        pytest.param({"action": "relayed"}, "ignored", id="went on"),
    ],
)
def test_what_is_not_refused_for_good_changes_nothing(post, fields, outcome):
    talk = post.asked()
    assert post.take(report(post.address(talk, purpose="b"), **fields)) == outcome
    assert (post.talk(talk).participants[1].bounced, len(post.letters())) == (None, 1)


def test_recipients_are_those_of_the_delivery_before_those_of_the_mail(post):
    talk, other = post.asked(), post.asked()
    mail = post.mail(talk, "2", In_Reply_To=None)
    assert post.take(mail, post.address(other)) == "selected"
    assert (post.talk(talk).chosen, post.talk(other).chosen) == (None, TEN)
    delivered = post.mail(talk, "3", To=None, In_Reply_To=None, Delivered_To=post.address(talk))
    assert post.take(delivered) == "selected"


def test_mail_that_is_not_for_us_is_left_alone(post):
    talk = post.asked()
    assert post.answer(talk, "2", To="parley@example.org") == "no_mailbox"
    assert post.answer(talk, "2", To="parley+rabcdef@example.org") == "no_mailbox"
    assert post.answer(talk, "2", To=post.address(talk, position=1)[:-14] + "x@example.org") == "no_mailbox"


def test_whoever_may_select_several_names_several(post):
    post.allow(max_selected_slots=2)
    talk = post.asked(ida())
    assert post.answer(talk, "1 and 3") == "selected"
    assert post.selected(talk) == (NINE, ELEVEN)


def test_the_sender_is_known_by_the_address_of_the_account_too(post):
    ida_account = post.account(IDA)
    talk = post.open(guest(), chooser(ida_account))
    post.work()
    to_ida = post.server.to(IDA)[0].message["Message-ID"]
    proven = f"{AUTHSERV_ID}; dmarc=pass header.from=example.org"
    fields = {"From": f"IDA <{IDA.upper()}>", "Authentication_Results": proven, "In_Reply_To": str(to_ida)}
    assert post.answer(talk, "1", **fields) == "selected"


def test_letters_of_somebody_else_do_not_number_anything(post):
    talk = post.asked(ida())
    post.work()
    to_ida = str(post.server.to(IDA)[0].message["Message-ID"])
    assert post.answer(talk, "2", In_Reply_To=to_ida) == "selected"  # Karl's only letter with slots
