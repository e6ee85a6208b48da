"""The answer to a selection that completes a conversation leaves when the agreement is on disk, and not before."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from http.client import HTTPConnection

import pytest

from tests.faults.calls import SECONDS, agreed
from tests.faults.installation import Installation, Shape
from tests.faults.process import Process
from tests.faults.trace import COMMAND, is_durable, steps
from tests.faults.world import founded

ID = "the-completing-selection"
DATABASE = "/data/parley.db"
ARRIVED = f'1 read(9<TCP:[...]>, "POST /v1 HTTP/1.1\\r\\nX-Request-Id: {ID}", 65536) = 99'
WRITTEN = '2 pwrite64(5</data/parley.db-wal>, "...", 4096, 32) = 4096'
SYNCED = "2 fdatasync(5</data/parley.db-wal>) = 0"
ANSWERED = f'1 write(9<TCP:[...]>, "HTTP/1.1 200 OK\\r\\nx-request-id: {ID}", 99) = 99'
SYNC_BEGINS, SYNC_ENDS = "2 fdatasync(5</data/parley.db-wal> <unfinished ...>", "2 <... fdatasync resumed>) = 0"
ANSWER_BEGINS = ANSWERED.removesuffix(") = 99") + " <unfinished ...>"


@pytest.mark.parametrize(
    ("trace", "durable"),
    [
        pytest.param([ARRIVED, WRITTEN, SYNCED, ANSWERED], True, id="synced between writing and answering"),
        pytest.param([ARRIVED, WRITTEN, SYNC_BEGINS, SYNC_ENDS, ANSWERED], True, id="another thread came between"),
        pytest.param([ARRIVED, WRITTEN, SYNCED, WRITTEN, ANSWERED], True, id="something else written afterwards"),
        pytest.param([ARRIVED, WRITTEN, ANSWERED], False, id="not synced"),
        pytest.param([ARRIVED, WRITTEN, ANSWERED, SYNCED], False, id="synced after the answer"),
        pytest.param([ARRIVED, WRITTEN, SYNC_BEGINS, ANSWERED, SYNC_ENDS], False, id="answered during the sync"),
        pytest.param([ARRIVED, WRITTEN, ANSWER_BEGINS, SYNCED, ANSWERED], False, id="synced while the answer left"),
        pytest.param([ARRIVED, SYNCED, WRITTEN, ANSWERED], False, id="synced before it was written"),
        pytest.param([WRITTEN, SYNCED, ARRIVED, ANSWERED], False, id="synced before the request"),
        pytest.param([ARRIVED, SYNCED, ANSWERED], False, id="nothing written"),
        pytest.param([ARRIVED, WRITTEN, SYNCED], False, id="not answered"),
        pytest.param([ARRIVED, WRITTEN, SYNCED.replace("-wal", ""), ANSWERED], False, id="another file synced"),
        pytest.param([ARRIVED, WRITTEN, SYNCED.replace("= 0", "= -1 EIO"), ANSWERED], False, id="the sync failed"),
    ],
)
def test_the_trace_is_read_as_it_is_meant(trace, durable):
    assert is_durable(steps("\n".join(trace), DATABASE, ID)) is durable


@pytest.fixture
def strace():
    """The program; without it the test is skipped, and fails where CI=true."""
    if not shutil.which("strace"):
        why = "strace is not installed (Debian: apt-get install strace)"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)


def test_the_log_is_synced_between_a_completing_selection_and_its_answer(tmp_path, strace):
    installation = Installation(tmp_path, Shape())
    world = founded(installation.settings, minutes=0)
    traced = tmp_path / "trace"
    server = Process(
        "traced", ("serve", "--port", "0"), installation.environment, tmp_path, (*COMMAND, "-o", str(traced))
    )
    try:
        server.start()
        with closing(HTTPConnection(*server.address, timeout=SECONDS)) as connection:
            agreed(connection, world, ID)
        server.stop()
    finally:
        server.end()
    found = steps(traced.read_text(), str(tmp_path / "data" / "parley.db"), ID)
    assert is_durable(found), found
