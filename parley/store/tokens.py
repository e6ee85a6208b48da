"""Authorizations of applications for accounts, and their tokens, which are kept as digests only."""

from __future__ import annotations

from dataclasses import dataclass

from parley.store.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class Authorization:
    """An application may act for an account, within the scope; `refresh_digest` is that of its refresh token."""

    key: int
    application: str
    account: int
    refresh_digest: str
    scope: str
    created_at: int


AUTHORIZATION = "key, application_id, account_key, refresh_digest, scope, created_at"


def insert(tx: Transaction, authorization: Authorization) -> None:
    """Add an authorization."""
    tx.run(
        f"insert into authorizations ({AUTHORIZATION})"
        " values (:key, :application, :account, :refresh_digest, :scope, :created_at)",
        key=authorization.key,
        application=authorization.application,
        account=authorization.account,
        refresh_digest=authorization.refresh_digest,
        scope=authorization.scope,
        created_at=authorization.created_at,
    )


def add_access_token(tx: Transaction, authorization: int, digest: str, now: int, expires_at: int) -> None:
    """Give an authorization an access token, and forget those of it that have expired."""
    tx.run(
        "delete from access_tokens where authorization_key = :authorization and expires_at <= :now",
        authorization=authorization,
        now=now,
    )
    tx.run(
        "insert into access_tokens (digest, authorization_key, expires_at)"
        " values (:digest, :authorization, :expires_at)",
        digest=digest,
        authorization=authorization,
        expires_at=expires_at,
    )


def by_access_token(tx: Transaction, digest: str, now: int) -> Row | None:
    """Application, account key, sub and scope behind a good access token."""
    return tx.one(
        "select a.application_id, a.account_key, c.sub, a.scope from access_tokens t"
        " join authorizations a on a.key = t.authorization_key join accounts c on c.key = a.account_key"
        " where t.digest = :digest and t.expires_at > :now and a.revoked_at is null",
        digest=digest,
        now=now,
    )


def by_refresh_token(tx: Transaction, application: str, digest: str) -> Authorization | None:
    """The application's standing authorization of this refresh token."""
    row = tx.one(
        f"select {AUTHORIZATION} from authorizations"
        " where refresh_digest = :digest and application_id = :application and revoked_at is null",
        digest=digest,
        application=application,
    )
    return Authorization(*row) if row else None


def revoke(tx: Transaction, application: str, digest: str, now: int) -> int:
    """End the application's authorization that this token, refresh or access, belongs to; how many ended."""
    row = tx.one(
        "select key from authorizations where refresh_digest = :digest and application_id = :application"
        " union all select a.key from access_tokens t join authorizations a on a.key = t.authorization_key"
        " where t.digest = :digest and a.application_id = :application",
        application=application,
        digest=digest,
    )
    return end(tx, row[0], now) if row else 0


def end(tx: Transaction, key: int, now: int) -> int:
    """End the authorization of this key, unless it has ended; how many did."""
    return tx.run(
        "update authorizations set revoked_at = :now where key = :key and revoked_at is null", now=now, key=key
    )


def revoke_account(tx: Transaction, application: str, account: int, now: int) -> int:
    """End every authorization of the application for the account; how many ended."""
    return tx.run(
        "update authorizations set revoked_at = :now"
        " where application_id = :application and account_key = :account and revoked_at is null",
        now=now,
        application=application,
        account=account,
    )


def is_authorized(tx: Transaction, application: str, account: int) -> bool:
    """Whether the application may act for the account."""
    row = tx.one(
        "select 1 from authorizations"
        " where application_id = :application and account_key = :account and revoked_at is null limit 1",
        application=application,
        account=account,
    )
    return row is not None
