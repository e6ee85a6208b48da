"""Short makers. Times are those of one fixed Monday, 5 May 2031, in UTC, unless they say otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from parley.core.availability import Availability
from parley.core.conversation import Conversation, Method, Participant
from parley.core.hours import AvailabilityRule, WeeklyPeriod
from parley.core.periods import Period

MONDAY = int(datetime(2031, 5, 5, tzinfo=UTC).timestamp())
SUNDAY_NOON = MONDAY - 12 * 3600
HOUR = 3600


def at(clock: str, day: int = 0) -> int:
    """The instant at which the clock shows this on Monday, or `day` days later."""
    hours, minutes = clock.split(":")
    return MONDAY + day * 86400 + int(hours) * 3600 + int(minutes) * 60


def period(start: str, end: str, day: int = 0) -> Period:
    """From one time of the day to another."""
    return Period(at(start, day), at(end, day))


def text(clock: str, day: int = 0) -> str:
    """The instant as the wire writes it."""
    return datetime.fromtimestamp(at(clock, day), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def slot_id(clock: str, day: int = 0) -> str:
    """The id of the slot that begins then."""
    return f"slt_{at(clock, day)}"


def available(
    *periods: Period, duration: int = HOUR, busy: tuple[Period, ...] = (), now: int = SUNDAY_NOON
) -> Availability:
    """What can be chosen in these periods, from nine to five if none is named."""
    return Availability(periods or (period("09:00", "17:00"),), duration, busy, now)


def manual(name: str, *clocks: str, turn: int = 0) -> Participant:
    """Somebody who chooses, and who has chosen these starts."""
    return Participant(participant_id=name, common_name=name, selected=tuple(at(one) for one in clocks), turn=turn)


def auto(name: str, account: int = 1) -> Participant:
    """Somebody whose account decides."""
    return Participant(participant_id=name, common_name=name, method=Method.AUTO, account=account)


def conversation(*participants: Participant, **changed: Any) -> Conversation:
    """An open conversation between these people about an hour from nine to five."""
    values: dict[str, Any] = {
        "id": "scv_0123456789abcdef01234567",
        "application": "app",
        "creator": None,
        "created_at": SUNDAY_NOON,
        "participants": participants,
        "tzid": "America/Chicago",
        "subject": "Roadmap",
        "event": None,
        "duration": HOUR,
        "periods": (period("09:00", "17:00"),),
    }
    return Conversation(**{**values, **changed})


def proposal(*participants: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """The request that opens a conversation about an hour from nine to five on Monday."""
    values = {
        "participants": list(participants) or [person("@grace"), person("@karl")],
        "tzid": "America/Chicago",
        "subject": "Roadmap",
        "required_duration": {"minutes": 60},
        "available_periods": [{"start": text("09:00"), "end": text("17:00")}],
    }
    return {**values, **changed}


def person(name: str, method: str = "manual", **more: Any) -> dict[str, Any]:
    """A participant of a request."""
    return {
        "participant_id": name,
        "common_name": name.strip("@").title(),
        "slots": {"selection_method": method},
        **more,
    }


def selection(*clocks: str) -> dict[str, Any]:
    """The request that selects the slots which begin then."""
    return {"selected_slots": [{"slot_id": slot_id(one)} for one in clocks]}


def utc(day: str, clock: str = "00:00") -> int:
    """The instant at which the clock of UTC shows this on a day of any year."""
    return int(datetime.fromisoformat(f"{day}T{clock}+00:00").timestamp())


def rule(tzid: str, *weekly: str, calendar_ids: tuple[str, ...] = (), name: str = "work") -> AvailabilityRule:
    """Weekly hours of a zone, each written as `monday 09:00-17:00`."""
    return AvailabilityRule(name, tzid, tuple(_weekly(one) for one in weekly), calendar_ids)


def _weekly(text: str) -> WeeklyPeriod:
    day, hours = text.split()
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in hours.split("-"))
    return WeeklyPeriod(day, start, end)
