"""A copy of a SQLite file that may be in use, made by SQLite itself, page by page."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO

import apsw

from parley.store import copies
from parley.store.copies import BLOCK, Contents, Part, Table, Tell
from parley.store.database import Unusable
from parley.store.sqlite import BUSY_MILLISECONDS, Sqlite

PART = "parley.db"
PAGES = 2000  # at a time
BESIDE = ("", "-wal", "-shm", "-journal")  # what belongs to a file of SQLite's


def save(where: str, drafts: Path, part: Part, tell: Tell) -> Contents:
    """Write all that is committed now; others go on reading and writing."""
    draft = drafts / PART
    try:
        _copy(where, draft, tell)
        contents = _looked_into(draft)
    except apsw.Error as cause:
        raise Unusable(str(cause)) from cause
    with draft.open("rb") as source, part(PART) as target:
        _pour(source, target, lambda done: tell("packing bytes", done, draft.stat().st_size))
    return contents


def obstacles(where: str) -> list[str]:
    """The files that are there already."""
    return [f"{where}{one}" for one in BESIDE if Path(f"{where}{one}").exists()]


def load(where: str, contents: Contents, drafts: Path, part: Part, tell: Tell) -> None:
    """Make the file beside its place, and put it there once it is whole."""
    draft = drafts / PART
    with part(PART) as source, draft.open("wb") as target:
        _pour(source, target, lambda done: tell("unpacking bytes", done, 0))
    copies.finish(Sqlite(draft), tell)
    _sync(draft)
    try:
        os.link(draft, where)  # never over a file that somebody has put there meanwhile
    except FileExistsError as cause:
        raise Unusable("somebody else has just made it") from cause
    _sync(Path(where).parent)


def _copy(where: str, draft: Path, tell: Tell) -> None:
    with closing(apsw.Connection(where, flags=apsw.SQLITE_OPEN_READWRITE)) as source:
        source.set_busy_timeout(BUSY_MILLISECONDS)
        # One moment of the database, to the end: without it, whoever writes meanwhile makes the copy begin anew.
        source.execute("begin")
        source.execute("select name from migrations").fetchall()
        with closing(apsw.Connection(str(draft))) as target, target.backup("main", source, "main") as backup:
            while not backup.done:
                backup.step(PAGES)
                tell("copying pages", backup.page_count - backup.remaining, backup.page_count)


def _looked_into(draft: Path) -> Contents:
    with closing(apsw.Connection(str(draft))) as copy:
        if faults := [row[0] for row in copy.execute("pragma quick_check(1)") if row[0] != "ok"]:
            raise Unusable(f"it is damaged ({faults[0]}); stop the service, copy the folder as it is, restore a backup")
        migrations = [row[0] for row in copy.execute("select name from migrations order by name")]
        names = [row[0] for row in copy.execute("select name from sqlite_schema where type = 'table' order by name")]
        tables = [Table(name, _rows(copy, name)) for name in names]
    return Contents("sqlite", tuple(migrations), tuple(tables))


def _rows(copy: apsw.Connection, table: str) -> int:
    (row,) = copy.execute(f'select count(*) from "{table}"')
    return int(row[0])


def _pour(source: IO[bytes], target: IO[bytes], tell: Callable[[int], None]) -> None:
    done = 0
    while block := source.read(BLOCK):
        target.write(block)
        done += len(block)
        tell(done)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
