"""One-time codes that applications exchange for tokens, kept as digests only."""

from __future__ import annotations

from dataclasses import dataclass

from parley.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Code:
    """What a code is good for; `authorization` is the key of what it was exchanged for, once it was."""

    digest: str
    application: str
    account: int
    redirect_uri: str
    scope: str
    expires_at: int
    authorization: int | None = None


CODE = "digest, application_id, account_key, redirect_uri, scope, expires_at, authorization_key"


def insert(tx: Transaction, code: Code) -> None:
    """Add a code."""
    tx.run(
        f"insert into codes ({CODE})"
        " values (:digest, :application, :account, :redirect_uri, :scope, :expires_at, :authorization)",
        digest=code.digest,
        application=code.application,
        account=code.account,
        redirect_uri=code.redirect_uri,
        scope=code.scope,
        expires_at=code.expires_at,
        authorization=code.authorization,
    )


def lock(tx: Transaction, application: str, digest: str) -> Code | None:
    """The application's code of this digest, used or not; nobody else uses it before the transaction ends."""
    row = tx.one(
        f"select {CODE} from codes where digest = :digest and application_id = :application{tx.lock_rows}",
        digest=digest,
        application=application,
    )
    return Code(*row) if row else None


def use(tx: Transaction, digest: str, authorization: int) -> int:
    """Mark the code as exchanged for this authorization; 0 where it was exchanged before."""
    return tx.run(
        "update codes set authorization_key = :authorization where digest = :digest and authorization_key is null",
        authorization=authorization,
        digest=digest,
    )


def forget(tx: Transaction, before: int) -> int:
    """Forget codes that expired before this time; how many there were."""
    return tx.run("delete from codes where expires_at < :before", before=before)
