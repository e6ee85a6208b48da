"""People who open conversations and choose times over HTTP, and write down what was answered to them."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

PATIENCE = 10  # seconds for one answer; Parley promises one within 5
PAUSE = 0.1  # seconds after a failure
MINUTES = 15  # of each meeting
CONVERSATIONS = "/v1/scheduling_conversations"


class Answer(NamedTuple):
    """What came of one request: a status, or the kind of failure, and when it was sent and done (time.monotonic)."""

    kind: str
    sent: float
    done: float
    body: Any = None

    @property
    def is_acknowledged(self) -> bool:
        """Parley has said that it is done."""
        return self.kind == "200"


@dataclass(frozen=True)
class Person:
    """An account with a calendar, and the token that reads it."""

    sub: str
    token: str


@dataclass
class Conversation:
    """What one writer was told: the conversation is there, and perhaps that this slot is chosen."""

    id: str
    people: tuple[Person, Person]
    start: str | None = None


@dataclass
class Ledger:
    """Everything that was answered."""

    answers: list[Answer] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)

    @property
    def acknowledged(self) -> list[Answer]:
        """The answers on which somebody relies."""
        return [one for one in self.answers if one.is_acknowledged]

    def failures(self) -> Counter[str]:
        """How many answers of each other kind there were."""
        return Counter(one.kind for one in self.answers if not one.is_acknowledged)

    def outage(self, since: float) -> tuple[float, float]:
        """The longest time without an acknowledged write that ended after the instant: when it began, when it ended."""
        times = sorted(one.done for one in self.acknowledged)
        spans = [(before, after) for before, after in pairwise(times) if after > since]
        return max(spans, key=lambda one: one[1] - one[0])


class Client:
    """One connection to Parley, made anew when it breaks."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self._connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        """Ask, and say what came of it."""
        sent = time.monotonic()
        try:
            status, told = self._asked(method, path, body)
            return Answer(str(status), sent, time.monotonic(), told)
        except TimeoutError:
            kind = "no answer"
        except (OSError, http.client.HTTPException):
            kind = "connection broken"
        self.close()
        return Answer(kind, sent, time.monotonic())

    def _asked(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self._connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Writer(threading.Thread):
    """Opens one conversation after the other between the same two people, and chooses its time."""

    def __init__(self, client: Client, people: tuple[Person, Person], ending: threading.Event) -> None:
        super().__init__(daemon=True)
        self.client, self.people, self.ending = client, people, ending
        self.ledger = Ledger()
        self.starts = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)

    def run(self) -> None:
        """Until it is told to end; each conversation has a time of its own, so that none may be refused."""
        while not self.ending.is_set():
            self._converse(self.starts)
            self.starts += timedelta(minutes=MINUTES)
        self.client.close()

    def _converse(self, start: datetime) -> None:
        opened = self._noted(self.client.call("POST", CONVERSATIONS, _proposal(self.people, start)))
        if not opened.is_acknowledged:
            return  # it is unknown whether it was opened; nobody relies on it
        conversation = Conversation(opened.body["scheduling_conversation_id"], self.people)
        self.ledger.conversations.append(conversation)
        path = f"{CONVERSATIONS}/{conversation.id}/participants/1/slots"
        choice = {"selected_slots": [{"slot_id": f"slt_{int(start.timestamp())}"}]}
        while not self.ending.is_set():  # to choose the same again is safe, whether the first time has counted or not
            if (chosen := self._noted(self.client.call("POST", path, choice))).is_acknowledged:
                conversation.start = chosen.body["chosen_slot"]["start"]
                return
            if chosen.kind.startswith("4"):  # what was opened is not there any more; reading back tells
                return

    def _noted(self, answer: Answer) -> Answer:
        self.ledger.answers.append(answer)
        if not answer.is_acknowledged:
            self.ending.wait(PAUSE)
        return answer


def _proposal(people: tuple[Person, Person], start: datetime) -> dict[str, Any]:
    organizer, guest = people
    end = start + timedelta(minutes=MINUTES)
    return {
        "participants": [
            {"sub": organizer.sub, "common_name": "Grace", "slots": {"selection_method": "auto"}},
            {"sub": guest.sub, "common_name": "Karl"},
        ],
        "tzid": "Etc/UTC",
        "subject": f"Meeting at {start:%H:%M}",
        "required_duration": {"minutes": MINUTES},
        "available_periods": [{"start": _text(start), "end": _text(end)}],
    }


def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


class Watch(threading.Thread):
    """Asks all the time whether the service lives and whether it is ready, as a balancer does."""

    def __init__(self, port: int, ending: threading.Event) -> None:
        super().__init__(daemon=True)
        self.client, self.ending = Client(port, ""), ending
        self.answers: dict[str, list[Answer]] = {"/health/live": [], "/health/ready": []}

    def run(self) -> None:
        """Until it is told to end."""
        while not self.ending.wait(PAUSE):
            for path, answers in self.answers.items():
                answers.append(self.client.call("GET", path))
        self.client.close()


def merged(ledgers: list[Ledger]) -> Ledger:
    """All ledgers as one."""
    return Ledger(
        [answer for one in ledgers for answer in one.answers],
        [conversation for one in ledgers for conversation in one.conversations],
    )
