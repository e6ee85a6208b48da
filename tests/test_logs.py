"""What is logged of errors: their kinds and their places, and nothing that they say; by us and by libraries."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest

BEGIN = """
import asyncio, gc, logging, sys, threading
import structlog
from parley import logs
logs.configure("info")
log = structlog.get_logger()
canary = "can" + "ary"

def fails():
    try:
        {}[canary]
    except KeyError as cause:
        raise ValueError(f"no {canary}") from cause
"""
WAYS = {
    "logged": """
try:
    fails()
except ValueError:
    log.exception("http.failed")
""",
    "logged by a library": """
try:
    fails()
except ValueError as error:
    logging.getLogger("a.library").error("it failed\\nwith %s", canary, exc_info=error)
""",
    "never awaited": """
async def forget():
    task = asyncio.ensure_future(meanwhile())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
async def meanwhile():
    fails()
asyncio.run(forget())
gc.collect()
""",
    "in a thread": """
thread = threading.Thread(target=fails)
thread.start()
thread.join()
""",
    "where nobody can catch it": """
class Thing:
    def __del__(self):
        fails()
Thing()
""",
    "at the end": "fails()",
}
for_each_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())


def logged(script):
    done = subprocess.run([sys.executable, "-c", BEGIN + script], capture_output=True, text=True, check=False)
    return [json.loads(line) for line in done.stderr.splitlines()]


@for_each_way
def test_an_error_is_one_line_with_kinds_and_places_and_without_what_it_says(way):
    (line,) = logged(way)
    assert "canary" not in json.dumps(line)
    error, _, because = line["exception"].partition("because of ")
    assert (error.split("\n")[0], because.split("\n")[0]) == ("ValueError", "KeyError")
    assert "in fails" in error
    assert line["level"] in ("error", "critical")


@for_each_way
def test_a_person_at_a_terminal_sees_as_little(way):
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", BEGIN + way], stderr=theirs)
    os.close(theirs)
    told = b""
    while part := _read(ours):
        told += part
    os.close(ours)
    process.wait()
    assert b"ValueError" in told
    assert b"canary" not in told


def _read(terminal):
    try:
        return os.read(terminal, 10_000)
    except OSError:  # nobody holds the other end any more
        return b""


def test_libraries_are_heard_from_their_warnings_on():
    lines = logged("logging.getLogger('a').warning('look %s', 'out')\nlogging.getLogger('a').info('all is well')")
    assert [(one["event"], one["logger"], one["message"], one["level"]) for one in lines] == [
        ("library", "a", "look out", "warning")
    ]


def test_an_error_of_errors_without_end_is_told_to_some_depth():
    (line,) = logged("""
def deeper(depth):
    try:
        raise ValueError(canary)
    except ValueError:
        if depth: deeper(depth - 1)
        raise
try:
    deeper(50)
except ValueError:
    log.exception("http.failed")
""")
    assert line["exception"].count("because of ValueError") == 9
    assert "canary" not in line["exception"]
