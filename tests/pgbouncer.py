"""A real pgbouncer for tests, in transaction mode, in front of a server: few connections for many clients."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import socket

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.postgresql import Server

SECONDS = 30  # the longest that it may take to start or to end
CONNECTIONS = 3  # to the server: fewer than there are clients
SETTINGS = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 500
server_login_retry = 1
"""


class Pgbouncer:
    """A pgbouncer, and where it listens."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.process = process

    def in_front_of(self, address: str) -> str:
        """Where a database of the server is behind this."""
        return f"postgresql://parley@127.0.0.1:{self.port}/{conninfo_to_dict(address)['dbname']}"


def program() -> str:
    """The program's path; without it the test is skipped, and fails where CI=true."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if found is None:
        why = "pgbouncer is not installed"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    return found


@contextmanager
def bouncing(server: Server, log: Path) -> Iterator[Pgbouncer]:
    """A pgbouncer in front of the server."""
    command, port = program(), free_port()
    with tempfile.TemporaryDirectory() as folder, log.open("wb") as told:
        users, settings = Path(folder, "users.txt"), Path(folder, "pgbouncer.ini")
        users.write_text('"parley" ""\n')
        settings.write_text(SETTINGS.format(server=server.port, port=port, users=users, connections=CONNECTIONS))
        for one, mode in ((Path(folder), 0o755), (users, 0o644), (settings, 0o644)):
            one.chmod(mode)  # whatever the mask: another user reads them
        # It works in the server's home, and so is taken away with the server in any case. It refuses to run as root.
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        process = subprocess.Popen([command, settings], stdout=told, stderr=told, cwd=server.home, **user)
        try:
            yield _answering(Pgbouncer(port, process), server)
        finally:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def _answering(started: Pgbouncer, server: Server) -> Pgbouncer:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and started.process.poll() is None:
        with suppress(psycopg.OperationalError), psycopg.connect(started.in_front_of(server.dsn())):
            return started
        time.sleep(0.02)
    raise RuntimeError("pgbouncer does not start; its log says why")
