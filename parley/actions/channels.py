"""Channels: opening and closing them, and telling them of what happens."""

from __future__ import annotations

from collections.abc import Sequence

from parley.actions import deliveries
from parley.core import limits
from parley.core.access import AccountCaller
from parley.core.conversation import Change, Conversation, Type
from parley.core.errors import Fault, Invalid, NotFound
from parley.core.event import Entry
from parley.core.push import CHANGE, JOINED, UPDATED, VERIFICATION, Channel, Delivery, Wishes, delivery_id
from parley.data_center import DataCenter
from parley.store import accounts, channels, tokens
from parley.store import deliveries as stored
from parley.store.database import Transaction
from parley.wire import channels as wire
from parley.wire.writing import time_text

SEEN_BY_OTHERS = frozenset({Type.SELECTED, Type.CLEARED, Type.AGREED, Type.REPLIED, Type.BOUNCE})


def create(dc: DataCenter, caller: AccountCaller, wishes: Wishes) -> Channel:
    """A channel that does this, new or there already; raises Invalid when the account has too many."""
    fresh = Channel(dc.new_id("chn_"), caller.application, caller.account, wishes, dc.now())

    def record(tx: Transaction) -> Channel:
        accounts.lock(tx, [caller.account])
        there = channels.of_account(tx, caller.application, caller.account)
        for one in there:
            if one.wishes.are_those_of(wishes):
                return one
        if len(there) >= limits.CHANNELS:
            told = f"the account has {limits.CHANNELS} channels already"
            raise Invalid([Fault("callback_url", "errors.too_many", told)])
        channels.insert(tx, fresh)
        _tell(tx, dc, fresh, VERIFICATION)
        return fresh

    return dc.db.write(record)


def existing(tx: Transaction, caller: AccountCaller, channel_id: str) -> Channel:
    """The channel of this id, where it is the caller's; raises NotFound."""
    found = channels.find(tx, channel_id)
    if found is None or (found.application, found.account) != (caller.application, caller.account):
        raise NotFound
    return found


def close(dc: DataCenter, caller: AccountCaller, channel_id: str) -> None:
    """End a channel, and what is still to be sent to it; raises NotFound."""

    def record(tx: Transaction) -> None:
        accounts.lock(tx, [caller.account])
        end(tx, existing(tx, caller, channel_id))

    dc.db.write(record)


def end(tx: Transaction, channel: Channel) -> None:
    """Forget a channel, what was sent to it and what was to be."""
    accounts.lock(tx, [channel.account])
    channels.drop(tx, channel.id)
    deliveries.withdraw(tx, stored.forget_all(tx, channel.target))


def redeliver(dc: DataCenter, caller: AccountCaller, channel_id: str, delivery: str) -> None:
    """Have a delivery to the channel sent once more, under the same id; raises NotFound."""

    def record(tx: Transaction) -> None:
        accounts.lock(tx, [caller.account])
        channel = existing(tx, caller, channel_id)
        found = stored.find(tx, delivery)
        if found is None or found.target != channel.target:
            raise NotFound
        deliveries.send(tx, dc, found)

    dc.db.write(record)


def may_tell(tx: Transaction, delivery: Delivery) -> bool:
    """Whether it may be sent now: what a channel tells of an account needs its consent then, too."""
    channel = channels.find(tx, delivery.target.partition(":")[2])
    return channel is None or tokens.is_authorized(tx, channel.application, channel.account)


def tell_of_events(tx: Transaction, dc: DataCenter, changed: Sequence[Entry]) -> None:
    """Tell those who want to know that these events of one account have changed, each at its `updated_at`.

    What happens before an earlier word of it has gone out is told by that.
    """
    since = min(one.updated_at for one in changed)
    for channel in channels.listening(tx, changed[0].account):
        concerns = any(channel.tells_of(one.calendar_id, one.application) for one in changed)
        if concerns and not stored.is_untried(tx, channel.target, CHANGE, since):
            fresh = dc.new_id("")  # what changes within one second has to be told anew once the first word is out
            _tell(tx, dc, channel, CHANGE, fresh, changes_since=time_text(since))


def tell_of_conversation(
    tx: Transaction, dc: DataCenter, conversation: Conversation, changes: Sequence[Change]
) -> None:
    """Tell the accounts that take part that the conversation was opened, or that others see it otherwise now."""
    types = {one.type for one in changes}
    if not types & (SEEN_BY_OTHERS | {Type.CREATED}):
        return
    kind = JOINED if Type.CREATED in types else UPDATED
    for account in sorted(conversation.accounts):
        for channel in channels.listening(tx, account):
            if channel.application == conversation.application and channel.wishes.conversations:
                about = (conversation.id, str(conversation.version))
                _tell(tx, dc, channel, kind, *about, scheduling_conversation_id=conversation.id)


def _tell(tx: Transaction, dc: DataCenter, channel: Channel, kind: str, *about: str, **told: str) -> None:
    delivery = Delivery(
        id=delivery_id(channel.id, kind, *about),
        application=channel.application,
        target=channel.target,
        type=kind,
        url=channel.wishes.callback_url,
        body=wire.write_notification(channel, kind, told),
        created_at=dc.now(),
    )
    deliveries.put(tx, dc, delivery)
