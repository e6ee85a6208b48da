"""Conversation services, of accounts and of domains."""

from __future__ import annotations

import msgspec

from parley.core.conversation_service import ConversationService, Proof, Secret
from parley.core.service_limits import ServiceLimits
from parley.store.database import Row, Transaction

COLUMNS = (
    "id, application_id, account_key, domain, proof_token, proven_at, checked_at, failure, callback_url,"
    " secret, previous_secret, previous_until, created_at, limits, disabled_at"
)
NEWEST_FIRST = "order by created_at desc, id desc"


def insert(tx: Transaction, service: ConversationService) -> None:
    """Add a service."""
    proof = service.proof
    tx.run(
        f"insert into conversation_services ({COLUMNS}) values (:id, :application, :account, :domain, :token,"
        " :proven_at, :checked_at, :failure, :callback_url, :secret, :previous, :previous_until, :created_at, :limits,"
        " :disabled_at)",
        id=service.id,
        application=service.application,
        account=service.account,
        domain=service.domain,
        token=proof.token if proof else None,
        proven_at=proof.proven_at if proof else None,
        checked_at=proof.checked_at if proof else None,
        failure=proof.failure if proof else "",
        callback_url=service.callback_url,
        secret=service.secret.sealed,
        previous=service.secret.previous,
        previous_until=service.secret.previous_until,
        created_at=service.created_at,
        limits=msgspec.json.encode(service.limits).decode(),
        disabled_at=service.disabled_at,
    )


def find(tx: Transaction, service_id: str) -> ConversationService | None:
    """The service of this id."""
    row = tx.one(f"select {COLUMNS} from conversation_services where id = :id", id=service_id)
    return _service(row) if row else None


def lock(tx: Transaction, service_id: str) -> ConversationService | None:
    """As `find`; nobody else changes the service before the transaction ends."""
    row = tx.one(f"select {COLUMNS} from conversation_services where id = :id{tx.lock_rows}", id=service_id)
    return _service(row) if row else None


def of(tx: Transaction, application: str, account: int | None) -> list[ConversationService]:
    """Those that the application brought for the account, or with None for domains; the newest first."""
    rows = tx.all(
        f"select {COLUMNS} from conversation_services where application_id = :application"
        f" and {_owned_by(account)} {NEWEST_FIRST}",
        application=application,
        account=account,
    )
    return [_service(row) for row in rows]


def of_account(tx: Transaction, account: int) -> list[ConversationService]:
    """The account's enabled services, whoever brought them; the newest first."""
    rows = tx.all(
        f"select {COLUMNS} from conversation_services"
        f" where account_key = :account and disabled_at is null {NEWEST_FIRST}",
        account=account,
    )
    return [_service(row) for row in rows]


def of_domain(tx: Transaction, domain: str) -> list[ConversationService]:
    """The enabled services of a domain which is proven; the newest first."""
    rows = tx.all(
        f"select {COLUMNS} from conversation_services"
        f" where domain = :domain and disabled_at is null and proven_at is not null {NEWEST_FIRST}",
        domain=domain,
    )
    return [_service(row) for row in rows]


def newest_at(tx: Transaction, account: int | None, domain: str | None) -> int:
    """When the newest service of the account or of the domain was made, whoever brought it; 0 where there is none."""
    row = tx.one(
        "select coalesce(max(created_at), 0) from conversation_services"
        f" where {'domain = :domain' if account is None else 'account_key = :account'}",
        account=account,
        domain=domain,
    )
    return int(row[0]) if row else 0


def set_secret(tx: Transaction, service_id: str, secret: Secret) -> None:
    """Sign with these from now on."""
    tx.run(
        "update conversation_services set secret = :secret, previous_secret = :previous, previous_until = :until"
        " where id = :id",
        id=service_id,
        secret=secret.sealed,
        previous=secret.previous,
        until=secret.previous_until,
    )


def set_proof(tx: Transaction, service_id: str, proof: Proof) -> None:
    """Keep what a check of the domain has found."""
    tx.run(
        "update conversation_services set proven_at = :proven_at, checked_at = :checked_at, failure = :failure"
        " where id = :id",
        id=service_id,
        proven_at=proof.proven_at,
        checked_at=proof.checked_at,
        failure=proof.failure,
    )


def disable(tx: Transaction, service_id: str, now: int) -> int:
    """End a service that stays listed; how many ended."""
    return tx.run(
        "update conversation_services set disabled_at = :now where id = :id and disabled_at is null",
        id=service_id,
        now=now,
    )


def drop(tx: Transaction, application: str, account: int | None, service_id: str) -> int:
    """Forget a service of this owner; how many there were."""
    return tx.run(
        f"delete from conversation_services where id = :id and application_id = :application and {_owned_by(account)}",
        id=service_id,
        application=application,
        account=account,
    )


def _owned_by(account: int | None) -> str:
    return "account_key is null" if account is None else "account_key = :account"


def _service(row: Row) -> ConversationService:
    service_id, application, account, domain, token, proven_at, checked_at, failure, callback_url = row[:9]
    sealed, previous, previous_until, created_at, limits, disabled_at = row[9:]
    return ConversationService(
        id=service_id,
        application=application,
        account=account,
        domain=domain,
        proof=Proof(token, proven_at, checked_at, failure) if token else None,
        callback_url=callback_url,
        secret=Secret(sealed, previous, previous_until),
        created_at=created_at,
        limits=msgspec.json.decode(limits, type=ServiceLimits),
        disabled_at=disabled_at,
    )
