"""What a backup holds, what it refuses, and in which places it can be put back."""

from __future__ import annotations

import fcntl
import hashlib
import json
import stat
import zipfile

import psycopg
import pytest

from parley import backup, data_center
from parley.actions import applications as actions
from parley.backup import Refused
from parley.settings import Settings
from parley.store import applications, database
from tests.conftest import ENGINES

KEYS = [letter * 43 for letter in "ab"]
only_postgresql = pytest.mark.parametrize("engine", ["postgresql"])


@pytest.fixture(params=ENGINES)
def engine(request):
    """Every database."""
    return request.param


@pytest.fixture
def place(engine, request, tmp_path):
    """Settings for a new installation, in a folder of its own and on a database of its own."""

    def found(name, **settings):
        if engine == "postgresql":
            settings.setdefault("database", request.getfixturevalue("server").new_database())
        return Settings(data_dir=tmp_path / name, **settings)

    return found


@pytest.fixture
def file(tmp_path):
    """Where a backup is to be."""
    return tmp_path / "file"


@pytest.fixture
def origin(place, file):
    """The settings of an installation with one application, of which the file is a backup."""
    settings = place("origin")
    installed(settings)
    save(settings, file)
    return settings


def installed(settings):
    dc = data_center.opened(settings)
    actions.create(dc, "Agenda\t\\N\n")
    dc.db.close()


def tell(_step, _done, _total):
    """Nobody follows."""


def save(settings, file):
    return backup.made(settings, file, tell)


def restore(settings, file):
    return backup.restored(settings, file, tell)


def names(settings):
    """The names of the installation's applications."""
    dc = data_center.opened(settings)
    try:
        return [one.name for one in dc.db.read(applications.every)]
    finally:
        dc.db.close()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_restored_is_what_was_there(origin, place, file):
    target = place("target")
    told = restore(target, file)
    assert names(target) == ["Agenda\t\\N\n"]
    assert {one.name: one.rows for one in told.contents.tables}["applications"] == 1


def test_nobody_else_can_read_what_is_made(origin, place, file):
    target = place("target")
    restore(target, file)
    assert mode(file) == 0o600
    assert mode(target.data_dir) == 0o700
    assert {mode(one) for one in target.data_dir.iterdir()} == {0o600}


def test_a_backup_never_overwrites(origin, file):
    before = file.read_bytes()
    with pytest.raises(Refused, match="is there already"):
        save(origin, file)
    assert file.read_bytes() == before


def flipped(data, at):
    at = int(len(data) * at)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: b"Dear diary", id="something else"),
        pytest.param(lambda data: data[:-1], id="without its last byte"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut in half"),
        pytest.param(lambda data: data + b"\n", id="with more at its end"),
        *(
            pytest.param(lambda data, at=at: flipped(data, at), id=f"changed at {at}")
            for at in (0, 0.001, 0.3, 0.6, 0.9, 0.99, 0.999)
        ),
    ],
)
def test_a_file_that_was_cut_off_or_changed_is_refused_before_anything_is_done(shelf, file, change):
    target = Settings(data_dir=shelf / "target")
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(Refused, match="is not a whole backup"):
        restore(target, file)
    assert not target.data_dir.exists()


def test_a_place_that_is_not_empty_is_refused_and_left_alone(origin, file):
    before = {one.name: one.read_bytes() for one in origin.data_dir.iterdir()}
    with pytest.raises(Refused, match="is not empty"):
        restore(origin, file)
    assert {one.name: one.read_bytes() for one in origin.data_dir.iterdir()} == before
    assert len(names(origin)) == 1


@pytest.mark.parametrize("name", ["parley.db-wal", "secret.key", "notes"])
def test_any_file_in_the_data_folder_stands_in_the_way(origin, place, file, name):
    target = place("target")
    target.data_dir.mkdir()
    (target.data_dir / name).write_text("x")
    with pytest.raises(Refused, match=name):
        restore(target, file)
    assert [one.name for one in target.data_dir.iterdir()] == [name]


def test_a_database_elsewhere_stands_in_the_way_too(shelf, file):
    for ending in ("", "-wal", "-shm", "-journal"):
        found = shelf / f"parley.db{ending}"
        found.write_text("x")
        with pytest.raises(Refused, match=f"{found}"):
            restore(Settings(data_dir=shelf / "target", database=str(shelf / "parley.db")), file)
        found.unlink()


