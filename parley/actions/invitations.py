"""Invitations by iCalendar: whom they come from, so that answers to them reach us, and what they invite to."""

from __future__ import annotations

from dataclasses import replace

from parley.core.access import Mailbox
from parley.core.conversation import Conversation, Type
from parley.core.event import Attendee, of_agreement
from parley.data_center import DataCenter
from parley.store import history
from parley.store.database import Transaction
from parley.wire.invitation import Invitation

NOBODY = "no-reply@parley.invalid"  # RFC 2606 2: nobody ever gets what is sent there


def to_agreement(tx: Transaction, dc: DataCenter, conversation: Conversation, position: int) -> Invitation:
    """The invitation of a complete conversation to one participant; no address of anybody else is in it."""
    one = conversation.participants[position]
    agreed = of_agreement(conversation, {})
    names = [other.common_name for other in conversation.participants if other.common_name]
    box = Mailbox("r", conversation.id.removeprefix("scv_"), position, one.generation)
    event = replace(
        agreed,
        description=f"With {', '.join(names)}",
        organizer=Attendee(answered_at(dc, box), conversation.participants[0].common_name),
        attendees=(Attendee(one.email, one.common_name, one.reply or "needs_action"),),
    )
    stamp = history.since(tx, conversation.id, Type.AGREED)
    return Invitation(event, conversation.created_at if stamp is None else stamp)


def answered_at(dc: DataCenter, box: Mailbox, otherwise: str | None = None) -> str:
    """The organizer's address in an invitation: where we read answers, where we do, or else the organizer's own."""
    return dc.mail_address(box) if dc.settings.sends_mail else otherwise or NOBODY
