"""Attacks over real mail servers: what comes from anybody but the participant selects nothing."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from tests.by_mail.houses import postfix_and_dovecot, read
from tests.by_mail.world import GRACE, KARL, text_of, until, world
from tests.postfix import AUTHSERV_ID, GONE

IDA, MALLORY = "ida@example.com", "mallory@example.com"


@pytest.fixture(scope="module")
def by_mail(tmp_path_factory):
    """A running Parley, and the people's mailboxes."""
    with postfix_and_dovecot() as house, world(house, tmp_path_factory.mktemp("attacks")) as one:
        yield one


def to(one, address, **more):
    """Open a conversation with somebody; its id and the letter that asks them."""
    name = address.partition("@")[0]
    before = len(one.house.letters(name))
    people = [
        {"sub": one.sub, "common_name": "Grace Devlin", "slots": {"selection_method": "auto"}},
        {"email": address, "common_name": name.title()},
    ]
    return one.open(participants=people, **more), one.letter(name, before)


def wait_for_all_before(one):
    """The mailbox is read in order: once this answer is acted upon, so is whatever came before it."""
    talk, asked = to(one, IDA)
    one.answer(asked, IDA, "3")
    until(lambda: one.conversation(talk)["status"] == "complete" or None, "the last answer")


def answer(one, letter, sender, words="1", **headers):
    """An answer that is not handed in yet."""
    reply = one.reply(letter, sender)
    reply.set_content(words)
    for name, value in headers.items():
        reply[name.replace("_", "-")] = value
    return reply


def spoofed(one, asked):
    reply = answer(one, asked, KARL)
    one.house.send(reply, KARL, str(reply["To"]), outside=True)


def forged_result(one, asked):
    """The attacker writes a result of our server into the mail; ours puts another on top."""
    reply = answer(one, asked, KARL, Authentication_Results=f"{AUTHSERV_ID}; dmarc=pass header.from=example.com")
    one.house.send(reply, KARL, str(reply["To"]), outside=True)


def forged_result_in_the_body(one, asked):
    words = f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from=example.com\n\n1"
    reply = answer(one, asked, KARL, words)
    one.house.send(reply, KARL, str(reply["To"]), outside=True)


def forwarded_thread(one, asked):
    """Karl has forwarded the letter, and Mallory answers it from an address that is really hers."""
    reply = answer(one, asked, MALLORY, f"1\n\n---- Forwarded message ----\n{text_of(asked)}")
    one.house.send(reply, MALLORY, str(reply["To"]))


def two_senders(one, asked):
    reply = answer(one, asked, KARL)
    raw = f"From: {MALLORY}\r\n".encode() + reply.as_bytes()
    one.house.send(raw, MALLORY, str(reply["To"]))


def sender_beside(one, asked):
    """The sender is hers and proven; the name and the Sender header are Karl's."""
    reply = answer(one, asked, MALLORY, Sender=KARL)
    reply.replace_header("From", f'"{KARL}" <{MALLORY}>')
    one.house.send(reply, MALLORY, str(reply["To"]))


def out_of_office(one, asked):
    reply = answer(one, asked, KARL, Auto_Submitted="auto-replied")
    one.house.send(reply, KARL, str(reply["To"]))


def mailing_list(one, asked):
    reply = answer(one, asked, KARL, List_Id="<friends.example.com>", Precedence="list")
    one.house.send(reply, KARL, str(reply["To"]))


ATTACKS = (
    *(spoofed, forged_result, forged_result_in_the_body, forwarded_thread),
    *(two_senders, sender_beside, out_of_office, mailing_list),
)


def test_nobody_but_the_participant_selects(by_mail):
    talks = {}
    for attack in ATTACKS:
        talks[attack.__name__], asked = to(by_mail, KARL)
        attack(by_mail, asked)
    wait_for_all_before(by_mail)
    found = {name: by_mail.conversation(talk)["participants"][1] for name, talk in talks.items()}
    assert {name: one["status"] for name, one in found.items()} == dict.fromkeys(talks, "needs_action")
    assert by_mail.house.letters("mallory") == []


def test_the_address_of_one_conversation_is_no_use_in_another(by_mail):
    """Ida sends from her own, proven address to the one that Karl was given."""
    talk, asked = to(by_mail, KARL)
    reply = answer(by_mail, asked, IDA)
    by_mail.house.send(reply, IDA, str(reply["To"]))
    wait_for_all_before(by_mail)
    assert by_mail.conversation(talk)["status"] == "in_progress"


def test_a_finished_conversation_and_a_repeated_answer_change_nothing(by_mail):
    talk, asked = to(by_mail, KARL)
    said = by_mail.answer(asked, KARL, "2")
    until(lambda: by_mail.conversation(talk)["status"] == "complete" or None, "the agreement")
    before = by_mail.conversation(talk)
    by_mail.house.send(said, KARL, str(said["To"]))
    by_mail.answer(asked, KARL, "3")
    wait_for_all_before(by_mail)
    assert by_mail.conversation(talk) == before


@pytest.mark.parametrize(
    ("address", "code"),
    [
        pytest.param("nobody@example.com", "550 5.1.1 bounce", id="refused at the door"),
        pytest.param(GONE, "5.7.1", id="returned afterwards"),
    ],
)
def test_an_address_that_takes_no_mail_is_marked(by_mail, address, code):
    people = [{"sub": by_mail.sub, "common_name": "Grace Devlin", "slots": {"selection_method": "auto"}}]
    talk = by_mail.open(participants=[*people, {"email": address, "common_name": "Nobody"}])
    found = until(lambda: [one for one in by_mail.history(talk) if one["type"] == "bounce"] or None, "the bounce")
    assert [(one["participant"], one["channel"]) for one in found] == [(1, "mail")]
    assert code in found[0]["detail"]
    assert "bounce" in found[0]["detail"]
    assert by_mail.conversation(talk)["participants"][1]["email_refused"]


def test_hostile_words_stay_words(by_mail):
    subject = "=HYPERLINK(1) \u202egnp.exe <script>alert(1)</script> \r\nBcc: mallory@example.com"
    talk, asked = to(
        by_mail, KARL, subject=subject, event={"location": {"description": "<img src=x onerror=alert(1)>"}}
    )
    assert isinstance(asked, EmailMessage)
    assert (asked["Bcc"], len(asked.get_all("Subject")), "\u202e" in str(asked["Subject"])) == (None, 1, False)
    html = asked.get_body(("html",)).get_content()
    assert "<script" not in html
    assert "<img" not in html
    by_mail.answer(asked, KARL, "1")
    until(lambda: by_mail.conversation(talk)["status"] == "complete" or None, "the agreement")
    assert by_mail.house.letters("mallory") == []
    assert read(by_mail.house.letters("grace")[-1].as_bytes())["To"].addresses[0].addr_spec == GRACE
