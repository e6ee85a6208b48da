"""Whether the service lives, and whether it can answer."""

from __future__ import annotations

import time

from parley.core.errors import Unavailable
from parley.data_center import DataCenter
from parley.store import condition
from parley.wire.exchange import Call, Reply, json_reply


def live(_dc: DataCenter, _call: Call) -> Reply:
    """GET /health/live: the process runs."""
    return json_reply({"status": "live"})


def ready(dc: DataCenter, _call: Call) -> Reply:
    """GET /health/ready: the database answers, and the process is not about to end; 503 otherwise."""
    if not dc.readiness.ask(time.monotonic()):
        raise Unavailable
    dc.db.read(condition.answers)
    return json_reply({"status": "ready", "data_center": dc.settings.data_center})
