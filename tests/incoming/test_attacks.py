"""Mail that must select nothing: whatever is forged, replayed, automatic, broken or made to be a burden."""

import time
import tracemalloc
from dataclasses import replace
from email.message import EmailMessage

import pytest

from parley.core.access import Mailbox
from parley.core.conversation import with_participant
from parley.core.limits import MAIL_BYTES
from parley.store import conversations as stored
from parley.wire.authentication import proves
from tests.actions.conftest import auto
from tests.incoming.conftest import IDA, KARL, MALLORY, PASS, Post, ida, karl
from tests.make import at

FAIL = PASS.replace("dmarc=pass", "dmarc=fail")
TEN = at("10:00")


def nothing_happened(post: Post, talk: str, answers: int) -> None:
    """Nothing is selected, nobody but Karl was written to, and he at most once."""
    assert (post.selected(talk), post.talk(talk).chosen) == ((), None)
    assert "selected" not in post.happened(talk)
    assert len(post.letters()) == 1 + answers
    assert {one.to for one in post.server.mails} == {KARL}


def with_results(mail, *results):
    """The same mail with these results in place of the border server's."""
    made = EmailMessage()
    for one in results:
        made.add_header("Authentication-Results", one)
    for name, value in mail.items():
        if name != "Authentication-Results":
            made.add_header(name, value)
    made.set_payload(mail.get_payload())
    return made


FORGED = {
    "no result at all": (),
    "DMARC failed": (FAIL,),
    "DMARC not tried": (PASS.replace("pass", "none"),),
    "a pass further down": (FAIL, PASS),
    "the border's own says SPF alone": ("mx.example.org; spf=pass smtp.mailfrom=example.com", PASS),
    "another server's": ("mx.example.net; dmarc=pass header.from=example.com",),
    "a server that looks alike": ("mx.examp1e.org; dmarc=pass header.from=example.com",),
    "a server with the same beginning": ("mx.example.org.evil.example; dmarc=pass header.from=example.com",),
    "a server with the same end": ("evil-mx.example.org; dmarc=pass header.from=example.com",),
    "a Cyrillic letter": ("mx.exаmple.org; dmarc=pass header.from=example.com",),
    "the name in a comment": ("mx.example.net (mx.example.org); dmarc=pass header.from=example.com",),
    "the pass in a comment": ("mx.example.org; none (dmarc=pass header.from=example.com)",),
    "the pass in a comment, nested": ("mx.example.org; dmarc=fail (a (b) ; dmarc=pass header.from=example.com)",),
    "the pass in quotes": ('mx.example.org; spf=fail reason="; dmarc=pass header.from=example.com"',),
    "the pass in a property": ("mx.example.org; spf=pass smtp.mailfrom=dmarc=pass",),
    "another domain": ("mx.example.org; dmarc=pass header.from=example.net",),
    "a domain above": ("mx.example.org; dmarc=pass header.from=com",),
    "a domain below": ("mx.example.org; dmarc=pass header.from=mail.example.com",),
    "no domain": ("mx.example.org; dmarc=pass",),
    "the envelope's domain": ("mx.example.org; dmarc=pass smtp.mailfrom=example.com",),
    "two verdicts": ("mx.example.org; dmarc=pass header.from=example.com; dmarc=fail header.from=example.com",),
    "two domains": ("mx.example.org; dmarc=pass header.from=example.net header.from=example.com",),
    "an open comment": ("mx.example.org; dmarc=pass header.from=example.com (",),
    "an open quote": ('mx.example.org; dmarc=pass header.from=example.com reason="',),
    "something behind the name": ("mx.example.org evil; dmarc=pass header.from=example.com",),
    "no semicolon": ("mx.example.org dmarc=pass header.from=example.com",),
    "a longer verdict": ("mx.example.org; dmarc=passed header.from=example.com",),
    "another method": ("mx.example.org; x-dmarc=pass header.from=example.com",),
    "far too long": (f"mx.example.org; x={'y' * 9000}; dmarc=pass header.from=example.com",),
}


