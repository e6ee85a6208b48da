"""Mail about conversations: what was written to whom, and which mail has been read already."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from parley.core.letter import Kind, Letter
from parley.store.database import Transaction

decoder = msgspec.json.Decoder(Letter)
encoder = msgspec.json.Encoder()


def add(tx: Transaction, letter: Letter, now: int) -> bool:
    """Keep a letter as it was first written; False where one of this Message-ID is kept already."""
    return (
        tx.run(
            "insert into letters (message_id, conversation_id, position, kind, document, created_at)"
            " values (:message_id, :conversation, :position, :kind, :document, :now)"
            " on conflict (message_id) do nothing",
            message_id=letter.message_id,
            conversation=letter.conversation,
            position=letter.position,
            kind=letter.kind.value,
            document=encoder.encode(letter).decode(),
            now=now,
        )
        == 1
    )


def drop(tx: Transaction, message_id: str) -> None:
    """Forget a letter that nobody got."""
    tx.run("delete from letters where message_id = :message_id", message_id=message_id)


def find(tx: Transaction, message_id: str) -> Letter | None:
    """The letter of this Message-ID (the part before the @)."""
    row = tx.one("select document from letters where message_id = :message_id", message_id=message_id)
    return decoder.decode(row[0]) if row else None


def to(tx: Transaction, conversation_id: str, position: int) -> list[Letter]:
    """The letters to a participant, oldest first."""
    rows = tx.all(
        "select document from letters where conversation_id = :id and position = :position"
        " order by created_at, message_id",
        id=conversation_id,
        position=position,
    )
    return [decoder.decode(row[0]) for row in rows]


def written_since(tx: Transaction, conversation_id: str, position: int, kinds: tuple[Kind, ...], since: int) -> int:
    """How many letters of these kinds the participant was written since then."""
    rows = tx.all(
        "select kind from letters where conversation_id = :id and position = :position and created_at > :since",
        id=conversation_id,
        position=position,
        since=since,
    )
    return sum(1 for row in rows if Kind(row[0]) in kinds)


def receive(tx: Transaction, message_id: str, now: int, kept: int) -> bool:
    """Remember that mail came in; False where this Message-ID came before.

    Those older than `kept` seconds are forgotten.
    """
    tx.run("delete from received_mail where received_at < :before", before=now - kept)
    digest = sha256(message_id.encode(errors="replace")).hexdigest()
    return (
        tx.run(
            "insert into received_mail (digest, received_at) values (:digest, :now) on conflict (digest) do nothing",
            digest=digest,
            now=now,
        )
        == 1
    )
