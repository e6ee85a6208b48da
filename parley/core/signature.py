"""How what we send to an application or to a service is signed, in two ways at once."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from hmac import digest

PREFIX = "whsec_"


def headers(delivery_id: str, at: int, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """The headers that sign exactly these bytes with each of the keys.

    `Cronofy-HMAC-SHA256` has one value for each, joined by a bare comma. The others are those of Standard Webhooks 1.0,
    in which the bytes of a key `whsec_...` are written as base64.
    """
    signed = f"{delivery_id}.{at}.".encode() + body
    return {
        "Cronofy-HMAC-SHA256": ",".join(_signature(key.encode(), body) for key in keys),
        "webhook-id": delivery_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{_signature(_bytes(key), signed)}" for key in keys),
    }


def _signature(key: bytes, text: bytes) -> str:
    return b64encode(digest(key, text, sha256)).decode()


def _bytes(key: str) -> bytes:
    return b64decode(key.removeprefix(PREFIX)) if key.startswith(PREFIX) else key.encode()
