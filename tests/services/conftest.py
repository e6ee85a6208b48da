"""Conversation services over a real Parley, pushed to a real HTTP server; mail to the others waits in the outbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from parley import data_center, worker
from parley.core.access import ParticipantToken, participant_token
from parley.data_center import DataCenter
from parley.settings import Settings
from parley.store import conversations, history, outbox
from parley.store.database import Transaction
from tests.conftest import ENGINES, Application, Client, Clock, Person, Service, slots_path
from tests.make import person, proposal
from tests.receiver import Received, Receiver, receiving

SERVICES = "/v1/conversation_services"
TIMEOUT = 600
OURS = ("ask", "asked", "prove")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Every database."""
    return request.param


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Where the service of the participant listens."""
    with receiving() as started:
        yield started


@pytest.fixture
def dc(tmp_path: Path, clock: Clock, database_address: str | None, receiver: Receiver) -> Iterator[DataCenter]:
    """An installation that sends mail and may call the receiver."""
    settings = Settings(
        data_dir=tmp_path / "data",
        database=database_address,
        rate_limit="0",
        outbound_allow=receiver.allowed,
        smtp_url="smtp://127.0.0.1:9",
        mail_from="Parley <parley@example.org>",
        service_timeout=TIMEOUT,
    )
    opened = data_center.opened(settings, now=clock)
    yield opened
    opened.db.close()


@dataclass
class World:
    """Grace, who opens conversations by calendar, and Karl, whose service answers for him."""

    service: Service
    application: Application
    receiver: Receiver
    grace: Person
    karl: Person

    @property
    def dc(self) -> DataCenter:
        """The installation."""
        return self.service.dc

    def enable(self, client: Client | None = None, **body: Any) -> dict[str, Any]:
        """Bring a service, of Karl's if nothing else is said."""
        answer = (client or self.karl.client).post(SERVICES, json={"callback_url": self.receiver.url, **body})
        assert answer.status_code == 200, answer.text
        return answer.json()["conversation_service"]

    def open(self, *people: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """A conversation of Grace, who decides by being free, with Karl, or with these people."""
        return self.application.client.open(proposal(*(people or self.people()), **changed))

    def people(self) -> list[dict[str, Any]]:
        """Grace by calendar, and Karl."""
        return [person("@grace", "auto", sub=self.grace.sub), person("@karl", sub=self.karl.sub)]

    def work(self) -> None:
        """Carry out what is due, except for sending mail."""
        for _ in range(9):
            self.dc.db.write(_hold_letters)
            if not worker.work(self.dc):
                return
        raise AssertionError("there is always something left to do")

    def pass_time(self, seconds: int) -> None:
        """Let time pass, and do what is due then."""
        self.service.clock.instant += seconds
        self.work()

    def push(self, number: int = -1) -> Received:
        """What the service has been sent."""
        return self.receiver.received[number]

    def assistant(self, push: Received | None = None) -> Client:
        """A client with the token that the service was given."""
        return self.service.client((push or self.push()).told["participant_token"])

    def token(self, opened: dict[str, Any], position: int, service_id: str, generation: int = 0) -> str:
        """The token of a service for a participant, whether it was asked or not."""
        told = ParticipantToken(opened["scheduling_conversation_id"], position, generation, service_id)
        return participant_token(self.dc.secret, told)

    def happened(self, opened: dict[str, Any]) -> list[tuple[str, str, int | None, str]]:
        """The history: type, channel, participant, detail."""
        entries = self.dc.db.read(history.after, opened["scheduling_conversation_id"], 0, 1000)
        return [(one.change.type.value, one.channel, one.change.position, one.change.detail) for one in entries]

    def told(self, opened: dict[str, Any]) -> list[str]:
        """The history, types alone."""
        return [one[0] for one in self.happened(opened)]

    def letters(self) -> list[tuple[str, int]]:
        """Who is written to: the kinds of letters that wait, and the position of whom they are for."""
        waiting = self.dc.db.read(outbox.listed, 1000)
        letters = [json.loads(one.document) for one in waiting if one.kind == "mail"]
        return sorted((one["kind"], one["position"]) for one in letters)

    def waiting(self) -> list[str]:
        """The kinds of messages about services that wait."""
        return sorted(one.kind for one in self.dc.db.read(outbox.listed, 1000) if one.kind in OURS)

    def raise_generation(self, opened: dict[str, Any], position: int) -> None:
        """Take back a participant's links."""

        def record(tx: Transaction) -> None:
            found = conversations.lock(tx, opened["scheduling_conversation_id"])
            assert found is not None
            people = list(found.participants)
            people[position] = replace(people[position], generation=people[position].generation + 1)
            conversations.save(tx, replace(found, participants=tuple(people)))

        self.dc.db.write(record)


def _hold_letters(tx: Transaction) -> None:
    """Letters are looked at, and not sent."""
    tx.run("update outbox set due_at = :never where kind = 'mail'", never=2**40)


@pytest.fixture
def world(service: Service, receiver: Receiver) -> World:
    """Grace and Karl with accounts of one application."""
    application = service.application()
    grace = service.person(application, "grace@example.org")
    karl = service.person(application, "karl@example.org", "Europe/Berlin")
    return World(service, application, receiver, grace, karl)


@pytest.fixture
def asked(world: World) -> Callable[..., tuple[dict[str, Any], dict[str, Any]]]:
    """Enable Karl's service and have it asked: the service and the conversation."""

    def ask(**limits: int) -> tuple[dict[str, Any], dict[str, Any]]:
        enabled = world.enable(limits=limits)
        opened = world.open()
        world.work()
        return enabled, opened

    return ask


__all__ = ["SERVICES", "TIMEOUT", "World", "slots_path"]
