"""A conversation's JSON: reading the request that opens one, writing one with its possible actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from parley.core import limits
from parley.core.access import Standing
from parley.core.conversation import (
    Conversation,
    Entry,
    EventDetails,
    Method,
    Participant,
    Proposal,
    possible_actions,
)
from parley.core.limits import DAY, Limits
from parley.core.periods import Period
from parley.wire import writing
from parley.wire.events import read_location
from parley.wire.reading import RANGE, Fields
from parley.wire.slots import write_chosen, write_slot
from parley.wire.writing import encode, present, time_text

METHODS = tuple(one.value for one in Method)


Name = tuple[str, str]  # "sub" or "email", and its value; addresses in lower case


def mentioned(values: Mapping[str, Any]) -> set[Name]:
    """Every sub and address in a request to open a conversation, to be looked up before it is read."""
    people = _people(values)
    listed = people if isinstance(people, list) else []
    elements = [one for one in listed[: limits.HIGHEST.max_participants] if isinstance(one, dict)]
    subs = {("sub", one["sub"]) for one in elements if isinstance(one.get("sub"), str)}
    return subs | {("email", one["email"].lower()) for one in elements if isinstance(one.get("email"), str)}


def _people(values: Mapping[str, Any]) -> Any:
    """The participants as they came, or what the earliest drafts called actors."""
    current = values.get("participants")
    return values.get("actors") if current is None or current == "" else current


def read_proposal(values: Mapping[str, Any], known: Mapping[Name, int], allowed: Limits, now: int) -> Proposal:
    """What a request to open a conversation asks for (docs/wire.md 2.2), or every complaint as Invalid.

    `known` maps those of the mentioned subs and addresses that are accounts of the application to their keys.
    """
    fields = Fields({**values, "participants": _people(values)})
    participants = _read_participants(fields, known, allowed)
    proposal = Proposal(
        participants=participants,
        tzid=fields.required_zone("tzid"),
        subject=fields.text("subject", limits.SUMMARY_LENGTH),
        event=_read_event(fields),
        duration=fields.duration("required_duration") or 0,
        periods=_read_periods(fields, allowed, now),
    )
    fields.finish()
    return proposal


def _read_participants(fields: Fields, known: Mapping[Name, int], allowed: Limits) -> tuple[Participant, ...]:
    elements = fields.objects("participants", allowed.max_participants)
    people: list[Participant] = []
    for element in elements:
        person = _read_participant(element, known)
        if any(_same(person, other) for other in people):
            element.fault("", "errors.not_unique", "is already a participant")
        people.append(person)
    if elements and elements[0].path == "participants[0]" and elements[0].get("common_name") is None:
        elements[0].required("common_name")
    return tuple(people)


def _same(one: Participant, other: Participant) -> bool:
    is_named = bool(one.key[1])  # a name that was refused is empty, and nobody's
    return (is_named and one.key == other.key) or (one.account is not None and one.account == other.account)


def _read_participant(fields: Fields, known: Mapping[Name, int]) -> Participant:
    sub = fields.text("sub", limits.KEY_LENGTH, ascii_only=True)
    email = fields.email("email")
    identity = "participant_id" if fields.get("participant_id") is not None else "actor_id"
    participant = Participant(
        participant_id=fields.text(identity, limits.KEY_LENGTH),
        sub=sub,
        email=email,
        common_name=fields.text("common_name", limits.NAME_LENGTH),
        managed_availability=fields.flag("managed_availability"),
        method=_read_method(fields),
        account=known.get(("sub", sub) if sub else ("email", (email or "").lower())),
    )
    if all(fields.get(name) is None for name in (identity, "sub", "email")):
        fields.fault("", "errors.required", "needs a participant_id, sub or email")
    if fields.has("members"):
        fields.fault("members", "errors.not_supported", "a participant is one person")
    if sub and participant.account is None:
        fields.fault("sub", "errors.not_recognized", "is not an account of this application")
    elif participant.method is Method.AUTO and participant.account is None:
        fields.fault("slots.selection_method", "errors.not_supported", "auto needs an account of this application")
    return participant


def _read_method(fields: Fields) -> Method:
    """`slots.selection_method`, or an older spelling of it (docs/wire.md 2.2)."""
    slots, choice = fields.object("slots"), fields.object("slot_choice")
    spellings = (
        slots.get("selection_method"),
        slots.get("choice_method"),
        choice.get("method"),
        fields.get("slot_choice_method"),
    )
    given = next((one for one in spellings if one is not None), None)
    current = Fields({"selection_method": given}, fields.path_of("slots"), fields.faults)
    return Method(current.choice("selection_method", METHODS) or Method.MANUAL)


def _read_event(fields: Fields) -> EventDetails | None:
    if fields.get("event") is None:
        return None
    return EventDetails(read_location(fields.object("event")))


def _read_periods(fields: Fields, allowed: Limits, now: int) -> tuple[Period, ...]:
    elements = fields.objects("available_periods", allowed.max_periods_at_creation)
    read = [(element, element.instant("start"), element.instant("end")) for element in elements]
    earliest = min((start for _, start, _ in read if start is not None), default=now)
    for element, start, end in read:
        if start is not None and start < now - limits.START_ALLOWANCE:
            element.fault("start", "errors.must_be_in_future", "must be in the future")
        if end is None:
            continue
        if start is not None and end < start + limits.SHORTEST_PERIOD:
            element.fault("end", "errors.invalid_time_pair", "must be at least 1 minute after start")
        elif end > earliest + allowed.max_days * DAY:
            element.fault("end", RANGE, f"must be within {allowed.max_days} days of the earliest start")
        elif end > now + limits.HORIZON:
            element.fault("end", RANGE, f"must be within {limits.HORIZON // DAY} days from now")
    return tuple(Period(start or 0, end or 0) for _, start, end in read)


def write_conversation(
    conversation: Conversation, standing: Standing, base_url: str, pages: Sequence[str]
) -> dict[str, Any]:
    """The conversation as somebody of this standing sees it; `pages` are the addresses of the participants' pages."""
    chosen = conversation.chosen
    return present(
        scheduling_conversation_id=conversation.id,
        participants=[
            write_participant(conversation, position, standing, base_url, pages)
            for position in range(len(conversation.participants))
        ],
        tzid=conversation.tzid,
        subject=conversation.subject,
        event=_write_event(conversation.event),
        required_duration={"minutes": conversation.duration // limits.MINUTE},
        available_periods=[{"start": time_text(one.start), "end": time_text(one.end)} for one in conversation.periods],
        chosen_slot=write_chosen(conversation.slot(chosen)) if chosen is not None else None,
        status="in_progress" if chosen is None else "complete",
    )


def write_participant(
    conversation: Conversation, position: int, standing: Standing, base_url: str, pages: Sequence[str]
) -> dict[str, Any]:
    """One participant; what is another's stays hidden from a participant (docs/wire.md 2.8)."""
    participant = conversation.participants[position]
    theirs = standing.reaches(position)
    status = conversation.status(participant)
    slots: dict[str, Any] = {"selection_method": participant.method.value}
    selected = conversation.selected(participant)
    if selected and (theirs or conversation.is_complete):
        slots["selected"] = [write_slot(conversation.slot(start)) for start in selected]
    url = f"{base_url}{slots_path(conversation.id, position)}"
    return present(
        participant_id=participant.participant_id,
        sub=participant.sub if theirs else None,
        email=participant.email if theirs else None,
        common_name=participant.common_name,
        managed_availability=participant.managed_availability,
        slots=slots,
        slot_choice={"method": participant.method.value},
        status=status.value,
        possible_actions={one.value: {"url": url} for one in possible_actions(status)} if theirs else {},
        page_url=pages[position] if theirs and standing.service is None else None,  # the page knows no limits
        invitation_status=participant.reply if theirs else None,
        email_refused=participant.bounced if theirs else None,
        email_stopped=(participant.unsubscribed or None) if theirs else None,
    )


def slots_path(conversation_id: str, position: int) -> str:
    """Where a participant's slots are listed (GET) and selected (POST)."""
    return f"/v1/scheduling_conversations/{conversation_id}/participants/{position}/slots"


def _write_event(event: EventDetails | None) -> dict[str, Any] | None:
    if event is None:
        return None
    return {"location": writing.location(event.location)} if event.location else {}


def envelope(told: dict[str, Any]) -> bytes:
    """The answer to create, read and select: the fields bare, and once more under `scheduling_conversation`.

    The published pages show the one, the Ruby library reads the other (docs/wire.md 2.1).
    """
    bare = encode(told)
    return b"".join((bare[:-1], b',"scheduling_conversation":', bare, b"}"))


def write_history(entries: Iterable[Entry], conversation: Conversation) -> list[dict[str, Any]]:
    """What happened, oldest first; `participant` is a position, or null."""
    return [_write_entry(entry, conversation) for entry in entries]


def _write_entry(entry: Entry, conversation: Conversation) -> dict[str, Any]:
    change = entry.change
    told = {
        "at": time_text(entry.at),
        "type": change.type.value,
        "participant": change.position,
        "channel": entry.channel,
    }
    slots = [write_slot(conversation.slot(start)) for start in change.starts]
    return {**told, **({"slots": slots} if slots else {}), **({"detail": change.detail} if change.detail else {})}
