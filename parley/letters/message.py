"""Letters as mail (RFC 5322, RFC 6047): headers that no words can break, parts that say the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from parley.letters.view import NAME_LENGTH
from parley.wire.words import one_line

BODY = SMTP.clone(max_line_length=76)  # RFC 2045 6.7 and 6.8
MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")  # RFC 5322 2.1.1: with room for the name of its header
SUBJECT_LENGTH = 200
GENERATED, REPLIED = "auto-generated", "auto-replied"  # RFC 3834 5


@dataclass(frozen=True, slots=True)
class Addresses:
    """Who it is from and to (`name` is theirs), where answers go, and where it returns that cannot be delivered."""

    sender: Address
    to: str
    name: str
    reply_to: str
    bounce_to: str


@dataclass(frozen=True, slots=True)
class Thread:
    """Where it stands among other mail: Message-IDs with their brackets, the oldest first."""

    message_id: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    is_answer: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """What it says; `calendar` is an iTIP request, if it invites."""

    subject: str
    text: str
    html: str
    calendar: bytes | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to be sent."""

    envelope_from: str
    to: str
    raw: bytes


def written(addresses: Addresses, thread: Thread, content: Content, now: int) -> Mail:
    """The mail; the same for the same, but for its date."""
    to = routed(addresses.to)
    policy = SMTP if to.isascii() else SMTP.clone(utf8=True)
    message = EmailMessage(policy=policy)
    message["From"] = addresses.sender
    message["To"] = _address(addresses.name, to)
    message["Reply-To"] = _address("", addresses.reply_to)
    message["Subject"] = one_line(content.subject, SUBJECT_LENGTH)
    message["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    message["Auto-Submitted"] = REPLIED if thread.is_answer else GENERATED
    message["MIME-Version"] = "1.0"
    _add_parts(message, content, sha256(thread.message_id.encode()).hexdigest()[:24])
    return Mail(addresses.bounce_to, to, _ids(thread) + message.as_bytes())


def routed(address: str) -> str:
    """The address with its domain as the domain name system writes it (RFC 5891), where it can be written so."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address


def is_message_id(text: str) -> bool:
    """Whether the text is a Message-ID that can be referred to."""
    return MESSAGE_ID.fullmatch(text) is not None


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(one_line(name, NAME_LENGTH), local, domain)


def _ids(thread: Thread) -> bytes:
    """The headers that hold Message-IDs, which no program may fold inside or encode."""
    lines = [f"Message-ID: {thread.message_id}"]
    if thread.in_reply_to:
        lines.append(f"In-Reply-To: {thread.in_reply_to}")
    if thread.references:
        lines.append("References: " + "\r\n ".join(thread.references))
    return "".join(f"{line}\r\n" for line in lines).encode()


def _add_parts(message: EmailMessage, content: Content, boundary: str) -> None:
    """Plain text, HTML, and what a calendar reads: within the alternatives (RFC 6047 2.4), and as a file."""
    both = EmailMessage(policy=BODY)
    both.set_content(content.text, cte="quoted-printable")
    both.add_alternative(content.html, subtype="html", cte="quoted-printable")
    if content.calendar is not None:
        both.add_alternative(content.calendar.decode(), subtype="calendar", params={"method": "REQUEST"}, cte="base64")
        both.add_attachment(content.calendar, maintype="application", subtype="ics", filename="invite.ics")
    for number, part in enumerate(one for one in both.walk() if one.is_multipart()):
        part.set_boundary(f"={number}={boundary}=")
    message["Content-Type"] = both["Content-Type"]
    message.set_payload(both.get_payload())
