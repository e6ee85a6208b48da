"""Single calls that must succeed, for tests that need one agreement and no load."""

from __future__ import annotations

from http.client import HTTPConnection
from random import Random

import msgspec

from tests.faults import answers
from tests.faults.line import Json
from tests.faults.world import World

SECONDS = 60


def asked(
    connection: HTTPConnection, method: str, path: str, token: str, body: Json | None = None, request_id: str = "any"
) -> Json:
    """An answer that must be a success."""
    headers = {"Authorization": f"Bearer {token}", "X-Request-Id": request_id}
    connection.request(method, path, msgspec.json.encode(body) if body else None, headers)
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status < 300, content
    told: Json = msgspec.json.decode(content) if content else {}
    return told


def agreed(connection: HTTPConnection, world: World, request_id: str = "any") -> str:
    """Open a conversation of the first account and a guest, and complete it with a call of this id; its own id."""
    day, team = world.place()
    secret = world.applications[0].secret
    proposal = answers.proposal(Random(1), day, "Roadmap", 1800, [team[0], None], [True, False])
    opened = asked(connection, "POST", "/v1/scheduling_conversations", secret, proposal)
    path = answers.slots_path(opened["scheduling_conversation_id"], 1)
    slot = asked(connection, "GET", path, secret)["slots"][0]
    told = asked(connection, "POST", path, secret, {"selected_slots": [{"slot_id": slot["slot_id"]}]}, request_id)
    assert told["status"] == "complete"
    return opened["scheduling_conversation_id"]
