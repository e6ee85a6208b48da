"""Backups: one file with the whole database and the key, made while the service runs, and put back elsewhere.

The file is a ZIP archive whose last bytes, its comment, are the digest of all bytes before them.
"""

from __future__ import annotations

import fcntl
import os
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from typing import IO

import msgspec

from parley import data_center
from parley.data_center import CannotStart
from parley.settings import Settings
from parley.store import condition, copies, database
from parley.store.copies import BLOCK, Contents, Tell
from parley.store.database import Unusable

FORMAT = 1
MANIFEST, KEY = "manifest.json", "secret.key"
FAST = 1  # the level of compression: higher ones cost more than they gain
DIGEST = 64  # hexadecimal digits of SHA-256
RESTORING = "restoring"  # the folder of a restore's drafts, beside what they become


class Refused(CannotStart):
    """A backup cannot be made or put back; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself."""

    format: int
    parley: str
    data_center: str
    taken_at: int
    contents: Contents


@dataclass(frozen=True, slots=True)
class Format:
    """What every backup says about itself, those of later versions too."""

    format: int
    parley: str


def made(settings: Settings, file: Path, tell: Tell) -> Manifest:
    """Write a backup of the installation to a file that is not there yet; the service may be running."""
    os.umask(0o077)
    if file.exists():
        raise Refused(f"{file} is there already, and a backup never overwrites anything; name another file")
    with _told(f"write {file}"):
        key = _key_that_fits(settings)
        with _workshop(file.with_name(f"{file.name}.partial")) as drafts:
            draft = drafts / "backup"
            manifest = _packed(settings, key, draft, tell)
            _sign(draft, tell)
            _put(draft, file)
    return manifest


def restored(settings: Settings, file: Path, tell: Tell) -> Manifest:
    """Make an installation of a backup, in a place where there is none."""
    os.umask(0o077)
    where = data_center.place(settings)
    with _told(f"restore {file}"), _opened(file, tell) as archive:
        manifest = _manifest(archive)
        key = archive.read(KEY).decode()
        _check_that_it_fits(settings, manifest, key)
        _check_that_nothing_is_there(settings, file, key)
        data_center.make_folder(settings)
        beside = settings.data_dir if database.is_address(where) else Path(where).parent
        with _workshop(beside / RESTORING) as drafts:
            if settings.secret_key is None:
                _put_key(key, drafts / KEY, settings.data_dir / KEY)
            engine = copies.engine(manifest.contents.engine)
            engine.load(where, manifest.contents, drafts, archive.open, tell)
    return manifest


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn what the system, the archive and the database refuse into one line."""
    try:
        yield
    except OSError as cause:
        place = f"{cause.filename}: " if cause.filename else ""
        raise Refused(f"cannot {what}: {place}{cause.strerror or cause}") from cause
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, msgspec.DecodeError) as cause:
        raise Refused(f"cannot {what}: this is no backup of Parley's") from cause
    except Unusable as cause:
        raise Refused(f"cannot {what}: {cause}") from cause


def _key_that_fits(settings: Settings) -> str:
    """The key, which a backup is worth nothing without; raises CannotStart where it is not this database's."""
    where = data_center.place(settings)
    if not database.is_address(where) and not Path(where).exists():
        raise Refused(f"there is no database at {where}; PARLEY_DATA_DIR and PARLEY_DATABASE say where it is")
    key = data_center.stored_key(settings)
    if key is None:
        raise Refused(f"there is no key at {settings.data_dir / KEY}; set PARLEY_SECRET_KEY as it is for the service")
    with condition.reading(where) as tx:
        if "application_secrets" not in condition.tables(tx, where):
            raise Unusable("the database holds nothing of Parley's")
        # What a newer version has added is unknown here, and would be missing in the backup.
        database.missing(condition.migrations(tx), copies.engine_of(where))
        sealed = condition.sealed_secret(tx)
    if sealed is not None and not data_center.is_sealed_with(data_center.key_bytes(key), sealed):
        raise Refused("the key here is not that of this database; set PARLEY_SECRET_KEY as it is for the service")
    return key


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """A folder for drafts that nobody else uses meanwhile; what a killed command has left in it is taken away."""
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            raise Refused(f"another command is at work in {folder}; wait for it to end") from cause
        for one in folder.iterdir():
            if one.name != "lock":
                one.unlink()
        try:
            yield folder
        finally:
            rmtree(folder)


