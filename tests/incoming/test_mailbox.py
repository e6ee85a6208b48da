"""Answers that are fetched from a mailbox, from a real Dovecot."""

import imaplib
import os
import pwd
from functools import partial

import pytest
import structlog
from structlog.testing import capture_logs

from parley import worker
from parley.core.limits import MAIL_BYTES, POLL_SECONDS
from parley.errands import poll
from parley.store import outbox
from tests import dovecot
from tests.dovecot import PASSWORD
from tests.incoming.conftest import Post
from tests.make import at
from tests.postfix import MAILBOX_OWNER, free_port


@pytest.fixture
def engine():
    """One is enough: what is done with mail is tested on each."""
    return "sqlite"


@pytest.fixture(scope="module")
def mailboxes(tmp_path_factory):
    """A Dovecot, its mailboxes in a folder that others may pass through."""
    folder = tmp_path_factory.mktemp("mailboxes")
    owner = pwd.getpwnam(MAILBOX_OWNER).pw_uid
    for one in (folder, *list(folder.parents)[:3]):
        one.chmod(0o755)
    os.chown(folder, owner, -1)
    with dovecot.reading(folder) as running:
        yield running


@pytest.fixture
def box(mailboxes, request):
    """A mailbox for this test alone: its name."""
    return f"box{abs(hash(request.node.name))}"


@pytest.fixture
def fetching(post, mailboxes, box) -> Post:
    """An installation that fetches its mail there."""
    return post.with_settings(imap_url=mailboxes.url(box))


def look(one):
    """Look into the mailbox as a worker does; how that went."""
    poll.begin(one.dc)
    (message,) = one.dc.db.write(
        partial(outbox.claim, lane=poll.LANE, now=one.dc.now() + POLL_SECONDS, lease=15, most=1)
    )
    return poll.run(one.dc, message, lambda: True)


def flags(mailboxes, box):
    with imaplib.IMAP4("127.0.0.1", mailboxes.port) as client:
        client.login(box, PASSWORD)
        client.select("INBOX", readonly=True)
        _, found = client.fetch("1:*", "(FLAGS)")
        return [one.partition(b"FLAGS ")[2] for one in found if isinstance(one, bytes)]


def test_answers_are_fetched_acted_upon_and_then_count_as_read(fetching, mailboxes, box):
    talks = [fetching.asked() for _ in range(3)]
    for talk in talks:
        mailboxes.put(box, fetching.mail(talk, "2", In_Reply_To=None).as_bytes())
    mailboxes.put(box, b"From: somebody@example.net\r\nTo: parley@example.org\r\n\r\nHello\r\n")
    assert look(fetching) == "done"
    assert [fetching.talk(one).chosen for one in talks] == [at("10:00")] * 3
    assert all(b"\\Seen" in one and b"\\Flagged" not in one for one in flags(mailboxes, box))


def test_what_was_acted_upon_before_a_crash_is_not_acted_upon_again(fetching, mailboxes, box):
    talk = fetching.asked()
    mail = fetching.mail(talk, "2")
    fetching.take(mail)  # and then the process ended, before the mail counted as read
    mailboxes.put(box, mail.as_bytes())
    assert look(fetching) == "done"
    assert fetching.happened(talk).count("selected") == 1
    assert b"\\Seen" in flags(mailboxes, box)[0]


def test_a_mail_that_is_too_long_is_left_and_keeps_no_other_waiting(fetching, mailboxes, box):
    talk = fetching.asked()
    mailboxes.put(box, fetching.mail(talk, "3" * MAIL_BYTES).as_bytes())
    mailboxes.put(box, fetching.mail(talk, "2").as_bytes())
    look(fetching)
    assert fetching.talk(talk).chosen == at("10:00")


def test_it_is_looked_into_again_after_a_while_and_waits_once(fetching, mailboxes, clock):
    poll.begin(fetching.dc)
    poll.begin(fetching.dc)
    worker.work_off(fetching.dc)
    waiting = [one.name for one in fetching.dc.db.read(outbox.listed, 100)]
    assert waiting.count(poll.NAME) == 1
    assert fetching.dc.db.read(outbox.lanes, clock.instant, 15) == []
    clock.instant += POLL_SECONDS
    assert fetching.dc.db.read(outbox.lanes, clock.instant, 15) == [poll.LANE]


@pytest.mark.parametrize("password", [PASSWORD, "wrong"], ids=["nobody listens", "wrong password"])
def test_a_mailbox_that_cannot_be_read_is_told_once_and_tried_again_for_ever(post, mailboxes, box, clock, password):
    port = mailboxes.port if password == "wrong" else free_port()
    failing = post.with_settings(imap_url=f"imap://{box}:{password}@127.0.0.1:{port}")
    structlog.reset_defaults()
    with capture_logs() as said:
        for _ in range(3 if password == "wrong" else 25):
            assert look(failing) == "again"
            clock.instant += POLL_SECONDS
    assert [one["event"] for one in said] == ["mailbox.unreadable"]
    assert not any(secret in str(said) for secret in (password, box))
    with capture_logs() as said:
        assert look(post.with_settings(imap_url=mailboxes.url(box))) == "done"
    assert [one["event"] for one in said] == ["mailbox.readable"]
    assert post.dc.db.read(outbox.buried) == 0


def test_a_setting_that_is_gone_ends_it(fetching, post, mailboxes):
    poll.begin(fetching.dc)
    worker.work_off(post.dc)
    assert post.dc.db.read(outbox.document, poll.NAME) is None


def test_nothing_is_begun_without_a_mailbox(post):
    poll.begin(post.dc)
    assert post.dc.db.read(outbox.document, poll.NAME) is None
