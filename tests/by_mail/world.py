"""A Parley with a mail house beside it, and two people: Grace has an account, Karl an address and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import icalendar

from tests.by_mail.houses import House, receiving
from tests.command_line.conftest import Serving, Shell
from tests.postfix import AUTHSERV_ID

GRACE, KARL = "grace@example.org", "karl@example.com"
PATIENCE = 60  # seconds for one letter to arrive
Found = TypeVar("Found")


def until(look: Callable[[], Found | None], what: str) -> Found:
    """What is found in the end."""
    deadline = time.monotonic() + PATIENCE
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise AssertionError(f"it never came: {what}")
        time.sleep(0.1)
    return found


@dataclass
class World:
    """The running service, as the application that opens conversations and as people with mailboxes see it."""

    house: House
    client: httpx2.Client
    sub: str

    def open(self, **changed: Any) -> str:
        """Open a conversation in which Grace's calendar answers and Karl must choose; its id."""
        day = (datetime.now(UTC) + timedelta(days=7)).replace(hour=0, minute=0, second=0, microsecond=0)
        periods = [
            {"start": _text(one + timedelta(hours=8)), "end": _text(one + timedelta(hours=12))}
            for one in (day, day + timedelta(days=1), day + timedelta(days=2))
        ]
        told = {
            "participants": [
                {"sub": self.sub, "common_name": "Grace Devlin", "slots": {"selection_method": "auto"}},
                {"email": KARL, "common_name": "Karl Cramer"},
            ],
            "tzid": "Europe/Berlin",
            "subject": "Roadmap",
            "event": {"location": {"description": "Room 4"}},
            "required_duration": {"minutes": 60},
            "available_periods": periods,
            **changed,
        }
        return str(self.call("POST", "/v1/scheduling_conversations", json=told)["scheduling_conversation_id"])

    def call(self, method: str, path: str, **more: Any) -> Any:
        """The JSON of an answer that must be 200."""
        answer = self.client.request(method, path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def conversation(self, conversation_id: str) -> dict[str, Any]:
        """The conversation as the application sees it."""
        found: dict[str, Any] = self.call("GET", f"/v1/scheduling_conversations/{conversation_id}")
        return found

    def history(self, conversation_id: str) -> list[dict[str, Any]]:
        """What has happened in it."""
        told = self.call("GET", f"/v1/scheduling_conversations/{conversation_id}/history")
        found: list[dict[str, Any]] = told["history"]
        return found

    def letter(self, name: str, number: int) -> EmailMessage:
        """The letter of this number, from 0, that arrives for somebody."""
        return until(lambda: dict(enumerate(self.house.letters(name))).get(number), f"letter {number} to {name}")

    def answer(self, letter: EmailMessage, sender: str, words: str) -> EmailMessage:
        """Answer a letter as a mail program does: to its Reply-To, with what was written quoted below."""
        reply = self.reply(letter, sender)
        quoted = "".join(f"> {line}\n" for line in text_of(letter).splitlines())
        reply.set_content(f"{words}\n\nOn Monday, {letter['From']} wrote:\n{quoted}")
        self.house.send(reply, sender, str(reply["To"]))
        return reply

    def accept(self, letter: EmailMessage, sender: str, partstat: str = "ACCEPTED") -> EmailMessage:
        """Answer an invitation as a calendar program does (RFC 5546 3.2.3)."""
        invited = icalendar.Calendar.from_ical(calendar_of(letter)).walk("VEVENT")[0]
        event = icalendar.Event()
        for name in ("UID", "SEQUENCE", "DTSTART", "DTEND", "ORGANIZER", "SUMMARY"):
            event[name] = invited[name]
        event.add("dtstamp", datetime.now(UTC))
        event.add("attendee", f"mailto:{sender}", parameters={"PARTSTAT": partstat})
        calendar = icalendar.Calendar()
        for name, value in (("prodid", "-//A calendar program//EN"), ("version", "2.0"), ("method", "REPLY")):
            calendar.add(name, value)
        calendar.add_component(event)
        reply = self.reply(letter, sender)
        reply.replace_header("To", str(invited["ORGANIZER"]).removeprefix("mailto:"))
        reply.set_content(f"{partstat.title()}: {invited['SUMMARY']}\n")
        reply.add_alternative(calendar.to_ical(), "text", "calendar", params={"method": "REPLY", "charset": "utf-8"})
        self.house.send(reply, sender, str(reply["To"]))
        return reply

    def reply(self, letter: EmailMessage, sender: str) -> EmailMessage:
        """The head of an answer to a letter."""
        reply = EmailMessage()
        reply["From"], reply["To"] = sender, str(letter["Reply-To"] or letter["From"])
        reply["Subject"] = f"Re: {letter['Subject']}"
        reply["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
        reply["In-Reply-To"] = str(letter["Message-ID"])
        reply["References"] = f"{letter['References'] or ''} {letter['Message-ID']}".strip()
        return reply


def text_of(letter: EmailMessage) -> str:
    """The plain text of a letter."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def calendar_of(letter: EmailMessage) -> bytes:
    """The invitation in a letter."""
    (part,) = [one for one in letter.walk() if one.get_content_type() == "text/calendar"]
    found: bytes = part.get_payload(decode=True)
    return found


def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


@contextmanager
def world(house: House, folder: Path) -> Iterator[World]:
    """A Parley over the house, in this folder, with nothing in it but an application and Grace."""
    settings = {
        "smtp_url": house.smtp_url,
        "mail_from": "Parley <parley@example.org>",
        "mail_authserv_id": AUTHSERV_ID,
        "log_level": "info",
        **house.settings,
    }
    shell = Shell(folder, settings)
    application = shell.json("application", "create", "By mail")
    sub = shell.json("account", "create", GRACE, "--name", "Grace Devlin", "--tzid", "Europe/Berlin")["sub"]
    shell.json("account", "grant", sub, application["client_id"])
    serving = Serving(shell)
    receiver = receiving(house.lmtp_port, shell.environment()) if house.lmtp_port else None
    bearer = {"Authorization": f"Bearer {application['client_secret']}"}
    try:
        with httpx2.Client(base_url=serving.url, headers=bearer, timeout=30) as client:
            yield World(house, client, sub)
    finally:
        for process in (serving.process, receiver):
            if process:
                process.terminate()
                process.communicate(timeout=PATIENCE)
