"""A letter about a conversation as a mail to one participant, with an invitation where one belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address

from parley.core.conversation import Conversation
from parley.core.letter import Letter
from parley.letters import render
from parley.letters.message import Addresses, Content, Mail, Thread, is_message_id, written
from parley.letters.view import View
from parley.wire.invitation import Invitation, request
from parley.wire.words import joined

SERVICE = "Parley"  # where the operator's sender has no name


@dataclass(frozen=True, slots=True)
class Way:
    """How it gets there and back; `page_url` is the recipient's page."""

    sender: Address
    to: str
    reply_to: str
    bounce_to: str
    page_url: str
    base_url: str
    can_reply: bool
    invitation: Invitation | None = None


def composed(letter: Letter, conversation: Conversation, way: Way, now: int) -> Mail:
    """The letter as a mail."""
    view = View(letter, conversation, way.page_url, way.base_url, way.can_reply, way.invitation is not None)
    calendar = request(way.invitation) if way.invitation else None
    thread = _thread(letter, way.sender.domain)
    subject = _subject(view) if thread.in_reply_to is None else f"Re: {_subject(view)}"
    content = Content(subject, render.text(view), render.html(view), calendar)
    sender = Address(_sender_name(view, way.sender), way.sender.username, way.sender.domain)
    name = view.name(letter.position)
    return written(Addresses(sender, way.to, name, way.reply_to, way.bounce_to), thread, content, now)


def _subject(view: View) -> str:
    """The same in every letter to one participant, so that mail programs show them together."""
    whom = view.others if view.is_organizer else [view.name(0)]
    names = joined([one for one in whom if one])
    return f"{view.title} with {names}" if names else view.title


def _sender_name(view: View, sender: Address) -> str:
    service = sender.display_name or SERVICE
    return f"{view.name(0)} (via {service})" if view.name(0) and not view.is_organizer else service


def _thread(letter: Letter, domain: str) -> Thread:
    references = tuple(one for one in letter.references if is_message_id(one))
    before = references[-1] if len(references) > 1 else None
    return Thread(f"<{letter.message_id}@{domain}>", before, references, is_answer=letter.answers is not None)
