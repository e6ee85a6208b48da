"""What calls that carried an Idempotency-Key were answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from parley.store.database import Transaction


class Name(NamedTuple):
    """A key, and whose it is: `caller` is empty for the application itself."""

    application: str
    caller: str
    key: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was given, and the digest of the request that got it; the body is sealed."""

    request: str
    status: int
    content_type: str
    headers: tuple[tuple[str, str], ...]
    body: str
    created_at: int


NAMED = "application_id = :application and caller = :caller and key = :key"


def find(tx: Transaction, name: Name) -> Answered | None:
    """What was answered under this name, however long ago."""
    row = tx.one(
        f"select request, status, content_type, headers, body, created_at from idempotency_keys where {NAMED}",
        **name._asdict(),
    )
    if row is None:
        return None
    request, status, content_type, headers, body, created_at = row
    told = msgspec.json.decode(headers, type=tuple[tuple[str, str], ...])
    return Answered(request, status, content_type, told, body, created_at)


def insert(tx: Transaction, name: Name, answered: Answered) -> None:
    """Keep an answer; a name can have one."""
    tx.run(
        "insert into idempotency_keys"
        " (application_id, caller, key, request, status, content_type, headers, body, created_at)"
        " values (:application, :caller, :key, :request, :status, :content_type, :headers, :body, :created_at)",
        **name._asdict(),
        request=answered.request,
        status=answered.status,
        content_type=answered.content_type,
        headers=msgspec.json.encode(answered.headers).decode(),
        body=answered.body,
        created_at=answered.created_at,
    )


def drop(tx: Transaction, name: Name) -> int:
    """Forget what was answered under this name; how many answers there were."""
    return tx.run(f"delete from idempotency_keys where {NAMED}", **name._asdict())


def forget(tx: Transaction, until: int, most: int) -> int:
    """Forget the oldest answers, up to `most` of those given until this instant; how many there were."""
    # Materialized: a server might look anew for each row, leave out those that it has locked, and find ever more.
    return tx.run(
        "with oldest as materialized (select application_id, caller, key from idempotency_keys"
        f" where created_at <= :until order by created_at limit :most{tx.skip_locked})"
        " delete from idempotency_keys where (application_id, caller, key) in"
        " (select application_id, caller, key from oldest)",
        until=until,
        most=most,
    )
