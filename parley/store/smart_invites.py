"""Smart Invites, and whom each of them invites."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from parley.core.smart_invite import Recipient, SmartInvite
from parley.store.database import Transaction

invites = msgspec.json.Decoder(SmartInvite)
people = msgspec.json.Decoder(Recipient)
encoder = msgspec.json.Encoder()


def add(tx: Transaction, invite: SmartInvite) -> None:
    """Add it, unless the application has one of its id."""
    tx.run(
        "insert into smart_invites (key, application_id, smart_invite_id, document)"
        " values (:key, :application, :id, :document) on conflict (application_id, smart_invite_id) do nothing",
        key=invite.key,
        application=invite.application,
        id=invite.id,
        document=encoder.encode(invite).decode(),
    )


def save(tx: Transaction, invite: SmartInvite) -> None:
    """Replace what is stored of it."""
    tx.run(
        "update smart_invites set document = :document where key = :key",
        key=invite.key,
        document=encoder.encode(invite).decode(),
    )


def find(tx: Transaction, application: str, smart_invite_id: str) -> SmartInvite | None:
    """The application's invitation of this id."""
    return _found(tx, application, smart_invite_id, "")


def lock(tx: Transaction, application: str, smart_invite_id: str) -> SmartInvite | None:
    """The application's invitation of this id; nobody else changes it or its recipients meanwhile."""
    return _found(tx, application, smart_invite_id, tx.lock_rows)


def _found(tx: Transaction, application: str, smart_invite_id: str, ending: str) -> SmartInvite | None:
    row = tx.one(
        f"select document from smart_invites where application_id = :application and smart_invite_id = :id{ending}",
        application=application,
        id=smart_invite_id,
    )
    return invites.decode(row[0]) if row else None


def lock_key(tx: Transaction, key: str) -> SmartInvite | None:
    """The invitation of this key; nobody else changes it or its recipients meanwhile."""
    row = tx.one(f"select document from smart_invites where key = :key{tx.lock_rows}", key=key)
    return invites.decode(row[0]) if row else None


def put_recipient(tx: Transaction, key: str, recipient: Recipient) -> None:
    """Add a recipient, or replace what is stored of them."""
    tx.run(
        "insert into smart_invite_recipients (invite_key, position, email, replied, document)"
        " values (:key, :position, :email, :replied, :document)"
        " on conflict (invite_key, position) do update set replied = excluded.replied, document = excluded.document",
        key=key,
        position=recipient.position,
        email=recipient.email.lower(),
        replied=int(recipient.has_replied),
        document=encoder.encode(recipient).decode(),
    )


def recipient(tx: Transaction, key: str, email: str) -> Recipient | None:
    """The recipient of this address."""
    row = tx.one(
        "select document from smart_invite_recipients where invite_key = :key and email = :email",
        key=key,
        email=email.lower(),
    )
    return people.decode(row[0]) if row else None


def at(tx: Transaction, key: str, positions: Iterable[int]) -> list[Recipient]:
    """The recipients at these positions."""
    found = (
        tx.one(
            "select document from smart_invite_recipients where invite_key = :key and position = :position",
            key=key,
            position=position,
        )
        for position in positions
    )
    return [people.decode(row[0]) for row in found if row]


def everybody(tx: Transaction, key: str) -> list[Recipient]:
    """All recipients in their order, those included who are invited no more."""
    sql = "select document from smart_invite_recipients where invite_key = :key order by position"
    return [people.decode(row[0]) for row in tx.all(sql, key=key)]


def replied(tx: Transaction, key: str) -> list[Recipient]:
    """The recipients who have answered, in their order."""
    rows = tx.all(
        "select document from smart_invite_recipients where invite_key = :key and replied = 1 order by position",
        key=key,
    )
    return [people.decode(row[0]) for row in rows]


def count(tx: Transaction, key: str) -> int:
    """How many recipients there are, those included who are invited no more."""
    row = tx.one("select count(*) from smart_invite_recipients where invite_key = :key", key=key)
    return int(row[0]) if row else 0
