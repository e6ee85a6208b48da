"""Letters as mail (RFC 5322, RFC 6047): headers that no words can break, parts that say the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
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
HEADER_LENGTH = 76  # RFC 2047 2
MEANT_OTHERWISE = frozenset("ßς\u200c\u200d")  # RFC 5894 7.2: in RFC 3490, which Python speaks, part of another name
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
    head = {
        "Message-ID": thread.message_id,
        "In-Reply-To": thread.in_reply_to,
        "References": "\r\n ".join(thread.references),
        "From": _person(addresses.sender.display_name, addresses.sender.addr_spec),
        "To": _person(addresses.name, to),
        "Reply-To": _person("", addresses.reply_to),
        "Subject": _words(one_line(content.subject, SUBJECT_LENGTH)),
        "Date": format_datetime(datetime.fromtimestamp(now, UTC)),
        "Auto-Submitted": REPLIED if thread.is_answer else GENERATED,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
    boundary = sha256(thread.message_id.encode()).hexdigest()[:24]
    return Mail(addresses.bounce_to, to, lines.encode() + _parts(content, boundary).as_bytes())


def routed(address: str) -> str:
    """The address with its domain as the domain name system writes it, where all that know of it write the same."""
    local, _, domain = address.rpartition("@")
    if not MEANT_OTHERWISE.isdisjoint(domain.lower()):  # left to the mail server, so that nobody else gets the mail
        return address
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address


def is_message_id(text: str) -> bool:
    """Whether the text is a Message-ID that can be referred to."""
    return MESSAGE_ID.fullmatch(text) is not None


def _person(name: str, address: str) -> str:
    """An address with a name that no program can take for anything else (RFC 5322 3.4)."""
    local, _, domain = address.rpartition("@")
    name = one_line(name, NAME_LENGTH)
    if _is_plain(name):
        return str(Address(name, local, domain))
    return f"{_words(name)}\r\n <{Address('', local, domain).addr_spec}>"


def _words(text: str) -> str:
    """Text as a header holds it: as it is, or as encoded words (RFC 2047). The library's own folding loses spaces."""
    return Header(text, None if _is_plain(text) else "utf-8", HEADER_LENGTH, "Reply-To").encode(linesep="\r\n")


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text


def _parts(content: Content, boundary: str) -> EmailMessage:
    """Plain text, HTML, and what a calendar reads: among the alternatives (RFC 6047 2.4), and as a file."""
    message = EmailMessage(policy=BODY)
    message.set_content(content.text, cte="quoted-printable")
    message.add_alternative(content.html, subtype="html", cte="quoted-printable")
    if content.calendar is not None:
        text = content.calendar.decode()
        message.add_alternative(text, subtype="calendar", params={"method": "REQUEST"}, cte="base64")
        message.add_attachment(content.calendar, maintype="application", subtype="ics", filename="invite.ics")
    for number, part in enumerate(one for one in message.walk() if one.is_multipart()):
        part.set_boundary(f"={number}={boundary}=")
    return message