@pytest.mark.parametrize("results", FORGED.values(), ids=FORGED)
def test_without_the_border_servers_own_pass_nothing_is_selected(post, results):
    talk = post.asked()
    assert post.take(with_results(post.mail(talk, "2"), *results)) == "untrusted"
    nothing_happened(post, talk, answers=1)


GENUINE = {
    "plain": PASS,
    "upper case": "MX.Example.ORG; DMARC=Pass Header.From=EXAMPLE.com",
    "a version": "mx.example.org 1; dmarc=pass header.from=example.com",
    "comments": "mx.example.org (the border (really)); dmarc=pass (p=reject dis=none) header.from=example.com (x)",
    "others before it": (
        "mx.example.org; dkim=pass header.i=@example.com; spf=fail smtp.mailfrom=x; dmarc=pass header.from=example.com"
    ),
    "folded": "mx.example.org;\r\n dmarc\r\n =pass\r\n header.from=example.com",
    "with a policy": 'mx.example.org; dmarc=pass policy.dmarc=reject header.from="example.com" reason="all; well"',
    "Microsoft's word": "mx.example.org; dmarc=pass action=none header.from=example.com",
}


@pytest.mark.parametrize("field", GENUINE.values(), ids=GENUINE)
def test_the_border_servers_pass_is_found_however_it_is_written(field):
    assert proves([field], "mx.example.org", "example.com")


def test_without_the_setting_nothing_is_believed(post):
    talk = post.asked()
    assert post.with_settings(mail_authserv_id=None).answer(talk, "2") == "untrusted"
    nothing_happened(post, talk, answers=1)


SENDERS = {
    "somebody else": f"Mallory <{MALLORY}>",
    "somebody else with Karl's name": f'"Karl Kapoor {KARL}" <{MALLORY}>',
    "Karl's address as the name": f'"{KARL}" <{MALLORY}>',
    "two addresses": f"{KARL}, {MALLORY}",
    "a group": f"Friends: {KARL};",
    "nobody": "Karl Kapoor",
    "nothing": "",
    "an address in a comment": f"{MALLORY} ({KARL})",
    "brackets within brackets": f"<<{KARL}>>",
    "a domain that goes on": f"<{KARL}.evil.example>",
    "an address with a plus": "<karl+x@example.com>",
    "a route": f"<@evil.example:{KARL}>",
}


@pytest.mark.parametrize("sender", SENDERS.values(), ids=SENDERS)
def test_whoever_is_not_the_participant_selects_nothing_and_gets_nothing(post, sender):
    talk = post.asked()
    mail = post.mail(talk, "2", From=None).as_bytes()
    assert post.take(f"From: {sender}\n".encode() + mail) == "stranger"
    nothing_happened(post, talk, answers=1)


def test_two_from_fields_are_no_sender(post):
    talk = post.asked()
    for fields in (f"From: {KARL}\nFrom: {MALLORY}\n", f"From: {MALLORY}\nFrom: {KARL}\n", f"From: {KARL}\n" * 2):
        mail = post.mail(talk, "2", From=None).as_bytes()
        assert post.take(fields.encode() + mail).startswith("stranger")
    nothing_happened(post, talk, answers=1)


def test_a_stranger_is_not_told_that_there_is_anything(post):
    talk = post.asked()
    post.answer(talk, "stop", From=MALLORY)
    letter = post.letters()[-1]
    assert (post.talk(talk).participants[1].unsubscribed, MALLORY in letter.raw.decode()) == (False, False)
    nothing_happened(post, talk, answers=1)


def test_another_participants_reply_address_is_of_no_use(post):
    talk = post.asked(ida())
    post.work()
    before = len(post.server.mails)
    assert post.answer(talk, "2", To=post.address(talk, position=2)) == "stranger"
    post.work()
    assert [one.to for one in post.server.mails[before:]] == [IDA]
    assert post.selected(talk) == post.selected(talk, 2) == ()


