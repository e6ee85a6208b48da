"""The ceiling: the same web server, database library and file, with as little in between as there can be.

`GET /{name}` looks up the caller's key as the service does, reads one row by its primary key and answers it, on the
loop. `POST /{name}` makes one durable insert of the same bytes, in a thread, and answers them.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import apsw
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.asgi import THREADS
from parley.store.sqlite import BUSY_MILLISECONDS, SETTINGS

JSON = "application/json; charset=utf-8"
TABLES = (
    "create table if not exists ceiling_answers (name text not null primary key, body text not null)",
    "create table if not exists ceiling_rows (number integer primary key, body text not null)",
)
CALLER = (
    "select application_id from application_secrets"
    " where digest = :digest and (expires_at is null or expires_at > :now)"
)


class Ceiling:
    """One reading connection on the loop, and one writing connection under a lock, as the service has them."""

    def __init__(self, path: str) -> None:
        self.reader, self.writer = _opened(path), _opened(path)
        self.lock = threading.Lock()
        self.pool = ThreadPoolExecutor(THREADS)
        self.answers: dict[str, str] = {}
        for sql in (*SETTINGS, *TABLES):
            self.writer.execute(sql)

    async def answer(self, request: Request) -> Response:
        """Both methods of the one route."""
        name = request.path_params["name"]
        if request.method == "GET":
            return self.read(request.headers["authorization"], name)
        body = await request.body()
        return await asyncio.get_running_loop().run_in_executor(self.pool, self.write, name, body)

    def read(self, authorization: str, name: str) -> Response:
        """A look-up of the key and a read by primary key, at one moment of the database."""
        digest = sha256(authorization[7:].encode()).hexdigest()
        self.reader.execute("begin")
        caller = self.reader.execute(CALLER, {"digest": digest, "now": int(time.time())}).fetchone()
        row = self.reader.execute("select body from ceiling_answers where name = :name", {"name": name}).fetchone()
        self.reader.execute("commit")
        return Response(row[0], media_type=JSON) if caller and row else Response(status_code=404)

    def write(self, name: str, _body: bytes) -> Response:
        """One insert of the answer's bytes, on disk before it is answered."""
        with self.lock:
            if name not in self.answers:
                sql = "select body from ceiling_answers where name = :name"
                self.answers[name] = str(self.writer.execute(sql, {"name": name}).get)
            answer = self.answers[name]
            self.writer.execute("begin immediate")
            self.writer.execute("insert into ceiling_rows (body) values (:body)", {"body": answer})
            self.writer.execute("commit")
        return Response(answer, media_type=JSON)


def _opened(path: str) -> apsw.Connection:
    connection = apsw.Connection(path)
    connection.set_busy_timeout(BUSY_MILLISECONDS)
    return connection


def serve(path: str, port: int) -> None:
    """Serve until a signal comes."""
    app = Starlette(routes=[Route("/{name}", Ceiling(path).answer, methods=["GET", "POST"])])
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
