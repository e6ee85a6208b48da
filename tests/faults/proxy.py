"""A proxy between clients and one server that loses a share of what passes: requests, answers, or all patience.

It understands no HTTP. A client sends its request in one piece and waits for the answer, so each piece from a client is
a request, whose fate is drawn when it comes. The n-th connection draws from the seed and n: which request gets which
number depends on how the clients' threads run, so a seed repeats the shares, not the single losses.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from itertools import count
from random import Random

PIECE = 1 << 16
STOP_SECONDS = 10


class Fate(StrEnum):
    """What becomes of a request."""

    PASSED = "passed"
    LOST = "request lost"  # the server never gets it
    CUT = "connection cut"  # the server gets it, and nobody waits for the answer
    DROPPED = "answer dropped"  # the server has answered, and the client does not get it


class Proxy:
    """Passes connections on to wherever the server is now; `share` of the requests do not get an answer.

    `counts` tells how many had which fate.
    """

    def __init__(self, target: Callable[[], tuple[str, int] | None], seed: str, share: float) -> None:
        self.share = share
        self.counts: Counter[Fate] = Counter()
        self._target = target
        self._seed = seed
        self._numbers = count()
        self._serving: set[asyncio.Task[None]] = set()  # the loop itself keeps them only while somebody waits for them
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._begin, "127.0.0.1", 0), self._loop)
        self._server = starting.result(STOP_SECONDS)
        self.address: tuple[str, int] = self._server.sockets[0].getsockname()[:2]

    def close(self) -> None:
        """End every connection."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(STOP_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_SECONDS)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _begin(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self._serve(client, back))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        chance = Random(f"{self._seed}/{next(self._numbers)}")
        target = self._target()
        with suppress(OSError):  # either side may be gone at any moment
            try:
                if target is None:
                    return
                answers, server = await asyncio.open_connection(*target)
                try:
                    await self._pass_on(client, server, answers, back, chance)
                finally:
                    server.transport.abort()
            finally:
                back.transport.abort()

    async def _pass_on(
        self,
        client: asyncio.StreamReader,
        server: asyncio.StreamWriter,
        answers: asyncio.StreamReader,
        back: asyncio.StreamWriter,
        chance: Random,
    ) -> None:
        answering: asyncio.Task[None] | None = None
        try:
            while request := await client.read(PIECE):
                fate = self._fate(chance)
                if fate is Fate.LOST:
                    return
                server.write(request)
                await server.drain()
                if fate is Fate.CUT:
                    return
                if fate is Fate.DROPPED:
                    await _answered(answering, answers, client)
                    return
                answering = answering or asyncio.create_task(_relay(answers, back))
        finally:
            if answering:
                answering.cancel()

    def _fate(self, chance: Random) -> Fate:
        losses = (Fate.LOST, Fate.CUT, Fate.DROPPED, Fate.DROPPED)
        fate = chance.choice(losses) if chance.random() < self.share else Fate.PASSED
        self.counts[fate] += 1
        return fate


async def _answered(
    answering: asyncio.Task[None] | None, answers: asyncio.StreamReader, client: asyncio.StreamReader
) -> None:
    """Wait until the server has answered, or the client has gone."""
    if answering:
        answering.cancel()
        await asyncio.wait([answering])
    either = [asyncio.create_task(one.read(PIECE)) for one in (answers, client)]
    _, others = await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    for one in others:
        one.cancel()
    await asyncio.gather(*either, return_exceptions=True)


async def _relay(answers: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    """Give the client what the server answers, and end the client's connection with the server's."""
    with suppress(OSError):
        while piece := await answers.read(PIECE):
            back.write(piece)
            await back.drain()
    back.transport.abort()
