"""Mail to one recipient over the operator's own server (RFC 5321), and what that server really answered."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address
from threading import Timer
from urllib.parse import unquote, urlsplit

ANSWER_LENGTH = 300
TRANSCRIPT_LINES = 200
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
# RFC 5321 4.2.3, RFC 4954 6: what a server says about a command, or about who may send, and not about a recipient.
NOT_ABOUT_THE_RECIPIENT = frozenset({500, 501, 502, 503, 504, 521, 523, 530, 534, 535, 538})
# RFC 3463 3.2, RFC 4954 6, RFC 7372 3, RFC 7505 4.2: who sends, and whether that was shown to be true.
ABOUT_THE_SENDER = frozenset(
    {"5.1.7", "5.1.8", "5.4.5", "5.7.8", "5.7.9", "5.7.60", *(f"5.7.{number}" for number in range(20, 28))}
)
ADDRESS = re.compile(r"\S+@\S+")
WORDS_ABOUT_THE_SENDER = re.compile(
    r"relay(?! recipient)|client host|blocked using|black ?list|block ?list|\b(?:dnsbl|spf|dkim|dmarc)\b|authenticat"
    r"|logged in|log in|sender address|not owned by|send as|sending limit|quota exceeded for sending",
    re.I,
)


class Result(StrEnum):
    """What has become of a mail."""

    TAKEN = "taken"
    REFUSED = "refused"  # for good, because of its recipient or of what it says
    AGAIN = "again"  # not now, or the servers do not get on with each other


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the server made of a mail: `answer` is its last word, `transcript` all that was said, a line each."""

    result: Result
    answer: str
    transcript: tuple[str, ...] = ()

    @property
    def may_be_taken(self) -> bool:
        """Whether somebody may have the mail: a server that says nothing after the last byte leaves that open."""
        was_told = "> data" in self.transcript
        return self.result is Result.TAKEN or (was_told and not self.answer[:3].isdigit())


@dataclass(frozen=True, slots=True)
class Server:
    """The server of an SMTP URL; `must_encrypt` where nothing is said in the clear, `is_tls` from the first byte."""

    host: str
    port: int
    user: str | None
    password: str
    must_encrypt: bool
    is_tls: bool

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine, so that nobody listens in between."""
        with suppress(ValueError):
            return ip_address(self.host).is_loopback
        return self.host == "localhost"

    @property
    def needs_proof(self) -> bool:
        """Whether its certificate has to be good: the URL asks for it, or a password goes over a network."""
        return self.must_encrypt or (self.user is not None and not self.is_here)


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds each answer may take, and one mail in all, whatever the server does."""

    step: float = 20.0
    total: float = 60.0


PATIENT = Patience()


class NotSafe(Exception):  # noqa: N818
    """The server does not offer the encryption that is asked of it; the message says so."""


def read(url: str) -> Server:
    """The server that the URL names; raises ValueError."""
    told = urlsplit(url)
    return Server(
        host=told.hostname or "localhost",
        port=told.port or PORTS[told.scheme],
        user=unquote(told.username) if told.username is not None else None,
        password=unquote(told.password or ""),
        must_encrypt=told.scheme != "smtp",
        is_tls=told.scheme == "smtps",
    )


def send(url: str, envelope_from: str, to: str, message: bytes, patience: Patience = PATIENT) -> Outcome:
    """Hand one mail, its lines ended by CR and LF, to the server; what goes wrong is an outcome, not raised."""
    return _talk(url, envelope_from, lambda client: _handed_over(client, envelope_from, to, message), patience)


def greet(url: str, envelope_from: str, patience: Patience = PATIENT) -> Outcome:
    """Connect, encrypt and log in as for a mail, and send none."""
    return _talk(url, envelope_from, lambda client: _judged(*client.noop(), of_recipient=False), patience)


