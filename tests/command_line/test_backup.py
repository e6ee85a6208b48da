"""An installation in one file, made while it works, and put back elsewhere."""

from __future__ import annotations

import os
import pty
import resource
import signal
import stat
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import httpx2
import psycopg
import pytest

from parley import data_center
from parley.actions import accounts, applications
from parley.core.limits import OUTBOX_LEASE
from parley.settings import Settings
from parley.store import outbox
from tests.command_line.conftest import COMMAND, Serving, Shell
from tests.conftest import ENGINES

PATH = "/v1/scheduling_conversations"
only_sqlite = pytest.mark.parametrize("engine", ["sqlite"])


@pytest.fixture(params=ENGINES)
def engine(request):
    """Every database."""
    return request.param


@pytest.fixture
def place(engine, request, tmp_path):
    """Makes shells for new installations, each in a folder of its own and on a database of its own."""

    def made(name, **settings):
        (tmp_path / name).mkdir()
        if engine == "postgresql":
            settings.setdefault("database", request.getfixturevalue("server").new_database())
        return Shell(tmp_path / name, {"rate_limit": "0", **settings})

    return made


@pytest.fixture
def start():
    """Starts services; they end with the test at the latest."""
    with ExitStack() as running:

        def started(shell, *words):
            service = Serving(shell, *words)
            running.callback(service.process.communicate)
            running.callback(service.process.kill)
            service.client = running.enter_context(httpx2.Client(base_url=service.url, verify=False, timeout=30))
            return service

        yield started


class Talks:
    """An application with an account, and what it says to a service."""

    def __init__(self, dc, email="grace@example.org"):
        made = applications.create(dc, "Agenda")
        self.secret, self.sub = made.client_secret, accounts.create(dc, email, None, "Etc/UTC").sub
        self.token = accounts.grant(dc, self.sub, made.application.id).access_token

    def call(self, service, method, path, token=None, **more):
        headers = {"Authorization": f"Bearer {token or self.secret}"}
        answer = service.client.request(method, path, headers=headers, **more)
        assert answer.is_success, answer.text
        return answer

    def open(self, service):
        """A conversation between the account, which accepts what is free, and somebody who chooses."""
        tomorrow = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        start, end = (f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in (tomorrow, tomorrow + timedelta(days=30)))
        auto = {"sub": self.sub, "common_name": "Grace", "slots": {"selection_method": "auto"}}
        body = {
            "participants": [auto, {"participant_id": "@karl", "common_name": "Karl"}],
            "tzid": "Etc/UTC",
            "subject": "Roadmap",
            "required_duration": {"minutes": 30},
            "available_periods": [{"start": start, "end": end}],
        }
        return self.call(service, "POST", PATH, json=body).json()

    def agree(self, service, opened):
        """The one who chooses takes the first time; the conversation as it stands then."""
        slots = f"{PATH}/{opened['scheduling_conversation_id']}/participants/1/slots"
        first = self.call(service, "GET", slots).json()["slots"][0]["slot_id"]
        return self.call(service, "POST", slots, json={"selected_slots": [{"slot_id": first}]}).json()

    def again(self, service, opened):
        return self.call(service, "GET", f"{PATH}/{opened['scheduling_conversation_id']}").json()

    def happened(self, service, opened):
        told = self.call(service, "GET", f"{PATH}/{opened['scheduling_conversation_id']}/history").json()
        return [one["type"] for one in told["history"]]

    def events(self, service):
        asked = {"tzid": "Etc/UTC", "include_managed": "true"}
        return self.call(service, "GET", "/v1/events", self.token, params=asked).json()["events"]


def link(conversation):
    """The path of the page of the one who chooses."""
    return "/c/" + conversation["participants"][1]["page_url"].rpartition("/")[2]


def succeeded(done):
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(done):
    """The last line of a command that cannot go on."""
    assert (done.returncode, done.stdout) == (1, ""), done.stdout
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("parley: ")
    return last


@contextmanager
def opened(shell):
    """The installation of a shell, in this process."""
    dc = data_center.opened(Settings(data_dir=shell.data, database=shell.settings.get("database")))
    try:
        yield dc
    finally:
        dc.db.close()


