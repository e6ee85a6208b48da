"""How far a long command has come: a line that changes on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io
import os
import pty
from contextlib import closing

from parley import progress


def shown(stream, steps):
    with progress.shown("backup", stream) as tell:
        for step in steps:
            tell(*step)


def on_a_terminal(steps):
    """What a terminal gets to see."""
    ours, theirs = pty.openpty()
    with closing(os.fdopen(theirs, "w")) as stream:
        shown(stream, steps)
    told = os.read(ours, 10_000).decode()
    os.close(ours)
    return told


def test_elsewhere_each_step_is_a_plain_line():
    stream = io.StringIO()
    shown(stream, [("pages", 1, 4), ("key",), ("events", 1200)])
    assert stream.getvalue() == "backup: pages 1 of 4 (25 %)\nbackup: key\nbackup: events 1,200\n"


def test_a_step_that_goes_on_is_not_told_each_time():
    stream = io.StringIO()
    shown(stream, [("pages", done, 1000) for done in range(1000)])
    assert stream.getvalue() == "backup: pages 0 of 1,000 (0 %)\n"


def test_on_a_terminal_one_line_changes_and_is_gone_in_the_end():
    told = on_a_terminal([("pages", 1, 4), ("key",)])
    assert "\n" not in told
    assert told.startswith("\rbackup: pages 1 of 4 (25 %)\x1b[K\rbackup: key\x1b[K")
    assert told.endswith("\r\x1b[K")


def test_a_line_is_not_longer_than_the_terminal_is_wide():
    told = on_a_terminal([("x" * 500,)])
    assert len(told.removesuffix("\r\x1b[K").strip("\r").removesuffix("\x1b[K")) < 80


def test_a_command_without_steps_tells_nothing():
    stream = io.StringIO()
    shown(stream, [])
    assert stream.getvalue() == ""
