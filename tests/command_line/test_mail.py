"""parley mail test as its users have it: what the server really answers, and how it ends."""

import pytest

from tests.mail_server import PASSWORD, USER, knows, new_certificate, serving

SENDER = "Parley <parley@example.org>"


@pytest.fixture
def server():
    with serving() as one:
        yield one


def test_one_mail_is_sent_and_every_answer_printed(shell, server):
    done = shell.run("mail", "test", "karl@example.com", smtp_url=server.url(), mail_from=SENDER)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("< 220 ")
    assert "> rcpt TO:<karl@example.com>" in lines
    assert lines[-1] == "taken for karl@example.com: 250 2.0.0 queued as 4711"
    (mail,) = server.mails
    assert (mail.to, mail.message["From"]) == ("karl@example.com", SENDER)
    assert not shell.data.exists()


def test_a_refusal_is_printed_and_fails(shell, server):
    server.answers["karl@example.com"] = ["550 5.1.1 No such user here"]
    done = shell.run("mail", "test", "karl@example.com", smtp_url=server.url(), mail_from=SENDER)
    assert done.returncode == 1
    assert "< 550 5.1.1 No such user here" in done.stdout.splitlines()
    assert done.stderr == "parley: the mail was not taken: 550 5.1.1 No such user here\n"


def test_nobody_there_fails_in_words(shell):
    done = shell.run("mail", "test", "karl@example.com", smtp_url="smtp://127.0.0.1:1", mail_from=SENDER)
    assert done.returncode == 1
    assert "refused" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_password_is_printed(shell, tmp_path):
    certificate = new_certificate(tmp_path)
    with serving(certificate=certificate, authenticator=knows) as server:
        url = server.url("smtp+starttls", f"{USER}:wrong-{PASSWORD}@")
        done = shell.run("mail", "test", "karl@example.com", smtp_url=url, mail_from=SENDER)
    assert done.returncode == 1
    assert "certificate is not good" in done.stderr
    assert PASSWORD not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        pytest.param({}, "mail is off: set PARLEY_SMTP_URL and PARLEY_MAIL_FROM", id="nothing is set"),
        pytest.param({"mail_from": SENDER}, "mail is off", id="no server"),
        pytest.param({"smtp_url": "ftp://x", "mail_from": SENDER}, "PARLEY_SMTP_URL", id="another protocol"),
        pytest.param({"smtp_url": "smtp://me:geheim", "mail_from": SENDER}, "as port", id="a password and no host"),
        pytest.param({"smtp_url": "smtp://x:99999", "mail_from": SENDER}, "as port", id="no such port"),
        pytest.param({"imap_url": "imaps://me:geheim@x:y"}, "as port", id="no port of a mailbox"),
        pytest.param({"smtp_url": "smtp://x", "mail_from": "parley"}, "PARLEY_MAIL_FROM", id="no address"),
    ],
)
def test_settings_that_cannot_send_are_told(shell, settings, told):
    done = shell.run("mail", "test", "karl@example.com", **settings)
    assert (done.returncode, told in done.stderr, "geheim" in done.stderr) == (1, True, False)


def test_what_is_no_address_is_wrong_usage(shell):
    assert shell.run("mail", "test", "karl").returncode == 2
