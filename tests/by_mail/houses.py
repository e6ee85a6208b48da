"""Where mail goes on this machine: Postfix and Dovecot, or a small server in Python and LMTP.

Both are the mail server of example.org and example.com, put `Authentication-Results` on top of what they take, and hand
what is for `parley` to Parley: by a mailbox that it reads over IMAP, or by LMTP.
"""

from __future__ import annotations

import smtplib
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests import dovecot, postfix
from tests.command_line.conftest import COMMAND, SECONDS
from tests.postfix import AUTHSERV_ID, free_port


@dataclass
class House:
    """A mail house: what Parley needs of it, what has arrived for somebody, and a way to hand mail in."""

    name: str
    smtp_url: str
    settings: dict[str, str]
    letters: Callable[[str], list[EmailMessage]]
    send: Callable[..., None]
    lmtp_port: int | None = None


def read(raw: bytes) -> EmailMessage:
    """A mail as its parts."""
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


@contextmanager
def postfix_and_dovecot() -> Iterator[House]:
    """Debian's own; they run for root."""
    with postfix.delivering() as mail, dovecot.reading(mail.home / "mail") as mailboxes:
        yield House(
            "Postfix and Dovecot",
            mail.url,
            {"imap_url": mailboxes.url("parley")},
            lambda name: [read(one) for one in mail.mail(name)],
            mail.send,
        )


@dataclass
class Taken:
    """What the small server has taken."""

    lmtp_port: int
    letters: dict[str, list[EmailMessage]] = field(default_factory=dict)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail: for people into their mailbox, for Parley on by LMTP."""
        for recipient in envelope.rcpt_tos:
            name = recipient.partition("@")[0].partition("+")[0]
            domain = envelope.mail_from.partition("@")[2]
            proven = f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from={domain}\r\n".encode()
            if name == "parley":
                with smtplib.LMTP("127.0.0.1", self.lmtp_port, timeout=SECONDS) as parley:
                    parley.sendmail(envelope.mail_from, [recipient], proven + envelope.content)
            else:
                self.letters.setdefault(name, []).append(read(proven + envelope.content))
        return "250 OK"


@contextmanager
def small() -> Iterator[House]:
    """A server in Python, for machines without the others; `parley mail receive` has to listen at `lmtp_port`."""
    taken = Taken(free_port())
    port = free_port()
    server = Controller(taken, hostname="127.0.0.1", port=port, decode_data=False)
    server.start()

    def send(message: EmailMessage, sender: str, recipient: str) -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=SECONDS) as client:
            client.sendmail(sender, [recipient], message.as_bytes(policy=policy.SMTP))

    try:
        url = f"smtp://127.0.0.1:{port}"
        yield House(
            "a small mail server", url, {}, lambda name: list(taken.letters.get(name, [])), send, taken.lmtp_port
        )
    finally:
        server.stop()


def receiving(port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """`parley mail receive` at this port, once it listens."""
    process = subprocess.Popen([*COMMAND, "mail", "receive", "--lmtp", f"127.0.0.1:{port}"], env=environment)
    while process.poll() is None:
        with suppress(OSError), smtplib.LMTP("127.0.0.1", port, timeout=SECONDS):
            break
        time.sleep(0.05)
    return process
