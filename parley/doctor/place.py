"""Whether the settings are known, and the data folder, its files and its disk as they should be."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from parley import data_center
from parley.doctor.finding import Finding, hint, well, wrong
from parley.settings import Settings
from parley.store import database

BESIDE = ("", "-wal", "-shm", "-journal", ".lock")  # files of a database
LITTLE_SPACE = 200 << 20  # bytes


def settings_known(environment: Mapping[str, str]) -> Finding:
    """No setting is misspelt."""
    known = {f"PARLEY_{name.upper()}" for name in Settings.model_fields}
    unknown = sorted(name for name in environment if name.startswith("PARLEY_") and name not in known)
    if unknown:
        return hint("settings", f"no setting of Parley's: {', '.join(unknown)}", "correct the name, or unset it")
    return well("settings", ", ".join(sorted(known & set(environment))) or "all as they are by default")


def folder(settings: Settings) -> Iterator[Finding]:
    """The data folder is there, and nobody else can look into it or into its files."""
    path = settings.data_dir
    if not path.is_dir():
        yield wrong("data-folder", f"there is no folder {path}", "set PARLEY_DATA_DIR, or let parley serve make it")
        return
    try:
        files = sorted({*path.iterdir(), *_files_of_the_database(settings)})
        yield _private_folder(path)
        yield _private_files(path, files)
    except OSError as cause:
        todo = "run doctor as the user whose service it is"
        yield wrong("data-folder", f"{cause.filename or path}: {cause.strerror}", todo)


def _files_of_the_database(settings: Settings) -> list[Path]:
    where = data_center.place(settings)
    if database.is_address(where):
        return []
    return [one for one in (Path(f"{where}{ending}") for ending in BESIDE) if one.exists()]


def _private_folder(path: Path) -> Finding:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return wrong("data-folder", f"others can get into {path} (mode {mode:o})", f"chmod 700 {path}")
    return well("data-folder", f"{path}, mode {mode:o}")


def _private_files(folder: Path, files: Iterable[Path]) -> Finding:
    owner = folder.stat().st_uid
    told = {one: one.stat() for one in files}
    if open_ones := [str(one) for one, about in told.items() if about.st_mode & 0o077]:
        return wrong("files", f"others can read {', '.join(open_ones)}", f"chmod go= {' '.join(open_ones)}")
    if others := [str(one) for one, about in told.items() if about.st_uid != owner]:
        found = f"another user than that of the folder owns {', '.join(others)}"
        return wrong("files", found, f"chown --reference={folder} {' '.join(others)}")
    return well("files", f"{len(told)} with nothing for others")


def disk(settings: Settings) -> Iterator[Finding]:
    """The disk has room."""
    where = data_center.place(settings)
    path = settings.data_dir if database.is_address(where) else Path(where).parent
    if path.is_dir():
        yield room(path, shutil.disk_usage(path).free)


def room(path: Path, free: int) -> Finding:
    """So many bytes are enough."""
    if free < LITTLE_SPACE:
        return wrong(
            "disk-space", f"{free >> 20} MB are free at {path}", "make room: on a full disk nothing is written"
        )
    return well("disk-space", f"{free >> 20:,} MB are free")