@pytest.fixture
def shelf(tmp_path, file):
    """A folder beside a backup of an SQLite file."""
    origin = Settings(data_dir=tmp_path / "origin")
    installed(origin)
    save(origin, file)
    (tmp_path / "shelf").mkdir()
    return tmp_path / "shelf"


def test_the_place_of_the_database_may_be_another_than_the_data_folder(shelf, file):
    target = Settings(data_dir=shelf / "target", database=str(shelf / "some.db"))
    restore(target, file)
    assert len(names(target)) == 1
    assert sorted(one.name for one in shelf.iterdir() if not one.name.endswith(("-wal", "-shm"))) == [
        "some.db",
        "target",
    ]


def test_a_backup_may_lie_in_the_data_folder_that_it_is_restored_to(origin, place, file):
    target = place("target")
    target.data_dir.mkdir()
    file.rename(target.data_dir / "file")
    restore(target, target.data_dir / "file")
    assert len(names(target)) == 1


def test_the_data_folder_may_be_a_disk_of_its_own(origin, place, file):
    target = place("target")
    (target.data_dir / "lost+found").mkdir(parents=True)
    restore(target, file)
    assert len(names(target)) == 1


def test_what_a_restore_that_was_cut_off_has_left_is_no_obstacle(origin, place, file):
    target = place("target")
    (target.data_dir / "restoring").mkdir(parents=True)
    (target.data_dir / "restoring" / "parley.db").write_text("half of it")
    (target.data_dir / "secret.key").write_text((origin.data_dir / "secret.key").read_text())
    restore(target, file)
    assert not (target.data_dir / "restoring").exists()
    assert len(names(target)) == 1


def changed(file, **fields):
    """Let a backup say something else about itself, with a digest that is right."""
    with zipfile.ZipFile(file) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    manifest = json.loads(parts["manifest.json"])
    contents = {**manifest["contents"], **fields.pop("contents", {})}
    parts["manifest.json"] = json.dumps({**manifest, "contents": contents, **fields}).encode()
    with zipfile.ZipFile(file, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)
        new.comment = b"0" * 64
    body = file.read_bytes()[:-64]
    file.write_bytes(body + hashlib.sha256(body).hexdigest().encode())


@pytest.mark.parametrize(
    "fields",
    [{"format": 2, "parley": "99.0"}, {"contents": {"migrations": ["0001_first.sql", "0999_later.sql"]}}],
    ids=["another format", "a later migration"],
)
def test_a_backup_from_a_newer_version_is_refused(origin, place, file, fields):
    target = place("target")
    changed(file, **fields)
    with pytest.raises(Refused, match="newer version of Parley"):
        restore(target, file)
    assert not target.data_dir.exists()


def test_a_database_that_a_newer_version_has_changed_is_not_backed_up(origin, tmp_path):
    dc = data_center.opened(origin)
    dc.db.write(lambda tx: tx.run("insert into migrations (name) values ('0999_later.sql')"))
    dc.db.close()
    with pytest.raises(Refused, match="newer version of Parley"):
        save(origin, tmp_path / "second")


def test_a_backup_from_an_older_version_is_brought_up_to_date(place, engine, file):
    origin, target = place("origin"), place("target")
    missing = older(origin, engine)
    told = save(origin, file)
    restore(target, file)
    assert set(missing).isdisjoint(told.contents.migrations)
    assert migrations(target, engine) == [name for name, _ in database.missing([], engine)]
    assert set(missing).isdisjoint(migrations(origin, engine))


def older(settings, engine):
    """Make an installation with the first two migrations only; the names of those that it lacks."""
    settings.data_dir.mkdir(mode=0o700)
    (settings.data_dir / "secret.key").write_text(KEYS[0])
    every = database.missing([], engine)
    db = database.opened(data_center.place(settings))
    for statements in [database.MIGRATIONS, *(sql for _, sql in every[:2])]:
        db.write(lambda tx, statements=statements: tx.run(statements))
    for name, _ in every[:2]:
        db.write(lambda tx, name=name: tx.run("insert into migrations (name) values (:name)", name=name))
    db.close()
    return [name for name, _ in every[2:]]


def migrations(settings, engine):
    db = database.opened(data_center.place(settings))
    try:
        return db.migrated()
    finally:
        db.close()


def test_what_a_backup_that_was_cut_off_has_left_is_taken_away(origin, tmp_path):
    left = tmp_path / "second.partial"
    left.mkdir()
    (left / "parley.db").write_text("half of it")
    save(origin, tmp_path / "second")
    assert not left.exists()


