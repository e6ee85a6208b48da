"""Applications and their secrets."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from parley.core.limits import Limits
from parley.store.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class Application:
    """An application that opens conversations; `id` is its client id."""

    id: str
    name: str
    created_at: int
    redirect_uris: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Secret:
    """A client secret: its digest recognises it, the sealed text opens to it; it ends at `expires_at`, if ever."""

    digest: str
    sealed: str
    created_at: int
    expires_at: int | None = None


def insert(tx: Transaction, application: Application) -> None:
    """Add an application."""
    tx.run(
        "insert into applications (id, name, redirect_uris, limits, created_at)"
        " values (:id, :name, :redirect_uris, :limits, :created_at)",
        id=application.id,
        name=application.name,
        redirect_uris=msgspec.json.encode(application.redirect_uris).decode(),
        limits=msgspec.json.encode(application.limits).decode(),
        created_at=application.created_at,
    )


def find(tx: Transaction, client_id: str) -> Application | None:
    """The application of this client id."""
    row = tx.one(f"select {COLUMNS} from applications where id = :id", id=client_id)
    return _application(row) if row else None


def lock(tx: Transaction, client_id: str) -> Application | None:
    """As `find`; nobody else changes the application or its secrets before the transaction ends."""
    row = tx.one(f"select {COLUMNS} from applications where id = :id{tx.lock_rows}", id=client_id)
    return _application(row) if row else None


def by_name(tx: Transaction, name: str) -> Application | None:
    """The oldest application of this name."""
    row = tx.one(f"select {COLUMNS} from applications where name = :name order by created_at, id", name=name)
    return _application(row) if row else None


def every(tx: Transaction) -> list[Application]:
    """All applications, oldest first."""
    return [_application(row) for row in tx.all(f"select {COLUMNS} from applications order by created_at, id")]


def set_limits(tx: Transaction, client_id: str, limits: Limits) -> None:
    """Replace the application's limits."""
    text = msgspec.json.encode(limits).decode()
    tx.run("update applications set limits = :limits where id = :id", limits=text, id=client_id)


def add_secret(tx: Transaction, client_id: str, secret: Secret) -> None:
    """Give the application one more secret."""
    tx.run(
        "insert into application_secrets (digest, application_id, sealed, created_at, expires_at)"
        " values (:digest, :application, :sealed, :created_at, :expires_at)",
        digest=secret.digest,
        application=client_id,
        sealed=secret.sealed,
        created_at=secret.created_at,
        expires_at=secret.expires_at,
    )


def secrets(tx: Transaction, client_id: str, now: int) -> list[Secret]:
    """The application's secrets that are good now, newest first."""
    rows = tx.all(
        "select digest, sealed, created_at, expires_at from application_secrets where application_id = :application"
        " and (expires_at is null or expires_at > :now) order by expires_at is not null, created_at desc",
        application=client_id,
        now=now,
    )
    return [Secret(*row) for row in rows]


def expire_secrets(tx: Transaction, client_id: str, expires_at: int) -> int:
    """End every secret of the application at this time, unless it ends earlier; how many."""
    return tx.run(
        "update application_secrets set expires_at = :expires_at"
        " where application_id = :application and (expires_at is null or expires_at > :expires_at)",
        expires_at=expires_at,
        application=client_id,
    )


def expire_all_but(tx: Transaction, client_id: str, digest: str, now: int) -> int:
    """End every good secret of the application but one; how many."""
    return tx.run(
        "update application_secrets set expires_at = :now where application_id = :application"
        " and digest <> :digest and (expires_at is null or expires_at > :now)",
        now=now,
        application=client_id,
        digest=digest,
    )


def holder_of(tx: Transaction, digest: str, now: int) -> str | None:
    """The client id of the application whose secret this is, where it is good now."""
    row = tx.one(
        "select application_id from application_secrets"
        " where digest = :digest and (expires_at is null or expires_at > :now)",
        digest=digest,
        now=now,
    )
    return row[0] if row else None


COLUMNS = "id, name, created_at, redirect_uris, limits"


def _application(row: Row) -> Application:
    client_id, name, created_at, redirect_uris, limits = row
    return Application(
        client_id,
        name,
        created_at,
        msgspec.json.decode(redirect_uris, type=tuple[str, ...]),
        msgspec.json.decode(limits, type=Limits),
    )
