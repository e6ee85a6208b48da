"""What is measured over HTTP: for each case its data, and the requests that ask for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, repeat

from bench.installation import Installation, guest, organizer
from bench.load import request
from parley.core.limits import DAY, HOUR
from parley.wire.slots import slot_id
from parley.wire.writing import time_text

CONVERSATIONS = "/v1/scheduling_conversations"
DAYS = 35
MANY = 1_000_000


@dataclass(frozen=True)
class Case:
    """Requests to the service, what the ceiling is asked instead, and how many there may be in one run."""

    name: str
    requests: Iterator[bytes]
    ceiling_method: str
    most: int = MANY


def create(place: Installation, _selections: int) -> Case:
    """Open a conversation: the organizer's calendar answers (40 meetings), the guest is asked."""
    bodies = [
        {
            "participants": [
                {
                    "participant_id": "@grace",
                    "sub": one.sub,
                    "common_name": "Grace Devlin",
                    "slots": {"selection_method": "auto"},
                },
                {"participant_id": "@karl", "common_name": "Karl Cramer"},
            ],
            "tzid": "America/Chicago",
            "subject": "Project Titan review",
            "required_duration": {"minutes": 60},
            "available_periods": [
                {"start": time_text(place.midnight), "end": time_text(place.midnight + 14 * DAY)},
            ],
        }
        for one in place.people(50, 40)
    ]
    return Case("create", cycle([request("POST", CONVERSATIONS, place.key, one) for one in bodies]), "POST")


def read(place: Installation, _selections: int) -> Case:
    """Read a conversation of two people."""
    made = place.conversations([(organizer(one), guest()) for one in place.people(50, 40)], 14)
    return Case("read", cycle(reading(place, made)), "GET")


def reading(place: Installation, conversations: Sequence[str]) -> list[bytes]:
    """Requests that read these conversations."""
    return [request("GET", f"{CONVERSATIONS}/{one}", place.key) for one in conversations]


def slots_list(place: Installation, _selections: int) -> Case:
    """List the slots of two people with accounts, 35 days and 500 meetings each."""
    grace, karl = place.people(2, 500, DAYS)
    made = place.conversations([(organizer(grace), guest(karl))], DAYS)
    return Case("slots_list", cycle(listing(place, made)), "GET")


def listing(place: Installation, conversations: Sequence[str]) -> list[bytes]:
    """Requests that list the slots of these conversations' guests."""
    return [request("GET", slots_path(one), place.key) for one in conversations]


def slots_select(place: Installation, selections: int) -> Case:
    """Choose the slot that completes a conversation, of another organizer each time (10 meetings in 14 days)."""
    return Case("slots_select", selecting(place, place.crowd(selections + 1, 10, 14)), "POST")


def selecting(place: Installation, conversations: Sequence[str]) -> Iterator[bytes]:
    """Requests that complete these conversations, one after the other."""
    body = {"selected_slots": [{"slot_id": slot_id(place.midnight + 6 * HOUR)}]}  # the meetings begin at eight
    return (request("POST", slots_path(one), place.key, body) for one in conversations)


def slots_path(conversation: str) -> str:
    """Where the guest's slots are listed and chosen."""
    return f"{CONVERSATIONS}/{conversation}/participants/1/slots"


def availability(place: Installation, _selections: int) -> Case:
    """Ask when ten people, with 100 meetings each, are all free in the working hours of 35 days."""
    midnights = [place.midnight + day * DAY for day in range(DAYS)]
    body = {
        "participants": [{"members": [{"sub": one.sub} for one in place.people(10, 100, DAYS)], "required": "all"}],
        "required_duration": {"minutes": 30},
        "query_periods": [{"start": time_text(one + 8 * HOUR), "end": time_text(one + 18 * HOUR)} for one in midnights],
    }
    return Case("availability", repeat(request("POST", "/v1/availability", place.key, body)), "GET")


CASES: dict[str, Callable[[Installation, int], Case]] = {
    "create": create,
    "read": read,
    "slots_list": slots_list,
    "slots_select": slots_select,
    "availability": availability,
}
