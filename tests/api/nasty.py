"""What a request can hold to do harm, and every place in a request to put it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from tests.api.described import DOCUMENT

Path = tuple[str | int, ...]

TEXTS = {
    "nothing": "",
    "a space": " ",
    "a null character": "\0",
    "a null inside": "a\0b",
    "control characters": "a\x01\x07\x1b[31m\x7f\x85\r\nX: y",
    "bidi controls": "\u202eevil\u2066\u2069\u200f",
    "line separators": "a\u2028b\u2029c",
    "beyond the first plane": "\U0001f44b\U000e0001\uffff",
    "combining characters": "e" + "\u0301" * 300,
    "100,000 letters": "x" * 100_000,
    "a path": "../../etc/passwd",
    "SQL": "' or 1=1; drop table accounts; --",
    "a pattern": "%_*[a-z]$(id){{7*7}}${7*7}",
    "markup": "<script>alert(1)</script>",
    "a number": "1e400",
    "digits": "9" * 4301,
    "other digits": "\u0661\u0662",
    "year 9999": "9999-12-31T23:59:59Z",
    "after year 9999": "9999-12-31T23:59:59-14:00",
    "year 1": "0001-01-01T00:00:00Z",
    "before year 1": "0001-01-01T00:00:00+14:00",
    "year 0": "0000-01-01T00:00:00Z",
    "a leap second": "2016-12-31T23:59:60Z",
    "30 February": "2031-02-30T09:00:00Z",
    "furthest ahead": "2031-05-05T23:00:00+14:00",
    "minus no offset": "2031-05-05T09:00:00-00:00",
    "an offset of days": "2031-05-05T09:00:00+99:99",
    "part of a second": "2031-05-05T09:00:00.5Z",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "a week": "2031-W01-1",
    "a folder of zones": "Europe",
    "a zone's file": "/usr/share/zoneinfo/UTC",
    "a zone upwards": "../etc/passwd",
    "an abbreviation": "CEST",
    "a zone in small letters": "europe/london",
    "a strange host": "http://[::1]:99999/\t",
    "two addresses": "a@example.com,b@example.com",
    "an id of another kind": "scv_000000000000000000000000",
    "true": "true",
}
VALUES: dict[str, Any] = {
    **TEXTS,
    "null": None,
    "yes": True,
    "no": False,
    "zero": 0,
    "minus one": -1,
    "2 to the 31": 2**31,
    "minus 2 to the 63": -(2**63),
    "2 to the 64": 2**64,
    "400 digits": 10**400,
    "half": 0.5,
    "a large float": 1e308,
    "a small float": 5e-324,
    "an empty list": [],
    "a list in a list": [[]],
    "1,000 nulls": [None] * 1000,
    "a list of everything": [0, "", None, True, {}, [], "x"],
    "an empty object": {},
    "an object of everything": {"": "", "time": 1, "tzid": [], "hours": {}, "minutes": "1", "minimum": None, "\0": 0},
    "half a time with zone": {"time": "9999-12-31T23:59:59-14:00", "tzid": "../etc"},
    "a first day with zone": {"time": "0001-01-01", "tzid": "Pacific/Kiritimati"},
    "much time": {"hours": 2**31 - 1, "minutes": 2**31 - 1},
    "less than no time": {"minutes": -1},
    "more than the most": {"minimum": {"minutes": 30}, "maximum": {"minutes": 15}},
    "a minimum out of reach": {"minimum": {"hours": 24}, "maximum": {"hours": 2**31 - 1}},
}


def full(schema: dict[str, Any]) -> Any:
    """A value with every field that the schema names."""
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "examples" in schema:
        return schema["examples"][0]
    if "properties" in schema:
        return {name: full(one) for name, one in schema["properties"].items()}
    if "anyOf" in schema:
        return full(schema["anyOf"][0])
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    if "enum" in schema:
        return schema["enum"][0]
    fillers: dict[str, Any] = {"boolean": False, "integer": max(schema.get("minimum", 1), 1), "object": {}}
    if schema["type"] == "array":
        return [full(schema["items"])]
    return fillers.get(
        schema["type"], {"email": "ada@example.com", "uri": "https://example.com"}.get(schema.get("format", ""), "text")
    )


def merged(value: Any, example: Any) -> Any:
    """The value, with what the example says in its place."""
    if isinstance(value, dict) and isinstance(example, dict):
        return value | {name: merged(value.get(name), one) for name, one in example.items()}
    if isinstance(value, list) and isinstance(example, list) and value:
        return [merged(value[0], one) for one in example]
    return example


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in a value: its fields, what is in them, and one field that nobody asks for."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, one in value.items():
            yield from places(one, (*path, name))
    elif isinstance(value, list) and value:
        yield from places(value[-1], (*path, len(value) - 1))


def replaced(value: Any, path: Path, by: Any) -> Any:
    """A copy of the value with something else at one place."""
    copy = deepcopy(value)
    holder = copy
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = by
    return copy