def test_the_address_of_another_conversation_selects_there_or_nowhere(post):
    talk, other = post.asked(), post.asked()
    first = str(post.server.to(KARL)[0].message["Message-ID"])
    assert post.answer(talk, "2", To=post.address(other), In_Reply_To=first) == "selected"
    assert (post.talk(talk).chosen, post.talk(other).chosen) == (None, TEN)


def test_an_address_of_an_earlier_link_is_of_no_use(post):
    talk = post.asked()
    mail = post.mail(talk, "2")
    renewed = replace(post.talk(talk).participants[1], generation=1)
    post.dc.db.write(lambda tx: stored.save(tx, with_participant(stored.lock(tx, talk), 1, renewed)))
    assert post.take(mail) == "revoked"
    nothing_happened(post, talk, answers=0)


@pytest.mark.parametrize("number", range(12))
def test_an_address_that_we_did_not_make_reaches_nobody(post, number):
    talk = post.asked()
    good = post.address(talk)
    at_sign = good.index("@")
    place = at_sign - 1 - number * 3
    changed = good[:place] + ("a" if good[place] != "a" else "b") + good[place + 1 :]
    assert post.answer(talk, "2", To=changed) == "no_mailbox"
    other_purpose = post.dc.mail_address(Mailbox("b", talk.removeprefix("scv_"), 1, 0)).replace("+b", "+r")
    assert post.answer(talk, "2", To=other_purpose) == "no_mailbox"
    nothing_happened(post, talk, answers=0)


def test_the_address_for_bounces_and_that_of_smart_invites_select_nothing(post):
    talk = post.asked()
    for purpose in ("b", "i"):
        assert post.answer(talk, "2", To=post.address(talk, purpose=purpose)) == "ignored"
    nothing_happened(post, talk, answers=0)


def test_a_finished_conversation_never_changes(post):
    talk = post.asked()
    post.answer(talk, "2")
    before = post.talk(talk)
    for text in ("1", "3", "not 2, the third", "none of these", "any"):
        post.answer(talk, text)
    assert post.talk(talk) == before
    assert len(post.letters()) == 3


def test_a_thread_that_is_forwarded_selects_nothing_for_whoever_got_it(post):
    talk = post.asked()
    quoted = "\n".join(f"> {line}" for line in post.server.to(KARL)[0].text().splitlines())
    proven = "mx.example.org; dmarc=pass header.from=example.net"
    text = f"2\n\nOn Sun, Karl wrote:\n{quoted}\n"
    assert post.answer(talk, text, From=MALLORY, Authentication_Results=proven) == "stranger"
    nothing_happened(post, talk, answers=1)


def test_a_mail_that_is_attached_says_nothing(post):
    talk = post.asked()
    inner = post.mail(talk, "2")
    outer = post.mail(talk, "see the attached mail")
    outer.add_attachment(inner)
    assert post.take(outer).startswith("unclear")
    nothing_happened(post, talk, answers=1)


def test_a_replayed_answer_selects_nothing_anew(post):
    grace = post.account("grace@example.org")
    talk = post.open(auto(grace), karl(), ida())
    post.work()
    first = post.mail(talk, "2")
    assert post.take(first) == "selected"
    clear(post, talk)
    letters = len(post.letters())
    assert post.take(first) == "repeated"
    changed = first.as_bytes().replace(b"<answer.", b"<replayed.")
    assert post.take(changed) == "said before"
    assert post.take(changed.replace(b"<replayed.", b"<again.")) == "said before unanswered"
    assert post.selected(talk) == ()
    assert len(post.letters()) == letters + 1


def clear(post, talk):
    """Take Karl's selection back, as the engine does when it does not work out."""
    people = post.talk(talk).participants
    post.dc.db.write(
        lambda tx: stored.save(tx, with_participant(stored.lock(tx, talk), 1, replace(people[1], selected=())))
    )


AUTOMATIC = {
    "out of office": {"Auto_Submitted": "auto-replied"},
    "generated": {"Auto_Submitted": "Auto-Generated; owner=x"},
    "a list": {"List_Id": "<all.example.com>"},
    "bulk": {"Precedence": "bulk"},
    "a list's precedence": {"Precedence": "List"},
    "junk": {"Precedence": "junk"},
    "Microsoft's": {"X_Auto_Response_Suppress": "All"},
    "an empty return path": {"Return_Path": "<>"},
    "an old autoresponder": {"X_Autoreply": "yes"},
}


