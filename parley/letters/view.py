"""What a letter shows, as plain values: whom it concerns, the slots by day in one zone, and how to answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from parley.core.conversation import Conversation, Participant, Status
from parley.core.letter import Kind, Letter
from parley.core.periods import Period
from parley.wire.slots import slot_id
from parley.wire.words import (
    clock_text,
    date_text,
    duration_text,
    is_link,
    joined,
    local,
    offset_text,
    one_line,
    place_text,
)

NAME_LENGTH = 60
TITLE_LENGTH = 120
PLACE_LENGTH = 300
UTC = ("UTC", "Etc/UTC")


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot on the local clock, under the number that an answer may name it by."""

    number: int
    start: str
    end: str
    offset: str
    ends_on: str
    url: str


@dataclass(frozen=True, slots=True)
class Day:
    """A local day and the slots that begin in it; `offset` where the days do not share one."""

    title: str
    offset: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class View:
    """One letter: `page_url` is the recipient's page, `can_reply` says whether somebody reads answers."""

    letter: Letter
    conversation: Conversation
    page_url: str
    base_url: str
    can_reply: bool
    has_invitation: bool = False

    @property
    def kind(self) -> Kind:
        """What it says."""
        return self.letter.kind

    @property
    def recipient(self) -> Participant:
        """To whom it is written."""
        return self.conversation.participants[self.letter.position]

    @property
    def status(self) -> Status:
        """Where the recipient stands."""
        return self.conversation.status(self.recipient)

    @property
    def is_organizer(self) -> bool:
        """Whether it is written to whoever invites."""
        return self.letter.position == 0

    @property
    def is_asked_again(self) -> bool:
        """Whether the recipient had chosen before, and it came to nothing."""
        return self.recipient.turn > 0

    @property
    def title(self) -> str:
        """What the meeting is called."""
        return one_line(self.conversation.title, TITLE_LENGTH) or "Meeting"

    @property
    def organizer(self) -> str:
        """Who invites."""
        return self.name(0) or "The organizer"

    @property
    def others(self) -> list[str]:
        """Who else takes part: their names, then how many have none."""
        rest = [at for at in range(len(self.conversation.participants)) if at != self.letter.position]
        names = [name for name in (self.name(at) for at in rest) if name]
        unnamed = len(rest) - len(names)
        return [*names, f"{unnamed} more"] if names and unnamed else names

    @property
    def about(self) -> str:
        """Whom it speaks of."""
        return (self.letter.about is not None and self.name(self.letter.about)) or "A participant"

    def name(self, position: int) -> str:
        """A participant's name; empty where they have none."""
        return one_line(self.conversation.participants[position].common_name, NAME_LENGTH)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What the meeting is, line by line."""
        told = [
            ("How long", duration_text(self.conversation.duration)),
            ("Where", one_line(place_text(self.conversation.location), PLACE_LENGTH)),
            ("With", joined(self.others)),
        ]
        return [(what, words) for what, words in told if words]

    @property
    def place_url(self) -> str:
        """Where the meeting is, if that is an address of the web."""
        place = one_line(place_text(self.conversation.location), PLACE_LENGTH)
        return place if is_link(place) else ""

    @property
    def zone(self) -> str:
        """The zone that times are told in, with its offset where that is the same for all of them."""
        if self.letter.zone in UTC:
            return "UTC"
        name, offsets = self.letter.zone.replace("_", " "), self._offsets(self.shown)
        return f"{name} ({offsets[0]})" if len(offsets) == 1 else name

    @property
    def shown(self) -> list[Period]:
        """The slots in it: those to choose from, or what is agreed or chosen."""
        if self.letter.starts and not self.conversation.is_complete:
            return [self.conversation.slot(start) for start in self.letter.starts]
        return self.standing

    @property
    def standing(self) -> list[Period]:
        """What is agreed, or else what the recipient has chosen."""
        return [self.conversation.slot(start) for start in self.conversation.selected(self.recipient)]

    @property
    def offers(self) -> bool:
        """Whether there are slots in it to choose from."""
        return bool(self.letter.starts) and self.status is Status.NEEDS_ACTION

    @property
    def days(self) -> list[Day]:
        """The slots by day."""
        common = len(self._offsets(self.shown)) == 1
        by_day: dict[str, list[tuple[int, Period]]] = {}
        for number, slot in enumerate(self.shown, 1):
            by_day.setdefault(date_text(local(self.letter.zone, slot.start)), []).append((number, slot))
        return [self._day(title, slots, common) for title, slots in by_day.items()]

    def _day(self, title: str, slots: Sequence[tuple[int, Period]], common: bool) -> Day:
        offsets = self._offsets(slot for _, slot in slots)
        told = "" if common or len(offsets) > 1 else offsets[0]
        return Day(title, told, tuple(self._slot(number, slot, len(offsets) > 1) for number, slot in slots))

    def _slot(self, number: int, slot: Period, tells_offset: bool) -> Slot:
        zone = self.letter.zone
        start, end = (local(zone, instant) for instant in slot)
        query = urlencode({"slot": slot_id(slot.start), "zone": zone}, safe="/")
        return Slot(
            number=number,
            start=clock_text(start),
            end=clock_text(end),
            offset=" to ".join(self._offsets([slot])) if tells_offset else "",
            ends_on="" if start.date() == end.date() else date_text(end),
            url=f"{self.page_url}?{query}",
        )

    def _offsets(self, slots: Iterable[Period]) -> list[str]:
        """The offsets at which the slots begin and end, each once."""
        return list(dict.fromkeys(offset_text(self.letter.zone, instant) for slot in slots for instant in slot))

    @property
    def example(self) -> str:
        """One of the slots as an answer might name it: `Tuesday at 15:00`."""
        at = local(self.letter.zone, self.shown[-1].start)
        return f"{date_text(at).partition(',')[0]} at {clock_text(at)}"
