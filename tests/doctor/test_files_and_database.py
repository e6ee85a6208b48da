"""Faults of files, key and database, put into an installation on purpose, and found by the name of a check."""

import os
from pathlib import Path

import psycopg
import pytest

from parley import doctor
from parley.doctor import databases, place, postgresql, sqlite
from parley.settings import Settings
from parley.store.postgresql_condition import Postgresql
from tests.docs.documents import DOCS, rows, section
from tests.doctor.conftest import execute, found, installed, wrong


def test_nothing_is_wrong_with_a_new_installation(settings):
    assert wrong(settings) == set()


def test_doctor_changes_nothing(settings):
    before = {one.name: one.read_bytes() for one in settings.data_dir.iterdir()}
    settings.data_dir.chmod(0o755)
    execute(settings, "pragma journal_mode = delete")
    changed = (settings.data_dir / "parley.db").read_bytes()
    found(settings)
    assert {one.name: one.read_bytes() for one in settings.data_dir.iterdir()} == {**before, "parley.db": changed}
    assert settings.data_dir.stat().st_mode & 0o777 == 0o755


def garbage(settings):
    (settings.data_dir / "parley.db").write_bytes(b"no database " * 1000)


def damage(settings):
    execute(settings, "pragma wal_checkpoint(truncate)")
    ((page,),) = execute(settings, "select rootpage from sqlite_schema where name = 'events'")[0]
    with (settings.data_dir / "parley.db").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)


def another_key(settings):
    (settings.data_dir / "secret.key").write_text("a" * 43)


FAULTS = [
    ("data-folder", lambda settings: settings.data_dir.chmod(0o750), "chmod 700"),
    ("data-folder", lambda settings: settings.data_dir.rename(settings.data_dir.with_name("gone")), "PARLEY_DATA_DIR"),
    ("files", lambda settings: (settings.data_dir / "secret.key").chmod(0o644), "chmod go="),
    ("files", lambda settings: (settings.data_dir / "parley.db").chmod(0o640), "chmod go="),
    ("database", lambda settings: (settings.data_dir / "parley.db").unlink(), "parley serve"),
    ("database", garbage, "restore a backup"),
    ("database", lambda settings: (settings.data_dir / "parley.db").write_text(""), "parley migrate"),
    ("migrations", lambda settings: execute(settings, "delete from migrations where name like '0002%'"), "migrate"),
    ("migrations", lambda settings: execute(settings, "insert into migrations values ('0999_later.sql')"), "version"),
    ("integrity", damage, "restore a backup"),
    ("integrity", lambda settings: execute(settings, "delete from applications"), "restore a backup"),
    ("journal-mode", lambda settings: execute(settings, "pragma journal_mode = delete"), "find out who"),
    ("secret-key", another_key, "put back its own"),
    ("secret-key", lambda settings: (settings.data_dir / "secret.key").write_text("hunter2"), "a backup holds it"),
    ("secret-key", lambda settings: (settings.data_dir / "secret.key").unlink(), "put it back"),
]


@pytest.mark.parametrize(("check", "seed", "todo"), FAULTS, ids=[f"{row[0]}-{at}" for at, row in enumerate(FAULTS)])
def test_a_fault_is_found_by_name_with_what_to_do(settings, check, seed, todo):
    seed(settings)
    assert todo in found(settings)[check].todo
    assert check in wrong(settings)


def test_a_file_of_another_user_is_found(settings):
    path = settings.data_dir / "parley.db.lock"
    if os.geteuid() == 0:
        path.write_text("")
        path.chmod(0o600)
        os.chown(path, 12345, 12345)
    else:
        path.symlink_to("/proc/1/environ")  # a file of root's that nobody else can read
    assert "chown" in found(settings)["files"].todo


def test_the_files_of_a_database_elsewhere_are_looked_at_too(tmp_path):
    settings = installed(Settings(data_dir=tmp_path / "data", database=str(tmp_path / "some.db")))
    assert wrong(settings) == set()
    (tmp_path / "some.db").chmod(0o604)
    assert str(tmp_path / "some.db") in found(settings)["files"].found


def test_the_key_of_the_environment_is_the_one_that_counts(settings):
    other = Settings(data_dir=settings.data_dir, secret_key="b" * 43)
    assert "PARLEY_SECRET_KEY is not the key" in found(other)["secret-key"].found


def test_a_misspelt_setting_is_pointed_out():
    told = place.settings_known({"PARLEY_BASEURL": "x", "PARLEY_DATA_DIR": "y", "PATH": "z"})
    assert (told.level, "PARLEY_BASEURL" in told.found, "PARLEY_DATA_DIR" in told.found) == ("hint", True, False)


@pytest.mark.parametrize(("free", "level"), [(100 << 20, "wrong"), (500 << 20, "well")])
def test_little_room_on_the_disk_is_found(free, level):
    assert place.room(Path("data"), free).level == level


