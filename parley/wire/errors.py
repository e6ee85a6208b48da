"""One table: refusal to status and body."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from parley.core import errors
from parley.core.errors import Fault, Refusal
from parley.wire.slots import write_slot
from parley.wire.writing import encode


class Answer(NamedTuple):
    """Status, body (empty or JSON) and further headers of a refusal."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def answer(refusal: Refusal) -> Answer:
    """How a refusal is answered (docs/wire.md 7)."""
    return REPLIES[type(refusal)](refusal)


def faults(found: Iterable[Fault], **beside: Any) -> bytes:
    """The body of a 422: field to list of key and description."""
    by_field: dict[str, list[dict[str, str]]] = {}
    for fault in found:
        by_field.setdefault(fault.path, []).append({"key": fault.key, "description": fault.description})
    return encode({"errors": by_field, **beside})


def _unprocessable(*found: Fault, **beside: Any) -> Answer:
    return Answer(422, faults(found, **beside))


def _slot_faults(indices: Iterable[int], key: str, description: str) -> list[Fault]:
    return [Fault(f"selected_slots[{at}].slot_id", key, description) for at in indices]


def _slots_unknown(refusal: Any) -> Answer:
    told = "is not a slot of this conversation"
    return _unprocessable(*_slot_faults(refusal.indices, "errors.not_recognized", told))


def _slots_taken(refusal: Any) -> Answer:
    found = _slot_faults(refusal.indices, "errors.slot_unavailable", "is no longer free; slots holds those that are")
    return _unprocessable(*found, slots=[write_slot(slot) for slot in refusal.slots])


def base(key: str, description: str) -> bytes:
    """The error format for what concerns no field."""
    return faults([Fault("base", key, description)])


INTERNAL = Answer(500, base("errors.internal", "something went wrong on our side"))

REPLIES: dict[type[Refusal], Callable[[Any], Answer]] = {
    errors.Unauthorized: lambda _: Answer(401, headers=(("WWW-Authenticate", "Bearer"),)),
    errors.Forbidden: lambda _: Answer(403),
    errors.NotFound: lambda _: Answer(404),
    errors.TooLarge: lambda _: Answer(413, base("errors.too_long", "the body must be at most 1 MiB")),
    errors.OAuthRefused: lambda refusal: Answer(400, encode({"error": refusal.error})),
    errors.Invalid: lambda refusal: _unprocessable(*refusal.faults),
    errors.SlotsUnknown: _slots_unknown,
    errors.SlotsTaken: _slots_taken,
    errors.NotYourTurn: lambda _: _unprocessable(
        Fault("selected_slots", "errors.not_available", "this participant cannot select slots now")
    ),
    errors.AccountRevoked: lambda _: _unprocessable(
        Fault("base", "errors.account_revoked", "an account of this conversation has withdrawn its consent")
    ),
    errors.KeyReused: lambda _: _unprocessable(
        Fault("base", "errors.idempotency_key_reused", "this Idempotency-Key belongs to another request")
    ),
    errors.KeyInUse: lambda _: Answer(
        409,
        base("errors.idempotency_key_in_use", "a request with this Idempotency-Key is still being carried out"),
        (("Retry-After", "1"),),
    ),
    errors.TooManyCalls: lambda refusal: Answer(
        429,
        base("errors.rate_limited", "too many calls; try again after Retry-After seconds"),
        (("Retry-After", str(refusal.retry_after)),),
    ),
    errors.Unavailable: lambda refusal: Answer(
        503,
        base("errors.unavailable", "the service cannot do this now; try again soon"),
        (("Retry-After", str(refusal.retry_after)),),
    ),
}
