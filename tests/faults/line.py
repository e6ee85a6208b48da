"""One client's connections to the servers: a call, and what the client knows of it afterwards."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from random import Random
from typing import Any

from tests.faults.history import Outcome

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, or none: then nobody knows whether the call was carried out."""

    server: str
    status: int | None
    told: Json

    @property
    def outcome(self) -> Outcome:
        """What the client knows. A 503 comes also from a write that may still be carried out."""
        if self.status is None or self.status >= 500:
            return Outcome.UNKNOWN
        return Outcome.OK if self.status < 400 else Outcome.REFUSED

    @property
    def error(self) -> str | None:
        """The first error key of a refusal."""
        faults = [fault for field in self.told.get("errors", {}).values() for fault in field]
        return faults[0]["key"] if faults else None


class Line:
    """Calls to a choice of servers over connections that are kept."""

    def __init__(self, servers: Sequence[tuple[str, tuple[str, int]]], chance: Random, patience: float) -> None:
        self._servers = servers
        self._chance = chance
        self._patience = patience
        self._connections: dict[str, socket.socket] = {}

    def call(self, method: str, path: str, token: str, body: Json | None = None, key: str | None = None) -> Answer:
        """Send one request, once, to one of the servers."""
        name, address = self._chance.choice(self._servers)
        try:
            connection = self._connection(name, address)
            connection.sendall(_request(method, path, token, body, key))  # in one piece, as the proxy expects it
            with HTTPResponse(connection, method=method) as answer:
                answer.begin()
                return Answer(name, answer.status, _read(answer.read()))
        except (OSError, HTTPException, ValueError):  # ValueError: half an answer
            self._forget(name)
            return Answer(name, None, {})

    def close(self) -> None:
        """Close every connection."""
        for name in list(self._connections):
            self._forget(name)

    def _connection(self, name: str, address: tuple[str, int]) -> socket.socket:
        if name not in self._connections:
            connection = socket.create_connection(address, timeout=self._patience)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections[name] = connection
        return self._connections[name]

    def _forget(self, name: str) -> None:
        if connection := self._connections.pop(name, None):
            connection.close()


def _request(method: str, path: str, token: str, body: Json | None, key: str | None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: parley.test", f"Content-Length: {len(content)}"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += [f"Idempotency-Key: {key}"] if key else []
    return "\r\n".join([*lines, "", ""]).encode() + content


def _read(content: bytes) -> Json:
    told = json.loads(content) if content else {}
    return told if isinstance(told, dict) else {}
