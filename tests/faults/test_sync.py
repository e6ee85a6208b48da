"""The answer to a selection that completes a conversation leaves when the agreement is on disk, and not before."""

from __future__ import annotations

import os
import shutil
from http.client import HTTPConnection
from random import Random

import msgspec
import pytest

from tests.faults import answers
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


def asked(connection, method, path, secret, body=None, request_id="another"):
    """An answer that must be a success."""
    headers = {"Authorization": f"Bearer {secret}", "X-Request-Id": request_id}
    connection.request(method, path, msgspec.json.encode(body) if body else None, headers)
    answer = connection.getresponse()
    told = msgspec.json.decode(answer.read())
    assert answer.status == 200, told
    return told


def completed(address, world):
    """Open a conversation and complete it, with the id in the last request."""
    connection = HTTPConnection(*address, timeout=60)
    day, team = world.place()
    secret = world.applications[0].secret
    proposal = answers.proposal(Random(1), day, "Roadmap", 1800, [team[0], None], [True, False])
    opened = asked(connection, "POST", "/v1/scheduling_conversations", secret, proposal)
    path = answers.slots_path(opened["scheduling_conversation_id"], 1)
    slot = asked(connection, "GET", path, secret)["slots"][0]
    told = asked(connection, "POST", path, secret, {"selected_slots": [{"slot_id": slot["slot_id"]}]}, ID)
    connection.close()
    return told["status"]


def test_the_log_is_synced_between_a_completing_selection_and_its_answer(tmp_path, strace):
    installation = Installation(tmp_path, Shape())
    world = founded(installation.settings, minutes=0)
    traced = tmp_path / "trace"
    server = Process(
        "traced", ("serve", "--port", "0"), installation.environment, tmp_path, (*COMMAND, "-o", str(traced))
    )
    try:
        server.start()
        assert completed(server.address, world) == "complete"
        server.stop()
    finally:
        server.end()
    found = steps(traced.read_text(), str(tmp_path / "data" / "parley.db"), ID)
    assert is_durable(found), found
