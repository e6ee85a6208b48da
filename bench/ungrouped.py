"""`parley serve` on SQLite with a commit of its own for each transaction: what sharing commits is compared with."""

from __future__ import annotations

from pathlib import Path

from parley.__main__ import main
from parley.store import database
from parley.store.sqlite import Sqlite


def one_by_one(where: str | Path) -> Sqlite:
    """The database in the file, with nothing in a commit but one transaction."""
    return Sqlite(Path(where), group=1)


if __name__ == "__main__":
    database.opened = one_by_one
    main()
