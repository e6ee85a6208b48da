"""A real Postfix for tests: the mail server of example.org and of example.com, on this machine alone.

It delivers into maildirs, one per name; what is for `parley` goes to an LMTP server instead, where one is named. What
comes in at `port` counts as checked: the server puts `Authentication-Results` on top for the domain of the sender. What
comes in at `outside_port` counts as coming from anywhere, and gets a result that says so.
"""

from __future__ import annotations

import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import policy
from email.message import EmailMessage
from pathlib import Path
from socket import socket

import pytest

SECONDS = 30  # the longest that it may take to start or to end
ATTEMPTS = 3
AUTHSERV_ID = "mx.example.org"
GONE = "gone@example.com"  # taken at the door, and returned to the sender afterwards
MAILBOX_OWNER = "nobody"  # the delivery agent refuses to write as root
MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/state
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/log
maillog_file_prefixes = {home}
myhostname = mx.example.org
mydestination =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
disable_dns_lookups = yes
smtputf8_enable = yes
recipient_delimiter = +
message_size_limit = 60000000
virtual_mailbox_limit = 0
virtual_mailbox_domains = example.org, example.com
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = texthash:{home}/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
virtual_minimum_uid = 1
transport_maps = regexp:{home}/transport
smtpd_recipient_restrictions = check_sender_access regexp:{home}/checked, permit_mynetworks, reject
smtpd_hard_error_limit = 1000
minimal_backoff_time = 1s
queue_run_delay = 1s
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{outside_port} inet n - n - - smtpd
  -o smtpd_recipient_restrictions=check_sender_access,regexp:{home}/outside,permit_mynetworks,reject
127.0.0.1:{refusing_port} inet n - n - - smtpd
  -o myhostname=elsewhere.example.net
  -o smtpd_recipient_restrictions=reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
NAMES = ("parley", "grace", "karl", "ida", "mallory", "gone")
DOMAINS = ("example.org", "example.com")
CHECKED = f"/@(.*)$/ PREPEND Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from=$1\n"
OUTSIDE = f"/@(.*)$/ PREPEND Authentication-Results: {AUTHSERV_ID}; dmarc=fail header.from=$1\n"


class Postfix:
    """A Postfix, and where it listens."""

    def __init__(self, home: Path, port: int, outside_port: int) -> None:
        self.home, self.port, self.outside_port = home, port, outside_port

    @property
    def url(self) -> str:
        """For PARLEY_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def maildir(self, name: str) -> Path:
        """Where mail for this name arrives."""
        return self.home / "mail" / name

    def mail(self, name: str) -> list[bytes]:
        """What has arrived for this name, oldest first."""
        found = [*self.maildir(name).glob("new/*"), *self.maildir(name).glob("cur/*")]
        return [path.read_bytes() for path in sorted(found, key=lambda path: path.stat().st_mtime_ns)]

    def send(self, message: EmailMessage | bytes, sender: str, recipient: str, *, outside: bool = False) -> None:
        """Hand mail in, as somebody's mail program or as another server would."""
        raw = message if isinstance(message, bytes) else message.as_bytes(policy=policy.SMTP)
        with smtplib.SMTP("127.0.0.1", self.outside_port if outside else self.port, timeout=SECONDS) as client:
            client.sendmail(sender, [recipient], raw)

    def log(self) -> str:
        """What it says of itself."""
        log = self.home / "log"
        return log.read_text(errors="replace") if log.exists() else "no log"


def program() -> str:
    """The program's path; without it the test is skipped, and fails where CI=true."""
    found = shutil.which("postfix", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if found is None or os.geteuid() != 0:
        why = "Postfix is not installed" if found is None else "Postfix runs for root only"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    return found


@contextmanager
def delivering(lmtp_port: int | None = None) -> Iterator[Postfix]:
    """A Postfix that hands what is for `parley` to this LMTP server, or keeps it in a maildir."""
    command = program()
    with tempfile.TemporaryDirectory(prefix="postfix-") as folder:
        home = Path(folder)
        try:
            yield _answering(_started(command, home, lmtp_port))
        finally:
            subprocess.run([command, "-c", folder, "abort"], capture_output=True, timeout=SECONDS)
            _wait_for_end(home)


def _started(command: str, home: Path, lmtp_port: int | None) -> Postfix:
    """A Postfix on ports that were free a moment ago, and on others where somebody was quicker."""
    for name in ("queue", "state", "mail"):
        (home / name).mkdir()
        (home / name).chmod(0o755)  # whatever the mask: other users work in them
    for _ in range(ATTEMPTS):
        ports = free_port(), free_port()
        _furnish(home, *ports, lmtp_port)
        done = subprocess.run([command, "-c", str(home), "start"], capture_output=True, text=True, timeout=SECONDS)
        started = Postfix(home, *ports)
        if done.returncode == 0:
            return started
    raise RuntimeError(f"Postfix does not start: {done.stdout} {done.stderr} {started.log()}")


def _furnish(home: Path, port: int, outside_port: int, lmtp_port: int | None) -> None:
    refusing_port = free_port()
    home.chmod(0o755)
    shutil.chown(home / "state", "postfix")
    shutil.chown(home / "mail", MAILBOX_OWNER)
    to_parley = "" if lmtp_port is None else f"/^parley\\+/ lmtp:inet:127.0.0.1:{lmtp_port}\n"
    files = {
        "main.cf": MAIN.format(home=home, uid=pwd.getpwnam(MAILBOX_OWNER).pw_uid),
        "master.cf": MASTER.format(home=home, port=port, outside_port=outside_port, refusing_port=refusing_port),
        "mailboxes": "".join(f"{name}@{domain} {name}/\n" for name in NAMES for domain in DOMAINS),
        "transport": f"/^gone@/ smtp:[127.0.0.1]:{refusing_port}\n{to_parley}",
        "checked": CHECKED,
        "outside": OUTSIDE,
    }
    for name, text in files.items():
        (home / name).write_text(text)
        (home / name).chmod(0o644)


def _wait_for_end(home: Path) -> None:
    pid = home / "queue" / "pid" / "master.pid"
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            os.kill(int(pid.read_text()), 0)
        except (OSError, ValueError):
            return
        time.sleep(0.05)


def free_port() -> int:
    with socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _answering(started: Postfix) -> Postfix:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", started.port, timeout=SECONDS):
            return started
        time.sleep(0.05)
    raise RuntimeError(f"Postfix does not start: {started.log()}")
