"""Opening a conversation, listing its slots, selecting some, settling it when somebody's time has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from parley.actions import asking, channels, letters, services
from parley.actions.calendars import event_message, settle_later
from parley.core import conversation as core
from parley.core import event
from parley.core.access import AccountCaller, ApplicationCaller
from parley.core.availability import Availability
from parley.core.conversation import Action, Change, Conversation, Proposal, Type
from parley.core.errors import AccountRevoked, Fault, Invalid, NotFound, NotYourTurn, SlotsTaken
from parley.core.limits import Limits
from parley.core.periods import Period, hull
from parley.data_center import DataCenter
from parley.store import accounts, applications, bookings, busy, conversations, history, outbox, tokens
from parley.store.database import Transaction
from parley.store.outbox import Task
from parley.wire.conversations import Name


def known_accounts(tx: Transaction, application: str, mentioned: Iterable[Name]) -> dict[Name, int]:
    """Those of the subs and addresses that are accounts of the application, with their keys."""
    found = {}
    for name in mentioned:
        account = accounts.by_sub(tx, name[1]) if name[0] == "sub" else accounts.by_email(tx, name[1])
        if account and tokens.is_authorized(tx, application, account.key):
            found[name] = account.key
    return found


def limits_of(tx: Transaction, application: str) -> Limits:
    """What the application may ask for."""
    found = applications.find(tx, application)
    return found.limits if found else Limits()


def create(dc: DataCenter, caller: ApplicationCaller | AccountCaller, proposal: Proposal) -> Conversation:
    """Open a conversation; one between `auto` participants is agreed at once where their time allows."""
    draft = Conversation(
        id=dc.new_id("scv_"),
        application=caller.application,
        creator=caller.account if isinstance(caller, AccountCaller) else None,
        created_at=dc.now(),
        participants=proposal.participants,
        tzid=proposal.tzid,
        subject=proposal.subject,
        event=proposal.event,
        duration=proposal.duration,
        periods=proposal.periods,
    )

    def record(tx: Transaction) -> Conversation:
        accounts.lock(tx, draft.accounts)
        if withdrawn := revoked(tx, draft):
            raise Invalid([Fault(f"participants[{withdrawn[0]}]", "errors.not_recognized", "is no longer an account")])
        opened, changes = _decided(tx, dc, draft)
        conversations.insert(tx, opened)
        _follow_up(tx, dc, opened, [Change(Type.CREATED), *changes], "api")
        return opened

    opened = dc.db.write(record)
    return opened


def listed(
    tx: Transaction, conversation: Conversation, position: int, now: int, service: str | None = None
) -> list[Period]:
    """The slots to show to the participant at `position`, ascending; none once the conversation is complete.

    To a conversation service those inside its limits.
    """
    status = conversation.status(conversation.participants[position])
    if conversation.is_complete or (status, Action.LIST) not in core.MAY:
        return []
    most = limits_of(tx, conversation.application).max_listed_slots
    open_to_them = available(tx, conversation, now).without(services.closed(tx, service, conversation, position, now))
    return [conversation.slot(start) for start in open_to_them.listed(conversation.standing(position), most)]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the participant at `position` chooses, and through which channel.

    `tzid` is the zone in which they looked at the slots, where that is known; mail to them keeps to it. `service` is
    the conversation service that chooses for them, inside its limits.
    """

    position: int
    starts: Sequence[int | None]
    channel: str
    tzid: str | None = None
    service: str | None = None


def select_slots(dc: DataCenter, conversation_id: str, choice: Choice) -> Conversation:
    """A participant chooses slots; the conversation as it stands afterwards.

    Raises what `core.conversation.select` raises, SlotsTaken with the slots that are free now, AccountRevoked, and
    NotYourTurn where services have chosen often enough for this participant.
    """
    position = choice.position

    def record(tx: Transaction) -> Conversation:
        conversation = _locked(tx, conversation_id)
        if not conversation.is_complete and revoked(tx, conversation):
            raise AccountRevoked
        now = dc.now()
        slots = available(tx, conversation, now)
        theirs = slots.without(services.closed(tx, choice.service, conversation, position, now))
        decided, changes = core.select(conversation, position, choice.starts, slots, theirs)
        if changes and choice.service is not None and asking.has_chosen_enough(tx, conversation, position):
            raise NotYourTurn
        if choice.tzid is not None:
            person = replace(decided.participants[position], tzid=choice.tzid)
            decided = core.with_participant(decided, position, person)
        return _saved(tx, dc, decided, changes, choice.channel)

    try:
        saved = dc.db.write(record)
    except SlotsTaken as refusal:
        raise SlotsTaken(refusal.indices, dc.db.read(_fresh, conversation_id, choice, dc.now())) from refusal
    return saved


def _fresh(tx: Transaction, conversation_id: str, choice: Choice, now: int) -> list[Period]:
    return listed(tx, existing(tx, conversation_id), choice.position, now, choice.service)


