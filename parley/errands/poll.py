"""The mailbox is to be looked into for answers, again and again, by one worker of all."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import structlog

from parley.actions.incoming import receive
from parley.channels import mailbox
from parley.core import causes
from parley.core.errors import Unavailable
from parley.core.limits import POLL_BATCH, POLL_SECONDS
from parley.data_center import DataCenter
from parley.errands import AGAIN, DONE
from parley.store import outbox
from parley.store.database import Transaction
from parley.store.outbox import Message, Task

NAME = LANE = "poll:imap"
WELL = ""

log = structlog.get_logger()


def begin(dc: DataCenter) -> None:
    """Have the mailbox of the settings looked into, unless that is waiting to be done anyway."""

    def record(tx: Transaction) -> None:
        if outbox.document(tx, NAME) is None:
            outbox.put(tx, _task(WELL), dc.now())

    if dc.settings.imap_url:
        dc.db.write(record)


def _task(state: str) -> Task:
    return Task(NAME, "poll", LANE, msgspec.json.encode(state).decode())


def run(dc: DataCenter, message: Message, still_holds: Callable[[], bool]) -> str:
    """Take in what is there, and look again after a while; a mailbox that cannot be read is told once."""
    if not dc.settings.imap_url:
        dc.db.write(lambda tx: outbox.done(tx, message))
        return DONE
    before = msgspec.json.decode(message.document, type=str)
    state = _looked_into(dc, dc.settings.imap_url, still_holds)
    if state != before:
        log.warning("mailbox.unreadable", reason=state) if state else log.info("mailbox.readable")

    def record(tx: Transaction) -> None:
        if outbox.holds(tx, message):
            outbox.put(tx, _task(state), dc.now(), dc.now() + POLL_SECONDS)

    dc.db.write(record)
    return AGAIN if state else DONE


def _looked_into(dc: DataCenter, url: str, still_holds: Callable[[], bool]) -> str:
    """Why the mailbox could not be read; nothing where it could."""
    try:
        with mailbox.unread(url, POLL_BATCH) as unread:
            for number in unread.numbers:
                if not still_holds():
                    break
                _take(dc, unread, number)
    except mailbox.FAILURES as cause:
        return causes.told(cause)
    return WELL


def _take(dc: DataCenter, unread: mailbox.Unread, number: str) -> None:
    """Act upon one mail, and let it count as read afterwards: it is never lost, and a second time does nothing."""
    raw = unread.fetch(number)
    try:
        if raw is None:
            log.warning("mail.dropped", reason="too long or empty")
        else:
            log.info("mail.received", outcome=receive(dc, raw, []))
    except Unavailable:
        raise
    except Exception as cause:  # one mail that nobody foresaw must not keep all others from being read
        log.exception("mail.failed", reason=causes.told(cause))
        unread.mark(number, strange=True)
    else:
        unread.mark(number)
