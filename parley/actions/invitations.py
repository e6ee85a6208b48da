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
from parley.wire.words import joined

SERVICE = "Parley"  # where the operator's sender has no name
NOBODY = "no-reply@parley.invalid"  # RFC 2606 2: nobody ever gets what is sent there


def to_agreement(
    tx: Transaction, dc: DataCenter, conversation: Conversation, position: int, tzid: str | None = None
) -> Invitation:
    """The invitation of a complete conversation to one participant; no address of anybody else is in it.

    Times are told in the zone `tzid`, or in the conversation's.
    """
    one, zone = conversation.participants[position], tzid or conversation.tzid
    others = [other.common_name or "" for at, other in enumerate(conversation.participants) if at != position]
    names = joined([name for name in others if name])
    box = Mailbox("r", conversation.id.removeprefix("scv_"), position, one.generation)
    event = replace(
        of_agreement(conversation, {}),
        tzid=zone,
        end_tzid=zone,
        description=f"With {names}" if names else None,
        organizer=Attendee(answered_at(dc, box), _host(dc, conversation, position)),
        attendees=(Attendee(one.email, one.common_name, one.reply or "needs_action"),),
    )
    stamp = history.since(tx, conversation.id, Type.AGREED)
    return Invitation(event, conversation.created_at if stamp is None else stamp)


def _host(dc: DataCenter, conversation: Conversation, position: int) -> str | None:
    """Who invites: the organizer, whom nobody but the service can invite."""
    if position:
        return conversation.participants[0].common_name
    return (dc.settings.sender.display_name if dc.settings.sends_mail else "") or SERVICE


def answered_at(dc: DataCenter, box: Mailbox, otherwise: str | None = None) -> str:
    """The organizer's address in an invitation: where we read answers, where we do, or else the organizer's own."""
    return dc.mail_address(box) if dc.settings.sends_mail else otherwise or NOBODY
