"""The Idempotency-Key of a call (draft-ietf-httpapi-idempotency-key-header), and what makes two calls the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from parley.core.errors import Fault, Invalid
from parley.core.limits import IDEMPOTENCY_KEY_LENGTH
from parley.wire.reading import FORMAT

HEADER = "Idempotency-Key"
REPLAYED = ("Idempotency-Replayed", "true")

# RFC 8941 3.3.3 has the quoted form; most clients leave the quotes out.
BARE = rf"[!#-~][!-~]{{0,{IDEMPOTENCY_KEY_LENGTH - 1}}}"
QUOTED = rf'"(?:[!#-\[\]-~]|\\["\\]){{1,{IDEMPOTENCY_KEY_LENGTH}}}"'
KEY = re.compile(f"{BARE}|{QUOTED}")


class Keyed(NamedTuple):
    """The key of a call, and a digest of what is asked with it."""

    key: str
    request: str


def read_keyed(given: Sequence[str], *asked: str | bytes) -> Keyed | None:
    """The key in the values of the header, if it is there, and with it all that makes the request what it is.

    Quoted or not, a key is the same. Raises Invalid.
    """
    return Keyed(_key(given), _digest(asked)) if given else None


def _key(given: Sequence[str]) -> str:
    text = given[0]
    if len(given) > 1 or not KEY.fullmatch(text):
        words = f"{HEADER} must be 1 to {IDEMPOTENCY_KEY_LENGTH} visible ASCII characters, bare or in quotes"
        raise Invalid([Fault("base", FORMAT, words)])
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def _digest(parts: Iterable[str | bytes]) -> str:
    raw = (one.encode() if isinstance(one, str) else one for one in parts)
    return sha256(b"".join(sha256(one).digest() for one in raw)).hexdigest()