class _Client(smtplib.SMTP):
    """Writes down what is said: our commands without what is secret in them, and every answer."""

    def __init__(self, server: Server, name: str, transcript: list[str], seconds: float) -> None:
        self.transcript = transcript
        self.is_secret = False
        self.tls = _context(server) if server.is_tls else None
        super().__init__(local_hostname=name, timeout=seconds)
        self._host = server.host  # as in a client that connects when it is made: the name in its certificate

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = socket.create_connection((host, port), timeout)
        return made if self.tls is None else self.tls.wrap_socket(made, server_hostname=host)

    def begin(self, server: Server) -> None:
        """Connect, and be greeted."""
        code, words = self.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)

    def putcmd(self, cmd: str, args: str = "") -> None:
        """Say a command."""
        self.transcript.append("> AUTH ..." if self.is_secret else f"> {cmd} {args}".rstrip())
        super().putcmd(cmd, args)

    def getreply(self) -> tuple[int, bytes]:
        """Hear the answer to it."""
        code, words = super().getreply()
        lines = words.decode(errors="replace").splitlines() or [""]
        self.transcript.extend(f"< {code} {_clean(line)}".rstrip() for line in lines)
        return code, words

    def log_in(self, user: str, password: str) -> None:
        """Say who we are, and write none of it down."""
        self.is_secret = True
        self.login(user, password)
        self.is_secret = False

    def break_off(self) -> None:
        """End the connection under whoever waits for an answer."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _talk(url: str, envelope_from: str, say: Callable[[_Client], Outcome], patience: Patience) -> Outcome:
    transcript: list[str] = []
    try:
        server = read(url)
        client = _Client(server, envelope_from.rpartition("@")[2], transcript, patience.step)
        with _bounded(client, patience.total):
            client.begin(server)
            _introduce(client, server)
            found = say(client)
    except (OSError, ValueError, smtplib.SMTPException, NotSafe) as cause:
        found = Outcome(Result.AGAIN, reason(cause))
        transcript.append(f"! {found.answer}")
    return replace(found, transcript=tuple(transcript[:TRANSCRIPT_LINES]))


@contextmanager
def _bounded(client: _Client, seconds: float) -> Iterator[None]:
    """A connection that is over after so many seconds in any case."""
    limit = Timer(seconds, client.break_off)
    limit.daemon = True
    limit.start()
    try:
        yield
        with suppress(OSError, smtplib.SMTPException):  # what was handed over is handed over
            client.quit()
    finally:
        limit.cancel()
        client.close()


def _introduce(client: _Client, server: Server) -> None:
    client.ehlo_or_helo_if_needed()
    if not server.is_tls and client.has_extn("starttls"):
        client.starttls(context=_context(server))
        client.ehlo_or_helo_if_needed()
    elif not server.is_tls and server.must_encrypt:
        raise NotSafe("the server offers no STARTTLS")
    elif not server.is_tls and server.user is not None and not server.is_here:
        raise NotSafe("the server offers no encryption, so it gets no password")
    if server.user is not None:
        client.log_in(server.user, server.password)


def _context(server: Server) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not server.needs_proof:  # RFC 7435: encryption that stops listeners only is better than none
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _handed_over(client: _Client, envelope_from: str, to: str, message: bytes) -> Outcome:
    needs_utf8 = not to.isascii()
    if needs_utf8 and not client.has_extn("smtputf8"):
        return Outcome(Result.REFUSED, "550 5.6.7 our mail server takes no such address (SMTPUTF8)")
    code, words = client.mail(envelope_from, ["SMTPUTF8"] if needs_utf8 else [])
    if code == 250:
        code, words = client.rcpt(to)
    else:
        return _judged(code, words, of_recipient=False)
    if code not in (250, 251, 252):
        return _judged(code, words)
    try:
        return _judged(*client.data(message))
    except smtplib.SMTPDataError as refusal:
        return _judged(refusal.smtp_code, refusal.smtp_error)


def _judged(code: int, words: bytes | str, *, of_recipient: bool = True) -> Outcome:
    answer = _answer(code, words)
    if 200 <= code < 300:
        return Outcome(Result.TAKEN, answer)
    is_final = code >= 500 and of_recipient and _is_about_recipient(code, answer)
    return Outcome(Result.REFUSED if is_final else Result.AGAIN, answer)


def _is_about_recipient(code: int, answer: str) -> bool:
    """Whether a refusal speaks of the recipient or the mail, not of a server that is set up in another way."""
    found = ENHANCED.search(answer)
    status = found[1] if found else ""
    if status.startswith(("5.1.", "5.2.")):
        return status not in ABOUT_THE_SENDER
    about_us = status in ABOUT_THE_SENDER or WORDS_ABOUT_THE_SENDER.search(ADDRESS.sub("", answer))
    return not about_us and code not in NOT_ABOUT_THE_RECIPIENT


def reason(cause: Exception) -> str:
    """Why it did not come to an answer, in one line without secrets."""
    match cause:
        case smtplib.SMTPResponseException():
            return _answer(cause.smtp_code, cause.smtp_error)
        case ssl.SSLCertVerificationError():
            return f"the server's certificate is not good: {_clean(cause.verify_message)}"
        case TimeoutError() | smtplib.SMTPServerDisconnected(args=("Connection unexpectedly closed: timed out",)):
            return "the server did not answer in time"
        case UnicodeError():  # its text would show the password
            return "user, password or host of PARLEY_SMTP_URL hold characters that cannot be sent"
        case _:
            return _clean(str(cause)) or type(cause).__name__


def _answer(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return _clean(f"{code} {text}")


def _clean(text: str) -> str:
    """One bounded line of printable characters: a server's words are data."""
    shown = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(shown.split())[:ANSWER_LENGTH]
