"""What a connection may ask of the web server: how long the head of a request, and how much time."""

from __future__ import annotations

import socket
import threading
from time import monotonic, sleep

import pytest
import uvicorn

from parley.connection import Connection
from parley.core.limits import BODY_BYTES, HEAD_BYTES

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


class Hasty(Connection):
    """A connection with little time."""

    seconds = 0.5


async def echo_length(_scope, receive, send):
    """Answers with the length of the body."""
    length, more = 0, True
    while more:
        part = await receive()
        if part["type"] == "http.disconnect":
            return
        length, more = length + len(part["body"]), part.get("more_body", False)
    told = str(length).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(told))]})
    await send({"type": "http.response.body", "body": told})


@pytest.fixture(scope="module")
def served():
    """Connect to a server whose connections are of this kind."""
    running = []

    def connect(kind):
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(echo_length, http=kind, lifespan="off", log_config=None, loop="uvloop"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        running.append((server, thread))
        return socket.create_connection(listener.getsockname(), timeout=20)

    yield connect
    for server, thread in running:
        server.should_exit = True
        thread.join()


def answered(connection):
    """What comes back until the other side ends, or has answered."""
    try:
        return connection.recv(1000)
    except ConnectionError:
        return b""


def sent(connection, data):
    """Send as much as the other side takes."""
    try:
        connection.sendall(data)
    except ConnectionError:
        return


@pytest.mark.parametrize(
    "request_head",
    [
        pytest.param(GET + b"X: " + b"a" * 2 * HEAD_BYTES, id="one long header"),
        pytest.param(GET + b"X: a\r\n" * HEAD_BYTES, id="many headers"),
        pytest.param(b"GET /?" + b"a" * 2 * HEAD_BYTES, id="a long address"),
        pytest.param(CHUNKED + b"1;" + b"a" * 2 * HEAD_BYTES, id="a long chunk extension"),
        pytest.param(CHUNKED + b"1\r\na\r\n0\r\nX: " + b"a" * 2 * HEAD_BYTES, id="a long trailer"),
    ],
)
def test_a_request_that_is_too_long_beside_its_body_ends_the_connection(served, request_head):
    with served(Connection) as connection:
        sent(connection, request_head)
        assert answered(connection)[:12] in (b"HTTP/1.1 400", b"")


@pytest.mark.parametrize(
    ("request_text", "length"),
    [
        pytest.param(GET + b"X: " + b"a" * (HEAD_BYTES // 2) + b"\r\n\r\n", 0, id="a long head"),
        pytest.param(POST + b"Content-Length: %d\r\n\r\n" % BODY_BYTES + b"a" * BODY_BYTES, BODY_BYTES, id="a body"),
        pytest.param(CHUNKED + b"400\r\n%b\r\n" % (b"a" * 1024) * 1024 + b"0\r\n\r\n", BODY_BYTES, id="in chunks"),
    ],
)
def test_a_request_within_the_bounds_is_answered(served, request_text, length):
    with served(Connection) as connection:
        connection.sendall(request_text)
        assert answered(connection).endswith(b"\r\n\r\n%d" % length)


def test_many_requests_on_one_connection_are_counted_apart(served):
    with served(Connection) as connection:
        for _ in range(4):
            connection.sendall(GET + b"X: " + b"a" * (HEAD_BYTES // 2) + b"\r\n\r\n")
            assert answered(connection).endswith(b"0")


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\r\n", id="an empty line"),
        pytest.param(GET, id="half a head"),
        pytest.param(POST + b"Content-Length: 5\r\n\r\nab", id="half a body"),
        pytest.param(GET + b"\r\n\r\n" + GET, id="half a second request"),
    ],
)
def test_a_request_that_does_not_arrive_in_time_ends_the_connection(served, beginning):
    with served(Hasty) as connection:
        began = monotonic()
        connection.sendall(beginning)
        while answered(connection):
            sleep(0.01)
        assert monotonic() - began < 5
