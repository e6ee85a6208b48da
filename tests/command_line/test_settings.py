"""What is told where a setting cannot be used: which one, and what it must be."""

import pytest


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        pytest.param({"base_url": "meet.example.org"}, "PARLEY_BASE_URL must be an address such as", id="no scheme"),
        pytest.param({"data_center": "Berlin!"}, "PARLEY_DATA_CENTER must be a name of small letters", id="a name"),
        pytest.param({"log_level": "loud"}, "PARLEY_LOG_LEVEL must be debug, info, warning or error", id="a choice"),
        pytest.param({"rate_limit": "many"}, "PARLEY_RATE_LIMIT must be as in 50/s;500/min", id="a rate"),
        pytest.param({"outbound_allow": "localhost"}, "PARLEY_OUTBOUND_ALLOW must be host:port", id="no port"),
        pytest.param(
            {"smtp_url": "mx.example.org"}, "PARLEY_SMTP_URL must be smtp://, smtp+starttls://", id="mail out"
        ),
        pytest.param({"smtp_url": "smtp://a@b:hush@host"}, "write @ as %40", id="an at sign in a user"),
        pytest.param({"smtp_url": "smtp://host:99999"}, "PARLEY_SMTP_URL must have a number up to 65535", id="a port"),
        pytest.param({"imap_url": "imaps://host/INBOX"}, "PARLEY_IMAP_URL must be imaps://user:", id="mail in"),
        pytest.param({"mail_from": "parley"}, "PARLEY_MAIL_FROM must be an address", id="a sender"),
        pytest.param({"mail_from": "pärley@example.org"}, "PARLEY_MAIL_FROM must be an address", id="not ASCII"),
        pytest.param({"mail_authserv_id": "mx one"}, "PARLEY_MAIL_AUTHSERV_ID must be the one word", id="two words"),
        pytest.param({"service_timeout": "0"}, "PARLEY_SERVICE_TIMEOUT must be whole seconds, 1 to 604800", id="none"),
        pytest.param({"remind_after": "1d"}, "PARLEY_REMIND_AFTER must be whole seconds, 0 to 2592000", id="a unit"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_in_words(shell, settings, told):
    done = shell.run("application", "list", **settings)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert "hush" not in done.stderr
    assert "^" not in done.stderr


def test_every_setting_that_cannot_be_used_is_told(shell):
    done = shell.run("application", "list", log_level="loud", remind_after="-1")
    assert "PARLEY_LOG_LEVEL" in done.stderr
    assert "PARLEY_REMIND_AFTER" in done.stderr
