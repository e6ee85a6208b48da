"""Pages of a listing. What a next page is asked with travels in its address, signed, so that nothing is stored.

The count is taken once, with the first page, and not beyond a limit. Rows that come after that are still seen: the last
page takes them too, and where it is full, another one follows.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from parley.core import access, limits
from parley.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of a listing: `query` is what was asked, `after` the mark where the page before it ended."""

    query: tuple[int | str, ...]
    until: int
    total: int = 0
    current: int = 1
    after: tuple[int | str, ...] = ()

    @property
    def most(self) -> int:
        """How many rows the page holds at most."""
        return limits.PAGE_SIZE if self.current < self.total else limits.LAST_PAGE_SIZE

    def counted(self, rows: int) -> Page:
        """The first page, once it is known how many rows there are."""
        return replace(self, total=max(1, -(-rows // limits.PAGE_SIZE)))

    def holding(self, rows: int) -> Page:
        """The page with so many rows: a full one is not the last, whatever was counted."""
        if self.current < self.total or rows < self.most:
            return self
        return replace(self, total=self.current + 1)


def first(now: int, *query: int | str) -> Page:
    """The first page of a listing; it is `counted` before it is used."""
    return Page(query, until=now + limits.PAGE_TOKEN_SECONDS)


def token(page: Page, whose: str, secret: bytes) -> str:
    """The page as a text that only the same caller can use."""
    body = urlsafe_b64encode(msgspec.msgpack.encode(page)).rstrip(b"=").decode()
    return f"{body}.{access.code(secret, 'page', f'{whose} {body}')}"


def read_token(text: str, whose: str, secret: bytes, now: int) -> Page:
    """The page that a token names, good anew for as long; raises NotFound where it is not this caller's or too old."""
    body, _, given = text.partition(".")
    if not hmac.compare_digest(access.code(secret, "page", f"{whose} {body}").encode(), given.encode()):
        raise NotFound
    try:
        page = msgspec.msgpack.decode(urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=Page)
    except (msgspec.DecodeError, binascii.Error) as cause:
        raise NotFound from cause
    if page.until <= now:
        raise NotFound
    return replace(page, until=now + limits.PAGE_TOKEN_SECONDS)


def write_pages(
    page: Page, path: str, after: tuple[int | str, ...] | None, whose: str, secret: bytes
) -> dict[str, Any]:
    """The `pages` of an answer; `path` is the absolute address that the token of a next page is put behind."""
    told: dict[str, Any] = {"current": page.current, "total": page.total}
    if page.current < page.total:
        following = replace(page, current=page.current + 1, after=after or page.after)
        told["next_page"] = f"{path}/{token(following, whose, secret)}"
    return told
