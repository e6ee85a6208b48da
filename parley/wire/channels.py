"""JSON to wishes for a channel; channels, notifications and deliveries to JSON (docs/wire.md 11)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from parley.core.push import Attempt, Channel, Delivery, Wishes
from parley.wire.event_query import read_calendar_ids
from parley.wire.reading import Fields
from parley.wire.writing import encode, present, time_text


def read_wishes(values: Mapping[str, Any], calendar_ids: Collection[str], is_refused: Callable[[str], bool]) -> Wishes:
    """What a channel is to do, in an account with these calendars, or every complaint as Invalid."""
    fields = Fields(values)
    filters, conversations = fields.object("filters"), fields.object("scheduling_conversations")
    wishes = Wishes(
        callback_url=fields.callback("callback_url", is_refused),
        calendar_ids=tuple(dict.fromkeys(read_calendar_ids(filters, calendar_ids))),
        only_managed=filters.flag("only_managed"),
        conversations=conversations.flag("enabled"),
    )
    fields.finish()
    return wishes


def write_channel(channel: Channel) -> dict[str, Any]:
    """A channel as answers and notifications tell it."""
    wishes = channel.wishes
    filters = present(calendar_ids=wishes.calendar_ids or None, only_managed=wishes.only_managed or None)
    told = {"channel_id": channel.id, "callback_url": wishes.callback_url, "filters": filters}
    return told | ({"scheduling_conversations": {"enabled": True}} if wishes.conversations else {})


def write_notification(channel: Channel, kind: str, told: Mapping[str, str]) -> str:
    """What a channel is sent, byte for byte."""
    return encode({"notification": {"type": kind, **told}, "channel": write_channel(channel)}).decode()


def write_delivery(delivery: Delivery) -> dict[str, Any]:
    """A delivery, and what became of it."""
    next_at = None if delivery.next_at is None else time_text(delivery.next_at)
    return {
        "delivery_id": delivery.id,
        "type": delivery.type,
        "created_at": time_text(delivery.created_at),
        "state": delivery.state,
        "attempts": [_attempt(one) for one in delivery.attempts],
        **present(next_attempt_at=next_at),
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {"at": time_text(attempt.at), "outcome": attempt.outcome, **present(status=attempt.status)}
