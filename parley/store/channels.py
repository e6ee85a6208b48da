"""Channels of applications for accounts."""

from __future__ import annotations

import msgspec

from parley.core.push import Channel, Wishes
from parley.store.database import Row, Transaction

COLUMNS = "id, application_id, account_key, document, created_at"
encoder, decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Wishes)


def insert(tx: Transaction, channel: Channel) -> None:
    """Add a channel."""
    tx.run(
        f"insert into channels ({COLUMNS}) values (:id, :application, :account, :document, :created_at)",
        id=channel.id,
        application=channel.application,
        account=channel.account,
        document=encoder.encode(channel.wishes).decode(),
        created_at=channel.created_at,
    )


def of_account(tx: Transaction, application: str, account: int) -> list[Channel]:
    """The application's channels for the account, oldest first."""
    rows = tx.all(
        f"select {COLUMNS} from channels where account_key = :account and application_id = :application"
        " order by created_at, id",
        account=account,
        application=application,
    )
    return [_channel(row) for row in rows]


def listening(tx: Transaction, account: int) -> list[Channel]:
    """Everybody's channels for the account, as far as its consent stands."""
    rows = tx.all(
        f"select {COLUMNS} from channels where account_key = :account and exists (select 1 from authorizations"
        " where authorizations.application_id = channels.application_id"
        " and authorizations.account_key = channels.account_key and revoked_at is null) order by created_at, id",
        account=account,
    )
    return [_channel(row) for row in rows]


def find(tx: Transaction, channel_id: str) -> Channel | None:
    """The channel of this id."""
    row = tx.one(f"select {COLUMNS} from channels where id = :id", id=channel_id)
    return _channel(row) if row else None


def drop(tx: Transaction, channel_id: str) -> int:
    """Forget a channel; how many there were."""
    return tx.run("delete from channels where id = :id", id=channel_id)


def _channel(row: Row) -> Channel:
    channel_id, application, account, document, created_at = row
    return Channel(channel_id, application, account, decoder.decode(document), created_at)
