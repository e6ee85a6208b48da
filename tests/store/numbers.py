"""The smallest use of a database: a table of numbers."""

from parley.store.database import Database

TABLE = "create table numbers (number bigint not null primary key)"


def add(number):
    """What adds a number."""
    return lambda tx: tx.run("insert into numbers (number) values (:number)", number=number)


def add_next(tx):
    """Add one to the highest number, and add that."""
    highest = tx.one("select coalesce(max(number), 0) from numbers")[0]
    add(highest + 1)(tx)


def numbers(db: Database):
    """All of them, ascending."""
    return [row[0] for row in db.read(lambda tx: tx.all("select number from numbers order by number"))]
