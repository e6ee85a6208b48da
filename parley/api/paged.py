"""Listings in pages: what all of them have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from parley.core.access import AccountCaller
from parley.data_center import DataCenter
from parley.store.database import Transaction
from parley.wire import paging
from parley.wire.exchange import Call
from parley.wire.paging import Page

Row = TypeVar("Row")
Mark = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """Rows in a fixed order: how many there are, those behind a mark (None: from the first), the mark of a row."""

    count: Callable[[Transaction], int]
    rows: Callable[[Transaction, Mark | None, int], Sequence[Row]]
    mark: Callable[[Row], Mark]


def first(dc: DataCenter, *query: int | str) -> Page:
    """The first page of what `query` asks for."""
    return paging.first(dc.now(), *query)


def following(dc: DataCenter, call: Call, path: str) -> Page:
    """The page that the call's token names; `path` is that of the listing. Raises NotFound."""
    return paging.read_token(call.path["token"], _whose(call, path), dc.secret, dc.now())


def show(
    dc: DataCenter, call: Call, path: str, page: Page, listing: Listing[Row]
) -> tuple[dict[str, Any], Sequence[Row]]:
    """The `pages` of the answer, and the rows of this page, all as of one moment."""

    def query(tx: Transaction) -> tuple[Page, Sequence[Row]]:
        counted = page if page.total else page.counted(listing.count(tx))
        return counted, listing.rows(tx, counted.after or None, counted.most)

    counted, rows = dc.db.read(query)
    counted = counted.holding(len(rows))
    after = listing.mark(rows[-1]) if rows else None
    return paging.write_pages(counted, dc.url(f"{path}/pages"), after, _whose(call, path), dc.secret), rows


def _whose(call: Call, path: str) -> str:
    caller = call.application()
    return f"{path} {caller.application} {caller.account if isinstance(caller, AccountCaller) else ''}"
