"""The ceiling: the same web server, database library and database, with as little in between as there can be.

`GET /{name}` looks up the caller's key as the service does, reads one row by its primary key and answers it.
`POST /{name}` makes one durable insert of the same bytes, in a transaction of its own, and answers them. With SQLite
reading happens on the loop and writing in a thread, with PostgreSQL both in a thread: each as the service does it.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Protocol

import apsw
import psycopg
import uvicorn
from psycopg_pool import ConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.asgi import THREADS
from parley.store import database
from parley.store.postgresql import CONNECTIONS, READING, WRITING, rewritten
from parley.store.sqlite import BUSY_MILLISECONDS, SETTINGS

JSON = "application/json; charset=utf-8"
CALLER = (
    "select application_id from application_secrets"
    " where digest = :digest and (expires_at is null or expires_at > :now)"
)
ANSWER = "select body from ceiling_answers where name = :name"
INSERT = "insert into ceiling_rows (body) values (:body)"
TABLES = (
    "create table if not exists ceiling_answers (name text not null primary key, body text not null)",
    "create table if not exists ceiling_rows (number {number}, body text not null)",
)
NUMBERS = {False: "integer primary key", True: "bigint generated always as identity primary key"}


class Store(Protocol):
    """What the ceiling asks of a database."""

    reads_on_loop: bool

    def read(self, digest: str, name: str) -> str | None:
        """A look-up of the key and a read by primary key, at one moment of the database."""

    def write(self, body: str) -> None:
        """One insert, on disk before this returns."""


class Sqlite:
    """One reading connection, and one writing connection under a lock."""

    reads_on_loop = True

    def __init__(self, path: str) -> None:
        self.reader, self.writer = _opened(path), _opened(path)
        self.lock = threading.Lock()
        for sql in SETTINGS:
            self.writer.execute(sql)

    def read(self, digest: str, name: str) -> str | None:
        self.reader.execute("begin")
        caller = self.reader.execute(CALLER, {"digest": digest, "now": int(time.time())}).fetchone()
        row = self.reader.execute(ANSWER, {"name": name}).fetchone()
        self.reader.execute("commit")
        return row[0] if caller and row else None

    def write(self, body: str) -> None:
        with self.lock:
            self.writer.execute("begin immediate")
            self.writer.execute(INSERT, {"body": body})
            self.writer.execute("commit")


def _opened(path: str) -> apsw.Connection:
    connection = apsw.Connection(path)
    connection.set_busy_timeout(BUSY_MILLISECONDS)
    return connection


class Postgresql:
    """A pool of connections, which begin a transaction with the settings of the service."""

    reads_on_loop = False

    def __init__(self, address: str) -> None:
        kwargs = {"autocommit": True, "prepare_threshold": None}
        self.pool = ConnectionPool(address, kwargs=kwargs, min_size=1, max_size=CONNECTIONS, open=True)

    def read(self, digest: str, name: str) -> str | None:
        with self.pool.connection() as connection:
            connection.execute(READING)
            known = {"digest": digest, "now": int(time.time())}
            caller = connection.execute(rewritten(CALLER), known).fetchone()
            row = connection.execute(rewritten(ANSWER), {"name": name}).fetchone()
            connection.execute("commit")
        return row[0] if caller and row else None

    def write(self, body: str) -> None:
        with self.pool.connection() as connection:
            connection.execute(WRITING)
            connection.execute(rewritten(INSERT), {"body": body})
            connection.execute("commit")


class Ceiling:
    """Both methods of the one route."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.pool = ThreadPoolExecutor(THREADS)
        self.bodies: dict[str, str] = {}

    async def answer(self, request: Request) -> Response:
        """Read, or write."""
        digest, name = sha256(request.headers["authorization"][7:].encode()).hexdigest(), request.path_params["name"]
        if request.method == "GET" and self.store.reads_on_loop:
            body = self.store.read(digest, name)
        elif request.method == "GET":
            body = await asyncio.get_running_loop().run_in_executor(self.pool, self.store.read, digest, name)
        else:
            body = self.known(digest, name)
            await request.body()
            await asyncio.get_running_loop().run_in_executor(self.pool, self.store.write, body)
        return Response(status_code=404) if body is None else Response(body, media_type=JSON)

    def known(self, digest: str, name: str) -> str:
        """What is written and answered under this name; read once."""
        if name not in self.bodies:
            self.bodies[name] = self.store.read(digest, name) or ""
        return self.bodies[name]


def make_tables(where: str) -> None:
    """Give a database of the service the ceiling's tables."""
    sqls = [one.format(number=NUMBERS[database.is_address(where)]) for one in TABLES]
    if database.is_address(where):
        with psycopg.connect(where) as connection:
            for sql in sqls:
                connection.execute(sql.encode())
    else:
        for sql in sqls:
            _opened(where).execute(sql)


def keep_answer(where: str, name: str, answer: str) -> None:
    """Put an answer where the ceiling reads it."""
    sql, values = "insert into ceiling_answers (name, body) values (:name, :body)", {"name": name, "body": answer}
    if database.is_address(where):
        with psycopg.connect(where) as connection:
            connection.execute(rewritten(sql), values)
    else:
        _opened(where).execute(sql, values)


def serve(where: str, port: int) -> None:
    """Serve until a signal comes."""
    store: Store = Postgresql(where) if database.is_address(where) else Sqlite(where)
    app = Starlette(routes=[Route("/{name}", Ceiling(store).answer, methods=["GET", "POST"])])
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