@pytest.mark.parametrize(
    ("version", "level"),
    [
        ("3.7.17", "wrong"),
        ("3.40.1", "wrong"),
        ("3.51.2", "wrong"),
        ("3.51.3", "well"),
        ("3.52.0", "wrong"),
        ("3.53.1", "well"),
    ],
)
def test_a_sqlite_that_can_break_files_is_found(version, level):
    assert sqlite.version(version).level == level


NOW = 1_900_000_000


@pytest.mark.parametrize(
    ("waiting", "buried", "overdue_since", "level"),
    [
        pytest.param(0, 0, None, "well", id="nothing waits"),
        pytest.param(3, 0, NOW - 60, "well", id="waits for a minute"),
        pytest.param(3, 0, NOW - 3600, "wrong", id="waits for an hour"),
        pytest.param(0, 2, None, "wrong", id="given up"),
    ],
)
def test_messages_that_do_not_get_out_are_found(waiting, buried, overdue_since, level):
    assert databases.messages(waiting, buried, overdue_since, NOW).level == level


WAITING = "insert into outbox (name, kind, lane, document, put_at, due_at, attempts, fence, leased_until)"


def test_a_message_that_nobody_takes_is_found(settings):
    execute(settings, f"{WAITING} values ('one', 'settle', '', '1', 1000000000, 0, 0, 1, 0)")
    assert "2001-09-09" in found(settings)["outbox"].found


def test_a_message_that_was_given_up_is_found(settings):
    columns = "(name, kind, lane, document, put_at, attempts, died_at, reason)"
    execute(settings, f"insert into dead_letters {columns} values ('one', 'settle', '', '1', 1, 9, 2, 'gone')")
    assert "parley outbox" in found(settings)["outbox"].todo


@pytest.fixture
def address(server):
    """Where an empty database of a server is, which keeps nothing when it dies."""
    return server.new_database()


def test_what_is_wrong_with_a_postgresql_database_is_found(tmp_path, address):
    settings = installed(Settings(data_dir=tmp_path / "data", database=address))
    assert wrong(settings) == {"durability"}
    with psycopg.connect(address) as connection:
        connection.execute("alter table bookings drop constraint bookings_apart")
        connection.execute("delete from migrations where name like '0003%'")
    assert wrong(settings) == {"durability", "exclusion-constraint", "migrations"}
    another_key(settings)
    assert "secret-key" in wrong(settings)


def test_every_check_is_told_in_the_documents_and_no_other(settings, tmp_path, address, mail_checks):
    other = installed(Settings(data_dir=tmp_path / "other", database=address))
    checks = {one.check for place in (settings, other) for one in doctor.examined(place)} | mail_checks
    cells = [row[0] for row in rows(section(DOCS / "operations.md", "Checking an installation"))]
    assert {name for cell in cells for name in cell.split(", ")} == checks


def test_a_postgresql_database_of_another_encoding_is_found(tmp_path, server):
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("create database latin template template0 encoding 'LATIN1'")
    assert "encoding" in wrong(installed(Settings(data_dir=tmp_path / "data", database=server.dsn("latin"))))


def test_an_empty_postgresql_database_is_found(tmp_path, address):
    assert "nothing of Parley's" in found(Settings(data_dir=tmp_path / "data", database=address))["database"].found


@pytest.mark.parametrize(
    "address", ["postgresql://user:hunter2@127.0.0.1:1/parley", "postgresql:hunter2", "postgresql://u:hunter2%zz@h/"]
)
def test_a_database_that_cannot_be_reached_is_found_and_no_password_told(settings, address):
    told = found(Settings(data_dir=settings.data_dir, database=address))
    assert told["database"].level == "wrong"
    assert "hunter2" not in str(told)


GOOD = {
    "version": 170002,
    "encoding": "UTF8",
    "synchronous_commit": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "is_standby": False,
    "clock": 0.0,
    "keeps_bookings_apart": True,
}


@pytest.mark.parametrize(
    ("change", "check"),
    [
        pytest.param({}, None, id="all is well"),
        pytest.param({"synchronous_commit": "remote_apply"}, None, id="more than asked"),
        pytest.param({"version": 120022}, "postgresql-version", id="too old"),
        pytest.param({"encoding": "LATIN1"}, "encoding", id="not every letter"),
        pytest.param({"synchronous_commit": "off"}, "durability", id="answers before the disk"),
        pytest.param({"fsync": "off"}, "durability", id="no disk at all"),
        pytest.param({"full_page_writes": "off"}, "durability", id="torn pages"),
        pytest.param({"is_standby": True}, "durability", id="standby"),
        pytest.param({"keeps_bookings_apart": False}, "exclusion-constraint", id="constraint dropped"),
    ],
)
def test_a_server_that_may_lose_something_is_found(change, check):
    told = postgresql.server(Postgresql(**{**GOOD, **change}))
    assert {one.check for one in told if one.level == "wrong"} == ({check} if check else set())
