"""An assistant that answers Parley's conversations for somebody, and prefers mornings. It needs nothing but Python.

    SECRET=whsec_... python examples/conversation_service.py 9000

`SECRET` is what enabling the service has told. Its address, here http://HOST:9000/, is the service's `callback_url`.
"""

import hashlib
import hmac
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from base64 import b64decode, b64encode
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

TOLERANCE = 300  # seconds by which clocks may differ
LONGEST = 1 << 20  # bytes of a push
TRIES = 5  # slots may be taken while we choose
seen = set()  # the ids of pushes that were taken: each may come again


def is_genuine(headers, body, secret):
    """Whether the push was signed with our secret just now (Standard Webhooks 1.0)."""
    delivery, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not at.isdecimal() or abs(time.time() - int(at)) > TOLERANCE:
        return False
    key = b64decode(secret.removeprefix("whsec_"))
    wanted = b64encode(hmac.digest(key, f"{delivery}.{at}.".encode() + body, hashlib.sha256)).decode()
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(f"v1,{wanted}".encode(), one.encode()) for one in given)


def liking(tzid):
    """What to sort slots by: mornings first, then the earliest."""
    zone = ZoneInfo(tzid)
    return lambda slot: (datetime.fromisoformat(slot["start"]).astimezone(zone).hour >= 12, slot["start"])


def call(url, token, body=None):
    """Status and JSON of an answer: a GET, or a POST of the body."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read() or b"{}")


def answer_for(push):
    """List the slots and select the one that is liked best; where it is just gone, the next best of those left."""
    token, tzid = push["participant_token"], push["scheduling_conversation"]["tzid"]
    _, told = call(push["slots_list"], token)
    for _ in range(TRIES):
        if not (slots := sorted(told.get("slots", []), key=liking(tzid))):
            return
        status, told = call(push["slots_select"], token, {"selected_slots": [{"slot_id": slots[0]["slot_id"]}]})
        print(f"{push['notification']['scheduling_conversation_id']} {slots[0]['start']} {status}", flush=True)


class Assistant(BaseHTTPRequestHandler):
    """Takes pushes: checks each, answers at once, then acts."""

    def do_POST(self):
        """A push."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LONGEST))
        genuine, delivery = is_genuine(self.headers, body, os.environ["SECRET"]), self.headers.get("webhook-id")
        self.send_response(204 if genuine else 401)
        self.end_headers()
        if genuine and delivery not in seen:
            seen.add(delivery)
            threading.Thread(target=answer_for, args=[json.loads(body)], daemon=True).start()

    def log_message(self, *words):
        """Say nothing; what was selected is printed."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("", int(sys.argv[1])), Assistant) as server:
        print(f"listening on port {server.server_address[1]}", flush=True)
        server.serve_forever()
