"""One installation: its settings, its database, its secret, its clock and the ids that it gives."""

from __future__ import annotations

import math
import os
import re
import secrets
import stat
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import digest
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from parley.core import access
from parley.settings import DEFAULT_BASE_URL, KEY_PATTERN, Settings
from parley.store import condition, database
from parley.store.database import Database, Unusable

NONCE_BYTES = 12
STRANGE_KEY = "the secret key is not the one that this database was made with; put it back"
WATCHED_SECONDS = 30


class CannotStart(Exception):  # noqa: N818
    """The installation cannot be opened; the message says why and what to do."""


def clock() -> int:
    """Seconds since 1970, UTC."""
    return int(time.time())


class Readiness:
    """Whether this process takes calls, and who wants to know."""

    def __init__(self) -> None:
        self.is_leaving = False
        self._first = self._last = -math.inf

    def ask(self, now: float) -> bool:
        """Whether calls are taken; `now` is of the monotonic clock."""
        if now - self._last > WATCHED_SECONDS:
            self._first = now
        self._last = now
        return not self.is_leaving

    def is_watched(self, now: float) -> bool:
        """Whether somebody asks again and again, as a balancer does, and so will find out."""
        return now - self._last < WATCHED_SECONDS and self._last - self._first > 1


@dataclass(frozen=True)
class DataCenter:
    """What every action needs."""

    settings: Settings
    base_url: str
    db: Database
    secret: bytes
    now: Callable[[], int] = clock
    readiness: Readiness = field(default_factory=Readiness)

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

    def mail_address(self, box: access.Mailbox) -> str:
        """Where mail about something comes to; only where `settings.sends_mail`."""
        sender = self.settings.sender
        return f"{sender.username}+{access.mail_token(self.secret, box)}@{sender.domain}"

    def seal(self, text: str) -> str:
        """The text, readable to holders of the secret only."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return urlsafe_b64encode(nonce + _cipher(self.secret).encrypt(nonce, text.encode(), None)).decode()

    def unseal(self, sealed: str) -> str:
        """What was sealed; raises CannotStart where that was done with another key."""
        try:
            return _unsealed(self.secret, sealed)
        except InvalidTag as cause:
            raise CannotStart(STRANGE_KEY) from cause


def is_sealed_with(secret: bytes, sealed: str) -> bool:
    """Whether this is the secret that something was sealed with."""
    try:
        _unsealed(secret, sealed)
    except (InvalidTag, ValueError):
        return False
    return True


def _unsealed(secret: bytes, sealed: str) -> str:
    raw = urlsafe_b64decode(sealed)
    return _cipher(secret).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None).decode()


def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(digest(secret, b"seal", sha256))


def opened(
    settings: Settings,
    base_url: str | None = None,
    now: Callable[[], int] = clock,
    tell: Callable[[str], None] = database.say_nothing,
) -> DataCenter:
    """The installation that the settings describe, its database brought up to date; raises CannotStart."""
    os.umask(0o077)  # the data folder is 700 and every file in it 600, those that SQLite makes too
    try:
        make_folder(settings)
        db = _database(settings, tell)
        secret = _secret(settings, db.read(condition.sealed_secret))
    except OSError as cause:
        raise CannotStart(
            f"cannot use {cause.filename or settings.data_dir}: {cause.strerror};"
            " make it writable, or name another folder with PARLEY_DATA_DIR"
        ) from cause
    address = base_url or settings.base_url or DEFAULT_BASE_URL
    return DataCenter(settings, address.rstrip("/"), db, secret, now)


def place(settings: Settings) -> str:
    """Where the database is, or is to be: a path, or an address."""
    return settings.database or str(settings.data_dir / "parley.db")


def make_folder(settings: Settings) -> None:
    """Have a data folder that nobody else can look into."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.data_dir.chmod(0o700)


def _database(settings: Settings, tell: Callable[[str], None]) -> Database:
    where = place(settings)
    if not database.is_address(where):
        _private(Path(where))
    try:
        db = database.opened(where)
        db.migrate(tell)
    except Unusable as cause:
        what = "the database server of PARLEY_DATABASE" if database.is_address(where) else f"{where} as a database"
        raise CannotStart(f"cannot use {what}: {cause}") from cause
    return db


def _private(path: Path) -> None:
    path.touch(mode=0o600)  # says plainly what is wrong with the place, before SQLite does in its own words
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)


def _secret(settings: Settings, sealed: str | None) -> bytes:
    """The key, made where there is none yet; `sealed` is something that was sealed with it, where anything was."""
    text = stored_key(settings)
    if text is None and sealed is not None:
        raise CannotStart(
            f"{settings.data_dir / 'secret.key'} is missing, with which this database was made; put it back"
        )
    while text is None:
        _make_key(settings.data_dir)
        text = stored_key(settings)
    secret = key_bytes(text)
    if sealed is not None and not is_sealed_with(secret, sealed):
        raise CannotStart(STRANGE_KEY)
    return secret


def stored_key(settings: Settings) -> str | None:
    """The key as text, of the setting or else of the data folder; None where there is none. Raises CannotStart."""
    path = settings.data_dir / "secret.key"
    if settings.secret_key or not path.exists():
        return settings.secret_key
    text = path.read_text(errors="replace").strip()
    if not re.fullmatch(KEY_PATTERN, text):
        raise CannotStart(f"{path} does not hold a key (base64url of 32 bytes); put back the one that this folder had")
    return text


def _make_key(folder: Path) -> None:
    draft = folder / f"secret.{secrets.token_hex(4)}"
    with draft.open("w") as file:
        file.write(urlsafe_b64encode(secrets.token_bytes(32)).decode())
        file.flush()
        os.fsync(file.fileno())  # before anything is sealed with it
    try:
        os.link(draft, folder / "secret.key")  # whoever comes first wins; nobody ever reads half a key
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def key_bytes(text: str) -> bytes:
    """The key that is written as this text."""
    return urlsafe_b64decode(text.rstrip("=") + "=")
