"""Whether the database can be read and is up to date, whether the key is its own, and whether messages get out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from parley import data_center
from parley.core import access
from parley.core.access import ParticipantToken
from parley.core.conversation import Conversation
from parley.data_center import CannotStart
from parley.doctor.finding import Finding, hint, well, wrong
from parley.settings import Settings
from parley.store import applications, condition, conversations, database, outbox
from parley.store.database import Transaction, Unusable
from parley.wire.writing import time_text

OVERDUE_SECONDS = 300


@dataclass(slots=True)
class Examined:
    """What was found, and what other checks need to know: the newest conversation, and the key where it is good."""

    findings: list[Finding] = field(default_factory=list)
    newest: Conversation | None = None
    key: bytes | None = None

    def link(self) -> str | None:
        """The token of a link that this installation must know."""
        if self.newest is None or self.key is None:
            return None
        first = ParticipantToken(self.newest.id, 0, self.newest.participants[0].generation)
        return access.participant_token(self.key, first)


def examined(settings: Settings, now: int) -> Examined:
    """Every check of the database."""
    told = Examined()
    where = data_center.place(settings)
    if not database.is_address(where) and not Path(where).exists():
        todo = "parley serve makes one; PARLEY_DATA_DIR and PARLEY_DATABASE say where"
        told.findings = [wrong("database", f"there is none at {where}", todo), *_key(settings, None, told)]
        return told
    try:
        with condition.reading(where) as tx:
            told.findings += _read(tx, settings, now, told)
    except Unusable as cause:
        todo = "see that it runs, and that PARLEY_DATABASE is right" if database.is_address(where) else _restore(where)
        told.findings += [wrong("database", f"it cannot be read: {cause}", todo), *_key(settings, None, told)]
    return told


def _restore(where: str) -> str:
    return f"keep a copy of {where} and what begins with its name, and restore a backup elsewhere"


def _read(tx: Transaction, settings: Settings, now: int, told: Examined) -> Iterator[Finding]:
    where = data_center.place(settings)
    if "migrations" not in condition.tables(tx, where):
        yield wrong("database", "there is nothing of Parley's in it", "run parley migrate, or start parley serve")
        yield from _key(settings, None, told)
        return
    yield well("database", "it can be read")
    up_to_date = _migrated(tx, where)
    yield up_to_date
    findings = list(_engine(tx, where))
    yield from findings
    if any(one.check == "integrity" and one.todo for one in findings):
        yield from _key(settings, None, told)  # what a damaged file says is worth nothing
        return
    yield from _key(settings, condition.sealed_secret(tx), told)
    if up_to_date.todo:
        return
    told.newest = _newest(tx)
    yield messages(outbox.waiting(tx), outbox.buried(tx), condition.overdue_since(tx, now), now)


def _migrated(tx: Transaction, where: str) -> Finding:
    had = condition.migrations(tx)
    try:
        missing = database.missing(had, "postgresql" if database.is_address(where) else "sqlite")
    except Unusable as cause:
        return wrong("migrations", str(cause), "this version must not work on it")
    if missing:
        names = ", ".join(name for name, _ in missing)
        return wrong("migrations", f"it has not had {names}", "run parley migrate, or start parley serve")
    return well("migrations", f"up to date: {had[-1]}")


def _engine(tx: Transaction, where: str) -> Iterator[Finding]:
    if database.is_address(where):
        from parley.doctor import postgresql  # not above: who keeps a file needs no PostgreSQL library

        yield from postgresql.examined(tx)
    else:
        from parley.doctor import sqlite

        yield from sqlite.examined(tx)


def _key(settings: Settings, sealed: str | None, told: Examined) -> Iterator[Finding]:
    """The key is there, and opens what was sealed."""
    place = "PARLEY_SECRET_KEY" if settings.secret_key else str(settings.data_dir / "secret.key")
    try:
        text = data_center.stored_key(settings)
    except (CannotStart, OSError) as cause:
        yield wrong("secret-key", str(cause), "a backup holds it")
        return
    if text is None and sealed is None:
        yield hint("secret-key", f"there is none at {place} yet", "parley serve makes it")
    elif text is None:
        yield wrong("secret-key", f"there is none at {place}", "put it back before parley serve makes another")
    elif sealed is not None and not data_center.is_sealed_with(data_center.key_bytes(text), sealed):
        yield wrong("secret-key", f"{place} is not the key of this database", "put back its own; a backup holds it")
    else:
        told.key = data_center.key_bytes(text)
        yield well("secret-key", f"{place}{', which opens what was sealed' if sealed else ''}")


def _newest(tx: Transaction) -> Conversation | None:
    found = [
        conversation
        for one in applications.every(tx)
        for conversation in conversations.of_application(tx, one.id, conversations.LAST, 1)
    ]
    return max(found, key=lambda one: one.created_at, default=None)


def messages(waiting: int, buried: int, overdue_since: int | None, now: int) -> Finding:
    """Messages get out: none was given up, and none waits for long that nobody takes."""
    if buried:
        todo = "parley outbox list --dead says why, parley outbox retry tries again"
        return wrong("outbox", f"{buried} messages were given up", todo)
    if overdue_since is not None and now - overdue_since > OVERDUE_SECONDS:
        todo = "see that parley serve or parley work runs on this database"
        return wrong("outbox", f"nobody has taken a message since {time_text(overdue_since)}", todo)
    return well("outbox", f"{waiting} waiting")
