"""Conversation services: bringing, ending and proving them; whose service answers for a participant, and how far."""

from __future__ import annotations

import secrets
from base64 import b64encode
from dataclasses import dataclass, replace

import msgspec

from parley.core import limits
from parley.core.access import AccountCaller, ApplicationCaller
from parley.core.conversation import Conversation, Participant
from parley.core.conversation_service import (
    ConversationService,
    NewService,
    Proof,
    Secret,
    deadline_lane,
    push_lanes,
)
from parley.core.errors import Fault, Invalid, NotFound
from parley.core.periods import Period, hull
from parley.data_center import DataCenter
from parley.store import accounts, applications, busy, outbox, services, tokens
from parley.store.database import Transaction
from parley.store.outbox import Message, Task

PREFIX = "whsec_"  # of Standard Webhooks


@dataclass(frozen=True, slots=True)
class WithSecret:
    """A service with a secret that was just made and is told this once."""

    service: ConversationService
    secret: str


def create(dc: DataCenter, caller: ApplicationCaller | AccountCaller, asked: NewService) -> WithSecret:
    """Enable a service for the account, or by the application for a domain; raises Invalid when there are too many."""
    text = _new_secret()
    service = ConversationService(
        id=dc.new_id("csv_"),
        application=caller.application,
        account=_account(caller),
        domain=asked.domain,
        proof=Proof(dc.new_token("parley-proof-")) if asked.domain else None,
        callback_url=asked.callback_url,
        secret=Secret(dc.seal(text)),
        created_at=dc.now(),
        limits=asked.limits,
    )

    def record(tx: Transaction) -> ConversationService:
        _lock(tx, caller)
        if len(services.of(tx, service.application, service.account)) >= limits.SERVICES:
            raise Invalid([Fault("base", "errors.too_many", f"there are {limits.SERVICES} already")])
        newest = services.newest_at(tx, service.account, service.domain)  # which is the one to be asked
        later = replace(service, created_at=max(service.created_at, newest + 1))
        services.insert(tx, later)
        return later

    return WithSecret(dc.db.write(record), text)


def _lock(tx: Transaction, caller: ApplicationCaller | AccountCaller) -> None:
    if isinstance(caller, AccountCaller):
        accounts.lock(tx, [caller.account])
    else:
        applications.lock(tx, caller.application)


def _account(caller: ApplicationCaller | AccountCaller) -> int | None:
    return caller.account if isinstance(caller, AccountCaller) else None


def _new_secret() -> str:
    return PREFIX + b64encode(secrets.token_bytes(limits.SERVICE_SECRET_BYTES)).decode()


def listed(tx: Transaction, caller: ApplicationCaller | AccountCaller) -> list[ConversationService]:
    """The caller's services, the newest first."""
    return services.of(tx, caller.application, _account(caller))


def existing(tx: Transaction, caller: ApplicationCaller | AccountCaller, service_id: str) -> ConversationService:
    """The caller's service of this id; raises NotFound."""
    return _owned(services.find(tx, service_id), caller)


def _owned(service: ConversationService | None, caller: ApplicationCaller | AccountCaller) -> ConversationService:
    if service is None or (service.application, service.account) != (caller.application, _account(caller)):
        raise NotFound
    return service


def drop(dc: DataCenter, caller: ApplicationCaller | AccountCaller, service_id: str) -> None:
    """End and forget a service; raises NotFound."""

    def record(tx: Transaction) -> None:
        if not services.drop(tx, caller.application, _account(caller), service_id):
            raise NotFound
        _stop_waiting(tx, dc, caller.application, service_id)

    dc.db.write(record)


def _stop_waiting(tx: Transaction, dc: DataCenter, application: str, service_id: str) -> None:
    """Let the next channel ask wherever an answer of this service is waited for."""
    for lane in (*push_lanes(application, service_id), deadline_lane(application)):
        outbox.hurry_about(tx, lane, f":{service_id}", dc.now())


