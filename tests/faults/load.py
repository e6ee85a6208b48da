"""The load: clients that open conversations, list and select slots, and write events, all over the same few accounts.

Each client draws what it does from the run's seed and its own number. What it draws depends on what it is told, and
that on who came first: with the same seed clients make the same choices from the same answers, not the same history.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote

from tests.faults import answers
from tests.faults.history import Content, Kind, Operation, Outcome
from tests.faults.line import Answer, Json, Line
from tests.faults.world import DAY, HOUR, Account, Application, Known, World, drawn

TALKS_AT_ONCE = 4  # of one client
EVENTS_AT_ONCE = 8
REPEATS = 6
MINUTE = 60
CONVERSATIONS = "/v1/scheduling_conversations"
TODO = {
    "go_on": 44,
    "open_talk": 12,
    "read_talk": 8,
    "read_history": 4,
    "select_again": 3,
    "select_nonsense": 2,
    "put_event": 12,
    "put_nonsense": 2,
    "delete_event": 4,
    "read_events": 5,
    "change_agreed": 4,
}


@dataclass(frozen=True)
class Manner:
    """How clients behave: seconds between calls on average, and for how long they wait for an answer."""

    pause: float = 0.02
    patience: float = 10.0


@dataclass(frozen=True)
class Request:
    """A call to be made, perhaps more than once; `learn` reads what an answer shows, `facts` say what is asked."""

    kind: Kind
    method: str
    path: str
    token: Callable[[], str]
    body: Json | None = None
    learn: Callable[[Json], dict[str, Any]] = answers.nothing
    keyed: bool = False


class Client(threading.Thread):
    """A client with its own draws; `operations` is what it did, `wrong` why it ended before its time."""

    def __init__(self, name: str, world: World, line: Line, chance: Random, manner: Manner) -> None:
        super().__init__(name=name, daemon=True)
        self.world = world
        self.line = line
        self.chance = chance
        self.manner = manner
        self.operations: list[Operation] = []
        self.wrong: list[str] = []
        self.talks: list[Known] = []
        self.agreed: list[Known] = []
        self.events: list[tuple[Account, Application, str, Content]] = []

    def run(self) -> None:
        """Do one thing after the other until the load is over."""
        try:
            while not self.world.over.is_set():
                getattr(self, drawn(self.chance, TODO))()
                time.sleep(self.chance.expovariate(1 / self.manner.pause))
        except Exception:  # noqa: BLE001
            self.wrong.append(f"the load itself failed: {traceback.format_exc()}")
        finally:
            self.line.close()

    # What a client can do.

    def open_talk(self) -> None:
        """Open a conversation about the present day, unless there are enough."""
        if len(self.talks) >= TALKS_AT_ONCE:
            return self.go_on()
        day, team = self.world.place()
        application = self.chance.choice(self.world.applications)
        people = self.chance.sample(list(team), self.chance.randint(1, 3))
        guests = self.chance.randint(0 if len(people) > 1 else 1, 1)
        automatic = [self.chance.random() < 0.5 for _ in people] + [False] * guests
        subject = f"{self.name}/{next(self.world.numbers)}"
        duration = self.chance.choice((30, 60)) * MINUTE
        body = answers.proposal(self.chance, day, subject, duration, [*people, *[None] * guests], automatic)
        request = Request(
            Kind.CREATE, "POST", CONVERSATIONS, lambda: application.secret, body, answers.creation, self._flips()
        )
        done, told = self._insist(request, application=application.id, subject=subject)
        if done.outcome is Outcome.UNKNOWN:
            told = self._found(application, subject)
        if told and done.outcome is not Outcome.REFUSED:
            self._keep(answers.known(told, application, self.name, {one.sub: one for one in people}, duration))
        return None

    def _found(self, application: Application, subject: str) -> Json | None:
        """The conversation of a call that nobody answered, if it is there."""
        listing = self.line.call("GET", CONVERSATIONS, application.secret).told.get("scheduling_conversations", [])
        return next((one for one in listing if one.get("subject") == subject), None)

    def _keep(self, talk: Known) -> None:
        if talk.chosen is not None:
            self.agreed = [*self.agreed[-20:], talk]
            return
        self.talks.append(talk)
        self.world.board.append(talk)

    def go_on(self) -> None:
        """Bring a conversation further: list somebody's slots, or select some of those."""
        talk = self._some_talk()
        if talk is None:
            return
        position = self.chance.choice(talk.choosing)
        if not talk.listed or self.chance.random() < 0.3:
            self._list(talk, position)
        elif starts := self._choice(talk):
            self._select(talk, position, starts)

    def _some_talk(self) -> Known | None:
        self.talks = [one for one in self.talks if one.chosen is None]
        others = list(self.world.board)
        if others and (not self.talks or self.chance.random() < 0.3):
            return self.chance.choice(others)
        if not self.talks:
            return None
        return self.talks[0] if self.chance.random() < 0.6 else self.chance.choice(self.talks)

    def _choice(self, talk: Known) -> tuple[int, ...]:
        """Some of what was listed, mostly from the beginning: that is where people meet."""
        near = [min(int(self.chance.expovariate(0.4)), len(talk.listed) - 1) for _ in range(self.chance.randint(1, 3))]
        return tuple(sorted({talk.listed[at] for at in near}))

    def _list(self, talk: Known, position: int) -> None:
        path = answers.slots_path(talk.id, position)
        request = Request(Kind.LIST, "GET", path, self._token_of(talk, position))
        done, told = self._once(request, conversation=talk.id, position=position)
        if done.outcome is Outcome.OK:
            talk.listed = answers.starts(told["slots"])
            if not talk.listed and talk in self.talks:
                self.talks.remove(talk)  # complete by somebody else's choice, or nothing is left of that day

    def _select(self, talk: Known, position: int, starts: tuple[int, ...]) -> None:
        token = self._token_of(talk, position)
        body = {"selected_slots": [{"slot_id": f"slt_{one}"} for one in starts]}
        path = answers.slots_path(talk.id, position)
        request = Request(Kind.SELECT, "POST", path, token, body, answers.state, self._flips())
        done, told = self._insist(request, conversation=talk.id, position=position, starts=starts)
        if done.outcome is Outcome.OK:
            talk.made.append((position, starts))
            self._note(talk, answers.state(told)["seen"].chosen)
        elif "slots" in told:
            talk.listed = answers.starts(told["slots"])

    def _note(self, talk: Known, chosen: int | None) -> None:
        if chosen is not None:
            talk.chosen = chosen
            if talk.owner == self.name and talk not in self.agreed:
                self.agreed = [*self.agreed[-20:], talk]

    def select_again(self) -> None:
        """Make a selection that was made before."""
        talk = self._some_talk()
        if talk and talk.made:
            self._select(talk, *self.chance.choice(talk.made))

    def select_nonsense(self) -> None:
        """Select what is no slot of the conversation."""
        if talk := self._some_talk():
            self._select(talk, self.chance.choice(talk.choosing), (self.world.first_day + 7 * MINUTE,))

    def read_talk(self) -> None:
        """Look at a conversation, complete or not."""
        if talk := self._any_talk():
            request = Request(Kind.READ, "GET", f"{CONVERSATIONS}/{talk.id}", lambda: talk.application.secret, None)
            done, told = self._once(request, answers.state, conversation=talk.id)
            if done.outcome is Outcome.OK:
                self._note(talk, answers.state(told)["seen"].chosen)

    def _any_talk(self) -> Known | None:
        known = [*self.talks, *self.agreed, *list(self.world.board)]
        return self.chance.choice(known) if known else None

    def read_history(self) -> None:
        """Look at what happened in a conversation."""
        if talk := self._any_talk():
            path = f"{CONVERSATIONS}/{talk.id}/history"
            request = Request(Kind.HISTORY, "GET", path, lambda: talk.application.secret)
            self._once(request, answers.history, conversation=talk.id)

    def put_event(self) -> None:
        """Put something new into somebody's day, or change what this client has put there."""
        day, team = self.world.at(self.world.latest)
        start = day + self.chance.randint(8 * 4, 19 * 4) * 15 * MINUTE
        content = Content(
            f"{self.name}/{next(self.world.numbers)}", start, start + self.chance.choice((15, 30, 60)) * MINUTE
        )
        if self.events and (len(self.events) >= EVENTS_AT_ONCE or self.chance.random() < 0.3):
            at = self.chance.randrange(len(self.events))
            account, application, event_id, _ = self.events[at]
            self.events[at] = (account, application, event_id, content)
        else:
            account, application = self.chance.choice(team), self.chance.choice(self.world.applications)
            event_id = f"event {content.summary}"
            self.events.append((account, application, event_id, content))
        self._write(account, application, event_id, content)

    def put_nonsense(self) -> None:
        """Write an event that ends before it begins, over one that is there."""
        if self.events:
            account, application, event_id, before = self.chance.choice(self.events)
            summary = f"{self.name}/{next(self.world.numbers)}"
            self._write(account, application, event_id, Content(summary, before.start, before.start - HOUR))

    def delete_event(self) -> None:
        """Delete an event of this client."""
        if self.events:
            account, application, event_id, _ = self.events.pop(self.chance.randrange(len(self.events)))
            self._write(account, application, event_id, None)

    def change_agreed(self) -> None:
        """Move or delete the event of an agreement that this client has brought about."""
        if not self.agreed:
            return
        talk = self.chance.choice(self.agreed)
        account = self.chance.choice([one for one in talk.accounts if one])
        content = None
        if self.chance.random() < 0.5 and talk.chosen is not None:
            start = talk.chosen // DAY * DAY + self.chance.randint(0, 6) * HOUR  # at night, where nothing is agreed
            content = Content(f"{self.name}/{next(self.world.numbers)}", start, start + HOUR)
        self._write(account, talk.application, talk.id, content)

    def _write(self, account: Account, application: Application, event_id: str, content: Content | None) -> None:
        kind, method = (Kind.PUT, "POST") if content else (Kind.DELETE, "DELETE")
        path = f"/v1/calendars/{account.calendar}/events"
        token = self._token(account, application)
        body = answers.event(event_id, content)
        request = Request(kind, method, path, token, body, keyed=content is not None and self._flips())
        facts = {"account": account.sub, "application": application.id, "event_id": event_id, "content": content}
        self._insist(request, **facts)

    def read_events(self) -> None:
        """Read a day of an account."""
        day, team = self.world.at(self.world.latest)
        account, application = self.chance.choice(team), self.chance.choice(self.world.applications)
        window = (day, day + DAY)
        bounds = "&".join(f"{name}={quote(answers.text(at))}" for name, at in zip(("from", "to"), window, strict=True))
        path = f"/v1/events?tzid=Etc/UTC&only_managed=true&{bounds}"
        request = Request(Kind.EVENTS, "GET", path, self._token(account, application))
        self._once(request, lambda told: answers.page(told, window), account=account.sub, application=application.id)

    # How it does it.

    def _flips(self) -> bool:
        return self.chance.random() < 0.5

    def _token(self, account: Account, application: Application) -> Callable[[], str]:
        return lambda: self.world.tokens[account.sub, application.id]

    def _token_of(self, talk: Known, position: int) -> Callable[[], str]:
        token = talk.links[position] if self.chance.random() < 0.3 else talk.application.secret
        return lambda: token

    def _insist(self, request: Request, **facts: Any) -> tuple[Operation, Json]:
        """Make the call; when nobody knows what became of it, mostly make it again until somebody does."""
        key = f"{self.name}-{next(self.world.numbers)}" if request.keyed else None
        done, told = self._once(request, request.learn, key=key, **facts)
        if done.outcome is Outcome.UNKNOWN and self._flips():
            return done, told
        for _ in range(REPEATS):
            if done.outcome is not Outcome.UNKNOWN and done.status not in (401, 409):
                break
            time.sleep(self.chance.uniform(0.02, 0.3))
            # A repeat under a key may be told what the first call was told: it shows nothing of the present.
            done, told = self._once(request, answers.without_state(request.learn, key), key=key, **facts)
        return done, told

    def _once(
        self, request: Request, learn: Callable[[Json], dict[str, Any]] | None = None, **facts: Any
    ) -> tuple[Operation, Json]:
        number, began = next(self.world.numbers), time.monotonic()
        answer = self.line.call(request.method, request.path, request.token(), request.body, facts.get("key"))
        ended = time.monotonic()
        if answer.outcome is Outcome.OK and learn:
            facts |= learn(answer.told)
        self.operations.append(_operation(number, self.name, request.kind, (began, ended), answer, facts))
        if answer.status == 401:
            self._refresh(facts.get("account"), facts.get("application"))
        return self.operations[-1], answer.told

    def _refresh(self, account: str | None, application_id: str | None) -> None:
        """Get a new access token; the old one has expired, or the clock has been set forward."""
        if account is None or application_id is None:
            return
        application = next(one for one in self.world.applications if one.id == application_id)
        named = {"client_id": application.id, "client_secret": application.secret}
        refresh_token = self.world.refresh_tokens[account, application_id]
        body = {**named, "grant_type": "refresh_token", "refresh_token": refresh_token}
        told = self.line.call("POST", "/oauth/token", "", body).told
        if "access_token" in told:
            self.world.tokens[account, application_id] = told["access_token"]


def _operation(
    number: int, client: str, kind: Kind, lasted: tuple[float, float], answer: Answer, facts: dict[str, Any]
) -> Operation:
    return Operation(
        number,
        client,
        kind,
        *lasted,
        outcome=answer.outcome,
        status=answer.status,
        server=answer.server,
        error=answer.error,
        **facts,
    )
