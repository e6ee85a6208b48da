"""What one connection may ask of the web server, which itself bounds neither the head of a request nor its time."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from parley.core.limits import HEAD_BYTES, REQUEST_SECONDS


class Connection(HttpToolsProtocol):
    """A connection that ends where a request is too long beside its body, or takes too long to arrive."""

    seconds: float = REQUEST_SECONDS
    _beside_body = 0
    _arriving: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Whoever connects has some time to send a request."""
        super().connection_made(transport)
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more is expected."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes, and leave the rest to the parser."""
        self._start_clock()
        self._beside_body += len(data)
        super().data_received(data)
        if self._beside_body > HEAD_BYTES and not self.transport.is_closing():
            self._end()

    def on_message_begin(self) -> None:
        """Another request may begin in what the one before came with."""
        super().on_message_begin()
        self._start_clock()

    def on_body(self, body: bytes) -> None:
        """The application bounds the body."""
        self._beside_body -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request has arrived."""
        self._beside_body = 0
        self._stop_clock()
        super().on_message_complete()

    def _end(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.send_400_response("The head of the request is too long.")
        else:
            self.transport.abort()

    def _start_clock(self) -> None:
        if self._arriving is None:
            self._arriving = self.loop.call_later(self.seconds, self.transport.abort)

    def _stop_clock(self) -> None:
        if self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None
