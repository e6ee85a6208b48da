"""The mailbox in which answers arrive, read over IMAP (RFC 9051) until there is nothing new in it."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from imap_tools import AND, BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from parley.core.limits import MAIL_BYTES, MAILBOX_SECONDS

FAILURES = (OSError, imaplib.IMAP4.error, ImapToolsError)  # what can go wrong with a server
PORTS = {"imap": 143, "imaps": 993}
SEEN, FLAGGED = "\\Seen", "\\Flagged"


@dataclass(frozen=True, slots=True)
class Unread:
    """Mails that nobody has read yet, by their number in the mailbox, and the mailbox that they are in."""

    box: BaseMailBox
    numbers: list[str]

    def fetch(self, number: str) -> bytes | None:
        """The mail as it came, which stays unread; nothing where it is longer than anybody reads, or gone."""
        size = self._one(number, "(RFC822.SIZE)")
        length = int(size.rpartition(b" ")[2].strip(b") ") or 0) if size else 0
        return self._one(number, "(BODY.PEEK[])") if 0 < length <= MAIL_BYTES else None

    def _one(self, number: str, what: str) -> bytes | None:
        _, parts = self.box.client.uid("fetch", number, what)
        for part in parts or []:
            if isinstance(part, tuple):
                return bytes(part[1])
            if isinstance(part, bytes) and b"RFC822.SIZE" in part:
                return part
        return None

    def mark(self, number: str, *, strange: bool = False) -> None:
        """Let a mail count as read; a strange one is flagged for whoever looks after the mailbox."""
        self.box.flag([number], [SEEN, FLAGGED] if strange else [SEEN], value=True)


@contextmanager
def unread(url: str, most: int) -> Iterator[Unread]:
    """The first unread mails of the mailbox at this address; raises one of FAILURES."""
    at = urlsplit(url)
    host, port = at.hostname or "", at.port or PORTS[at.scheme]
    box: BaseMailBox
    if at.scheme == "imaps":
        box = MailBox(host, port, timeout=MAILBOX_SECONDS, ssl_context=ssl.create_default_context())
    else:
        box = MailBoxUnencrypted(host, port, timeout=MAILBOX_SECONDS)
    folder = unquote(at.path.strip("/")) or "INBOX"
    try:
        box.login(unquote(at.username or ""), unquote(at.password or ""), initial_folder=folder)
        yield Unread(box, box.uids(AND(seen=False))[:most])
        box.logout()
    finally:  # also where the server has refused us, or has gone
        with suppress(OSError):
            box.client.shutdown()
