"""Whether the clock is right, as far as can be seen from here, and which time zone data there is."""

from __future__ import annotations

import re
import time
import zoneinfo
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from parley.core import zones
from parley.doctor.finding import Finding, hint, well, wrong
from parley.wire.writing import time_text

FIRST_YEAR, LAST_YEAR = 2026, 2100  # what a clock that is right can show
AHEAD_SECONDS = 60  # the newest row may be by this much ahead of the clock
JUMP_SECONDS = 0.5
APART_SECONDS = 2.0  # from the clock of the database server
OLD_YEARS = 2
KNOWN_OFFSETS = {  # of July 2026, in seconds: what is off here is off everywhere
    "America/New_York": -4 * 3600,
    "Asia/Kolkata": 19800,
    "Etc/UTC": 0,
    "Europe/London": 3600,
}
JULY = 1782864000  # 2026-07-01T00:00:00Z
WHEEL = "the package tzdata"


def jumps() -> float:
    """How far the clock is from one that nobody sets; to be compared with a later answer."""
    return time.time() - time.monotonic()


def clock(now: float, newest: int | None, jumped: float) -> Finding:
    """The clock shows a time that can be: in this century, not before what has been recorded, and steadily."""
    year = datetime.fromtimestamp(now, UTC).year
    shown = time_text(int(now))
    todo = "set the clock, and have it kept by NTP"
    if not FIRST_YEAR <= year < LAST_YEAR:
        return wrong("clock", f"it shows {shown}", todo)
    if newest is not None and newest > now + AHEAD_SECONDS:
        return wrong("clock", f"it shows {shown}, and something was recorded at {time_text(newest)}", todo)
    if abs(jumped) > JUMP_SECONDS:
        return wrong(
            "clock", f"it was set by {jumped:+.1f} seconds while doctor looked at it", "have it kept by one only"
        )
    return well("clock", shown)


def server_clock(now: float, server: float) -> Finding:
    """The clock of the database server agrees."""
    apart = server - now
    if abs(apart) > APART_SECONDS:
        found = f"the clock of the database server is {apart:+.1f} seconds from the one here"
        return wrong("server-clock", found, "have both kept by NTP")
    return well("server-clock", f"{apart:+.1f} seconds from the one here")


def zone_data(year: int, path: Sequence[str]) -> Iterator[Finding]:
    """The time zones can be read, give the answers that are known, and are of these years."""
    source = next((one for one in path if (Path(one) / "Etc/UTC").exists()), None)
    used, packaged = _version(source), _version(None)
    what = f"{used or 'a version that is not told'}, from {source or WHEEL}"
    if faults := _faults():
        yield wrong("time-zones", f"{what}: {', '.join(faults[:5])}", f"install the data anew; {_instead(source)}")
    else:
        yield well("time-zones", f"{len(zones.names())}, {what}")
    yield _age(year, what, used, packaged, source)


def _age(year: int, what: str, used: str, packaged: str, source: str | None) -> Finding:
    check = "time-zone-age"
    if used and year - int(used[:4]) >= OLD_YEARS:
        return wrong(check, f"{what}, is old: clocks have changed their rules since", f"update it; {_instead(source)}")
    if source and used < packaged:
        return hint(check, f"{what}; {WHEEL} has {packaged}", f"update the system's; {_instead(source)}")
    return well(check, what)


def _instead(source: str | None) -> str:
    return f"PYTHONTZPATH= (empty) takes {WHEEL} instead" if source else "pip install --upgrade tzdata"


def _version(folder: str | None) -> str:
    """What the first line of the data says, such as 2026a; empty where it says nothing."""
    place = Path(folder) if folder else resources.files("tzdata.zoneinfo")
    for name in ("tzdata.zi", "+VERSION"):
        file = place / name
        if file.is_file():
            with file.open(encoding="utf-8", errors="replace") as lines:
                found = re.search(r"\b(2\d{3}[a-z]+)\b", lines.readline())
            return found[1] if found else ""
    return ""


def _faults() -> list[str]:
    """The zones that cannot be read, and those whose answers are not the known ones."""
    found = []
    for name in sorted(zones.names() | set(KNOWN_OFFSETS)):
        try:
            offset = zones.offset(name, JULY)
        except (ValueError, OSError):
            found.append(f"{name} cannot be read")
            continue
        if KNOWN_OFFSETS.get(name, offset) != offset:
            found.append(f"{name} is wrong")
    return found


def search_path() -> Sequence[str]:
    """Where time zone data is looked for before the package."""
    return zoneinfo.TZPATH
