"""A copy of a PostgreSQL database, made by COPY in one transaction; needs none of PostgreSQL's programs."""

from __future__ import annotations

import re
from collections.abc import Callable
from graphlib import TopologicalSorter
from itertools import islice
from pathlib import Path

import psycopg
from psycopg import IsolationLevel, sql
from psycopg.conninfo import conninfo_to_dict

from parley.store import copies, database
from parley.store.copies import BLOCK, Contents, Part, Table, Tell
from parley.store.database import Unusable
from parley.store.postgresql import MIGRATION_LOCK, Postgresql

CONNECT_SECONDS = 10
LINES = 2000  # at a time
STEP = "copying rows"
PATIENT = "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0"


def save(where: str, drafts: Path, part: Part, tell: Tell) -> Contents:
    """Write all that is committed now; others go on reading and writing."""
    try:
        with _connected(where) as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            connection.execute(PATIENT)
            migrations = [row[0] for row in connection.execute("select name from migrations order by name")]
            tables: list[Table] = []
            for name in _in_order(connection):
                before = sum(one.rows for one in tables)
                tables.append(_saved(connection, name, part, _counted(tell, before, 0)))
    except psycopg.Error as cause:
        raise Unusable(_first_line(cause)) from cause
    return Contents("postgresql", tuple(migrations), tuple(tables))


def obstacles(where: str) -> list[str]:
    """The tables that are there already."""
    try:
        with _connected(where) as connection:
            return [f"table {name}" for name in _standing(connection)]
    except psycopg.Error as cause:
        raise Unusable(_first_line(cause)) from cause


def load(where: str, contents: Contents, drafts: Path, part: Part, tell: Tell) -> None:
    """Make and fill the tables in one transaction; then what came after the copy is applied."""
    try:
        with _connected(where) as connection:
            connection.execute(PATIENT)
            connection.execute("select pg_advisory_xact_lock(%s)", [MIGRATION_LOCK])
            if _standing(connection):
                raise Unusable("somebody else has just made tables in it")
            _make_tables(connection, contents.migrations)
            before, total = 0, sum(one.rows for one in contents.tables)
            for table in contents.tables:
                _fill(connection, table, part, _counted(tell, before, total))
                before += table.rows
            connection.execute("analyze")
    except psycopg.Error as cause:
        raise Unusable(_first_line(cause)) from cause
    copies.finish(Postgresql(where), tell)


def _connected(where: str) -> psycopg.Connection:
    """A connection that commits when its block ends well."""
    try:
        conninfo_to_dict(where)
    except psycopg.Error:
        raise Unusable("PARLEY_DATABASE is no address of a database") from None  # the cause would tell its password
    return psycopg.connect(
        where,
        prepare_threshold=None,  # a pgbouncer may stand in between
        application_name="parley copy",
        connect_timeout=CONNECT_SECONDS,
        client_encoding="UTF8",
    )


def _ours() -> set[str]:
    """The tables that our migrations make: there may be others beside them, of other owners or of extensions."""
    statements = "\n".join(text for _, text in database.missing([], "postgresql"))
    return {
        "migrations",
        *re.findall(r"^create (?:unlogged )?table (?:if not exists )?(\w+)", statements, re.MULTILINE),
    }


def _standing(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute("select tablename from pg_tables where schemaname = current_schema() order by tablename")
    ours = _ours()
    return [name for (name,) in rows if name in ours]


def _in_order(connection: psycopg.Connection) -> list[str]:
    """Our tables, each after those that its rows refer to."""
    tables = _standing(connection)
    order: TopologicalSorter[str] = TopologicalSorter({name: set() for name in tables})
    rows = connection.execute(
        "select c.relname, r.relname from pg_constraint f join pg_class c on c.oid = f.conrelid"
        " join pg_class r on r.oid = f.confrelid join pg_namespace n on n.oid = f.connamespace"
        " where f.contype = 'f' and f.conrelid <> f.confrelid and n.nspname = current_schema()"
    )
    for table, referred in rows:
        if table in tables:
            order.add(table, referred)
    return [name for name in order.static_order() if name in tables]


def _counted(tell: Tell, before: int, total: int) -> Callable[[int], None]:
    return lambda rows: tell(STEP, before + rows, total)


def _saved(connection: psycopg.Connection, name: str, part: Part, tell: Callable[[int], None]) -> Table:
    columns = [
        row[0]
        for row in connection.execute(
            "select column_name from information_schema.columns where table_schema = current_schema()"
            " and table_name = %s and is_generated = 'NEVER' order by ordinal_position",
            [name],
        )
    ]
    rows = 0
    with part(_part(name)) as target, connection.cursor().copy(_statement(name, columns, "to stdout")) as copy:
        lines = iter(copy)
        while block := b"".join(islice(lines, LINES)):
            target.write(block)
            rows += block.count(b"\n")  # a row is a line: COPY writes line feeds inside of it as \n
            tell(rows)
    return Table(name, rows, tuple(columns))


def _make_tables(connection: psycopg.Connection, migrations: tuple[str, ...]) -> None:
    connection.execute(database.MIGRATIONS.encode())
    for name, statements in database.missing([], "postgresql"):
        if name in migrations:
            connection.execute(statements.encode())
    everything = sql.SQL(", ").join(map(sql.Identifier, _standing(connection)))
    connection.execute(sql.SQL("truncate {}").format(everything))  # rows that a migration has made are in the copy


def _fill(connection: psycopg.Connection, table: Table, part: Part, tell: Callable[[int], None]) -> None:
    cursor = connection.cursor()
    rows = 0
    with part(_part(table.name)) as source, cursor.copy(_statement(table.name, table.columns, "from stdin")) as copy:
        while block := source.read(BLOCK):
            copy.write(block)
            rows += block.count(b"\n")
            tell(rows)
    if cursor.rowcount != table.rows:
        raise Unusable(f"{table.name} got {cursor.rowcount} rows of {table.rows}")


def _statement(table: str, columns: tuple[str, ...] | list[str], way: str) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("copy {} ({}) {}").format(sql.Identifier(table), names, sql.SQL(way))


def _part(table: str) -> str:
    return f"tables/{table}"


def _first_line(cause: psycopg.Error) -> str:
    return str(cause).strip().partition("\n")[0] or type(cause).__name__
