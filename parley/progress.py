"""How far a long command has come, on standard error: a line that changes on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

CHANGE_SECONDS = 0.1  # a terminal's line changes no more often
PLAIN_SECONDS = 5.0  # a step that goes on is told again after this


class Progress:
    """Tells of one command; call it with a step, and with how much of it is done."""

    def __init__(self, task: str, stream: TextIO) -> None:
        self._task = task
        self._stream = stream
        self._changes = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._step = ""
        self._told_at = 0.0

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """The command is at this step; `done` of `total` where there is something to count."""
        now = time.monotonic()
        pause = CHANGE_SECONDS if self._changes else PLAIN_SECONDS
        if step == self._step and now - self._told_at < pause:
            return
        self._step, self._told_at = step, now
        self._tell(f"{self._task}: {step}{_amount(done, total)}")

    def end(self) -> None:
        """Take the changing line away."""
        if self._changes and self._step:
            print("\r\x1b[K", end="", file=self._stream, flush=True)

    def _tell(self, line: str) -> None:
        if self._changes:
            line = f"\r{line[: _width(self._stream) - 1]}\x1b[K"
        print(line, end="" if self._changes else "\n", file=self._stream, flush=True)


@contextmanager
def shown(task: str, stream: TextIO | None = None) -> Iterator[Progress]:
    """Show a command's progress for as long as the block lasts."""
    progress = Progress(task, stream or sys.stderr)
    try:
        yield progress
    finally:
        progress.end()


def _amount(done: int, total: int) -> str:
    if not total:
        return f" {done:,}" if done else ""
    return f" {done:,} of {total:,} ({100 * done // total} %)"


def _width(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80
