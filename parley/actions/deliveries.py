"""Sending something to an application: what is put into the outbox for it, and how it is sent once more."""

from __future__ import annotations

import msgspec

from parley.core.limits import DELIVERIES_KEPT, DELIVERY_SECONDS, FORGOTTEN_AT_ONCE
from parley.core.push import Delivery
from parley.data_center import DataCenter
from parley.store import deliveries, outbox
from parley.store.database import Transaction
from parley.store.outbox import Task


def put(tx: Transaction, dc: DataCenter, delivery: Delivery) -> None:
    """Have it sent; once only, however often it is put. Old deliveries to the same target are forgotten meanwhile."""
    if not deliveries.add(tx, delivery):
        return
    send(tx, dc, delivery)
    before = dc.now() - DELIVERY_SECONDS
    withdraw(tx, deliveries.forget(tx, delivery.target, DELIVERIES_KEPT, before, FORGOTTEN_AT_ONCE))


def send(tx: Transaction, dc: DataCenter, delivery: Delivery) -> None:
    """Have a delivery tried at once, as if for the first time."""
    document = msgspec.json.encode(delivery.id).decode()
    outbox.put(tx, Task(delivery.message, "push", delivery.lane, document), dc.now())


def withdraw(tx: Transaction, forgotten: list[str]) -> None:
    """Have deliveries that are no more not sent any more."""
    for one in forgotten:
        outbox.drop(tx, f"push:{one}")