def rotate_secret(dc: DataCenter, caller: ApplicationCaller | AccountCaller, service_id: str) -> WithSecret:
    """Give a service a new secret; the one before signs as well for a while. Raises NotFound."""
    text = _new_secret()
    until = dc.now() + limits.SERVICE_SECRET_OVERLAP

    def record(tx: Transaction) -> ConversationService:
        service = _owned(services.lock(tx, service_id), caller)
        fresh = Secret(dc.seal(text), service.secret.sealed, until)
        services.set_secret(tx, service_id, fresh)
        return replace(service, secret=fresh)

    return WithSecret(dc.db.write(record), text)


def prove(dc: DataCenter, caller: ApplicationCaller | AccountCaller, service_id: str) -> ConversationService:
    """Have the service's domain looked at; raises NotFound."""

    def record(tx: Transaction) -> ConversationService:
        service = _owned(services.lock(tx, service_id), caller)
        if service.proof is None or service.proof.proven_at is not None:
            return service
        waiting = replace(service.proof, checked_at=None, failure="")
        services.set_proof(tx, service_id, waiting)
        lane = f"prove:{service.application}"
        outbox.put(tx, Task(f"prove:{service_id}", "prove", lane, msgspec.json.encode(service_id).decode()), dc.now())
        return replace(service, proof=waiting)

    return dc.db.write(record)


def record_proof(dc: DataCenter, message: Message, service_id: str, failure: str) -> None:
    """Keep what a look at the service's domain has found: it is proven where nothing failed."""

    def record(tx: Transaction) -> None:
        service = services.lock(tx, service_id)
        if not outbox.done(tx, message) or service is None or service.proof is None:
            return
        proven_at = None if failure else dc.now()
        services.set_proof(tx, service_id, Proof(service.proof.token, proven_at, dc.now(), failure))

    dc.db.write(record)


def disable(tx: Transaction, dc: DataCenter, service_id: str) -> None:
    """End a service that said that it is gone; its owner still sees it."""
    service = services.lock(tx, service_id)
    if service is not None and services.disable(tx, service_id, dc.now()):
        _stop_waiting(tx, dc, service.application, service_id)


def answering(tx: Transaction, conversation: Conversation, position: int) -> ConversationService | None:
    """The service that is asked for the participant: their account's newest one, else the newest of their domain."""
    participant = conversation.participants[position]
    if (account := _known(tx, participant)) is not None:
        for service in services.of_account(tx, account):
            if counts(tx, service):
                return service
    domain = _address(tx, participant).rpartition("@")[2].lower()
    return next(iter(services.of_domain(tx, domain)), None) if domain else None


def _known(tx: Transaction, participant: Participant) -> int | None:
    """The key of their account, whether it lets the conversation's application act for it or not."""
    if participant.account is not None or participant.email is None:
        return participant.account
    account = accounts.by_email(tx, participant.email)
    return account.key if account else None


def _address(tx: Transaction, participant: Participant) -> str:
    account = accounts.find(tx, participant.account) if participant.account is not None else None
    return participant.email or (account.email if account else None) or ""


def counts(tx: Transaction, service: ConversationService) -> bool:
    """Whether the service may be asked and may act: the account it is for still lets its application act, too."""
    return service.counts and (
        service.account is None or tokens.is_authorized(tx, service.application, service.account)
    )


def acting(tx: Transaction, service_id: str) -> ConversationService:
    """The service of a participant's token; raises NotFound where it may not act any more."""
    service = services.find(tx, service_id)
    if service is None or not counts(tx, service):
        raise NotFound
    return service


def closed(
    tx: Transaction, service_id: str | None, conversation: Conversation, position: int, now: int
) -> list[Period]:
    """The time in which a service's limits do not let it choose for the participant; raises NotFound as `acting`.

    Whoever is no service has none.
    """
    if service_id is None:
        return []
    service, participant = acting(tx, service_id), conversation.participants[position]
    window = hull(conversation.periods)
    key = service.account if service.account is not None else _lent(tx, service, participant)
    account = accounts.find(tx, key) if key is not None else None
    taken = busy.of(tx, account.key, service.limits.around(window)) if account else []
    zone = (account.tzid if account else None) or participant.tzid or conversation.tzid
    return service.limits.closed(zone, window, now, taken)


def _lent(tx: Transaction, service: ConversationService, participant: Participant) -> int | None:
    """The participant's account, where it lets the application of a domain's service act for it."""
    account = _known(tx, participant)
    return account if account is not None and tokens.is_authorized(tx, service.application, account) else None
