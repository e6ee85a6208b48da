"""People who answer by mail: an installation on every database, a mail server that keeps what we send, and answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import count

import pytest

from parley.actions.incoming import receive
from parley.core.access import Mailbox
from parley.core.conversation import Participant
from tests.actions.conftest import World, auto
from tests.conftest import ENGINES
from tests.mail_server import Kept, Server, serving

KARL, IDA, MALLORY = "karl@example.com", "ida@example.org", "mallory@example.net"
AUTHSERV_ID = "mx.example.org"
PASS = f"{AUTHSERV_ID}; dmarc=pass header.from=example.com"
numbers = count(1)


@dataclass
class Post(World):
    """One installation, its mail server, and what people send it."""

    server: Server = field(default_factory=Server)

    def asked(self, *others: Participant) -> str:
        """A conversation in which Grace's calendar answers and Karl has been asked by mail to choose a time."""
        grace = self.account(f"grace{next(numbers)}@example.org")
        talk = self.open(auto(grace), karl(), *others)
        self.work()
        return talk

    def address(self, talk: str, position: int = 1, purpose: str = "r") -> str:
        """The participant's secret address."""
        generation = self.talk(talk).participants[position].generation
        return self.dc.mail_address(Mailbox(purpose, talk.removeprefix("scv_"), position, generation))

    def letters(self, to: str = KARL) -> list[Kept]:
        """What we wrote to somebody."""
        self.work()
        return self.server.to(to)

    def mail(self, talk: str, text: str, **fields: str | None) -> EmailMessage:
        """Karl's answer to the last letter that he got; a field of None is left out."""
        made = EmailMessage()
        letters = self.server.to(KARL)
        told = {
            "Authentication_Results": PASS,
            "From": f"Karl Kapoor <{KARL}>",
            "To": self.address(talk),
            "Subject": "Re: Roadmap",
            "Date": format_datetime(datetime.fromtimestamp(self.dc.now(), UTC)),
            "Message_ID": f"<answer.{next(numbers)}@example.com>",
            "In_Reply_To": str(letters[-1].message["Message-ID"]) if letters else None,
            **fields,
        }
        for name, value in told.items():
            if value is not None:
                made[name.replace("_", "-")] = value
        made.set_content(text)
        return made

    def take(self, mail: EmailMessage | bytes, *recipients: str) -> str:
        """Hand a mail in; what becomes of it."""
        return receive(self.dc, mail if isinstance(mail, bytes) else mail.as_bytes(), recipients)

    def answer(self, talk: str, text: str, **fields: str | None) -> str:
        """Karl answers the last letter that he got; what becomes of it."""
        return self.take(self.mail(talk, text, **fields))

    def selected(self, talk: str, position: int = 1) -> tuple[int, ...]:
        """What the participant has chosen."""
        found = self.talk(talk)
        return tuple(found.selected(found.participants[position]))

    def with_settings(self, **changed: object) -> Post:
        """The same installation with other settings."""
        return replace(self, dc=replace(self.dc, settings=self.dc.settings.model_copy(update=changed)))


def karl(**more: object) -> Participant:
    return Participant(email=KARL, common_name="Karl Kapoor", **more)


def ida(**more: object) -> Participant:
    return Participant(email=IDA, common_name="Ida", **more)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Every database."""
    return request.param


@pytest.fixture
def mail_server() -> Iterator[Server]:
    """The mail server that takes what we write."""
    with serving() as one:
        yield one


@pytest.fixture
def post(dc, mail_server) -> Post:
    """An installation that sends mail, and reads answers."""
    told = {
        "smtp_url": mail_server.url(),
        "mail_from": "Parley <parley@example.org>",
        "mail_authserv_id": AUTHSERV_ID,
        "remind_after": 0,
    }
    made = Post(replace(dc, settings=dc.settings.model_copy(update=told)), mail_server)
    made.allow(max_participants=5)
    return made
