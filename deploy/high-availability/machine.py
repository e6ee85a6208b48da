"""Programs that run on this machine for as long as this one does: their folder, their user, their ports, their end."""

# ruff: noqa: S603  # what is started is named in this folder, never by anybody outside

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

HERE = Path(__file__).parent
STOPPING = 40  # seconds; Parley takes up to 30
KILLING = 5


class GivenUp(Exception):  # noqa: N818
    """The example cannot go on; the message says why."""


class Machine:
    """A folder of its own, and the programs that were started in it."""

    def __init__(self, user: str | None) -> None:
        """Make the folder; where root starts the programs, they run as the user."""
        self.user = _unprivileged(user) if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="parley-ha-"))
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._ports: list[socket.socket] = []
        if self.user:
            shutil.chown(self.folder, self.user)

    def free_port(self) -> int:
        """A port that nobody uses, and that is not given twice."""
        listener = socket.create_server(("127.0.0.1", 0))
        self._ports.append(listener)
        return int(listener.getsockname()[1])

    def release_ports(self) -> None:
        """From here on the programs may listen on the ports that were given."""
        while self._ports:
            self._ports.pop().close()

    def secret(self) -> str:
        """A password that only this run knows."""
        return secrets.token_hex(16)

    def write(self, name: str, template: str, /, **values: object) -> Path:
        """A configuration in the folder, readable by the programs alone."""
        path = self.folder / name
        text = string.Template((HERE / template).read_text()).substitute(values)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(text)
        if self.user:
            shutil.chown(path, self.user)
        return path

    def start(self, name: str, words: list[str], *, environment: dict[str, str] | None = None) -> int:
        """Start a program as the unprivileged user, its output in NAME.log; its process id."""
        return self._start(name, [*self._as_user(), *words], environment)

    def start_as_caller(self, name: str, words: list[str], *, environment: dict[str, str]) -> int:
        """Start a program as who called this one."""
        return self._start(name, ["setpriv", "--pdeathsig", "TERM", *words], environment)

    def _as_user(self) -> list[str]:
        # --pdeathsig: a program does not outlive this one, however this one ends.
        who = (
            ["--reuid", self.user, "--regid", str(pwd.getpwnam(self.user).pw_gid), "--clear-groups"]
            if self.user
            else []
        )
        return ["setpriv", *who, "--pdeathsig", "TERM"]

    def _start(self, name: str, words: list[str], environment: dict[str, str] | None) -> int:
        clean = {
            key: value for key, value in os.environ.items() if not key.startswith(("PARLEY_", "PATRONI_", "PG", "ETCD"))
        }
        home = {"HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                words,
                cwd=self.folder,
                env={**clean, **home, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.running[name].pid

    def until(self, what: str, seconds: float, found: Callable[[], T | None]) -> T:
        """What is found in the end; raises GivenUp when it takes too long or a program has ended."""
        limit = time.monotonic() + seconds
        while (value := found()) is None:
            for name, process in self.running.items():
                if process.poll() is not None:
                    raise GivenUp(f"{name} has ended with status {process.returncode}\n{self.last_lines(name)}")
            if time.monotonic() > limit:
                raise GivenUp(f"{what}: not after {seconds:.0f} seconds; {self.folder} has the logs")
            time.sleep(0.1)
        return value

    def last_lines(self, name: str) -> str:
        """The end of a program's log."""
        lines = (self.folder / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join(f"  {name}: {line}" for line in lines[-8:])

    def forget(self, name: str) -> None:
        """A program that was killed is none of those that should run."""
        self.running.pop(name).wait()

    def stop(self) -> None:
        """End every program that was started here, the last one first."""
        self.release_ports()
        for process in reversed(self.running.values()):
            process.terminate()
            process.send_signal(signal.SIGCONT)  # it may have been frozen
            try:
                process.wait(STOPPING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()
        limit = time.monotonic() + KILLING
        while (left := those_in(self.folder)) and time.monotonic() < limit:
            for process_id in left:
                with suppress(ProcessLookupError):
                    os.kill(process_id, signal.SIGKILL)
            time.sleep(0.05)


@contextmanager
def machine(user: str | None, *, keep: bool) -> Iterator[Machine]:
    """A machine whose programs are ended whatever happens; its folder stays where something went wrong."""
    signal.signal(signal.SIGTERM, _end)
    made = Machine(user)
    try:
        yield made
    except BaseException:
        keep = True
        raise
    finally:
        made.stop()
        if keep:
            print(f"logs and data are in {made.folder}", file=sys.stderr)  # noqa: T201
        else:
            shutil.rmtree(made.folder, ignore_errors=True)


def _end(_number: int, _frame: object) -> None:
    raise SystemExit(143)


def _unprivileged(user: str | None) -> str:
    for name in [user] if user else ["postgres", "nobody"]:
        with suppress(KeyError):
            if pwd.getpwnam(name).pw_uid:
                return name
    raise GivenUp(
        f"PostgreSQL does not run as root, and there is no other user {user or 'postgres'}; name one with --user"
    )


def those_in(folder: Path) -> list[int]:
    """The processes that still work in the folder: a PostgreSQL whose Patroni was killed."""
    found = []
    for one in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            if Path(os.readlink(one / "cwd")).is_relative_to(folder):
                found.append(int(one.name))
    return found
