"""What happened in each conversation; rows are added and never changed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from parley.core.conversation import Change, Entry, Type
from parley.store.database import Transaction


def add(tx: Transaction, conversation_id: str, changes: Sequence[Change], at: int, channel: str) -> None:
    """Add the changes, in this order."""
    if not changes:
        return
    first = count(tx, conversation_id) + 1
    for number, change in enumerate(changes, first):
        tx.run(
            "insert into history (conversation_id, number, at, type, position, channel, starts, detail)"
            " values (:id, :number, :at, :type, :position, :channel, :starts, :detail)",
            id=conversation_id,
            number=number,
            at=at,
            type=change.type.value,
            position=change.position,
            channel="engine" if change.type in (Type.CLEARED, Type.AGREED, Type.RAN_OUT) else channel,
            starts=msgspec.json.encode(change.starts).decode(),
            detail=change.detail or None,
        )


def count(tx: Transaction, conversation_id: str) -> int:
    """How many changes the conversation has seen."""
    row = tx.one("select coalesce(max(number), 0) from history where conversation_id = :id", id=conversation_id)
    return int(row[0]) if row else 0


def after(tx: Transaction, conversation_id: str, number: int, most: int) -> list[Entry]:
    """The changes behind this number, oldest first."""
    rows = tx.all(
        "select number, at, channel, type, position, starts, detail from history"
        " where conversation_id = :id and number > :number order by number limit :most",
        id=conversation_id,
        number=number,
        most=most,
    )
    return [
        Entry(
            row[0],
            row[1],
            row[2],
            Change(Type(row[3]), row[4], msgspec.json.decode(row[5], type=tuple[int, ...]), row[6] or ""),
        )
        for row in rows
    ]


def selections(tx: Transaction, conversation_id: str, position: int, channel: str, most: int) -> int:
    """How often the participant has selected through this channel; at most so many are counted."""
    rows = tx.all(
        "select number from history where conversation_id = :id and position = :position"
        " and type = :type and channel = :channel limit :most",
        id=conversation_id,
        position=position,
        type=Type.SELECTED.value,
        channel=channel,
        most=most,
    )
    return len(rows)


def selected_by(tx: Transaction, conversation_id: str, position: int) -> str | None:
    """Through which channel the participant has selected last; nothing where they have not."""
    row = tx.one(
        "select channel from history where conversation_id = :id and position = :position and type = :type"
        " order by number desc limit 1",
        id=conversation_id,
        position=position,
        type=Type.SELECTED.value,
    )
    return row[0] if row else None


def since(tx: Transaction, conversation_id: str, kind: Type) -> int | None:
    """When something of this kind first happened in the conversation."""
    row = tx.one(
        "select min(at) from history where conversation_id = :id and type = :type", id=conversation_id, type=kind.value
    )
    return int(row[0]) if row and row[0] is not None else None
