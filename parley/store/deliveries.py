"""What is sent to applications, and what became of it."""

from __future__ import annotations

import msgspec

from parley.core.push import Attempt, Delivery
from parley.store.database import Row, Transaction

COLUMNS = "d.id, d.application_id, d.target, d.type, d.url, d.body, d.created_at, d.attempts"
WITH_MESSAGE = "from deliveries d left join outbox o on o.name = 'push:' || d.id"
encoder, decoder = msgspec.json.Encoder(), msgspec.json.Decoder(tuple[Attempt, ...])


def add(tx: Transaction, delivery: Delivery) -> bool:
    """Add a delivery; False where it is there already."""
    return (
        tx.run(
            "insert into deliveries (id, application_id, target, type, url, body, created_at, attempts)"
            " values (:id, :application, :target, :type, :url, :body, :created_at, '[]') on conflict (id) do nothing",
            id=delivery.id,
            application=delivery.application,
            target=delivery.target,
            type=delivery.type,
            url=delivery.url,
            body=delivery.body,
            created_at=delivery.created_at,
        )
        == 1
    )


def find(tx: Transaction, delivery_id: str) -> Delivery | None:
    """The delivery of this id."""
    row = tx.one(f"select {COLUMNS}, o.due_at, o.put_at {WITH_MESSAGE} where d.id = :id", id=delivery_id)
    return _delivery(row) if row else None


def recent(tx: Transaction, target: str, most: int) -> list[Delivery]:
    """The newest deliveries to a target, newest first."""
    rows = tx.all(
        f"select {COLUMNS}, o.due_at, o.put_at {WITH_MESSAGE} where d.target = :target"
        " order by d.created_at desc, d.id desc limit :most",
        target=target,
        most=most,
    )
    return [_delivery(row) for row in rows]


def is_untried(tx: Transaction, target: str, kind: str, now: int) -> bool:
    """Whether a delivery of this type to the target is still to be tried for the first time, not before this is over.

    One that was put later than `now`, when the clock was ahead, does not count.
    """
    row = tx.one(
        "select name from outbox where attempts = 0 and name in (select 'push:' || id from deliveries"
        f" where target = :target and type = :type and created_at <= :now){tx.lock_rows}",
        target=target,
        type=kind,
        now=now,
    )
    return row is not None


def add_attempt(tx: Transaction, delivery_id: str, attempt: Attempt, most: int) -> None:
    """Keep what became of an attempt, beside those before it; of very many the newest."""
    row = tx.one(f"select attempts from deliveries where id = :id{tx.lock_rows}", id=delivery_id)
    if row is None:
        return
    kept = (*decoder.decode(row[0]), attempt)[-most:]
    document = encoder.encode(kept).decode()
    tx.run("update deliveries set attempts = :attempts where id = :id", attempts=document, id=delivery_id)


def forget(tx: Transaction, target: str, kept: int, before: int, most: int) -> list[str]:
    """Forget some of the target's deliveries: all but the newest, and what is older than `before`; their ids."""
    rows = tx.all(
        "with old as materialized (select id from (select id, created_at, row_number() over"
        " (order by created_at desc, id desc) as number from deliveries where target = :target) as numbered"
        " where number > :kept or created_at < :before order by created_at, id limit :most)"
        " delete from deliveries where id in (select id from old) returning id",
        target=target,
        kept=kept,
        before=before,
        most=most,
    )
    return [row[0] for row in rows]


def forget_all(tx: Transaction, target: str) -> list[str]:
    """Forget every delivery to the target; their ids."""
    return [row[0] for row in tx.all("delete from deliveries where target = :target returning id", target=target)]


def _delivery(row: Row) -> Delivery:
    delivery_id, application, target, kind, url, body, created_at, attempts, due_at, put_at = row
    next_at = None if put_at is None else max(due_at, put_at)
    return Delivery(delivery_id, application, target, kind, url, body, created_at, decoder.decode(attempts), next_at)
