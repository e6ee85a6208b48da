"""A mail that came in, read within bounds: who wrote it to which addresses, what is new in it, what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256

from parley.core.limits import EMAIL_LENGTH, ITIP_BYTES, MAIL_BYTES
from parley.wire.reply_text import BROKEN, new_text, text_of_html

READ_BYTES = 2 << 20  # of a longer mail the beginning is read, which then makes no clear answer
HEAD_BYTES = 1 << 17
FIELDS = 500
BOUNDARIES = 100  # multiparts, one inside the other or not
MARKED_LINES = 2000  # that begin as those between parts do
PARTS = 100
TEXT_BYTES = 1 << 19
ADDRESSES = 50
REFERENCES = 100
CHARSETS = re.compile(
    r"(utf-?8|us-ascii|ascii|iso-?8859-\d{1,2}|latin-?1|windows-125\d|cp125\d|koi8-[ru]|iso-2022-(jp|kr)|shift_jis|"
    r"euc-(jp|kr)|gb2312|gbk|gb18030|big5|utf-16(le|be)?)",
    re.IGNORECASE,
)
ADDRESS = r"([^\s<>@,;:\"()\[\]\\]+@[^\s<>@,;:\"()\[\]\\]+)"
ONE_ADDRESS = re.compile(
    rf'(?:"(?:[^"\\]|\\.)*"|[^"<>@,;:]*)\s*<\s*{ADDRESS}\s*>|<?{ADDRESS}>?(?:\s*\([^()<>@,;:]*\))?'
)
MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
MARKS = re.compile(rb"(?m)^--")
EMPTY_LINE = re.compile(r"\r?\n[ \t]*\r?\n")
TYPES = re.compile(rb"(?mi)^content-type:|boundary\s*=")


class Unreadable(Exception):  # noqa: N818
    """A mail that is not looked into; the word says why."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A server has given up a mail of ours (RFC 3464 2.3.3): its codes, and whom the mail was for."""

    said: str
    recipient: str | None


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as far as it concerns us.

    `sender` is the one address of its one From field, in lower case. `answers` are the Message-IDs that it refers to,
    the nearest first. `written_at` is what its Date says. `results` are its Authentication-Results, topmost first.
    """

    message_id: str
    sender: str | None
    recipients: tuple[str, ...]
    answers: tuple[str, ...]
    written_at: int | None
    is_automatic: bool
    wants_no_answer: bool
    results: tuple[str, ...]
    display_name: str
    text: str
    calendar: bytes | None
    bounce: Bounce | None


def read(raw: bytes) -> Mail:
    """What the mail says; raises Unreadable, without having parsed it, where it is made to be a burden."""
    _refuse_burden(raw)
    try:
        return _read(BytesParser(policy=compat32).parsebytes(raw[:READ_BYTES]), raw)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, IndexError) as cause:
        raise Unreadable("broken") from cause  # the library stumbles over what no mail program writes


def _refuse_burden(raw: bytes) -> None:
    if len(raw) > MAIL_BYTES:
        raise Unreadable("too_large")
    ends = [at for at in (raw.find(b"\r\n\r\n", 0, HEAD_BYTES), raw.find(b"\n\n", 0, HEAD_BYTES)) if at >= 0]
    head = raw[: min(ends)] if ends else raw
    if len(head) >= HEAD_BYTES or len(re.findall(rb"\n(?![ \t])", head)) > FIELDS:
        raise Unreadable("long_head")
    if _more_than(MARKS, raw, MARKED_LINES) or _more_than(TYPES, raw, 3 * BOUNDARIES):
        raise Unreadable("too_many_parts")


def _more_than(pattern: re.Pattern[bytes], raw: bytes, most: int) -> bool:
    return sum(1 for _ in zip(pattern.finditer(raw), range(most + 1), strict=False)) > most


def _read(message: Message, raw: bytes) -> Mail:
    parts = list(_parts(message))
    sender, name = _sender(message)
    return Mail(
        message_id=_message_id(message) or sha256(raw).hexdigest(),
        sender=sender,
        recipients=_recipients(message),
        answers=_answers(message),
        written_at=_written_at(message),
        is_automatic=_is_automatic(message),
        wants_no_answer=bool({"oof", "autoreply"} & _suppressed(message)),
        results=tuple(_unfolded(one) for one in message.get_all("Authentication-Results", [])),
        display_name=name,
        text=_text(parts) + (BROKEN if len(raw) > READ_BYTES else ""),
        calendar=next((one for one in map(_calendar, parts) if one), None),
        bounce=_bounce(message),
    )


def _unfolded(value: object) -> str:
    return " ".join(str(value).split())


def _parts(message: Message) -> Iterator[Message]:
    """The parts that hold something, without those of mails that are attached."""
    waiting, seen = [message], 0
    while waiting:
        part = waiting.pop(0)
        seen += 1
        if seen > PARTS:
            raise Unreadable("too_many_parts")
        if part.get_content_maintype() == "message":
            continue
        if part.is_multipart():
            waiting = [one for one in part.get_payload() if isinstance(one, Message)] + waiting
        else:
            yield part


def _sender(message: Message) -> tuple[str | None, str]:
    """The one address of the one From field, and the name that stands with it."""
    fields = message.get_all("From", [])
    found = ONE_ADDRESS.fullmatch(_unfolded(fields[0])) if len(fields) == 1 else None
    if found is None:
        return None, ""
    address = (found[1] or found[2]).lower()
    name = _unfolded(fields[0]).partition("<")[0].strip(' "') if found[1] else ""
    return (address if len(address) <= EMAIL_LENGTH else None), name[:EMAIL_LENGTH]


def _message_id(message: Message) -> str | None:
    found = MESSAGE_ID.search(_unfolded(message.get("Message-ID", "")))
    return found[0] if found else None


def _recipients(message: Message) -> tuple[str, ...]:
    """Whom it was delivered to, where the server that did has noted that; else whom it names."""
    for names in (("Delivered-To", "X-Original-To", "Envelope-To"), ("To", "Cc")):
        fields = [_unfolded(one)[:HEAD_BYTES] for name in names for one in message.get_all(name, [])]
        found = [address.lower() for _, address in getaddresses(fields)[:ADDRESSES] if "@" in address]
        if any("+" in one for one in found):
            return tuple(dict.fromkeys(found))
    return ()


def _answers(message: Message) -> tuple[str, ...]:
    nearest = MESSAGE_ID.findall(_unfolded(message.get("In-Reply-To", "")))
    thread = MESSAGE_ID.findall(_unfolded(message.get("References", "")))
    return tuple(dict.fromkeys([*nearest, *reversed(thread)]))[:REFERENCES]


def _written_at(message: Message) -> int | None:
    try:
        return int(parsedate_to_datetime(_unfolded(message.get("Date", ""))).timestamp())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _is_automatic(message: Message) -> bool:
    """Whether a program has sent it (RFC 3834), or a list: nobody waits for an answer to it."""
    submitted = _unfolded(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    precedence = _unfolded(message.get("Precedence", "")).lower()
    returns = [_unfolded(one) for one in message.get_all("Return-Path", [])]
    names = ("List-Id", "List-Unsubscribe", "List-Post", "X-Autoreply", "X-Autorespond", "X-Loop")
    return (
        submitted != "no"
        or precedence in ("bulk", "list", "junk", "auto_reply")
        or "<>" in returns
        or any(name in message for name in names)
        or "all" in _suppressed(message)
        or message.get_content_type() == "multipart/report"
    )


def _suppressed(message: Message) -> set[str]:
    """What a mail asks others not to send because of it (MS-OXCMAIL 2.2.3.2.14): programs say "all"."""
    return set(_unfolded(message.get("X-Auto-Response-Suppress", "")).lower().replace(",", " ").split())


def _text(parts: list[Message]) -> str:
    """What is new in its text: that of all plain parts, or of the first one in HTML where there is none."""
    shown = [part for part in parts if part.get_content_disposition() != "attachment"]
    plain = [_unwrapped(part) for part in shown if part.get_content_type() == "text/plain"]
    if any(one.strip() for one in plain):
        return new_text("\n".join(plain))
    html = next((part for part in shown if part.get_content_type() == "text/html"), None)
    return new_text(text_of_html(_decoded(html))) if html is not None else ""


def _decoded(part: Message) -> str:
    """The text of a part; what is not of its charset becomes a sign that stands for what is broken."""
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset("utf-8")
    known = charset if CHARSETS.fullmatch(charset) else "utf-8"
    try:
        text = raw[:TEXT_BYTES].decode(known, errors="replace")
    except LookupError:
        text = raw[:TEXT_BYTES].decode("utf-8", errors="replace")
    return text.removeprefix("\ufeff") + (BROKEN if len(raw) > TEXT_BYTES else "")


def _unwrapped(part: Message) -> str:
    """The text of a plain part, with the lines put together that its program has broken (RFC 3676 4.1, 4.2)."""
    text = _decoded(part)
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    paragraphs: list[list[str]] = []
    goes_on = False
    for line in text.splitlines():
        is_fixed = line.startswith(">") or line == "-- "
        shown = line if is_fixed else line.removeprefix(" ")
        if goes_on and not is_fixed:
            paragraphs[-1].append(shown)
        else:
            paragraphs.append([shown])
        goes_on = shown.endswith(" ") and not is_fixed
    return "\n".join(map("".join, paragraphs))


def _calendar(part: Message) -> bytes | None:
    """A calendar that came with it, as text in UTF-8."""
    if part.get_content_type() not in ("text/calendar", "application/ics"):
        return None
    text = _decoded(part).encode()
    return text if len(text) <= ITIP_BYTES else None


REPORTS = ("message/delivery-status", "message/global-delivery-status")  # RFC 3464, RFC 6533


def _bounce(message: Message) -> Bounce | None:
    """The first failure in a delivery report, which may stand beside what a list or a filter has added."""
    parts = _inner(message)
    if message.get_content_type() == "multipart/mixed":
        parts = [one for part in parts if part.get_content_type() == "multipart/report" for one in _inner(part)]
    elif message.get_content_type() != "multipart/report":
        return None
    for block in [block for part in parts if part.get_content_type() in REPORTS for block in _blocks(part)]:
        if _unfolded(block.get("Action", "")).lower().split()[:1] == ["failed"]:
            return _failure(block)
    return None


def _inner(part: Message) -> list[Message]:
    payload = part.get_payload() if part.is_multipart() else []
    return [one for one in payload if isinstance(one, Message)][:PARTS]


def _blocks(report: Message) -> list[Message]:
    """What a report says of each recipient; the library cuts only the older kind into its blocks."""
    blocks = _inner(report)
    if report.get_content_type() == REPORTS[0]:
        return blocks
    rest = [str(one.get_payload()) for one in blocks if not one.is_multipart()]
    return [*blocks, *(message_from_string(text) for one in rest for text in EMPTY_LINE.split(one)[:PARTS])]


def _failure(block: Message) -> Bounce:
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3}", _unfolded(block.get("Status", "")))
    diagnostic = _unfolded(block.get("Diagnostic-Code", "")).partition(";")[2].strip()
    code = re.match(r"[245]\d\d\b", diagnostic)
    recipient = _unfolded(block.get("Original-Recipient") or block.get("Final-Recipient") or "").partition(";")[2]
    return Bounce(said=" ".join(one[0] for one in (code, status) if one), recipient=recipient.strip().lower() or None)