def asked(shell, *statements):
    """The single values that these statements find."""
    with opened(shell) as dc:
        return [dc.db.read(lambda tx, sql=sql: tx.one(sql))[0] for sql in statements]


def eventually(happens):
    deadline = time.monotonic() + OUTBOX_LEASE - 3
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_restored_installation_goes_on_where_the_backup_was_made(place, start, tmp_path):
    origin, target = place("origin"), place("target")
    with opened(origin) as dc:
        talks = Talks(dc)
    first = start(origin)
    waiting, agreed = talks.open(first), talks.open(first)
    told = talks.agree(first, agreed)
    succeeded(origin.run("backup", str(tmp_path / "file")))
    first.stop()
    succeeded(target.run("restore", str(tmp_path / "file")))
    second = start(target)
    assert talks.call(second, "GET", link(waiting)).status_code == 200
    assert talks.again(second, agreed)["chosen_slot"] == told["chosen_slot"]
    assert talks.agree(second, waiting)["status"] == "complete"
    eventually(lambda: len(talks.events(second)) == 2)
    assert talks.happened(second, agreed).count("event_written") == 1


def test_what_waited_or_was_held_when_the_backup_was_made_is_carried_out_once(place, start, tmp_path):
    origin, target = place("origin"), place("target")
    with opened(origin) as dc:
        talks = Talks(dc)
    first = start(origin, "--no-worker")
    for conversation in [talks.open(first), talks.open(first)]:
        talks.agree(first, conversation)
    hold_one(origin)
    succeeded(origin.run("backup", str(tmp_path / "file")))
    first.stop()
    succeeded(target.run("restore", str(tmp_path / "file")))
    waiting, held = "select count(*) from outbox", "select count(*) from outbox where leased_until > 0"
    assert asked(target, waiting, held) == [*asked(origin, waiting)[:1], 0]
    second = start(target)
    eventually(lambda: len(talks.events(second)) == 2)
    eventually(lambda: asked(target, waiting) == [0])
    assert asked(target, "select count(*) from history where type = 'event_written'") == [2]


def hold_one(shell):
    """Claim a message, as a worker does that is at work on it."""
    with opened(shell) as dc:
        lane = dc.db.read(outbox.lanes, dc.now(), OUTBOX_LEASE)[0]
        assert dc.db.write(lambda tx: outbox.claim(tx, lane, dc.now(), OUTBOX_LEASE, 1))


COUNTS = {
    "complete": "select count(*) from conversations where is_open = 0",
    "booked": "select count(distinct conversation_id) from bookings",
    "agreed": "select count(*) from history where type = 'agreed'",
    "written": "select count(*) from history where type = 'event_written'",
    "waiting": "select count(*) from outbox where kind = 'event'",
}


def test_a_backup_under_load_has_all_that_was_acknowledged_before_it_and_is_consistent(place, start, tmp_path):
    origin, target = place("origin"), place("target")
    with opened(origin) as dc:
        everybody = [Talks(dc, f"person-{number}@example.org") for number in range(3)]
    first, enough, acknowledged = start(origin), threading.Event(), []

    def talk(one):
        while not enough.is_set():
            conversation = one.open(first)
            one.agree(first, conversation)
            acknowledged.append(conversation["scheduling_conversation_id"])

    with ThreadPoolExecutor(3) as pool:
        talking = [pool.submit(talk, one) for one in everybody]
        eventually(lambda: len(acknowledged) >= 20 or any(one.done() for one in talking))
        before = list(acknowledged)
        succeeded(origin.run("backup", str(tmp_path / "file")))
        during = len(acknowledged) - len(before)
        enough.set()
    assert [one.result() for one in talking] == [None] * 3
    succeeded(target.run("restore", str(tmp_path / "file")))
    found = dict(zip(COUNTS, asked(target, *COUNTS.values()), strict=True))
    listed = ", ".join(f"'{one}'" for one in before)
    assert asked(target, f"{COUNTS['complete']} and id in ({listed})") == [len(before)]
    assert during > 0
    assert found["complete"] == found["booked"] == found["agreed"] == found["written"] + found["waiting"]


def made(shell, name="file"):
    """A backup of a new installation with one application."""
    with opened(shell) as dc:
        applications.create(dc, "Agenda")
    succeeded(shell.run("backup", name))
    return shell.folder / name


