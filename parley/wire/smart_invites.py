"""Smart Invites as JSON: what asks for one, how one is told, and what is sent when somebody answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from parley.core import limits
from parley.core.event import Attendee, Event, empty
from parley.core.proposed import Proposed
from parley.core.smart_invite import Method, Recipient, SmartInvite, Wanted
from parley.wire import writing
from parley.wire.events import read_change
from parley.wire.reading import Fields
from parley.wire.writing import encode, moment_text, present, time_text

METHODS = tuple(one.value for one in Method)
OF_CONVERSATION = re.compile(r"scv_[0-9a-f]{24}")


def read_wanted(values: Mapping[str, Any], is_refused: Callable[[str], bool]) -> Wanted:
    """What an application asks for (docs/wire.md 13.1), or every complaint as Invalid."""
    fields = Fields(values)
    invite_id = fields.required_text("smart_invite_id", limits.KEY_LENGTH)
    if OF_CONVERSATION.fullmatch(invite_id):
        fields.fault("smart_invite_id", "errors.not_supported", "such ids are those of conversations")
    method = Method(fields.choice("method", METHODS) or Method.REQUEST)
    wanted = Wanted(
        id=invite_id,
        emails=_emails(fields),
        method=method,
        is_list=fields.get("recipients") is not None,
        event=_read_event(fields, invite_id) if method is Method.REQUEST else None,
        fields=_named(fields, is_refused),
    )
    fields.finish()
    return wanted


def _emails(fields: Fields) -> tuple[str, ...]:
    """The addresses of `recipient` or of `recipients`, each once."""
    if fields.get("recipients") is None:
        recipient = _needed(fields, "recipient")
        return (_email(recipient),) if recipient else ()
    if fields.get("recipient") is not None:
        fields.fault("recipients", "errors.not_supported", "name a recipient or recipients, not both")
    found: dict[str, str] = {}
    for one in fields.objects("recipients", limits.ATTENDEES):
        email = _email(one)
        if email.lower() in found:
            one.fault("email", "errors.not_unique", "is named already")
        found |= {email.lower(): email} if email else {}
    return tuple(found.values())


def _email(fields: Fields) -> str:
    fields.need("email")
    return fields.email("email") or ""


def _named(fields: Fields, is_refused: Callable[[str], bool]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    if fields.has("callback_url"):
        wants_none = fields.get("callback_url") is None
        named["callback_url"] = None if wants_none else fields.callback("callback_url", is_refused)
    if fields.has("organizer"):
        person = fields.object("organizer")
        organizer = Attendee(person.email("email"), person.text("name", limits.NAME_LENGTH))
        named["organizer"] = None if organizer == Attendee() else organizer
    return named


def _read_event(fields: Fields, invite_id: str) -> Event | None:
    before = len(fields.faults)
    event = _needed(fields, "event")
    change = read_change(event, invite_id) if event else None
    if change is None or len(fields.faults) > before:
        return None
    return change.applied_to(empty(invite_id, "", ""), "Etc/UTC")


def _needed(fields: Fields, name: str) -> Fields | None:
    """The object of this name, which must be there."""
    fields.need(name)
    inner = fields.object(name)
    return inner if isinstance(fields.get(name), dict) else None


def write_smart_invite(invite: SmartInvite, people: Sequence[Recipient], *, is_list: bool) -> dict[str, Any]:
    """The invitation to these recipients, who were invited together."""
    organizer = invite.organizer
    told = [write_recipient(one) for one in people]
    return present(
        method=people[0].method.value,
        smart_invite_id=invite.id,
        callback_url=invite.callback_url,
        **({"recipients": told} if is_list else {"recipient": told[0]}),
        organizer=present(name=organizer.display_name, email=organizer.email) if organizer else None,
        event=_write_event(people[0].event),
    )


def write_recipient(recipient: Recipient) -> dict[str, Any]:
    """A recipient, and what is known of their answer."""
    return present(
        email=recipient.email,
        status=recipient.status,
        comment=recipient.comment,
        proposal=_write_proposal(recipient.proposed) if recipient.proposed else None,
    )


def _write_proposal(proposed: Proposed) -> dict[str, Any]:
    return {
        name: {"time": moment_text(moment, proposed.tzid), "tzid": proposed.tzid}
        for name, moment in (("start", proposed.start), ("end", proposed.end))
    }


def _write_event(event: Event) -> dict[str, Any]:
    start: int | date
    start, end = event.days or (event.period.start, event.period.end)
    return present(
        summary=event.summary,
        description=event.description,
        start=_plain(start),
        end=_plain(end),
        tzid=event.tzid,
        location=(writing.location(event.location) or None) if event.location else None,
        url=event.url,
        reminders=[{"minutes": one} for one in event.reminders] or None,
        transparency=event.transparency,
        color=event.color,
        event_private=event.event_private or None,
    )


def _plain(moment: int | date) -> str:
    return time_text(moment) if isinstance(moment, int) else moment.isoformat()


def write_answer(invite: SmartInvite, recipient: Recipient) -> str:
    """What the application is sent when a recipient has answered, byte for byte."""
    told = write_recipient(recipient)
    about = present(
        method=recipient.method.value,
        smart_invite_id=invite.id,
        callback_url=invite.callback_url,
        recipient=told,
        reply=told,
    )
    return encode({"notification": {"type": "smart_invite"}, "smart_invite": about}).decode()
