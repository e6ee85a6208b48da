"""Reading a request: each complaint carries its path, and all of them are reported together.

A method that finds nothing usable notes a fault and answers an empty value of its type; `Fields.finish` then refuses
the request, so those values never go further. `null` counts as absent everywhere, and so does an empty text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn

import msgspec

from parley.core import limits, zones
from parley.core.errors import Fault, Invalid
from parley.core.limits import MINUTE
from parley.wire.forms import Texts, read_form

TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.0{1,9})?)?(?:Z| ?UTC|([+-])(\d\d):?(\d\d))",
    re.ASCII,
)
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
EMAIL = re.compile(r"[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]{1,64}@(?:[\w-]{1,63}\.)*[\w-]{1,63}")
URL = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#][^\s\\]*)?", re.IGNORECASE)
INTEGER = range(-(2**31), 2**31)
DIGITS = re.compile(r"-?\d{1,10}", re.ASCII)
FORM = "application/x-www-form-urlencoded"
WORDS = {"true": True, "1": True, "false": False, "0": False}

REQUIRED = "errors.required"
FORMAT = "errors.invalid_format"
RANGE = "errors.out_of_range"
NOT_RECOGNIZED = "errors.not_recognized"


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; no body and an empty array count as an empty object (docs/wire.md 1)."""
    if not body.strip():
        return {}
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        invalid_json("the body is not valid JSON")
    if value == []:
        return {}
    if not isinstance(value, dict):
        invalid_json("the body must be a JSON object")
    return value


def invalid_json(description: str) -> NoReturn:
    """Refuse the body as a whole."""
    raise Invalid([Fault("base", "errors.invalid_json", description)])


def json_or_form(body: bytes, content_type: str) -> dict[str, Any]:
    """The fields of a body, JSON or a form; curl calls its JSON a form where nobody tells it better."""
    if not content_type.lower().startswith(FORM) or body.lstrip()[:1] in (b"", b"{", b"["):
        return json_object(body)
    try:
        return read_form(body.decode(), limits.FORM_FIELDS)
    except (UnicodeDecodeError, ValueError):
        invalid_json("the body is not a valid form")


