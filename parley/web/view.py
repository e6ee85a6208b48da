"""What a participant's page shows, as plain values: its state, its days and slots in one zone, its message."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from parley.core import zones
from parley.core.conversation import Conversation, Method, Participant, Status
from parley.core.errors import AccountRevoked, Refusal, SlotsTaken, SlotsUnknown
from parley.core.periods import Period
from parley.wire.slots import slot_id
from parley.wire.words import clock_text, date_text, duration_text, is_link, local, offset_text, place_text

REGIONS = frozenset(
    ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
)


class NothingPicked(Refusal):
    """A form was sent without a slot."""


class TooManyPicked(Refusal):
    """A form was sent with more slots than the application lets anybody select."""


class State(StrEnum):
    """What there is to see, and the name of the template that shows it."""

    CHOOSE = "choose"
    WAITING = "waiting"
    AGREED = "agreed"
    NONE_LEFT = "none_left"


TITLES = {
    State.CHOOSE: "Choose a time",
    State.WAITING: "Waiting for the others",
    State.AGREED: "Agreed",
    State.NONE_LEFT: "No time left",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What one read found for the participant at `position`; `most` is how many slots they may select.

    `slots` are those that can be selected now, `connected` says whether every account still takes part.
    """

    conversation: Conversation
    position: int
    slots: Sequence[Period]
    most: int
    connected: bool
    now: int

    @property
    def participant(self) -> Participant:
        """Whose page it is."""
        return self.conversation.participants[self.position]


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant on the local clock: for machines, and as people read it."""

    iso: str
    clock: str


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot on the local clock; `offset` where it needs saying, `ends_on` the day it ends, if that is another."""

    id: str
    start: Moment
    end: Moment
    offset: str
    ends_on: str
    picked: bool
    past: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A local day and the slots that begin in it; without an `offset` when the clock changes among them."""

    title: str
    iso: str
    offset: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class View:
    """One page, ready to be written."""

    facts: Facts
    state: State
    zone: str
    days: tuple[Day, ...]
    picked: str
    notice: str

    @property
    def title(self) -> str:
        """The document's title, which tells the state."""
        agreed = self.days[0].title if self.state is State.AGREED else ""
        told = f"{TITLES[self.state]}: {agreed}" if agreed else TITLES[self.state]
        return f"{'Not saved. ' if self.notice else ''}{told} · {self.subject}"

    @property
    def subject(self) -> str:
        """What the meeting is called."""
        return self.facts.conversation.title

    @property
    def organizer(self) -> str:
        """Who invites."""
        return self.facts.conversation.participants[0].common_name or "The organizer"

    @property
    def is_organizer(self) -> bool:
        """Whether the page is the organizer's own."""
        return self.facts.position == 0

    @property
    def name(self) -> str | None:
        """Whose page it is."""
        return self.facts.participant.common_name

    @property
    def company(self) -> list[str]:
        """Who else takes part, beside whoever invites: their names, then how many have none."""
        others = [
            one for at, one in enumerate(self.facts.conversation.participants) if at not in (0, self.facts.position)
        ]
        names = [one.common_name for one in others if one.common_name]
        unnamed = len(others) - len(names)
        return [*names, f"{unnamed} more"] if unnamed else names

    @property
    def location(self) -> str | None:
        """Where it is."""
        return place_text(self.facts.conversation.location)

    @property
    def location_is_link(self) -> bool:
        """Whether the place is an address of the web and nothing else."""
        return is_link(self.location)

    @property
    def duration(self) -> str:
        """How long it takes."""
        return duration_text(self.facts.conversation.duration)

    @property
    def zones(self) -> list[str]:
        """The zones to pick from."""
        return sorted({*usual_zones(), self.zone, self.facts.conversation.tzid})

    @property
    def zone_name(self) -> str:
        """The zone as people read it."""
        return self.zone.replace("_", " ")

    @property
    def offset(self) -> str:
        """The zone's offset, where it is the same on all the days shown."""
        offsets = {day.offset for day in self.days}
        return offsets.pop() if len(offsets) == 1 else ""

    @property
    def is_auto(self) -> bool:
        """Whether the participant's calendar answers for them."""
        return self.facts.participant.method is Method.AUTO

    @property
    def is_asked_again(self) -> bool:
        """Whether they had chosen before, and it came to nothing."""
        return self.facts.participant.turn > 0 and not self.facts.participant.selected

    @property
    def has_past(self) -> bool:
        """Whether a slot shown lies in the past."""
        return any(slot.past for day in self.days for slot in day.slots)

    @property
    def is_over(self) -> bool:
        """Whether every proposed time has passed."""
        conversation = self.facts.conversation
        return all(one.end - conversation.duration < self.facts.now for one in conversation.periods)


