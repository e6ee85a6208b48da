"""Conversations, one row each, saved against their version; and which accounts they concern."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from parley.core.conversation import Conversation
from parley.core.periods import FOREVER
from parley.store import accounts
from parley.store.database import Transaction

decoder = msgspec.json.Decoder(Conversation)
encoder = msgspec.json.Encoder()


def insert(tx: Transaction, conversation: Conversation) -> None:
    """Add a conversation."""
    tx.run(
        "insert into conversations (id, application_id, created_at, version, is_open, asks, document)"
        " values (:id, :application, :created_at, :version, :is_open, :asks, :document)",
        id=conversation.id,
        application=conversation.application,
        created_at=conversation.created_at,
        version=conversation.version,
        is_open=int(not conversation.is_complete),
        asks=int(conversation.asks),
        document=encoder.encode(conversation).decode(),
    )
    taking_part = set(conversation.accounts)
    creator = {conversation.creator} if conversation.creator is not None else set()
    for account in sorted(taking_part | creator):
        _concern(tx, conversation, account, takes_part=account in taking_part)


def _concern(tx: Transaction, conversation: Conversation, account: int, *, takes_part: bool) -> None:
    tx.run(
        "insert into conversation_accounts"
        " (account_key, conversation_id, application_id, created_at, takes_part, is_open)"
        " values (:account, :id, :application, :created_at, :takes_part, :is_open)",
        account=account,
        id=conversation.id,
        application=conversation.application,
        created_at=conversation.created_at,
        takes_part=int(takes_part),
        is_open=int(not conversation.is_complete),
    )


def find(tx: Transaction, conversation_id: str) -> Conversation | None:
    """The conversation of this id."""
    row = tx.one("select document from conversations where id = :id", id=conversation_id)
    return decoder.decode(row[0]) if row else None


def lock(tx: Transaction, conversation_id: str) -> Conversation | None:
    """The conversation of this id; nobody else changes it or its accounts' time before the transaction ends."""
    row = tx.one(f"select document from conversations where id = :id{tx.lock_rows}", id=conversation_id)
    if row is None:
        return None
    conversation: Conversation = decoder.decode(row[0])
    accounts.lock(tx, conversation.accounts)
    return conversation


def save(tx: Transaction, conversation: Conversation) -> Conversation:
    """Replace the stored conversation by this later state of the version that was read; the saved one."""
    saved = replace(conversation, version=conversation.version + 1)
    changed = tx.run(
        "update conversations set version = :version, is_open = :is_open, asks = :asks, document = :document"
        " where id = :id and version = :was",
        version=saved.version,
        is_open=int(not saved.is_complete),
        asks=int(saved.asks),
        document=encoder.encode(saved).decode(),
        id=saved.id,
        was=conversation.version,
    )
    if not changed:
        raise RuntimeError(f"conversation {saved.id} was changed by somebody else inside this transaction")
    if saved.is_complete:
        tx.run("update conversation_accounts set is_open = 0 where conversation_id = :id", id=saved.id)
    return saved


def open_of(tx: Transaction, account: int, application: str | None = None) -> list[str]:
    """Ids of the open conversations that the account takes part in, oldest first; those of one application, or all."""
    rows = tx.all(
        "select conversation_id from conversation_accounts"
        " where account_key = :account and is_open = 1 and takes_part = 1"
        " and (:every = 1 or application_id = :application) order by created_at, conversation_id",
        account=account,
        every=int(application is None),
        application=application or "",
    )
    return [row[0] for row in rows]


def with_open(tx: Transaction, account: int) -> list[str]:
    """The applications that have open conversations in which the account takes part."""
    rows = tx.all(
        "select distinct application_id from conversation_accounts"
        " where account_key = :account and is_open = 1 and takes_part = 1 order by application_id",
        account=account,
    )
    return [row[0] for row in rows]


def by_status(tx: Transaction) -> dict[str, int]:
    """How many conversations there are in which somebody must act, that wait, and that are complete."""
    rows = tx.all("select is_open, asks, count(*) from conversations group by is_open, asks")
    found = {"needs_action": 0, "waiting": 0, "complete": 0}
    for is_open, asks, number in rows:
        status = "complete" if not is_open else "needs_action" if asks else "waiting"
        found[status] += number
    return found


Mark = tuple[int, str]  # (created_at, id): where a page of a listing ends
LAST: Mark = (FOREVER, "")


def of_application(tx: Transaction, application: str, before: Mark, most: int) -> list[Conversation]:
    """The application's conversations from before the mark, newest first."""
    rows = tx.all(
        "select document from conversations where application_id = :application"
        " and (created_at, id) < (:at, :id) order by created_at desc, id desc limit :most",
        application=application,
        at=before[0],
        id=before[1],
        most=most,
    )
    return [decoder.decode(row[0]) for row in rows]


def count_of_application(tx: Transaction, application: str, most: int) -> int:
    """How many conversations the application has, as far as they are worth counting."""
    row = tx.one(
        "select count(*) from (select 1 from conversations where application_id = :application limit :most) as counted",
        application=application,
        most=most,
    )
    return int(row[0]) if row else 0


def of_account(tx: Transaction, application: str, account: int, before: Mark, most: int) -> list[Conversation]:
    """The application's conversations that the account created or takes part in, newest first."""
    rows = tx.all(
        "select c.document from conversation_accounts a join conversations c on c.id = a.conversation_id"
        " where a.account_key = :account and a.application_id = :application"
        " and (a.created_at, a.conversation_id) < (:at, :id)"
        " order by a.created_at desc, a.conversation_id desc limit :most",
        account=account,
        application=application,
        at=before[0],
        id=before[1],
        most=most,
    )
    return [decoder.decode(row[0]) for row in rows]


def count_of_account(tx: Transaction, application: str, account: int, most: int) -> int:
    """How many of them the account created or takes part in, as far as they are worth counting."""
    row = tx.one(
        "select count(*) from (select 1 from conversation_accounts"
        " where account_key = :account and application_id = :application limit :most) as counted",
        account=account,
        application=application,
        most=most,
    )
    return int(row[0]) if row else 0
