"""Mail that a mail server hands over by LMTP, on a real connection."""

import asyncio
import smtplib
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest

from parley.core.errors import Unavailable
from parley.core.limits import MAIL_BYTES
from parley.receiving import Receiver, Server
from tests.incoming.conftest import KARL
from tests.make import at


@contextmanager
def listening(dc):
    """The receiver as `parley mail receive` runs it; its port."""
    loop = asyncio.new_event_loop()
    receiver = Receiver(dc)

    def connection():
        return Server(receiver, data_size_limit=MAIL_BYTES, ident="Parley", loop=loop)

    listener = loop.run_until_complete(loop.create_server(connection, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(ended(listener), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        receiver.threads.shutdown()


async def ended(listener):
    listener.close()
    others = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
    for one in others:
        one.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@pytest.fixture
def engine():
    """One is enough: what is done with mail is tested on each."""
    return "sqlite"


@pytest.fixture
def lmtp(post):
    with listening(post.dc) as port, smtplib.LMTP("127.0.0.1", port, timeout=20) as client:
        yield client


def hand_over(client, post, talk, mail, sender=KARL):
    return client.sendmail(sender, [post.address(talk)], mail.as_bytes())


def test_an_answer_that_is_handed_over_selects(post, lmtp):
    talk = post.asked()
    assert hand_over(lmtp, post, talk, post.mail(talk, "2", To=KARL)) == {}
    assert post.talk(talk).chosen == at("10:00")


def test_a_recipient_that_we_did_not_name_is_refused_at_once_and_for_good(post, lmtp):
    talk = post.asked()
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        lmtp.sendmail(KARL, ["parley+rabc@example.org", "karl@example.org"], post.mail(talk, "2").as_bytes())
    assert {code for code, _ in refused.value.recipients.values()} == {550}
    assert {words for _, words in refused.value.recipients.values()} == {b"5.1.1 no such mailbox"}


def test_a_second_recipient_has_to_wait_so_that_each_has_an_answer_of_its_own(post, lmtp):
    talk, other = post.asked(), post.asked()
    mail = post.mail(talk, "2", In_Reply_To=None)
    refused = lmtp.sendmail(KARL, [post.address(talk), post.address(other)], mail.as_bytes())
    assert [code for code, _ in refused.values()] == [452]
    assert (post.talk(talk).chosen, post.talk(other).chosen) == (at("10:00"), None)
    lmtp.sendmail(KARL, list(refused), mail.as_bytes())
    assert post.talk(other).chosen == at("10:00")


def test_its_size_is_told_and_more_is_refused(post, lmtp):
    talk = post.asked()
    lmtp.ehlo_or_helo_if_needed()
    assert lmtp.esmtp_features["size"] == str(MAIL_BYTES)
    mail = post.mail(talk, "2\n" * (MAIL_BYTES // 2))
    with pytest.raises(smtplib.SMTPResponseException) as refused:
        hand_over(lmtp, post, talk, mail)
    assert refused.value.smtp_code == 552
    assert post.selected(talk) == ()


def test_mail_without_a_return_path_is_a_programs(post, lmtp):
    talk = post.asked()
    assert hand_over(lmtp, post, talk, post.mail(talk, "2"), sender="") == {}
    assert (post.selected(talk), len(post.letters())) == ((), 1)


def test_what_goes_on_at_the_same_time_is_each_done_once(post):
    talk = post.asked()
    mail = post.mail(talk, "2")
    with listening(post.dc) as port:

        def send():
            with smtplib.LMTP("127.0.0.1", port, timeout=20) as client:
                hand_over(client, post, talk, mail)

        threads = [threading.Thread(target=send) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert post.happened(talk).count("selected") == 1


def test_while_the_database_is_gone_the_server_keeps_the_mail(post):
    talk = post.asked()
    mail = post.mail(talk, "2")
    broken = replace(post.dc, db=Gone())
    with (
        listening(broken) as port,
        smtplib.LMTP("127.0.0.1", port, timeout=20) as client,
        pytest.raises(smtplib.SMTPDataError) as refused,
    ):
        hand_over(client, post, talk, mail)
    assert refused.value.smtp_code == 451
    assert post.take(mail) == "selected"


class Gone:
    """A database that nobody reaches."""

    def write(self, record):
        raise Unavailable