def view(facts: Facts, zone: str, picked: Collection[int] = (), refusal: Refusal | None = None) -> View:
    """The page for these facts in this zone, with some slots picked already, and why a choice was refused."""
    found = state(facts)
    slots = _shown(facts, found)
    return View(
        facts=facts,
        state=found,
        zone=zone,
        days=_days(facts, slots, zone, picked),
        picked=",".join(slot_id(slot.start) for slot in slots if slot.start in picked),
        notice=_notice(found, refusal, facts.most) if refusal else "",
    )


def state(facts: Facts) -> State:
    """What there is to see."""
    if facts.conversation.is_complete:
        return State.AGREED
    if not facts.connected:
        return State.NONE_LEFT
    if facts.conversation.status(facts.participant) is Status.NEEDS_ACTION:
        return State.CHOOSE if facts.slots else State.NONE_LEFT
    return State.WAITING if facts.participant.selected or facts.slots else State.NONE_LEFT


def _shown(facts: Facts, found: State) -> list[Period]:
    if found is State.CHOOSE:
        return list(facts.slots)
    if found is State.NONE_LEFT:
        return []
    conversation = facts.conversation
    return [conversation.slot(start) for start in conversation.selected(facts.participant)]


def _notice(found: State, refusal: Refusal, most: int) -> str:
    """Why the choice was refused, as a sentence; what the state says already is not said twice."""
    match found, refusal:
        case _, AccountRevoked():
            return "Your choice could not be saved: a calendar that this meeting depends on is no longer connected."
        case State.AGREED, _:
            return "Nothing was changed: the time below has been agreed in the meantime."
        case State.WAITING, _:
            return "Nothing was changed: it is not your turn to choose now."
        case State.NONE_LEFT, _:
            return "Your choice could not be saved: that time is no longer free, and no other one is left."
        case _, SlotsTaken():
            return "That time is no longer free. Here are the times that are free now; please choose again."
        case _, SlotsUnknown():
            return "That is not one of the proposed times. Please choose one of these."
        case _, TooManyPicked():
            return f"Those are more times than you may choose. Please choose at most {most}."
        case _:
            return "No time was selected. Please choose one, then send your choice."


def _days(facts: Facts, slots: Iterable[Period], zone: str, picked: Collection[int]) -> tuple[Day, ...]:
    by_day: dict[str, list[Period]] = {}
    for slot in slots:
        by_day.setdefault(local(zone, slot.start).date().isoformat(), []).append(slot)
    return tuple(_day(facts, found, zone, picked) for found in by_day.values())


def _day(facts: Facts, slots: Sequence[Period], zone: str, picked: Collection[int]) -> Day:
    offsets = {offset_text(zone, instant) for slot in slots for instant in slot}
    changes = len(offsets) > 1
    first = local(zone, slots[0].start)
    return Day(
        title=date_text(first),
        iso=first.date().isoformat(),
        offset="" if changes else offsets.pop(),
        slots=tuple(
            Slot(
                id=slot_id(slot.start),
                start=_moment(zone, slot.start),
                end=_moment(zone, slot.end),
                offset=_slot_offset(zone, slot) if changes else "",
                ends_on=_ends_on(zone, slot),
                picked=slot.start in picked,
                past=slot.start < facts.now,
            )
            for slot in slots
        ),
    )


def _slot_offset(zone: str, slot: Period) -> str:
    before, after = (offset_text(zone, instant) for instant in slot)
    return before if before == after else f"{before} to {after}"


def _ends_on(zone: str, slot: Period) -> str:
    start, end = (local(zone, instant) for instant in slot)
    return "" if start.date() == end.date() else date_text(end)


def _moment(zone: str, instant: int) -> Moment:
    at = local(zone, instant)
    return Moment(at.isoformat(), clock_text(at))


@cache
def usual_zones() -> tuple[str, ...]:
    """The zones that are named by a place, without old spellings, and UTC."""
    return tuple(sorted(name for name in zones.names() if name.split("/")[0] in REGIONS or name == "UTC"))
