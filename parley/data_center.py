"""One installation: its settings, its database, its secret, its clock and the ids that it gives."""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from hmac import digest
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from parley.core import access
from parley.settings import DEFAULT_BASE_URL, KEY_PATTERN, Settings
from parley.store import database
from parley.store.database import Database, Unusable

NONCE_BYTES = 12


class CannotStart(Exception):  # noqa: N818
    """The installation cannot be opened; the message says why and what to do."""


def clock() -> int:
    """Seconds since 1970, UTC."""
    return int(time.time())


@dataclass(frozen=True)
class DataCenter:
    """What every action needs."""

    settings: Settings
    base_url: str
    db: Database
    secret: bytes
    now: Callable[[], int] = clock

    def new_id(self, prefix: str) -> str:
        """An id that nobody has: the prefix and 24 hexadecimal digits."""
        return f"{prefix}{secrets.token_hex(12)}"

    def new_key(self) -> int:
        """A random internal key, below 2**62."""
        return secrets.randbits(62)

    def new_token(self, prefix: str) -> str:
        """A random token of 256 bits, fit for URLs."""
        return f"{prefix}{secrets.token_urlsafe(32)}"

    def url(self, path: str) -> str:
        """The public address of a path, never taken from a request."""
        return self.base_url + path

    def participant_token(self, conversation_id: str, position: int, generation: int) -> str:
        """The token of a participant's link."""
        return access.participant_token(self.secret, access.ParticipantToken(conversation_id, position, generation))

    def seal(self, text: str) -> str:
        """The text, readable to holders of the secret only."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return urlsafe_b64encode(nonce + self._cipher().encrypt(nonce, text.encode(), None)).decode()

    def unseal(self, sealed: str) -> str:
        """What was sealed; raises CannotStart where that was done with another key."""
        raw = urlsafe_b64decode(sealed)
        try:
            return self._cipher().decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None).decode()
        except InvalidTag as cause:
            raise CannotStart("the secret key is not the one that this database was made with; put it back") from cause

    def _cipher(self) -> AESGCM:
        return AESGCM(digest(self.secret, b"seal", sha256))


def opened(settings: Settings, base_url: str | None = None, now: Callable[[], int] = clock) -> DataCenter:
    """The installation that the settings describe, its database brought up to date; raises CannotStart."""
    os.umask(0o077)  # the data folder is 700 and every file in it 600, those that SQLite makes too
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.data_dir.chmod(0o700)
        secret = _secret(settings)
        db = _database(settings)
    except OSError as cause:
        raise CannotStart(
            f"cannot use {cause.filename or settings.data_dir}: {cause.strerror};"
            " make it writable, or name another folder with PARLEY_DATA_DIR"
        ) from cause
    address = base_url or settings.base_url or DEFAULT_BASE_URL
    return DataCenter(settings, address.rstrip("/"), db, secret, now)


def _database(settings: Settings) -> Database:
    where = settings.database or str(settings.data_dir / "parley.db")
    if not database.is_address(where):
        _private(Path(where))
    try:
        db = database.opened(where)
        db.migrate()
    except Unusable as cause:
        place = "the database server of PARLEY_DATABASE" if database.is_address(where) else f"{where} as a database"
        raise CannotStart(f"cannot use {place}: {cause}") from cause
    return db


def _private(path: Path) -> None:
    path.touch(mode=0o600)  # says plainly what is wrong with the place, before SQLite does in its own words
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)


def _secret(settings: Settings) -> bytes:
    if settings.secret_key:
        return _key(settings.secret_key)
    path = settings.data_dir / "secret.key"
    if not path.exists():
        draft = settings.data_dir / f"secret.{secrets.token_hex(4)}"
        draft.write_text(urlsafe_b64encode(secrets.token_bytes(32)).decode())
        try:
            os.link(draft, path)  # whoever comes first wins; nobody ever reads half a key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    text = path.read_text(errors="replace").strip()
    if not re.fullmatch(KEY_PATTERN, text):
        raise CannotStart(f"{path} does not hold a key (base64url of 32 bytes); put back the one that this folder had")
    return _key(text)


def _key(text: str) -> bytes:
    return urlsafe_b64decode(text.rstrip("=") + "=")
