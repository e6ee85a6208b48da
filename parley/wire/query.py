"""The availability query: reading what is asked, writing what was found (docs/wire.md 8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parley.core import limits
from parley.core.limits import DAY, MINUTE
from parley.core.periods import Period
from parley.core.query import Found
from parley.wire.reading import FORMAT, NOT_RECOGNIZED, RANGE, Fields
from parley.wire.writing import time_text

PERIODS, SLOTS, OVERLAPPING = "periods", "slots", "overlapping_slots"
INTERVALS = (5, 10, 15, 20, 30, 60)


@dataclass(frozen=True, slots=True)
class AskedMember:
    """Somebody of a group as asked for; a limit that was not given is None.

    `calendar_ids` are the only calendars that count, `rule_ids` the only rules, `periods` a further limit.
    """

    sub: str
    managed: bool = False
    calendar_ids: frozenset[str] | None = None
    rule_ids: frozenset[str] | None = None
    periods: tuple[Period, ...] | None = None


@dataclass(frozen=True, slots=True)
class AskedGroup:
    """A group and how many of it must be free."""

    members: tuple[AskedMember, ...]
    required: int


@dataclass(frozen=True, slots=True)
class Asked:
    """An availability query; all lengths in seconds. With `starts`, only these are looked at."""

    groups: tuple[AskedGroup, ...]
    duration: int
    periods: tuple[Period, ...]
    starts: tuple[int, ...] | None
    interval: int | None
    before: int
    after: int
    most: int
    response_format: str
    statuses: bool

    @property
    def subs(self) -> list[str]:
        """Everybody asked about, in order, each once."""
        return list(dict.fromkeys(one.sub for group in self.groups for one in group.members))


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """What can be named of an account: its calendars and the application's rules for it."""

    calendar_ids: frozenset[str]
    rule_ids: frozenset[str]


def mentioned(values: Mapping[str, Any]) -> set[str]:
    """Every sub in a query, to be looked up before it is read."""
    groups = values.get("participants")
    found: set[str] = set()
    for group in (groups if isinstance(groups, list) else [])[: limits.QUERY_GROUPS]:
        members = group.get("members") if isinstance(group, dict) else None
        for member in (members if isinstance(members, list) else [])[: limits.QUERY_MEMBERS]:
            sub = member.get("sub") if isinstance(member, dict) else member
            if isinstance(sub, str):
                found.add(sub)
    return found


def read_query(values: Mapping[str, Any], known: Mapping[str, KnownAccount], now: int) -> Asked:
    """What a query asks, or every complaint as Invalid; `known` holds those of the mentioned subs that may be asked."""
    fields = Fields(values)
    groups = tuple(_read_group(one, known) for one in _groups(fields))
    duration = fields.duration("required_duration") or 0
    periods, starts = _read_time(fields, duration, now)
    buffer = fields.object("buffer")
    asked = Asked(
        groups=groups,
        duration=duration,
        periods=periods,
        starts=starts,
        interval=_read_interval(fields),
        before=_read_buffer(buffer, "before"),
        after=_read_buffer(buffer, "after"),
        most=_read_most(fields),
        response_format=fields.choice("response_format", (PERIODS, SLOTS, OVERLAPPING)) or PERIODS,
        statuses=fields.flag("include_member_statuses"),
    )
    fields.finish()
    return asked


def _groups(fields: Fields) -> list[Fields]:
    groups = fields.objects("participants", limits.QUERY_GROUPS)
    if len(mentioned(fields.values)) <= limits.QUERY_ACCOUNTS:
        return groups
    fields.fault("participants", "errors.too_many", f"must name at most {limits.QUERY_ACCOUNTS} accounts")
    return []


def _read_group(fields: Fields, known: Mapping[str, KnownAccount]) -> AskedGroup:
    elements = [
        Fields({"sub": one} if isinstance(one, str) else one, fields.path_of(f"members[{at}]"), fields.faults)
        for at, one in enumerate(fields.array("members", limits.QUERY_MEMBERS))
        if _is_member(fields, at, one)
    ]
    members = tuple(_read_member(one, known) for one in elements)
    for at, member in enumerate(members):
        if member.sub and member.sub in {one.sub for one in members[:at]}:
            elements[at].fault("sub", "errors.not_unique", "is already a member of the group")
    return AskedGroup(members, _read_required(fields, len(members)))


def _is_member(fields: Fields, at: int, value: Any) -> bool:
    if isinstance(value, str | dict):
        return True
    fields.fault(f"members[{at}]", FORMAT, "must be an object or a sub")
    return False


def _read_required(fields: Fields, members: int) -> int:
    value = fields.get("required")
    if value is None or value == "all":
        return members
    if isinstance(value, str):
        fields.fault("required", NOT_RECOGNIZED, 'must be "all" or a number')
        return members
    required = fields.integer("required")
    if required is not None and not 1 <= required <= max(members, 1):
        fields.fault("required", RANGE, "must be from 1 to the number of members")
    return required or members


