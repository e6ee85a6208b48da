"""The proxy: what it loses is lost on one side only, and all else passes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.faults.proxy import Fate, Proxy

CALLS = 60


class Server(threading.Thread):
    """Answers each request with its own bytes in capitals, and keeps what it got."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.got: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while request := connection.recv(1000):
                    self.got.append(request)
                    connection.sendall(request.upper())
            except OSError:
                return


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.listener.shutdown(socket.SHUT_RDWR)
    running.listener.close()


def answers(proxy: Proxy) -> list[bytes]:
    """What comes back for each of some requests, each over its own connection; nothing where it is cut off."""
    found = []
    for n in range(CALLS):
        with closing(socket.create_connection(proxy.address, timeout=10)) as connection:
            try:
                connection.sendall(b"request %d" % n)
                found.append(connection.recv(1000))
            except ConnectionError:
                found.append(b"")
    return found


def test_without_a_share_everything_passes(server):
    proxy = Proxy(server.listener.getsockname, "seed", share=0)
    assert answers(proxy) == [b"REQUEST %d" % n for n in range(CALLS)]
    proxy.close()


def test_a_dropped_answer_is_that_of_a_request_that_the_server_got(server):
    proxy = Proxy(server.listener.getsockname, "seed", share=1)
    assert answers(proxy) == [b""] * CALLS
    proxy.close()
    assert proxy.counts[Fate.PASSED] == 0
    assert all(proxy.counts[fate] for fate in (Fate.LOST, Fate.CUT, Fate.DROPPED))
    reached = proxy.counts[Fate.CUT] + proxy.counts[Fate.DROPPED]
    assert proxy.counts[Fate.DROPPED] <= len(server.got) <= reached


def test_a_seed_draws_the_same_fates_again(server):
    counts = []
    for _ in range(2):
        proxy = Proxy(server.listener.getsockname, "seed", share=0.5)
        answers(proxy)
        proxy.close()
        counts.append(proxy.counts)
    assert counts[0] == counts[1]


def test_a_server_that_is_not_there_cuts_the_connection():
    proxy = Proxy(lambda: None, "seed", share=0)
    assert answers(proxy) == [b""] * CALLS
    proxy.close()
