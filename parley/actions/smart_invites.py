"""Smart Invites: inviting, cancelling, removing; and the answers that come back by mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from parley.actions import deliveries
from parley.actions.invitations import answered_at, to_agreement
from parley.core import limits, push
from parley.core import smart_invite as core
from parley.core.access import Mailbox
from parley.core.errors import Fault, Invalid, NotFound
from parley.core.event import Attendee, Event
from parley.core.push import Delivery
from parley.core.reply import Answer
from parley.core.smart_invite import Method, Recipient, SmartInvite, Wanted
from parley.data_center import DataCenter
from parley.store import conversations
from parley.store import smart_invites as store
from parley.store.database import Transaction
from parley.wire import smart_invites as wire
from parley.wire.invitation import CANCEL, REQUEST, Invitation, request


@dataclass(frozen=True, slots=True)
class Invited:
    """What came of a call: the invitation, those whom the call is about, and all who are in their calendar file.

    `agreed` is what the file holds where it is the invitation to what a conversation agreed on.
    """

    invite: SmartInvite
    people: tuple[Recipient, ...]
    together: tuple[Recipient, ...] = ()
    agreed: Invitation | None = None


def put(dc: DataCenter, application: str, wanted: Wanted) -> Invited:
    """Invite, or call off; raises NotFound where there is nothing to call off."""
    draft = SmartInvite(dc.new_id(""), application, wanted.id)

    def record(tx: Transaction) -> Invited:
        if wanted.event is not None:
            store.add(tx, draft)
        invite = store.lock(tx, application, wanted.id)
        if invite is None:
            raise NotFound
        if wanted.event is None:
            return _called_off(tx, dc, invite, wanted)
        return _invited(tx, dc, replace(invite, **wanted.fields), wanted.emails, wanted.event)

    return dc.db.write(record)


def _invited(tx: Transaction, dc: DataCenter, invite: SmartInvite, emails: Sequence[str], event: Event) -> Invited:
    store.save(tx, invite)
    people, following = [], store.count(tx, invite.key)
    for email in emails:
        known = store.recipient(tx, invite.key, email)
        people.append(known or Recipient(following, email))
        following += known is None
    told = core.invited(people, replace(event, uid=invite.uid), dc.now())
    before = {one.position: one for one in store.everybody(tx, invite.key)} if following > limits.ATTENDEES else {}
    if core.are_too_many((before | {one.position: one for one in told}).values()):
        raise Invalid([Fault("recipients", "errors.too_many", f"at most {limits.ATTENDEES} of one smart_invite_id")])
    return _kept(tx, invite, told)


def _called_off(tx: Transaction, dc: DataCenter, invite: SmartInvite, wanted: Wanted) -> Invited:
    people = [_existing(tx, invite, email) for email in wanted.emails]
    return _kept(tx, invite, core.ended(people, wanted.method, dc.now()))


def _kept(tx: Transaction, invite: SmartInvite, people: Sequence[Recipient]) -> Invited:
    for one in people:
        store.put_recipient(tx, invite.key, one)
    return Invited(invite, tuple(people), tuple(people))


def _existing(tx: Transaction, invite: SmartInvite, email: str) -> Recipient:
    found = store.recipient(tx, invite.key, email)
    if found is None:
        raise NotFound
    return found


def status(tx: Transaction, dc: DataCenter, invite_id: str, application: str, email: str) -> Invited:
    """The application's invitation of this id to this address; raises NotFound.

    That of a complete conversation is derived from it, for participants who have nothing but an address.
    """
    invite = store.find(tx, application, invite_id)
    if invite is None:
        return _of_conversation(tx, dc, invite_id, application, email)
    found = _existing(tx, invite, email)
    others = store.at(tx, invite.key, found.together)
    together = (one for one in others if (one.method, one.sequence) == (found.method, found.sequence))
    return Invited(invite, (found,), tuple(together))


def _of_conversation(tx: Transaction, dc: DataCenter, invite_id: str, application: str, email: str) -> Invited:
    conversation = conversations.find(tx, invite_id)
    if conversation is None or conversation.application != application or not conversation.is_complete:
        raise NotFound
    for position, one in enumerate(conversation.participants):
        if one.account is None and one.email is not None and one.email.lower() == email.lower():
            agreed = to_agreement(tx, dc, conversation, position)
            answer = Recipient(
                position,
                one.email,
                agreed.event,
                status=one.reply or core.PENDING,
                comment=one.comment,
                proposed=one.proposed,
                replied_at=one.replied_at,
            )
            organizer = Attendee(None, conversation.participants[0].common_name)
            return Invited(SmartInvite("", application, invite_id, None, organizer), (answer,), agreed=agreed)
    raise NotFound


def replies(tx: Transaction, told: Invited) -> list[Recipient]:
    """The recipients who have answered."""
    if told.agreed is None:
        return store.replied(tx, told.invite.key)
    return [one for one in told.people if one.has_replied]


def calendar(dc: DataCenter, told: Invited) -> bytes:
    """The calendar file for the application to deliver; whoever gets it answers to us, where we read mail."""
    if told.agreed is not None:
        return request(told.agreed)
    invite, first = told.invite, told.people[0]
    own = invite.organizer or Attendee()
    address = answered_at(dc, Mailbox("i", invite.key, first.mailbox), own.email)
    event = replace(
        first.event,
        organizer=Attendee(address, own.display_name),
        attendees=tuple(one.attendee for one in told.together),
    )
    method = REQUEST if first.method is Method.REQUEST else CANCEL
    return request(Invitation(event, first.stamp, first.sequence, method))


def replied(dc: DataCenter, key: str, answer: Answer, sender: str) -> str:
    """Keep what a recipient answers, and tell the application; what became of it, in a word.

    The caller knows that the mail is really from `sender`; whoever is no recipient is not heard.
    """

    def record(tx: Transaction) -> str:
        invite = store.lock_key(tx, key)
        recipient = store.recipient(tx, key, sender) if invite else None
        if invite is None or recipient is None:
            return core.STRANGER
        named = store.recipient(tx, key, answer.attendee or "")
        others = [named.email] if named and named.method is not Method.REMOVE else []
        said, outcome = core.answered(invite, recipient, answer, dc.now(), others)
        store.put_recipient(tx, key, said)
        if outcome == core.RECORDED and invite.callback_url:
            deliveries.put(tx, dc, _delivery(invite, said, invite.callback_url, dc.now()))
        return outcome

    return dc.db.write(record)


def _delivery(invite: SmartInvite, recipient: Recipient, url: str, now: int) -> Delivery:
    body = wire.write_answer(invite, recipient)
    about = (invite.key, str(recipient.position), str(recipient.answers))
    target = f"smart_invite:{invite.key}"
    return Delivery(push.delivery_id(*about), invite.application, target, "smart_invite", url, body, now)