def test_two_backups_to_one_file_at_once_do_not_mix(origin, tmp_path):
    (tmp_path / "second.partial").mkdir()
    with (tmp_path / "second.partial" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Refused, match="another command is at work"):
            save(origin, tmp_path / "second")


def test_a_backup_holds_the_key_of_the_environment(place, file):
    origin, target, third = place("origin", secret_key=KEYS[0]), place("target"), place("third", secret_key=KEYS[0])
    installed(origin)
    save(origin, file)
    restore(target, file)
    restore(third, file)
    assert (target.data_dir / "secret.key").read_text() == KEYS[0]
    assert not (third.data_dir / "secret.key").exists()


def test_a_backup_is_not_restored_beside_another_key(origin, place, file):
    target = place("target", secret_key=KEYS[0])
    with pytest.raises(Refused, match="PARLEY_SECRET_KEY"):
        restore(target, file)
    assert not target.data_dir.exists()


def test_nothing_is_backed_up_with_a_key_that_is_not_the_databases(origin, tmp_path):
    other = Settings(data_dir=origin.data_dir, database=origin.database, secret_key=KEYS[1])
    with pytest.raises(Refused, match="the key here is not that of this database"):
        save(other, tmp_path / "second")
    (origin.data_dir / "secret.key").unlink()
    with pytest.raises(Refused, match="there is no key"):
        save(origin, tmp_path / "second")


def test_there_has_to_be_something_to_back_up(tmp_path, file):
    settings = Settings(data_dir=tmp_path / "origin", secret_key=KEYS[0])
    with pytest.raises(Refused, match="there is no database at"):
        save(settings, file)
    assert list(tmp_path.iterdir()) == []


@only_postgresql
def test_an_empty_database_is_nothing_to_back_up(place, file):
    with pytest.raises(Refused, match="holds nothing of Parley's"):
        save(place("origin", secret_key=KEYS[0]), file)


def test_a_damaged_file_is_not_backed_up(shelf):
    origin = Settings(data_dir=shelf.parent / "origin")
    path = origin.data_dir / "parley.db"
    data = bytearray(path.read_bytes())
    data[40_000:60_000] = b"\xff" * 20_000
    path.write_bytes(data)
    with pytest.raises(Refused, match=r"damaged|malformed"):
        save(origin, shelf / "second")
    assert list(shelf.iterdir()) == []


@only_postgresql
def test_a_backup_goes_back_into_a_database_of_its_kind_only(origin, place, file, tmp_path):
    other = Settings(data_dir=tmp_path / "other")
    with pytest.raises(Refused, match="made from postgresql"):
        restore(other, file)
    installed(other)
    save(other, tmp_path / "second")
    with pytest.raises(Refused, match="made from sqlite"):
        restore(place("target"), tmp_path / "second")


@only_postgresql
def test_every_table_is_in_a_backup_and_none_has_a_counter_of_its_own(origin, file):
    with zipfile.ZipFile(file) as archive:
        told = {one["name"] for one in json.loads(archive.read("manifest.json"))["contents"]["tables"]}
    with psycopg.connect(origin.database) as connection:
        counters = connection.execute("select count(*) from pg_sequences").fetchone()
    assert told == tables(origin.database)
    assert counters == (0,)


def tables(address):
    with psycopg.connect(address) as connection:
        rows = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    return {name for (name,) in rows}


@only_postgresql
def test_tables_of_others_are_left_out_of_a_backup(place, file):
    origin, target = place("origin"), place("target")
    with psycopg.connect(origin.database) as connection:
        connection.execute("create table somebody_elses (id integer)")
    installed(origin)
    save(origin, file)
    restore(target, file)
    assert "somebody_elses" not in tables(target.database)


@only_postgresql
@pytest.mark.parametrize(
    "address", ["postgresql://user:hunter2@127.0.0.1:1/parley", "postgresql:hunter2", "postgresql://u:hunter2%zz@h/"]
)
def test_no_password_is_told_where_a_database_cannot_be_reached(origin, tmp_path, file, address):
    with pytest.raises(Refused) as told:
        restore(Settings(data_dir=tmp_path / "target", database=address), file)
    assert "hunter2" not in str(told.value)


def test_a_backup_cannot_go_where_there_is_no_folder(origin, tmp_path):
    with pytest.raises(Refused, match="No such file"):
        save(origin, tmp_path / "nowhere" / "file")
    assert not (tmp_path / "nowhere").exists()
