"""Calls that can be repeated: what a call with an Idempotency-Key does, and what it is answered, is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import TypeVar

from parley.actions import services
from parley.actions.conversations import existing
from parley.core import access
from parley.core.access import AccountCaller, ApplicationCaller, Caller, ParticipantCaller
from parley.core.errors import KeyInUse, KeyReused, Refusal
from parley.core.limits import IDEMPOTENCY_FORGOTTEN, IDEMPOTENCY_SECONDS
from parley.data_center import DataCenter
from parley.store import idempotency
from parley.store.database import Transaction
from parley.store.idempotency import Answered, Name
from parley.wire import errors
from parley.wire.exchange import Call, Reply
from parley.wire.idempotency import REPLAYED, Keyed

T = TypeVar("T")
Handler = Callable[[DataCenter, Call], Reply]


class Running:
    """The calls with a key that this process has begun and that have not come to an end."""

    def __init__(self) -> None:
        self._names: set[Hashable] = set()

    def alone(self, name: Hashable, begin: Callable[[], Future[T]]) -> Future[T]:
        """Begin a call, where none of this name runs; raises KeyInUse. One thread alone begins calls."""
        if name in self._names:
            raise KeyInUse
        future = begin()
        self._names.add(name)
        future.add_done_callback(lambda _: self._names.discard(name))
        return future


def carry_out(dc: DataCenter, call: Call, handler: Handler) -> Reply:
    """What the handler replies; with a key what it has replied to the same call before, where it has.

    Raises refusals, and KeyInUse and KeyReused. Nothing comes of a call with a key whose answer is not kept.
    """
    return _once(dc, call, call.keyed, handler) if call.keyed else handler(dc, call)


def _once(dc: DataCenter, call: Call, keyed: Keyed, handler: Handler) -> Reply:
    def record(tx: Transaction) -> Reply:
        name = _name(tx, call.anyone(), keyed.key)
        if not tx.claim_name("\0".join(name)):
            raise KeyInUse
        since = dc.now() - IDEMPOTENCY_SECONDS
        before = idempotency.find(tx, name)
        if before and before.created_at > since:
            return _again(dc, before, keyed)
        if before:
            idempotency.drop(tx, name)
        idempotency.forget(tx, since, IDEMPOTENCY_FORGOTTEN)
        reply = _reply(dc, call, handler)
        idempotency.insert(tx, name, _answered(dc, keyed, reply))
        return reply

    return dc.db.write(record)


def _name(tx: Transaction, caller: Caller, key: str) -> Name:
    """The key as this caller's own; raises NotFound for the token of a link that is no longer good."""
    match caller:
        case ApplicationCaller():
            return Name(caller.application, "", key)
        case AccountCaller():
            return Name(caller.application, f"account {caller.account}", key)
        case ParticipantCaller():
            conversation = existing(tx, caller.conversation)
            whose = f"participant {conversation.id} {access.standing(caller, conversation).position}"
            if caller.service is not None:  # sees less, and so has answers of its own
                whose = f"{whose} {services.acting(tx, caller.service).id}"
            return Name(conversation.application, whose, key)


def _again(dc: DataCenter, before: Answered, keyed: Keyed) -> Reply:
    if before.request != keyed.request:
        raise KeyReused
    body = dc.unseal(before.body).encode()
    return Reply(before.status, body, before.content_type, (*before.headers, REPLAYED))


def _reply(dc: DataCenter, call: Call, handler: Handler) -> Reply:
    """The handler's reply; a refusal that is kept is one, and any other is raised."""
    try:
        return handler(dc, call)
    except Refusal as refusal:
        told = errors.answer(refusal)
        if told.status not in (403, 404, 422):
            raise
        return Reply(told.status, told.body, headers=told.headers)


def _answered(dc: DataCenter, keyed: Keyed, reply: Reply) -> Answered:
    sealed = dc.seal(reply.body.decode())
    return Answered(keyed.request, reply.status, reply.content_type, reply.headers, sealed, dc.now())
