"""Days, clocks and lengths of time as people read them, and names that cannot be taken for anything else."""

from __future__ import annotations

from datetime import datetime

from parley.core import zones
from parley.core.conversation import Location
from parley.core.limits import HOUR, MINUTE

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# Control characters and ends of lines become spaces; marks that turn or hide what stands behind them go.
UNSEEN = dict.fromkeys([*range(32), *range(127, 160), 0x2028, 0x2029], " ") | dict.fromkeys(
    [0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
)


def local(zone: str, instant: int) -> datetime:
    """What the zone's calendar and clock show at the instant."""
    return zones.local(zone, instant).to_stdlib()


def clock_text(at: datetime) -> str:
    """A time of the day: `15:00`."""
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def date_text(at: datetime) -> str:
    """A day that nobody can misread: `Tuesday, 6 May 2031`."""
    return f"{DAYS[at.weekday()]}, {at.day} {MONTHS[at.month - 1]} {at.year}"


def offset_text(zone: str, instant: int) -> str:
    """How far the zone's clock is from UTC at the instant: `UTC+02:00`."""
    ahead = zones.offset(zone, instant)
    hours, rest = divmod(abs(ahead), HOUR)
    return f"UTC{'−' if ahead < 0 else '+'}{hours:02d}:{rest // MINUTE:02d}"


def duration_text(seconds: int) -> str:
    """A length of time in hours and minutes."""
    hours, minutes = divmod(seconds // MINUTE, 60)
    parts = [_counted(hours, "hour"), _counted(minutes, "minute")]
    return " ".join(part for part in parts if part)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""


def place_text(place: Location | None) -> str | None:
    """Where something is: in words, or else its coordinates."""
    if place is None:
        return None
    return place.description or ", ".join(one for one in (place.lat, place.long) if one) or None


def is_link(text: str | None) -> bool:
    """Whether the text is an address of the web and nothing else."""
    return (text or "").startswith("https://") and len((text or "").split()) == 1


def one_line(text: str | None, most: int = 1024) -> str:
    """A name or title on one line: no control characters, nothing that turns the direction of what follows."""
    words = " ".join((text or "").translate(UNSEEN).split())
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def joined(names: list[str]) -> str:
    """Names as a sentence lists them: `Ada, Grace and Karl`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