@pytest.mark.parametrize("fields", AUTOMATIC.values(), ids=AUTOMATIC)
def test_what_a_program_sends_selects_nothing_and_is_not_answered(post, fields):
    talk = post.asked()
    assert post.answer(talk, "2", **fields) == "automatic"
    assert post.answer(talk, "I am away until Tuesday", **fields) == "automatic"
    nothing_happened(post, talk, answers=0)


def test_two_programs_that_answer_each_other_end_at_once(post):
    talk = post.asked()
    for _ in range(5):
        assert post.answer(talk, "Thank you for your mail!") in (
            "unclear nothing_named",
            "unclear nothing_named unanswered",
        )
    nothing_happened(post, talk, answers=1)


def test_a_report_about_somebody_else_marks_nobody(post):
    talk = post.asked()
    report = (
        f"From: <x@example.com>\nTo: {post.address(talk)}\nMessage-ID: <r@x>\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
        "Final-Recipient: rfc822; other@example.com\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    )
    assert post.take(report.encode()) == "ignored"
    assert post.talk(talk).participants[1].bounced is None
    nothing_happened(post, talk, answers=0)


def head(post, talk, more=""):
    """The head of a mail that everybody would believe."""
    lines = [
        f"Authentication-Results: {PASS}",
        f"From: {KARL}",
        f"To: {post.address(talk)}",
        "Message-ID: <burden@example.com>",
        "MIME-Version: 1.0",
        more,
    ]
    return "\n".join(one for one in lines if one).encode() + b"\n"


def multipart(parts):
    return b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"".join(b"--b\n" + one for one in parts) + b"--b--\n"


PLAIN = b"Content-Type: text/plain\n\n2\n"


def nested(depth):
    """Multiparts, one inside the other."""
    opening = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(depth))
    return opening.encode() + PLAIN


def mails_within_mails(depth):
    return b"Content-Type: message/rfc822\n\n" * depth + PLAIN


