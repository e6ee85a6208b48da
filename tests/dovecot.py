"""A real Dovecot for tests: IMAP over maildirs, one per name, with one password for all."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.postfix import MAILBOX_OWNER, SECONDS, free_port

PASSWORD = "only-here"
SETTINGS = """
protocols = imap
base_dir = {run}
state_dir = {run}
log_path = {run}/log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
auth_failure_delay = 0
default_internal_user = dovecot
default_login_user = dovenull
mail_location = maildir:{mailboxes}/%n
mail_uid = {uid}
mail_gid = {uid}
first_valid_uid = 1
namespace inbox {{
  inbox = yes
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={uid} home={mailboxes}/%n
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


class Dovecot:
    """A Dovecot, and where it listens."""

    def __init__(self, port: int, mailboxes: Path) -> None:
        self.port, self.mailboxes = port, mailboxes

    def url(self, name: str) -> str:
        """For PARLEY_IMAP_URL."""
        return f"imap://{name}:{PASSWORD}@127.0.0.1:{self.port}"

    def put(self, name: str, message: bytes) -> None:
        """Let mail arrive for this name, as the server that delivers into the maildirs does."""
        with imaplib.IMAP4("127.0.0.1", self.port) as client:
            client.login(name, PASSWORD)
            client.append("INBOX", "", None, message)


def program() -> str:
    """The program's path; without it the test is skipped, and fails where CI=true."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if found is None or os.geteuid() != 0:
        why = "Dovecot is not installed" if found is None else "Dovecot runs for root only here"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    return found


@contextmanager
def reading(mailboxes: Path) -> Iterator[Dovecot]:
    """A Dovecot over the maildirs in this folder, which belongs to MAILBOX_OWNER."""
    command, port = program(), free_port()
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder:
        run, uid = Path(folder), pwd.getpwnam(MAILBOX_OWNER).pw_uid
        run.chmod(0o755)
        settings = run / "settings.conf"
        settings.write_text(
            SETTINGS.format(run=run / "run", mailboxes=mailboxes, uid=uid, port=port, password=PASSWORD)
        )
        (run / "run").mkdir()
        (run / "run").chmod(0o755)  # whatever the mask: other users work in it
        process = subprocess.Popen([command, "-F", "-c", settings], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            yield _answering(Dovecot(port, mailboxes), process, run / "run" / "log")
        finally:
            process.terminate()
            process.wait(SECONDS)
            if process.stdout:
                process.stdout.close()


def _answering(started: Dovecot, process: subprocess.Popen[bytes], log: Path) -> Dovecot:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError, imaplib.IMAP4.error), imaplib.IMAP4("127.0.0.1", started.port) as client:
            client.login("probe", PASSWORD)
            return started
        time.sleep(0.05)
    raise RuntimeError(f"Dovecot does not start: {log.read_text() if log.exists() else 'no log'}")
