"""What doctor finds of mail: settings, server, and what the sender's domain says about itself."""

import pytest

from parley.doctor import mail
from parley.settings import Settings
from tests.dns_server import naming
from tests.mail_server import PASSWORD, USER, knows, new_certificate, serving

GOOD = {
    ("example.org", "MX"): ["10 mx2.example.org.", "5 mx.example.org."],
    ("example.org", "TXT"): ['"v=spf1 mx -all"', '"something else"'],
    ("s1._domainkey.example.org", "TXT"): ['"v=DKIM1; p=MFkw" "EwYH"'],
    ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=reject"'],
}


def settings(**told):
    return Settings(mail_from="Parley <parley@example.org>", **{"smtp_url": "smtp://127.0.0.1:1", **told})


def found(told, records=GOOD):
    with naming(records) as resolver:
        return {one.check: one for one in mail.examined(told, resolver)}


def levels(told, records=GOOD):
    return {name: one.level.value for name, one in found(told, records).items()}


@pytest.fixture
def server():
    with serving() as one:
        yield one


def test_nothing_is_to_be_done_where_all_is_well(server):
    told = levels(settings(smtp_url=server.url(), mail_authserv_id="mx.example.org"))
    assert set(told.values()) == {"well"}
    assert list(told) == ["mail", "mail-server", "mail-answers", "mail-spf", "mail-dkim", "mail-dmarc"]
    assert server.mails == []


SETTINGS = [
    pytest.param({"mail_from": None}, "well", "off", id="off"),
    pytest.param({}, "wrong", "PARLEY_SMTP_URL is not set", id="a sender and no server"),
    pytest.param({"mail_from": None, "smtp_url": "smtp://x"}, "wrong", "PARLEY_MAIL_FROM is not set", id="no sender"),
    pytest.param(
        {"mail_from": None, "mail_authserv_id": "mx"}, "wrong", "nobody is written to", id="answers to nothing"
    ),
    pytest.param({"smtp_url": "smtp://127.0.0.1:1", "imap_url": "imap://a@b"}, "hint", "AUTHSERV_ID", id="no trust"),
    pytest.param({"smtp_url": "smtp://127.0.0.1:1"}, "well", "answers are not read", id="out only"),
]


@pytest.mark.parametrize(("changed", "level", "told"), SETTINGS)
def test_settings_belong_together(changed, level, told):
    finding = found(Settings(**{"mail_from": "parley@example.org", **changed}))["mail"]
    assert (finding.level, told in finding.found) == (level, True)
    assert (finding.level == "well") is not bool(finding.todo)


def test_a_server_that_does_not_answer_is_found():
    finding = found(settings())["mail-server"]
    assert (finding.level, "127.0.0.1:1" in finding.found) == ("wrong", True)


def test_a_wrong_password_is_found_and_not_told(tmp_path, monkeypatch):
    certificate = new_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(certificate=certificate, authenticator=knows) as server:
        right = found(settings(smtp_url=server.url("smtp+starttls", f"{USER}:{PASSWORD}@")))["mail-server"]
        wrong = found(settings(smtp_url=server.url("smtp+starttls", f"{USER}:geheim@")))["mail-server"]
    assert (right.level, "encrypted" in right.found) == ("well", True)
    assert (wrong.level, "geheim" in str(wrong)) == ("wrong", False)


DOMAINS = [
    pytest.param({("example.org", "TXT"): None}, "mail-spf", "hint", "add a TXT record", id="no SPF"),
    pytest.param({("example.org", "TXT"): ['"v=spf1 -all"', '"v=spf1 mx"']}, "mail-spf", "wrong", "one", id="two SPF"),
    pytest.param({("example.org", "TXT"): ['"v=spf1 +all"']}, "mail-spf", "hint", "-all", id="SPF for everybody"),
    pytest.param({("s1._domainkey.example.org", "TXT"): None}, "mail-dkim", "hint", "sign", id="no key"),
    pytest.param({("_dmarc.example.org", "TXT"): None}, "mail-dmarc", "hint", "_dmarc.example.org", id="no DMARC"),
    pytest.param(
        {("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=none"', '"v=DMARC1; p=reject"']},
        *("mail-dmarc", "wrong", "one"),
        id="two DMARC",
    ),
    pytest.param({("example.org", "MX"): ["0 ."]}, "mail-answers", "wrong", "MX", id="takes no mail, it says"),
    pytest.param({("example.org", "MX"): None}, "mail-answers", "wrong", "MX", id="takes no mail"),
]


@pytest.mark.parametrize(("changed", "check", "level", "todo"), DOMAINS)
def test_what_a_domain_lacks_is_found_with_what_to_do(server, changed, check, level, todo):
    records = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    told = found(settings(smtp_url=server.url(), mail_authserv_id="mx"), records)
    assert [name for name, one in told.items() if one.todo] == [check]
    assert (told[check].level, todo in told[check].todo) == (level, True)


def test_a_key_of_an_unusual_selector_shows_that_there_are_keys(server):
    records = {**GOOD, ("2031q2._domainkey.example.org", "TXT"): ['"v=DKIM1; p=MFkw"']}
    records.pop(("s1._domainkey.example.org", "TXT"))
    finding = found(settings(smtp_url=server.url()), records)["mail-dkim"]
    assert (finding.level, "cannot be asked" in finding.found) == ("well", True)


def test_a_domain_below_another_keeps_to_its_policy(server):
    told = Settings(smtp_url=server.url(), mail_from="parley@mail.meet.example.org")
    assert "example.org: v=DMARC1" in found(told)["mail-dmarc"].found


def test_without_an_answer_of_the_domain_name_system_nothing_is_claimed(server):
    told = found(settings(smtp_url=server.url()), None)
    assert list(told) == ["mail", "mail-server", "mail-domain"]
    assert "cannot tell" in told["mail-domain"].found