def _read_member(fields: Fields, known: Mapping[str, KnownAccount]) -> AskedMember:
    sub = fields.required_text("sub", limits.KEY_LENGTH, ascii_only=True)
    account = known.get(sub)
    if sub and account is None:
        fields.fault("sub", NOT_RECOGNIZED, "is not an account of this application")
    periods = None
    if fields.get("available_periods") is not None:
        periods = _read_periods(fields.objects("available_periods", limits.QUERY_PERIODS))
    return AskedMember(
        sub=sub,
        managed=fields.flag("managed_availability"),
        calendar_ids=_read_named(fields, "calendar_ids", account.calendar_ids if account else None),
        rule_ids=_read_named(fields, "availability_rule_ids", account.rule_ids if account else None),
        periods=periods,
    )


def _read_named(fields: Fields, name: str, known: frozenset[str] | None) -> frozenset[str] | None:
    """A list of ids of the account's own things; it may be empty."""
    if fields.get(name) is None:
        return None
    named = frozenset(fields.texts(name, limits.CALENDAR_IDS, limits.KEY_LENGTH, least=0))
    if known is not None and not named <= known:
        key = "errors.invalid_calendar_ids" if name == "calendar_ids" else NOT_RECOGNIZED
        fields.fault(name, key, "must be of this account")
    return named


def _read_periods(elements: Iterable[Fields]) -> tuple[Period, ...]:
    found = []
    for element in elements:
        start, end = element.instant("start"), element.instant("end")
        if start is not None and end is not None and end < start + limits.SHORTEST_PERIOD:
            element.fault("end", "errors.invalid_time_pair", "must be at least 1 minute after start")
        found.append(Period(start or 0, end or 0))
    return tuple(found)


def _read_time(fields: Fields, duration: int, now: int) -> tuple[tuple[Period, ...], tuple[int, ...] | None]:
    """The time that is asked about: query_periods (available_periods is their old name) or query_slots."""
    named = [name for name in ("query_periods", "available_periods", "query_slots") if fields.get(name) is not None]
    if not named:
        fields.required("query_periods")
        return (), None
    if "query_slots" in named:
        if len(named) > 1:
            fields.fault("query_slots", "errors.not_supported", "cannot be combined with query_periods")
        starts = [one.instant("start") for one in fields.objects("query_slots", limits.QUERY_SLOTS)]
        periods = tuple(Period(start, start + max(duration, MINUTE)) for start in starts if start is not None)
        _refuse_wide(fields, "query_slots", "start", periods, now)
        return periods, tuple(sorted({one.start for one in periods}))
    periods = _read_periods(fields.objects(named[0], limits.QUERY_PERIODS))
    _refuse_wide(fields, named[0], "end", periods, now)
    return periods, None


def _refuse_wide(fields: Fields, name: str, edge: str, periods: Sequence[Period], now: int) -> None:
    """Queries reach as far as conversations do: within some days of the earliest start, and not beyond the horizon."""
    days = limits.Limits().max_days
    latest = min(min((one.start for one in periods), default=now) + days * DAY, now + limits.HORIZON)
    for at, period in enumerate(periods):
        if period.end > latest:
            told = f"must be within {days} days of the earliest start and {limits.HORIZON // DAY} days from now"
            fields.fault(f"{name}[{at}].{edge}", RANGE, told)


def _read_interval(fields: Fields) -> int | None:
    if fields.get("start_interval") is None:
        return None
    seconds = fields.duration("start_interval")
    if seconds is not None and seconds // MINUTE not in INTERVALS:
        fields.fault("start_interval", NOT_RECOGNIZED, f"must be one of {', '.join(map(str, INTERVALS))} minutes")
    return seconds


def _read_buffer(fields: Fields, name: str) -> int:
    """The seconds to keep free; of a `minimum` and a `maximum` the minimum is what must be."""
    value = fields.get(name)
    if not isinstance(value, dict) or not value.keys() & {"minimum", "maximum"}:
        return 0 if value is None or value == {} else fields.duration(name, least=0) or 0
    inner = fields.object(name)
    least, most = (inner.duration(one, least=0) if inner.has(one) else None for one in ("minimum", "maximum"))
    if least is not None and most is not None and most < least:
        inner.fault("maximum", RANGE, "must not be less than minimum")
    return least or 0


def _read_most(fields: Fields) -> int:
    most = fields.integer("max_results")
    if most is not None and not 1 <= most <= limits.QUERY_RESULTS:
        fields.fault("max_results", RANGE, f"must be from 1 to {limits.QUERY_RESULTS}")
    return most or limits.QUERY_RESULTS


def write_found(asked: Asked, found: Iterable[Found]) -> dict[str, Any]:
    """The answer: exactly one of two keys, an array also when it is empty."""
    in_periods = asked.starts is None and asked.response_format == PERIODS
    rows = [
        {
            "start": time_text(one.period.start),
            "end": time_text(one.period.end),
            "participants": [{"sub": sub} for sub in one.subs],
        }
        for one in found
    ]
    told: dict[str, Any] = {"available_periods" if in_periods else "available_slots": rows}
    if asked.statuses:
        told["member_statuses"] = [{"sub": sub, "sync_status": "active"} for sub in asked.subs]
    return told
