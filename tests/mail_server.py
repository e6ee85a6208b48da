"""Real mail servers for tests, on free local ports: one that keeps what it takes, and one that follows a script."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.postfix import free_port

HANG, DRIP = b"hang", b"drip"  # instead of a line: to say nothing, or never to come to an end
USER, PASSWORD = "parley", "only-here"


@dataclass
class Kept:
    """A mail as it came."""

    envelope_from: str
    to: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]

    def text(self, kind: str = "plain") -> str:
        """Its plain text, or its HTML."""
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content())


@dataclass
class Server:
    """A mail server that keeps mail; `answers` are what it says to a recipient, one after the other, instead of yes.

    It takes `pause` seconds for each mail; `most_at_once` is how many it has been given at the same time.
    """

    port: int = 0
    mails: list[Kept] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    at_data: list[str] = field(default_factory=list)
    certificate: Path | None = None
    was_encrypted: list[bool] = field(default_factory=list)
    pause: float = 0.0
    at_once: int = 0
    most_at_once: int = 0

    def url(self, scheme: str = "smtp", credentials: str = "") -> str:
        """For PARLEY_SMTP_URL."""
        return f"{scheme}://{credentials}{'localhost' if self.certificate else '127.0.0.1'}:{self.port}"

    def to(self, address: str) -> list[Kept]:
        """What came for this address, oldest first."""
        return [one for one in self.mails if one.to == address]

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Say yes, or what is to be said to this address next."""
        if self.answers.get(address):
            return self.answers[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail, or say what is to be said next."""
        if self.at_data:
            return self.at_data.pop(0)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.pause)
        self.at_once -= 1
        self.was_encrypted.append(session.ssl is not None)
        self.mails.append(Kept(envelope.mail_from or "", envelope.rcpt_tos[0], bytes(envelope.original_content or b"")))
        return "250 2.0.0 queued as 4711"


@contextmanager
def serving(**settings: Any) -> Iterator[Server]:
    """A server that takes everything; `settings` are those of aiosmtpd, `certificate` is a file with a key too."""
    certificate = settings.pop("certificate", None)
    smtps = settings.pop("smtps", False)
    kept = Server(free_port(), certificate=certificate)
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        settings["ssl_context" if smtps else "tls_context"] = context
    controller = Controller(kept, hostname="127.0.0.1", port=kept.port, **settings)
    controller.start()
    try:
        yield kept
    finally:
        controller.stop()


def knows(server: Any, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    """For `authenticator`: one user with one password."""
    right = isinstance(given, LoginPassword) and given == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


def new_certificate(folder: Path) -> Path:
    """A file with a key and a certificate for localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = folder / "localhost.pem"
    file.write_bytes(key.private_bytes(pem, *plain) + certificate.public_bytes(pem))
    return file


@contextmanager
def scripted(*lines: bytes) -> Iterator[str]:
    """A server that says these lines, each after the first when something came, then ends."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    _follow(connection, lines)

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _follow(connection: socket.socket, lines: tuple[bytes, ...]) -> None:
    for number, line in enumerate(lines):
        if number and not connection.recv(65536):
            return
        if line == HANG:
            connection.recv(65536)  # until the other side has had enough
            return
        while line == DRIP:
            connection.sendall(b"250-more\r\n")
            time.sleep(0.05)
        connection.sendall(line)