def _packed(settings: Settings, key: str, draft: Path, tell: Tell) -> Manifest:
    where = data_center.place(settings)
    taken_at = int(time.time())
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST) as archive:
        engine = copies.engine(copies.engine_of(where))
        contents = engine.save(where, draft.parent, lambda name: archive.open(name, "w", force_zip64=True), tell)
        manifest = Manifest(FORMAT, version("parley"), settings.data_center, taken_at, contents)
        archive.writestr(KEY, key)
        archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        archive.comment = b"0" * DIGEST
    return manifest


def _sign(draft: Path, tell: Tell) -> None:
    """Write the digest of the file to its end, and the file to disk."""
    with draft.open("r+b") as file:
        digest = _digest(file, tell)
        file.seek(-DIGEST, os.SEEK_END)
        file.write(digest)
        file.flush()
        os.fsync(file.fileno())


def _digest(file: IO[bytes], tell: Tell) -> bytes:
    """The digest of all bytes of a file but the last, where it has its place."""
    total = max(file.seek(0, os.SEEK_END) - DIGEST, 0)
    file.seek(0)
    found = sha256()
    while file.tell() < total:
        found.update(file.read(min(BLOCK, total - file.tell())))
        tell("checking bytes", file.tell(), total)
    return found.hexdigest().encode()


def _put(draft: Path, file: Path) -> None:
    """Give the draft its name, which nobody has; not by a link, which the file systems of some disks do not know."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as cause:
        raise Refused(f"somebody else has just made {file}; name another file") from cause
    draft.replace(file)
    _sync(file.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _opened(file: Path, tell: Tell) -> Iterator[zipfile.ZipFile]:
    """The archive of a backup that has not changed since it was made."""
    with file.open("rb") as raw:
        expected = _digest(raw, tell)
        if raw.read() != expected:
            raise Refused(f"{file} is not a whole backup: it was cut off or changed, or it never was one")
        with zipfile.ZipFile(raw) as archive:
            yield archive


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    text = archive.read(MANIFEST)
    told = msgspec.json.decode(text, type=Format)
    if told.format > FORMAT:
        raise Unusable(f"a newer version of Parley made it ({told.parley}); install that version")
    return msgspec.json.decode(text, type=Manifest)


def _check_that_it_fits(settings: Settings, manifest: Manifest, key: str) -> None:
    engine = copies.engine_of(data_center.place(settings))
    made_from = manifest.contents.engine
    if made_from != engine:
        raise Unusable(f"it was made from {made_from}, and PARLEY_DATABASE names a place for {engine}")
    database.missing(manifest.contents.migrations, engine)
    if settings.secret_key is not None and data_center.key_bytes(settings.secret_key) != data_center.key_bytes(key):
        raise Unusable(
            "its key is not that of PARLEY_SECRET_KEY; unset that to have the key put into the data folder, or set the"
            " one that the installation had"
        )


def _check_that_nothing_is_there(settings: Settings, file: Path, key: str) -> None:
    where = data_center.place(settings)
    found = copies.engine(copies.engine_of(where)).obstacles(where)
    if settings.data_dir.exists():
        found += [str(one) for one in sorted(settings.data_dir.iterdir()) if not _is_expected(one, file, key)]
    if found:
        more = f" and {len(set(found)) - 1} more" if len(set(found)) > 1 else ""
        raise Unusable(
            f"its place is not empty: there is {found[0]}{more}; move that away, or name another place with"
            " PARLEY_DATA_DIR and PARLEY_DATABASE"
        )


def _is_expected(one: Path, file: Path, key: str) -> bool:
    """Whether this may be in the data folder: the backup, what a restore has left that was cut off, a disk's own."""
    if one.name == KEY:
        return one.read_text(errors="replace").strip() == key
    return one.name in (RESTORING, "lost+found") or one.samefile(file)


def _put_key(key: str, draft: Path, path: Path) -> None:
    if path.exists():  # the same, as was checked
        return
    with draft.open("w") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    os.link(draft, path)
    _sync(path.parent)
