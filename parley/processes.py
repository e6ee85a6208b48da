"""Several processes that serve one socket: started together, replaced when one dies, ended together."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable

from parley.data_center import CannotStart

PAUSE_SECONDS = 1.0  # before a process that died is replaced
ENDING = (signal.SIGTERM, signal.SIGINT)


def run(count: int, serve: Callable[[], None], preparation: Callable[[], None]) -> None:
    """Prepare once, then serve in `count` processes until SIGTERM or SIGINT; raises CannotStart.

    This process only watches: it holds no database and no thread, so that it can be copied at any time.
    """
    family = Family()
    family.have(preparation)
    if os.wait()[1]:
        raise CannotStart("the service has not been started")
    for one in ENDING:
        signal.signal(one, lambda *_: family.end())
    family.running = set()
    for _ in range(count):
        family.have(serve)
    while family.running:
        family.running.discard(os.wait()[0])
        if not family.is_ending:
            time.sleep(PAUSE_SECONDS)
            family.have(serve)


class Family:
    """The processes that this one has started, and the pipe by which they know that it lives."""

    def __init__(self) -> None:
        self.running: set[int] = set()
        self.is_ending = False
        self._alive = os.pipe()

    def have(self, task: Callable[[], None]) -> None:
        """Carry out the task in a new process, unless all is ending."""
        sys.stdout.flush()
        sys.stderr.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # nobody is to be born while the others are told to end
        process = 0 if self.is_ending else os.fork()
        if process == 0 and not self.is_ending:
            self._live(task)
        self.running |= {process} - {0}
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    def end(self) -> None:
        """Tell everybody to end."""
        self.is_ending = True
        for process in self.running:
            os.kill(process, signal.SIGTERM)

    def _live(self, task: Callable[[], None]) -> None:
        """The life of a new process."""
        os.setsid()  # the keyboard talks to the one that watches, and that one to all
        os.close(self._alive[1])
        threading.Thread(target=_end_with, args=(self._alive[0],), daemon=True).start()
        for one in ENDING:
            signal.signal(one, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        status = 1
        try:
            task()
            status = 0
        except CannotStart as refusal:
            print(f"parley: {refusal}", file=sys.stderr)  # noqa: T201
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)


def _end_with(alive: int) -> None:
    """End when nobody holds the other end of the pipe any more, be it that the watching process was killed."""
    os.read(alive, 1)
    os.kill(os.getpid(), signal.SIGTERM)
