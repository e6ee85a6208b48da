"""What strace saw of one request: when it came, when the log was written and synced, when it was answered."""

from __future__ import annotations

import re
from collections.abc import Iterator

COMMAND = ("strace", "-f", "-yy", "-s", "4096", "-e", "trace=%network,read,write,readv,writev,pwrite64,fsync,fdatasync")
COMING, GOING = re.compile(r"^(read|readv|recv\w*)\("), re.compile(r"^(write|writev|send\w*)\(")
LINE = re.compile(r"^(\d+) +(.*)$")
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>")


def steps(trace: str, database: str, request_id: str) -> list[str]:
    """What happened from the arrival of the request to its answer: `written` and `synced` are about the log.

    The request and its answer hold the id; a sync counts when it is over, and has succeeded.
    """
    found: list[str] = []
    for step in _steps(trace, database, request_id):
        if step == "arrived" or found:
            found.append(step)
        if step == "answered":
            break
    return found


def _steps(trace: str, database: str, request_id: str) -> Iterator[str]:
    log = f"<{database}-wal>"
    begun: dict[str, str] = {}  # calls that other threads have interrupted
    for line in trace.splitlines():
        found = LINE.match(line)
        if not found:
            continue
        thread, call = found.groups()
        if call.endswith("<unfinished ...>"):
            begun[thread] = call
            if request_id in call and GOING.match(call):
                yield "answered"  # it may have left by now
            continue
        if RESUMED.match(call):
            call = begun.pop(thread, "") + call
        if request_id in call:
            yield from _passed(call)
        elif call.startswith("pwrite64(") and log in call:
            yield "written"
        elif call.startswith(("fsync(", "fdatasync(")) and log in call and call.endswith("= 0"):
            yield "synced"


def _passed(call: str) -> Iterator[str]:
    if COMING.match(call):
        yield "arrived"
    elif GOING.match(call) and "HTTP/1.1 200" in call:
        yield "answered"


def is_durable(found: list[str]) -> bool:
    """Whether what was first written for the request was synced before the answer."""
    return found[:1] == ["arrived"] and found[-1:] == ["answered"] and _synced_after_writing(found)


def _synced_after_writing(found: list[str]) -> bool:
    return "written" in found and "synced" in found[found.index("written") :]