class Fields:
    """The fields of one object at `path`; faults of all objects of a request gather in one list."""

    def __init__(self, values: Mapping[str, Any], path: str = "", faults: list[Fault] | None = None) -> None:
        self.values = values
        self.path = path
        self.faults: list[Fault] = [] if faults is None else faults

    def finish(self) -> None:
        """Refuse the request when anything was wrong; at most `limits.FAULTS` are told."""
        if self.faults:
            raise Invalid(self.faults[: limits.FAULTS])

    def fault(self, name: str, key: str, description: str) -> None:
        """Note that a field is wrong; an empty name means this object as a whole."""
        self.faults.append(Fault(self.path_of(name) or "base", key, description))

    def path_of(self, name: str) -> str:
        """The dotted path of a field."""
        return f"{self.path}.{name}" if self.path and name else self.path or name

    def has(self, name: str) -> bool:
        """Whether the field is there, `null` included."""
        return name in self.values

    def get(self, name: str) -> Any:
        """The field as it came; an empty text counts as absent."""
        value = self.values.get(name)
        return None if value == "" else value

    def text(self, name: str, longest: int, *, ascii_only: bool = False) -> str | None:
        """A text of at most `longest` characters."""
        value = self.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            return self.fault(name, FORMAT, "must be a string")
        if len(value) > longest:
            return self.fault(name, "errors.too_long", f"must be at most {longest} characters")
        if "\0" in value or (ascii_only and not (value.isascii() and value.isprintable())):
            wanted = "printable ASCII characters only" if ascii_only else "no null character"
            return self.fault(name, FORMAT, f"must hold {wanted}")
        return value

    def required_text(self, name: str, longest: int, *, ascii_only: bool = False) -> str:
        """A text that must be there."""
        self.need(name)
        return self.text(name, longest, ascii_only=ascii_only) or ""

    def need(self, name: str) -> None:
        """Note that a field is missing, if it is."""
        if self.get(name) is None:
            self.required(name)

    def required(self, name: str) -> None:
        """Note that a field is missing."""
        self.fault(name, REQUIRED, "required")

    def email(self, name: str) -> str | None:
        """An e-mail address."""
        value = self.text(name, limits.EMAIL_LENGTH)
        if value is not None and not EMAIL.fullmatch(value):
            return self.fault(name, FORMAT, "must be an e-mail address")
        return value

    def url(self, name: str) -> str | None:
        """An absolute address of the web."""
        value = self.text(name, limits.URL_LENGTH)
        if value is not None and not URL.fullmatch(value):
            return self.fault(name, FORMAT, "must be an absolute http or https URL")
        return value

    def callback(self, name: str, is_refused: Callable[[str], bool]) -> str:
        """An address that must be there and that we can call; one text for all others, so that nobody learns more."""
        value = self.required_text(name, limits.URL_LENGTH)
        if value and (not URL.fullmatch(value) or is_refused(value)):
            self.fault(name, "errors.invalid_callback_url", "must be a public http or https URL")
        return value

    def flag(self, name: str) -> bool:
        """A boolean; false where it is absent."""
        value = self.get(name)
        if isinstance(self.values, Texts) and isinstance(value, str):
            value = WORDS.get(value.lower(), value)
        if value is not None and not isinstance(value, bool):
            self.fault(name, "errors.must_be_boolean", "must be true or false")
        return value is True

    def choice(self, name: str, among: Collection[str]) -> str | None:
        """One of a few words."""
        value = self.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            return self.fault(name, FORMAT, "must be a string")
        if value not in among:
            return self.fault(name, NOT_RECOGNIZED, f"must be one of: {', '.join(among)}")
        return value

    def zone(self, name: str) -> str | None:
        """The name of a time zone."""
        value = self.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            return self.fault(name, FORMAT, "must be a string")
        if not zones.is_known(value):
            return self.fault(name, "errors.tzid_unrecognized", "must be a time zone of the IANA database")
        return value

    def required_zone(self, name: str) -> str:
        """The name of a time zone that must be there."""
        self.need(name)
        return self.zone(name) or "Etc/UTC"

    def integer(self, name: str) -> int | None:
        """A 32-bit whole number."""
        value = self.get(name)
        if value is None:
            return None
        if isinstance(self.values, Texts) and isinstance(value, str) and DIGITS.fullmatch(value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or value not in INTEGER:
            return self.fault(name, FORMAT, "must be a 32-bit integer")
        return value

    def duration(self, name: str, *, least: int = MINUTE) -> int | None:
        """A Duration of at least `least` seconds, in seconds; nothing where it is absent or wrong."""
        if self.get(name) is None:
            return self.required(name)
        before = len(self.faults)
        inner = self.object(name)
        hours, minutes = inner.integer("hours"), inner.integer("minutes")
        if len(self.faults) > before:  # one fault, on the duration itself
            del self.faults[before:]
            return self.fault(name, FORMAT, "must be an object with whole hours and/or minutes")
        if hours is None and minutes is None:
            return self.fault(name, REQUIRED, "must have hours or minutes")
        if hours is not None and (minutes or 0) >= 60:
            return self.fault(name, FORMAT, "minutes must be under 60 beside hours")
        total = ((hours or 0) * 60 + (minutes or 0)) * MINUTE
        if not least <= total <= limits.LONGEST_DURATION or (minutes or 0) < 0:
            bounds = f"from {least // MINUTE} to {limits.LONGEST_DURATION // MINUTE}"
            return self.fault(name, RANGE, f"must be {bounds} minutes")
        return total

    def instant(self, name: str) -> int | None:
        """A Time, plain or as `{"time", "tzid"}`, in seconds since 1970."""
        value, _ = self.moment(name)
        if isinstance(value, date):
            return self.fault(name, FORMAT, "must be a time, not a date")
        return value

    def moment(self, name: str) -> tuple[int | date | None, str | None]:
        """A Time (as seconds since 1970) or a Date, plain or as `{"time", "tzid"}`, and the zone that came with it."""
        value = self.get(name)
        if value is None:
            self.required(name)
            return None, None
        if isinstance(value, dict):
            inner = self.object(name)
            zone = inner.zone("tzid")
            if inner.get("time") is None:
                inner.required("time")
                return None, zone
            return inner._moment("time", inner.get("time")), zone
        return self._moment(name, value), None

    def _moment(self, name: str, value: Any) -> int | date | None:
        read = (read_date(value) or read_time(value)) if isinstance(value, str) else None
        if read is None:
            return self.fault(name, FORMAT, "must be an ISO 8601 time with an offset, in whole seconds")
        return read

    def object(self, name: str) -> Fields:
        """The fields of an object inside this one; none where it is absent."""
        value = self.get(name)
        if value is not None and not isinstance(value, dict):
            self.fault(name, FORMAT, "must be an object")
        return Fields(value if isinstance(value, dict) else {}, self.path_of(name), self.faults)

    def array(self, name: str, most: int, *, least: int = 1) -> list[Any]:
        """The elements of an array; its length is checked before they are looked at."""
        value = self.get(name)
        if isinstance(self.values, Texts) and isinstance(value, str):
            value = [value]
        if value is not None and not isinstance(value, list):
            self.fault(name, FORMAT, "must be an array")
        elif len(value or []) < least:
            self.fault(name, REQUIRED, f"needs at least {least}" if value == [] else "required")
        elif len(value or []) > most:
            self.fault(name, "errors.too_many", f"must have at most {most}")
        else:
            return value or []
        return []

    def objects(self, name: str, most: int, *, least: int = 1) -> list[Fields]:
        """The elements of an array of objects."""
        found = []
        for at, value in enumerate(self.array(name, most, least=least)):
            element = Fields(value if isinstance(value, dict) else {}, self.path_of(f"{name}[{at}]"), self.faults)
            if isinstance(value, dict):
                found.append(element)
            else:
                element.fault("", FORMAT, "must be an object")
        return found

    def texts(self, name: str, most: int, longest: int, *, least: int = 1) -> list[str]:
        """The elements of an array of texts."""
        values = self.array(name, most, least=least)
        named = Fields({f"{name}[{at}]": value for at, value in enumerate(values)}, self.path, self.faults)
        return [named.required_text(one, longest) for one in named.values]


def read_time(text: str) -> int | None:
    """Seconds since 1970 of an ISO 8601 time with an offset (docs/wire.md 1); nothing where it is not one."""
    found = TIME.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, sign, ahead_hours, ahead_minutes = found.groups()
    if int(ahead_hours or 0) > 23 or int(ahead_minutes or 0) > 59:
        return None
    ahead = timedelta(hours=int(ahead_hours or 0), minutes=int(ahead_minutes or 0))
    try:
        shown = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC)
        return int((shown - (-ahead if sign == "-" else ahead)).timestamp())
    except (ValueError, OverflowError):
        return None


def read_date(text: str) -> date | None:
    """A date, `YYYY-MM-DD`, of the years 1900 to 9998; nothing where it is not one."""
    try:
        read = date.fromisoformat(text) if DATE.fullmatch(text) else None
    except ValueError:
        return None
    return read if read and 1900 <= read.year <= 9998 else None
