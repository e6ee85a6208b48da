"""Sending one mail: against real servers that take it, refuse it, want to be asked again, hang or hang up."""

import time

import pytest

from parley.channels.mail import Patience, Result, greet, read, send
from tests.mail_server import DRIP, HANG, PASSWORD, USER, knows, new_certificate, scripted, serving

FROM, KARL = "parley+babc@example.org", "karl@example.com"
MAIL = b"Subject: Hello\r\n\r\n.A line that begins with a dot\r\n"
HASTY = Patience(step=0.3, total=0.8)
GREETING, HELLO = b"220 here\r\n", b"250-here\r\n250 8BITMIME\r\n"
GOOD = b"250 OK\r\n"


@pytest.fixture
def server():
    with serving() as one:
        yield one


@pytest.fixture
def certificate(tmp_path):
    return new_certificate(tmp_path)


@pytest.fixture
def trusted(certificate, monkeypatch):
    """The certificate of our servers is one that this process believes."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


def test_a_mail_is_taken_as_it_is(server):
    outcome = send(server.url(), FROM, KARL, MAIL)
    (mail,) = server.mails
    assert (outcome.result, outcome.answer) == (Result.TAKEN, "250 2.0.0 queued as 4711")
    assert (mail.envelope_from, mail.to, mail.raw) == (FROM, KARL, MAIL)


def test_the_transcript_is_what_was_really_said(server):
    told = send(server.url(), FROM, KARL, MAIL).transcript
    assert told[0].startswith("< 220 ")
    assert "> ehlo example.org" in told
    assert f"> rcpt TO:<{KARL}>" in told
    assert told[-3:] == ("< 250 2.0.0 queued as 4711", "> quit", "< 221 Bye")


REPLIES = [
    pytest.param("550 5.1.1 No such user", Result.REFUSED, id="there is no such user"),
    pytest.param("550 no", Result.REFUSED, id="no enhanced code"),
    pytest.param("501 5.1.3 Bad destination mailbox address syntax", Result.REFUSED, id="not an address there"),
    pytest.param("552 5.2.2 Mailbox full", Result.REFUSED, id="full, and for good"),
    pytest.param("554 5.7.1 Blocked by the recipient", Result.REFUSED, id="not wanted"),
    pytest.param("450 4.2.0 Greylisted", Result.AGAIN, id="later"),
    pytest.param("421 4.3.2 Going down", Result.AGAIN, id="the server ends"),
    pytest.param("452 4.2.2 Mailbox full", Result.AGAIN, id="full for now"),
    pytest.param("554 5.7.1 Relay access denied", Result.AGAIN, id="we may not send here: not about the recipient"),
    pytest.param("550 5.7.26 This mail is not authenticated", Result.AGAIN, id="our domain is not set up"),
    pytest.param("550 5.7.1 Client host [192.0.2.1] blocked using bl.example", Result.AGAIN, id="our server is listed"),
    pytest.param("550 5.7.1 Recipient takes no mail from outside", Result.REFUSED, id="not open to us"),
    pytest.param("550 relay not permitted", Result.AGAIN, id="we may not send here, without a code"),
    pytest.param("550 5.1.1 User unknown in relay recipient table", Result.REFUSED, id="not known behind a relay"),
    pytest.param("550 User unknown in relay recipient table", Result.REFUSED, id="the same, without a code"),
    pytest.param("550 5.7.1 Authentication required", Result.AGAIN, id="we have to log in first"),
    pytest.param("553 5.7.1 Sender address rejected: not owned by user", Result.AGAIN, id="we may not be who we say"),
    pytest.param("550 5.7.60 Client has no permission to send as this sender", Result.AGAIN, id="nor send as them"),
    pytest.param("550 5.4.5 Daily user sending limit exceeded", Result.AGAIN, id="we have sent enough"),
    pytest.param("550 <relay.spf@gmx.example>: User unknown", Result.REFUSED, id="an address of such words"),
    pytest.param("530 5.7.0 Authentication required", Result.AGAIN, id="we have to log in"),
    pytest.param("503 5.5.1 Bad sequence of commands", Result.AGAIN, id="the servers do not understand each other"),
]


@pytest.mark.parametrize(("reply", "result"), REPLIES)
def test_an_answer_to_the_recipient_decides(server, reply, result):
    server.answers[KARL] = [reply]
    outcome = send(server.url(), FROM, KARL, MAIL)
    assert (outcome.result, outcome.answer) == (result, reply)
    assert server.mails == []


@pytest.mark.parametrize(
    ("reply", "result"),
    [
        pytest.param("554 5.7.1 This looks like spam", Result.REFUSED, id="for good"),
        pytest.param("451 4.3.0 Disk full", Result.AGAIN, id="later"),
    ],
)
def test_an_answer_to_the_content_decides_too(server, reply, result):
    server.at_data = [reply]
    assert send(server.url(), FROM, KARL, MAIL).result is result


def test_after_a_no_for_now_the_next_try_may_succeed(server):
    server.answers[KARL] = ["451 4.7.1 Try later"]
    assert [send(server.url(), FROM, KARL, MAIL).result for _ in range(2)] == [Result.AGAIN, Result.TAKEN]


SCRIPTS = [
    pytest.param([b"554 5.0.0 No service\r\n"], "554 5.0.0 No service", id="no service at all"),
    pytest.param([GREETING, HELLO, b"550 5.1.8 Sender unknown\r\n", GOOD], "550 5.1.8", id="the sender is not liked"),
    pytest.param([GREETING, HELLO, GOOD, b"553 5.1.8 Bad sender\r\n", GOOD], "553 5.1.8", id="the sender, told late"),
    pytest.param([GREETING, HELLO, GOOD], "Connection unexpectedly closed", id="hangs up"),
    pytest.param(
        [GREETING, HELLO, GOOD, GOOD, b"354 go\r\n"], "Connection unexpectedly closed", id="hangs up at the end"
    ),
    pytest.param([GREETING, HANG], "did not answer in time", id="says nothing"),
    pytest.param([HANG], "did not answer in time", id="does not even greet"),
    pytest.param([GREETING, DRIP], "", id="says ever more"),
    pytest.param([DRIP], "", id="greets for ever"),
    pytest.param([b"SSH-2.0-OpenSSH\r\n"], "", id="speaks something else"),
    pytest.param([b"\xff" * 100_000], "", id="speaks nonsense"),
]


@pytest.mark.parametrize(("lines", "told"), SCRIPTS)
def test_whatever_a_server_does_it_is_tried_again_and_takes_little_time(lines, told):
    started = time.monotonic()
    with scripted(*lines) as url:
        outcome = send(url, FROM, KARL, MAIL, HASTY)
    assert (outcome.result, told in outcome.answer) == (Result.AGAIN, True), outcome
    assert time.monotonic() - started < 5
    assert sum(map(len, outcome.transcript)) < 100_000


def test_nobody_there_is_tried_again():
    assert send("smtp://127.0.0.1:1", FROM, KARL, MAIL).result is Result.AGAIN


def test_what_a_server_says_is_kept_short_and_printable():
    with scripted(GREETING, HELLO, GOOD, b"550 5.1.1 \x1b[31m" + b"x" * 600 + b"\r\n", GOOD) as url:
        outcome = send(url, FROM, KARL, MAIL, HASTY)
    assert outcome.result is Result.REFUSED
    assert len(outcome.answer) <= 300
    assert outcome.answer.isprintable()


def test_encryption_is_used_where_it_is_offered(certificate):
    with serving(certificate=certificate) as server:
        assert send(server.url(), FROM, KARL, MAIL).result is Result.TAKEN
    assert server.was_encrypted == [True]


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_where_encryption_is_insisted_on_the_certificate_must_be_good(certificate, scheme, monkeypatch):
    with serving(certificate=certificate, smtps=scheme == "smtps") as server:
        strange = send(server.url(scheme), FROM, KARL, MAIL)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        known = send(server.url(scheme), FROM, KARL, MAIL)
    assert (strange.result, "certificate is not good" in strange.answer) == (Result.AGAIN, True)
    assert known.result is Result.TAKEN


def test_where_encryption_is_insisted_on_nothing_is_said_in_the_clear(server):
    outcome = send(server.url("smtp+starttls"), FROM, KARL, MAIL)
    assert (outcome.result, outcome.answer) == (Result.AGAIN, "the server offers no STARTTLS")
    assert not any("mail FROM" in line for line in outcome.transcript)


def test_the_password_is_told_to_the_server_and_to_nobody_else(trusted):
    with serving(certificate=trusted, authenticator=knows, auth_required=True) as server:
        outcome = send(server.url("smtp+starttls", f"{USER}:{PASSWORD}@"), FROM, KARL, MAIL)
    assert outcome.result is Result.TAKEN
    assert "> AUTH ..." in outcome.transcript
    assert PASSWORD not in str(outcome)


@pytest.mark.parametrize("password", ["wrong", "falsch-ä"])
def test_a_wrong_password_is_no_fault_of_the_recipient(trusted, password):
    with serving(certificate=trusted, authenticator=knows, auth_required=True) as server:
        outcome = send(server.url("smtp+starttls", f"{USER}:{password}@"), FROM, KARL, MAIL)
    assert outcome.result is Result.AGAIN
    assert password not in str(outcome)


def test_on_this_machine_a_password_may_go_in_the_clear():
    with serving(authenticator=knows, auth_require_tls=False) as server:
        assert send(server.url("smtp", f"{USER}:{PASSWORD}@"), FROM, KARL, MAIL).result is Result.TAKEN


SERVERS = [
    pytest.param("smtp://mail.example.org", ("mail.example.org", 25, None, False, False), id="plain"),
    pytest.param("smtp://me:p%40ss@mail.example.org:587", ("mail.example.org", 587, "me", False, True), id="password"),
    pytest.param("smtp://me:pass@localhost", ("localhost", 25, "me", False, False), id="password, here"),
    pytest.param("smtp://me:pass@[::1]:2525", ("::1", 2525, "me", False, False), id="password, here by address"),
    pytest.param("smtp+starttls://mail.example.org", ("mail.example.org", 587, None, True, True), id="starttls"),
    pytest.param("smtps://mail.example.org", ("mail.example.org", 465, None, True, True), id="tls"),
]


@pytest.mark.parametrize(("url", "expected"), SERVERS)
def test_an_address_says_how_safe_it_has_to_be(url, expected):
    server = read(url)
    assert (server.host, server.port, server.user, server.must_encrypt, server.needs_proof) == expected


def test_a_password_of_any_characters_can_be_told():
    assert read("smtp://me%3A:p%40s%2Fs@localhost").password == "p@s/s"


def test_an_address_that_needs_it_is_sent_in_utf8():
    with serving(enable_SMTPUTF8=True) as server:
        assert send(server.url(), FROM, "kärl@example.com", MAIL).result is Result.TAKEN
    assert server.mails[0].to == "kärl@example.com"


def test_a_server_that_cannot_send_to_an_address_refuses_it(server):
    with serving(enable_SMTPUTF8=False) as server:
        outcome = send(server.url(), FROM, "kärl@example.com", MAIL)
    assert (outcome.result, outcome.answer[:9]) == (Result.REFUSED, "550 5.6.7")


def test_a_greeting_sends_nothing(server):
    assert greet(server.url(), FROM).result is Result.TAKEN
    assert server.mails == []
