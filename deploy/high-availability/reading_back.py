"""Everything that was acknowledged is read again and compared."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from load import CONVERSATIONS, Client, Conversation, Person

PATIENCE = 60  # seconds until the worker has written every event


@dataclass
class Found:
    """What is not as it was acknowledged."""

    conversations: int = 0
    selections: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


def compare(conversations: list[Conversation], client: Client, patience: float = PATIENCE) -> Found:
    """Whether every conversation is there, with the slot that was told, which stands once in each calendar."""
    found = Found(len(conversations), sum(one.start is not None for one in conversations))
    standing = [one for one in conversations if _stands(one, client, found)]
    _compare_calendars([one for one in standing if one.start is not None], client.port, found, patience)
    return found


def _stands(one: Conversation, client: Client, found: Found) -> bool:
    answer = client.call("GET", f"{CONVERSATIONS}/{one.id}")
    told = answer.body if answer.is_acknowledged else {"status": f"answered {answer.kind}"}
    stands = answer.is_acknowledged and one.start in (None, told.get("chosen_slot", {}).get("start"))
    if not stands:
        found.lost.append(f"{one.id}: {told['status']}" + (f", not complete at {one.start}" if one.start else ""))
    return stands


def _compare_calendars(agreed: list[Conversation], port: int, found: Found, patience: float) -> None:
    by_person: dict[Person, list[Conversation]] = defaultdict(list)
    for one in agreed:
        for person in one.people:
            by_person[person].append(one)
    limit = time.monotonic() + patience
    for person, conversations in by_person.items():
        written = _events(person, port)
        while any(one.id not in written for one in conversations) and time.monotonic() < limit:
            time.sleep(0.5)
            written = _events(person, port)
        for one in conversations:
            starts = written.get(one.id, [])
            if starts != [one.start]:
                problems = found.doubled if len(starts) > 1 else found.lost
                problems.append(f"{one.id}: the calendar of {person.sub} has {starts or 'no event'}, not {one.start}")


def _events(person: Person, port: int) -> dict[str, list[str]]:
    """When each conversation's events begin in a person's calendar."""
    client = Client(port, person.token)
    starts: dict[str, list[str]] = defaultdict(list)
    path = "/v1/events?tzid=Etc/UTC&include_managed=true"
    while path:
        page: dict[str, Any] = client.call("GET", path).body
        for event in page["events"]:
            starts[event["event_id"]].append(event["start"])
        following = urlsplit(page["pages"].get("next_page", ""))
        path = f"{following.path}?{following.query}" if following.query else following.path
    client.close()
    return starts