BURDENS = {
    "10,000 parts": lambda: multipart([PLAIN] * 10_000),
    "10,000 parts without heads": lambda: multipart([b"\n2\n"] * 10_000),
    "150 parts": lambda: multipart([PLAIN] * 150),
    "a thousand nested": lambda: nested(1000),
    "ninety nested": lambda: nested(90),
    "a thousand mails in mails": lambda: mails_within_mails(1000),
    "ninety mails in mails": lambda: mails_within_mails(90),
    "50 MB": lambda: PLAIN + b"2\n" * (25 << 20),
    "just too large": lambda: PLAIN + b"x" * MAIL_BYTES,
    "50 MB in one line": lambda: PLAIN + b"x" * (50 << 20),
    "large in one line": lambda: PLAIN + b"x" * (MAIL_BYTES - 5000),
    "large in base64": lambda: (
        b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + b"Mgo=" * ((MAIL_BYTES - 5000) // 4)
    ),
    "large in HTML": lambda: b"Content-Type: text/html\n\n" + b"<div " * ((MAIL_BYTES - 5000) // 5),
    "large in quotes": lambda: PLAIN + b"> 2\n" * ((MAIL_BYTES - 5000) // 4),
    "a million attributions": lambda: PLAIN + b"On x wrote:\n" * ((MAIL_BYTES - 5000) // 12),
    "a million fields": lambda: b"X: y\n" * 1_000_000 + PLAIN,
    "one long field": lambda: b"X: " + b"y" * 1_000_000 + b"\n" + PLAIN,
    "a field folded a million times": lambda: b"X: y\n" + b" y\n" * 1_000_000 + PLAIN,
    "a boundary that never ends": lambda: b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n' + PLAIN,
    "no body": lambda: b"",
    "parameters without end": lambda: b"Content-Type: text/plain; " + b"a*0*=x; " * 10_000 + b"\n\n2\n",
}


@pytest.mark.parametrize("make", BURDENS.values(), ids=BURDENS)
def test_mail_that_is_made_to_be_a_burden_is_soon_judged_in_little_memory(post, make):
    talk = post.asked()
    raw = head(post, talk) + make()
    begun = time.monotonic()
    outcome = post.take(raw)
    took = time.monotonic() - begun
    tracemalloc.start()
    post.take(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (outcome.split()[0] in JUDGED, took < 2, peak < 8 * MAIL_BYTES) == (True, True, True), (outcome, took, peak)
    assert len(post.letters()) <= 2


JUDGED = {"too_large", "too_many_parts", "long_head", "broken", "unclear", "selected", "no_mailbox", "stranger"}


BROKEN = {
    "a charset that is none": b"Content-Type: text/plain; charset=rot13\n\n2\n",
    "a charset that unpacks": b"Content-Type: text/plain; charset=zlib\n\nx\x9c3\x02\n",
    "a charset that takes long": b"Content-Type: text/plain; charset=punycode\n\n" + b"2-" * 10_000,
    "a charset that reads escapes": b"Content-Type: text/plain; charset=unicode_escape\n\n\\x32\n",
    "no such encoding": b"Content-Type: text/plain\nContent-Transfer-Encoding: nonsense\n\n\xff\xfe2\n",
    "bytes that are no text": b"Content-Type: text/plain; charset=utf-8\n\n\xff\xfe\x00\x01\n",
    "a broken base64": b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!!Mg\n",
    "a broken encoded word": b"Subject: =?utf-8?B?=?=\nContent-Type: text/plain\n\nhm\n",
    "a field without a colon": b"From nobody\nX\nContent-Type: text/plain\n\nhm\n",
    "bytes in the head": b"Subject: \xff\xfe\nX-\xff: y\nContent-Type: text/plain\n\nhm\n",
    "a type without a subtype": b"Content-Type: text\n\nhm\n",
    "a boundary that is empty": b'Content-Type: multipart/mixed; boundary=""\n\n--\n\n2\n',
    "no boundary": b"Content-Type: multipart/mixed\n\n2\n",
    "a date that is none": b"Date: Mon, 99 Foo 99999 99:99:99 +9999\nContent-Type: text/plain\n\ntomorrow\n",
    "UTF-7": b"Content-Type: text/plain; charset=utf-7\n\n+ADI-\n",
    "NUL": b"Content-Type: text/plain\n\n2\x00\n",
    "text that runs backwards": "Content-Type: text/plain; charset=utf-8\n\n\u202e2\n".encode(),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_mail_that_is_broken_is_judged_without_an_error(post, body):
    talk = post.asked()
    outcome = post.take(head(post, talk) + body)
    assert outcome == "selected" or outcome.split()[0] in {"unclear", "broken", "untrusted", "no_mailbox"}
    assert len(post.letters()) <= 2


def test_results_in_the_body_or_in_a_part_count_for_nothing(post):
    talk = post.asked()
    raw = post.mail(talk, f"2\n\nAuthentication-Results: {PASS}\n", Authentication_Results=None).as_bytes()
    assert post.take(raw) == "untrusted"
    parts = multipart([f"Authentication-Results: {PASS}\nContent-Type: text/plain\n\n2\n".encode()])
    without = head(post, talk).partition(b"\n")[2]
    assert post.take(without + parts) == "untrusted unanswered"
    nothing_happened(post, talk, answers=1)


def test_names_and_subjects_of_mail_reach_no_letter(post):
    talk = post.asked()
    nasty = "=?utf-8?Q?=3Cscript=3E=0D=0ABcc=3A_x=40example.net=E2=80=AE?="
    raw = post.mail(talk, "maybe", From=None).as_bytes()
    assert post.take(f"From: {nasty} <{KARL}>\nX-Subject: {nasty}\n".encode() + raw) == "unclear words"
    letter = post.letters()[-1]
    assert not any(word in letter.raw for word in (b"script", b"Bcc", b"\xe2\x80\xae"))
