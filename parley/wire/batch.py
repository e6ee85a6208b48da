"""Many requests in one: reading its entries, writing what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import msgspec

from parley.core import limits
from parley.wire.errors import base
from parley.wire.exchange import Reply
from parley.wire.forms import Texts, read_form
from parley.wire.reading import FORMAT, Fields
from parley.wire.writing import encode, present

# What entries are told whose refusal has no body of its own: the libraries look for `errors` in every one that failed.
REFUSED = {
    403: base("errors.forbidden", "is beyond what this token may do"),
    404: base("errors.not_found", "is not there, or not possible in a batch"),
    405: base("errors.method_not_allowed", "is not possible with this method in a batch"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of a batch; its body is JSON."""

    method: str
    path: str
    query: Texts
    body: bytes


def read_batch(values: Mapping[str, Any]) -> list[Entry]:
    """The entries of a batch (docs/wire.md 9), or every complaint as Invalid."""
    fields = Fields(values)
    entries = [_read_entry(one) for one in fields.objects("batch", limits.BATCH_ENTRIES)]
    fields.finish()
    return entries


def _read_entry(fields: Fields) -> Entry:
    method = fields.required_text("method", limits.ID_LENGTH)
    url = fields.required_text("relative_url", limits.URL_LENGTH)
    if url and not url.startswith("/"):
        fields.fault("relative_url", FORMAT, "must be a path, beginning with /")
    path, _, query = url.partition("?")
    return Entry(method.upper(), unquote(path).rstrip("/"), read_form(query), _read_body(fields))


def _read_body(fields: Fields) -> bytes:
    try:
        return encode(fields.object("data").values)
    except RecursionError:
        fields.fault("data", FORMAT, "must not be nested that deeply")
        return b""


def write_batch(replies: Iterable[Reply]) -> Reply:
    """207 with what became of each entry."""
    return Reply(207, encode({"batch": [_write_reply(one) for one in replies]}))


def _write_reply(reply: Reply) -> dict[str, Any]:
    body = reply.body or REFUSED.get(reply.status, b"")
    return present(
        status=reply.status,
        headers=dict(reply.headers) or None,
        data=msgspec.Raw(body) if body else None,
    )