def settle_account(
    dc: DataCenter, account: int, application: str | None = None, may_go_on: Callable[[], bool] = lambda: True
) -> bool:
    """Settle every open conversation that the account takes part in, because its time has changed.

    Those of one application, or of all. False where it may not go on to the end.
    """
    for conversation_id in dc.db.read(conversations.open_of, account, application):
        if not may_go_on():
            return False
        if dc.db.read(_is_unsettled, dc, conversation_id):  # most stay as they are
            settle(dc, conversation_id)
    return True


def _is_unsettled(tx: Transaction, dc: DataCenter, conversation_id: str) -> bool:
    _, changes = _settled(tx, dc, existing(tx, conversation_id))
    return bool(changes)


def settle(dc: DataCenter, conversation_id: str) -> Conversation:
    """Bring a conversation in line with its participants' present time."""

    def record(tx: Transaction) -> Conversation:
        settled, changes = _settled(tx, dc, _locked(tx, conversation_id))
        return _saved(tx, dc, settled, changes, "engine")

    return dc.db.write(record)


def _locked(tx: Transaction, conversation_id: str) -> Conversation:
    conversation = conversations.lock(tx, conversation_id)
    if conversation is None:
        raise NotFound
    return conversation


def _settled(tx: Transaction, dc: DataCenter, conversation: Conversation) -> core.Decision:
    if conversation.is_complete or revoked(tx, conversation):
        return conversation, []
    return _decided(tx, dc, conversation)


def _decided(tx: Transaction, dc: DataCenter, conversation: Conversation) -> core.Decision:
    slots = available(tx, conversation, dc.now())
    decision = core.settle(conversation, slots)
    return core.running_out(decision, slots) if dc.settings.sends_mail else decision  # else there is nobody to tell


def available(tx: Transaction, conversation: Conversation, now: int) -> Availability:
    """What can be chosen in the conversation, given everybody's time as this transaction sees it."""
    window = hull(conversation.periods)
    blocked: list[Period] = []
    for participant in conversation.participants:
        if participant.account is None:
            continue
        if not tokens.is_authorized(tx, conversation.application, participant.account):
            blocked.append(window)  # their calendar may no longer be read, so no time is known to be free
            continue
        managed = participant.managed_availability
        hours = busy.hours(tx, conversation.application, participant.account, window) if managed else None
        blocked += busy.of(tx, participant.account, window, hours.counts if hours else None)
        blocked += hours.closed(window) if hours else []
    return Availability(conversation.periods, conversation.duration, blocked, now)


def existing(tx: Transaction, conversation_id: str) -> Conversation:
    """The conversation of this id; raises NotFound."""
    conversation = conversations.find(tx, conversation_id)
    if conversation is None:
        raise NotFound
    return conversation


def revoked(tx: Transaction, conversation: Conversation) -> list[int]:
    """Positions of participants whose account no longer lets the application act for it."""
    return [
        position
        for position, one in enumerate(conversation.participants)
        if one.account is not None and not tokens.is_authorized(tx, conversation.application, one.account)
    ]


def _saved(
    tx: Transaction, dc: DataCenter, conversation: Conversation, changes: Sequence[Change], channel: str
) -> Conversation:
    if not changes:
        return conversation
    saved = conversations.save(tx, conversation)
    _follow_up(tx, dc, saved, changes, channel)
    return saved


def _follow_up(
    tx: Transaction, dc: DataCenter, conversation: Conversation, changes: Sequence[Change], channel: str
) -> None:
    """Record what comes with the changes: history, and for an agreement the bookings and the events to write."""
    history.add(tx, conversation.id, changes, dc.now(), channel)
    channels.tell_of_conversation(tx, dc, conversation, changes)
    for position in core.to_ask(conversation, changes):
        asking.ask(tx, dc, conversation, position)
    letters.follow(tx, dc, conversation, changes)
    if conversation.chosen is None:
        return
    for account in sorted(conversation.accounts):
        bookings.take(tx, conversation.id, account, conversation.slot(conversation.chosen))
        settle_later(tx, account, dc.now())
    for message in _agreed_events(tx, conversation):
        document = msgspec.json.encode(message).decode()
        name, lane = event_message(conversation.id, message.account), f"event:{conversation.application}"
        outbox.put(tx, Task(name, "event", lane, document, message.account), dc.now())


def _agreed_events(tx: Transaction, conversation: Conversation) -> list[event.AgreedEvent]:
    found = {key: accounts.find(tx, key) for key in conversation.accounts}
    emails = {key: account.email for key, account in found.items() if account and account.email}
    agreed = event.of_agreement(conversation, emails)
    return [
        event.AgreedEvent(
            conversation_id=conversation.id,
            position=position,
            account=one.account,
            calendar_id=accounts.calendars(tx, one.account)[0].id,
            application=conversation.application,
            event=agreed,
        )
        for position, one in enumerate(conversation.participants)
        if one.account is not None
    ]