@only_sqlite
def test_what_is_made_is_closed_to_others_whatever_the_umask(place):
    def umask_of_most():
        os.umask(0o022)

    origin, target = place("origin"), place("target")
    made(origin, "first")
    succeeded(origin.run("backup", "file", before=umask_of_most))
    succeeded(target.run("restore", str(origin.folder / "file"), before=umask_of_most))
    assert mode(origin.folder / "file") == 0o600
    assert mode(target.data) == 0o700
    assert {mode(one) for one in target.data.iterdir()} == {0o600}


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_restore_that_was_cut_off_can_be_run_again(place, engine):
    origin, target = place("origin"), place("target")
    fill(origin, rows=60_000)
    succeeded(origin.run("backup", "file"))
    words = [*COMMAND, "restore", str(origin.folder / "file")]
    restoring = subprocess.Popen(words, env=target.environment(), stderr=subprocess.DEVNULL)
    while not (target.data / "secret.key").exists():
        assert restoring.poll() is None
    restoring.send_signal(signal.SIGKILL)
    assert restoring.wait() == -signal.SIGKILL
    assert not (target.data / "parley.db").exists()
    eventually(lambda: engine == "sqlite" or "application" not in tables(target))
    succeeded(target.run("restore", str(origin.folder / "file")))
    assert sorted(one.name for one in target.data.iterdir()) == expected_files(engine)
    assert asked(target, "select count(*) from history") == [60_000]


def fill(shell, rows):
    one = "select 'scv_' || i, 1, i, 'opened', null, 'api', '[]', null"
    counting = "with recursive n (i) as (select 1 union all select i + 1 from n where i < :rows) "
    with opened(shell) as dc:
        applications.create(dc, "Agenda")
        dc.db.write(lambda tx: tx.run(f"insert into history {counting}{one} from n", rows=rows))


def tables(shell):
    with psycopg.connect(shell.settings["database"]) as connection:
        return str(connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall())


def expected_files(engine):
    return ["secret.key"] if engine == "postgresql" else ["parley.db", "secret.key"]


def test_a_full_disk_leaves_nothing_of_a_backup(shell):
    def no_file_over_50_kilobytes():
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    made(shell, "first")
    assert "cannot write file" in refused(shell.run("backup", "file", before=no_file_over_50_kilobytes))
    assert [one.name for one in shell.folder.iterdir() if one.name.startswith("file")] == []


def test_a_full_disk_leaves_a_place_that_the_next_restore_can_take(shell):
    def no_file_over_50_kilobytes():
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    file, elsewhere = made(shell), str(shell.folder / "elsewhere")
    refused(shell.run("restore", str(file), before=no_file_over_50_kilobytes, data_dir=elsewhere))
    assert sorted(os.listdir(elsewhere)) == ["secret.key"]
    succeeded(shell.run("restore", str(file), data_dir=elsewhere))


@pytest.mark.parametrize(("words", "told"), [(("backup", "second"), "backup"), (("migrate",), "migrate")])
def test_progress_is_plain_lines_where_there_is_no_terminal(shell, words, told):
    if told == "backup":
        made(shell)
    lines = shell.run(*words).stderr.splitlines()
    assert len(lines) >= 3
    assert all(one.startswith(f"{told}: ") for one in lines)


@pytest.mark.parametrize(("words", "told"), [(("backup", "second"), "backup"), (("migrate",), "migrate")])
def test_progress_is_one_changing_line_on_a_terminal(shell, words, told):
    if told == "backup":
        made(shell)
    ours, theirs = pty.openpty()
    done = subprocess.run([*COMMAND, *words], env=shell.environment(), cwd=shell.folder, stderr=theirs, stdout=-3)
    os.close(theirs)
    seen = os.read(ours, 100_000).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "\n" not in seen
    assert seen.count(f"\r{told}: ") >= 3
    assert seen.endswith("\r\x1b[K")


@only_sqlite
def test_the_name_of_the_installation_is_told_where_it_was_another(place):
    file, target = made(place("origin", data_center="berlin")), place("target")
    done = target.run("restore", str(file))
    succeeded(done)
    assert "PARLEY_DATA_CENTER=berlin" in done.stderr.splitlines()[-1]
