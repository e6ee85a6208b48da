"""Something is to be sent to an application, signed with its secrets, until it takes it or has been asked often enough.

A delivery that was given up is no dead letter: it is kept with what became of it, and whoever it was for can have it
sent once more.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial

import msgspec

from parley import outbound
from parley.actions import channels as actions
from parley.core import signature
from parley.core.delivery import Again, after_push
from parley.core.limits import ATTEMPTS_KEPT
from parley.core.push import DELIVERED, FAILED, GONE, Attempt, Delivery
from parley.data_center import DataCenter
from parley.errands import AGAIN, DONE, GIVEN_UP
from parley.store import applications, channels, deliveries, outbox
from parley.store.database import Transaction
from parley.store.outbox import Message

CONTENT_TYPE = {"Content-Type": "application/json; charset=utf-8"}
NO_LONGER = 410
NO_CONSENT = "no_consent"


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of an attempt, and for how many seconds the receiver wants to be left alone."""

    attempt: Attempt
    pause: int = 0


def run(dc: DataCenter, message: Message, still_holds: Callable[[], bool]) -> str:
    """Send it, and keep what became of that."""
    delivery = dc.db.read(deliveries.find, msgspec.json.decode(message.document, type=str))
    if delivery is None:  # forgotten meanwhile
        dc.db.write(partial(outbox.done, message=message))
        return GIVEN_UP
    if dc.db.read(actions.may_tell, delivery):
        tried = _tried(dc, delivery, _keys(dc, delivery.application))
    else:
        tried = Tried(Attempt(dc.now(), NO_CONSENT))
    return dc.db.write(lambda tx: _record(tx, dc, message, delivery, tried))


def _keys(dc: DataCenter, application: str) -> list[str]:
    return [dc.unseal(one.sealed) for one in dc.db.read(applications.secrets, application, dc.now())]


def _tried(dc: DataCenter, delivery: Delivery, keys: list[str]) -> Tried:
    at, body = dc.now(), delivery.body.encode()
    headers = {**CONTENT_TYPE, **signature.headers(delivery.id, at, body, keys)}
    try:
        answer = outbound.post(delivery.url, body, headers, dc.settings.outbound_allowed)
    except outbound.Refused:
        return Tried(Attempt(at, "not_allowed"))
    except outbound.Failed as failed:
        return Tried(Attempt(at, str(failed).replace(" ", "_")))
    return Tried(Attempt(at, _outcome(answer.status), answer.status), retry_after(answer.headers, dc.now()))


def _outcome(status: int) -> str:
    if status == NO_LONGER:
        return GONE
    return DELIVERED if 200 <= status < 300 else FAILED


def retry_after(headers: Mapping[str, str], now: int) -> int:
    """How many seconds the receiver asks to be left alone for; 0 where it does not, or not in a known way."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return int(text[:9])
    try:
        return max(0, int(parsedate_to_datetime(text).timestamp()) - now)
    except (ValueError, OverflowError):
        return 0


def _record(tx: Transaction, dc: DataCenter, message: Message, delivery: Delivery, tried: Tried) -> str:
    if tried.attempt.outcome == GONE and (channel := channels.find(tx, delivery.target.partition(":")[2])):
        actions.end(tx, channel)  # and this message with it
        return GONE
    deliveries.add_attempt(tx, delivery.id, tried.attempt, ATTEMPTS_KEPT)
    if tried.attempt.outcome in (DELIVERED, GONE):
        outbox.done(tx, message)
        return DONE if tried.attempt.outcome == DELIVERED else GIVEN_UP
    match after_push(message.attempts, random.random(), tried.pause):  # noqa: S311
        case Again(seconds):
            outbox.again(tx, message, dc.now() + seconds)
            return AGAIN
        case _:
            outbox.done(tx, message)
            return GIVEN_UP
