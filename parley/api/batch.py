"""Many requests in one."""

from __future__ import annotations

from collections.abc import Callable

from parley.wire.batch import Entry, read_batch, write_batch
from parley.wire.exchange import Call, Reply


def carry_out(call: Call, entry: Callable[[Entry], Reply]) -> Reply:
    """POST /v1/batch: carry out each entry, in order and on its own."""
    return write_batch([entry(one) for one in read_batch(call.json())])
