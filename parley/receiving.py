"""Mail that other mail servers hand over by LMTP (RFC 2033), each in one transaction before it is acknowledged."""

from __future__ import annotations

import asyncio
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from parley import data_center, logs
from parley.actions.incoming import receive
from parley.core import access, causes
from parley.core.errors import Unavailable
from parley.core.limits import MAIL_BYTES, MAIL_LINE
from parley.data_center import CannotStart, DataCenter
from parley.settings import Settings

THREADS = 4
IDLE_SECONDS = 300  # RFC 5321 4.5.3.2.7
GRACE_SECONDS = 10
TAKEN = "250 2.0.0 OK"
UNKNOWN = "550 5.1.1 no such mailbox"
ONE_AT_A_TIME = "452 4.5.3 one recipient at a time, please"
LATER = "451 4.3.0 cannot take it now; try again"

log = structlog.get_logger()


class Receiver:
    """What is done with each mail that comes."""

    def __init__(self, dc: DataCenter) -> None:
        self.dc = dc
        self.threads = ThreadPoolExecutor(THREADS, "mail")

    async def handle_RCPT(  # noqa: N802
        self, server: LMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take mail for addresses that we have given out, one at a time: each mail has one answer."""
        token = address.rpartition("@")[0].partition("+")[2]
        if access.read_mail_token(self.dc.secret, token) is None:
            return UNKNOWN
        if envelope.rcpt_tos:
            return ONE_AT_A_TIME
        envelope.rcpt_tos.append(address)
        return TAKEN

    async def handle_DATA(self, server: LMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Act upon the mail; it is acknowledged once that is on the disk."""
        loop = asyncio.get_running_loop()
        act = partial(receive, self.dc, _as_delivered(envelope), list(envelope.rcpt_tos))
        try:
            outcome = await loop.run_in_executor(self.threads, act)
        except Unavailable:
            return LATER
        except Exception as cause:  # the other server keeps it, and so nothing is lost
            log.exception("mail.failed", reason=causes.told(cause))
            return LATER
        log.info("mail.received", outcome=outcome)
        return TAKEN


def _as_delivered(envelope: Envelope) -> bytes:
    """The mail below its return path (RFC 5321 4.4), which is empty where a program does not want an answer."""
    sender = re.sub(r"[^!-~]|[<>]", "", envelope.mail_from or "")
    return f"Return-Path: <{sender}>\r\n".encode() + bytes(envelope.original_content or b"")


class Server(LMTP):
    """A connection from a mail server, which may write longer lines than it should."""

    line_length_limit = MAIL_LINE


def run(settings: Settings, host: str, port: int) -> None:
    """Take mail until SIGTERM or SIGINT; raises CannotStart."""
    logs.configure(settings.log_level)
    if not settings.sends_mail:
        raise CannotStart("mail is off: set PARLEY_SMTP_URL and PARLEY_MAIL_FROM, so that answers can be answered")
    dc = data_center.opened(settings)
    try:
        asyncio.run(_serve(dc, host, port))
    except OSError as cause:
        raise CannotStart(f"cannot listen on port {port} of {host}: {cause.strerror or cause}") from cause
    finally:
        dc.db.close()


async def _serve(dc: DataCenter, host: str, port: int) -> None:
    loop, over, receiver = asyncio.get_running_loop(), asyncio.Event(), Receiver(dc)
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, over.set)

    def connection() -> Server:
        return Server(receiver, data_size_limit=MAIL_BYTES, timeout=IDLE_SECONDS, ident="Parley", loop=loop)

    listener = await loop.create_server(connection, host, port)
    at = listener.sockets[0].getsockname()
    log.info("mail.ready", address=f"{at[0]}:{at[1]}", authserv_id=dc.settings.mail_authserv_id)
    await over.wait()
    listener.close()
    await loop.run_in_executor(None, receiver.threads.shutdown)
    log.info("mail.stopped")
