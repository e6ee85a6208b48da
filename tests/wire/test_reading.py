"""Reading requests: what is accepted, what is refused, and that every complaint is told at once, with its path."""

from datetime import date

import pytest

from parley.core import limits
from parley.core.errors import Invalid
from parley.wire.reading import Fields, json_object, json_or_form, read_date, read_time
from tests.make import utc

NINE = utc("2031-05-06", "09:00")
REQUIRED, FORMAT, RANGE = "errors.required", "errors.invalid_format", "errors.out_of_range"


def faults(fields):
    return [(one.path, one.key) for one in fields.faults]


def read(name, value, *how, **options):
    """What a method makes of one field, and the keys of its faults."""
    fields = Fields({"it": value})
    found = getattr(fields, name)("it", *how, **options)
    return found, [one.key for one in fields.faults]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2031-05-06T09:00:00Z", NINE, id="as documented"),
        pytest.param("2031-05-06 09:00:00Z", NINE, id="a space, as .NET writes it"),
        pytest.param("2031-05-06T09:00:00UTC", NINE, id="UTC, as pycronofy lets through"),
        pytest.param("2031-05-06 09:00:00 UTC", NINE, id="UTC behind a space"),
        pytest.param("2031-05-06T09:00:00+00:00", NINE, id="no offset, in digits"),
        pytest.param("2031-05-06T09:00:00-00:00", NINE, id="no offset, negative"),
        pytest.param("2031-05-06T11:00:00+02:00", NINE, id="ahead"),
        pytest.param("2031-05-06T11:00:00+0200", NINE, id="ahead, without colon"),
        pytest.param("2031-05-06T05:30:00-03:30", NINE, id="behind, with minutes"),
        pytest.param("2031-05-06T23:00:00+14:00", NINE, id="the furthest ahead"),
        pytest.param("2031-05-05T21:00:00-12:00", NINE, id="the furthest behind, on the day before"),
        pytest.param("2031-05-06T09:00:00.000Z", NINE, id="no milliseconds"),
        pytest.param("2031-05-06T09:00:00.0Z", NINE, id="no tenths"),
        pytest.param("2031-05-06T09:00:00.000000000Z", NINE, id="no nanoseconds"),
        pytest.param("2031-05-06T09:00Z", NINE, id="without seconds"),
        pytest.param("2032-02-29T00:00:00Z", utc("2032-02-29"), id="a leap day"),
        pytest.param("9999-12-31T23:59:59Z", 253402300799, id="the last second that can be written"),
        pytest.param("0001-01-01T00:00:00Z", -62135596800, id="the first"),
    ],
)
def test_a_time_is_an_instant(text, expected):
    assert read_time(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2031-05-06T09:00:00", id="no offset"),
        pytest.param("2031-05-06", id="a date"),
        pytest.param("2031-05-06T09:00:00.5Z", id="half a second"),
        pytest.param("2031-05-06T09:00:00.500Z", id="milliseconds"),
        pytest.param("2031-05-06T09:00:00.0000000001Z", id="a hidden fraction"),
        pytest.param("2031-05-06T09:00:00.Z", id="a point without digits"),
        pytest.param("2031-05-06T09:00:60Z", id="a leap second"),
        pytest.param("2031-05-06T24:00:00Z", id="hour 24"),
        pytest.param("2031-05-06T09:60:00Z", id="minute 60"),
        pytest.param("2031-02-29T09:00:00Z", id="no leap year"),
        pytest.param("2031-13-06T09:00:00Z", id="month 13"),
        pytest.param("0000-01-01T00:00:00Z", id="year 0"),
        pytest.param("12031-05-06T09:00:00Z", id="five digits"),
        pytest.param("9999-12-31T23:59:59-01:00", id="behind the end of time"),
        pytest.param("0001-01-01T00:00:00+01:00", id="before its beginning"),
        pytest.param("2031-05-06T09:00:00+24:00", id="an offset of a day"),
        pytest.param("2031-05-06T09:00:00+01:60", id="an offset of 60 minutes"),
        pytest.param("2031-05-06T09:00:00 +02:00", id="a space before the offset"),
        pytest.param("2031-05-06T09:00:00Z ", id="a space behind"),
        pytest.param("2031-05-06T09:00:00Z\n", id="a line end behind"),
        pytest.param("2031-05-06\n09:00:00Z", id="a line end inside"),
        pytest.param("2031-05-06T09:00:00Z\0", id="a null character"),
        pytest.param("２０３１-05-06T09:00:00Z", id="digits that are not ASCII"),
        pytest.param("2031-05-06T09:00:00\u221202:00", id="a minus that is not ASCII"),
        pytest.param("1930000000", id="seconds since 1970"),
        pytest.param("tomorrow", id="a word"),
    ],
)
def test_what_is_no_exact_instant_is_no_time(text):
    assert read_time(text) is None
    assert read("instant", text) == (None, [FORMAT])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2031-05-06", date(2031, 5, 6)),
        ("1900-01-01", date(1900, 1, 1)),
        ("9998-12-31", date(9998, 12, 31)),
        ("1899-12-31", None),
        ("9999-01-01", None),
        ("2031-02-29", None),
        ("2031-W19-2", None),
        ("20310506", None),
        ("2031-5-6", None),
        ("2031-05-06T00:00:00Z", None),
        ("", None),
    ],
)
def test_a_date_is_a_day_of_the_calendar(text, expected):
    assert read_date(text) == expected


@pytest.mark.parametrize(
    ("value", "expected", "keys"),
    [
        pytest.param("2031-05-06T09:00:00Z", NINE, [], id="plain"),
        pytest.param({"time": "2031-05-06T11:00:00+02:00", "tzid": "Europe/Berlin"}, NINE, [], id="with a zone"),
        pytest.param({"time": "2031-05-06T09:00:00Z"}, NINE, [], id="an object without a zone"),
        pytest.param({"time": "2031-05-06T09:00:00Z", "tzid": "../etc"}, NINE, ["errors.tzid_unrecognized"], id="../"),
        pytest.param({"tzid": "Europe/Berlin"}, None, [REQUIRED], id="a zone without a time"),
        pytest.param({"time": "2031-05-06"}, None, [FORMAT], id="a date in an object"),
        pytest.param("2031-05-06", None, [FORMAT], id="a date"),
        pytest.param(None, None, [REQUIRED], id="null"),
        pytest.param("", None, [REQUIRED], id="empty"),
        pytest.param(1930000000, None, [FORMAT], id="a number"),
        pytest.param(["2031-05-06T09:00:00Z"], None, [FORMAT], id="a list"),
        pytest.param({"time": 5}, None, [FORMAT], id="a number in an object"),
    ],
)
def test_an_instant_is_a_time_plain_or_with_a_zone(value, expected, keys):
    assert read("instant", value) == (expected, keys)


def test_a_moment_keeps_the_zone_that_came_with_it():
    value = {"time": "2031-05-06T09:00:00Z", "tzid": "Europe/Berlin"}
    assert Fields({"start": value}).moment("start") == (NINE, "Europe/Berlin")
    assert Fields({"start": "2031-05-06"}).moment("start") == (date(2031, 5, 6), None)


@pytest.mark.parametrize(
    ("value", "minutes"),
    [
        ({"minutes": 90}, 90),
        ({"hours": 1, "minutes": 30}, 90),
        ({"hours": 2}, 120),
        ({"hours": 1, "minutes": 59}, 119),
        ({"minutes": 1}, 1),
        ({"minutes": 1440}, 1440),
        ({"hours": 24}, 1440),
        ({"hours": 0, "minutes": 5}, 5),
        ({"hours": None, "minutes": 5}, 5),
    ],
    ids=str,
)
def test_a_duration_is_in_hours_and_minutes(value, minutes):
    assert read("duration", value) == (minutes * 60, [])


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (None, REQUIRED),
        ({}, REQUIRED),
        ({"minutes": 0}, RANGE),
        ({"hours": 0, "minutes": 0}, RANGE),
        ({"minutes": -30}, RANGE),
        ({"hours": -1}, RANGE),
        ({"hours": 2, "minutes": -30}, RANGE),
        ({"minutes": 1441}, RANGE),
        ({"hours": 24, "minutes": 1}, RANGE),
        ({"hours": 1, "minutes": 60}, FORMAT),
        ({"minutes": "30"}, FORMAT),
        ({"minutes": 30.0}, FORMAT),
        ({"minutes": True}, FORMAT),
        ({"hours": "x", "minutes": []}, FORMAT),
        ({"minutes": 2**31}, FORMAT),
        (30, FORMAT),
        ("PT30M", FORMAT),
        ([30], FORMAT),
        (False, FORMAT),
    ],
    ids=str,
)
def test_a_wrong_duration_is_one_fault_on_the_duration(value, key):
    fields = Fields({"it": value})
    assert fields.duration("it") is None
    assert faults(fields) == [("it", key)]


@pytest.mark.parametrize(
    "address",
    ["ada@example.org", "Ada.L+tag@mail.example.org", "o'hara@example.org", "root@localhost", "ü@exämple.org"],
)
def test_an_address_is_read_as_it_is_written(address):
    assert read("email", address) == (address, [])


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("ada", FORMAT),
        ("@example.org", FORMAT),
        ("ada@", FORMAT),
        ("ada@example..org", FORMAT),
        ("ada@example.org.", FORMAT),
        ("ada@b@example.org", FORMAT),
        ("Ada <ada@example.org>", FORMAT),
        ("ada@example.org,eve@example.org", FORMAT),
        ("ada@example.org\nBcc: eve@example.org", FORMAT),
        ("ada@example.org\r", FORMAT),
        ("ada\0@example.org", FORMAT),
        ("a" * 65 + "@example.org", FORMAT),
        ("ada@" + "example." * 40 + "org", "errors.too_long"),
        (5, FORMAT),
        (["ada@example.org"], FORMAT),
    ],
    ids=repr,
)
def test_what_is_no_single_address_is_refused(address, key):
    assert read("email", address) == (None, [key])


@pytest.mark.parametrize("method", ["text", "email", "url", "zone", "choice", "flag", "integer"])
@pytest.mark.parametrize("absent", [None, ""], ids=["null", "empty"])
def test_null_and_an_empty_text_count_as_absent(method, absent):
    how = {"text": (10,), "choice": (("a",),)}.get(method, ())
    assert read(method, absent, *how) == (False if method == "flag" else None, [])


@pytest.mark.parametrize(
    ("value", "ascii_only", "expected", "keys"),
    [
        pytest.param("12345", False, "12345", [], id="as long as it may be"),
        pytest.param("123456", False, None, ["errors.too_long"], id="longer"),
        pytest.param("ääääa", False, "ääääa", [], id="characters count, not bytes"),
        pytest.param("äbc", True, None, [FORMAT], id="not ASCII where it must be"),
        pytest.param("a\0b", False, None, [FORMAT], id="a null character"),
        pytest.param("a\0b", True, None, [FORMAT], id="a null character, which is ASCII"),
        pytest.param(5, False, None, [FORMAT], id="a number"),
        pytest.param(True, False, None, [FORMAT], id="a boolean"),
        pytest.param({}, False, None, [FORMAT], id="an object"),
    ],
)
def test_a_text_is_checked(value, ascii_only, expected, keys):
    assert read("text", value, 5, ascii_only=ascii_only) == (expected, keys)


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("../etc", "errors.tzid_unrecognized"),
        ("europe/berlin", "errors.tzid_unrecognized"),
        ("Etc/UTC\0", "errors.tzid_unrecognized"),
        ("+02:00", "errors.tzid_unrecognized"),
        (5, FORMAT),
        (["Etc/UTC"], FORMAT),
    ],
    ids=repr,
)
def test_an_unknown_zone_is_refused(value, key):
    assert read("zone", value) == (None, [key])


@pytest.mark.parametrize(
    ("value", "expected", "keys"),
    [
        (True, True, []),
        (False, False, []),
        ("true", False, ["errors.must_be_boolean"]),
        (1, False, ["errors.must_be_boolean"]),
        (0, False, ["errors.must_be_boolean"]),
        ([], False, ["errors.must_be_boolean"]),
    ],
    ids=repr,
)
def test_a_flag_is_true_or_false(value, expected, keys):
    assert read("flag", value) == (expected, keys)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (2**31 - 1, 2**31 - 1),
        (-(2**31), -(2**31)),
        (2**31, None),
        (-(2**31) - 1, None),
        (10**30, None),
        (1.0, None),
        (True, None),
        ("1", None),
    ],
    ids=repr,
)
def test_an_integer_has_32_bits(value, expected):
    assert read("integer", value) == (expected, [] if expected is not None else [FORMAT])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://example.org", True),
        ("HTTP://example.org:8080/a?b=c#d", True),
        ("ftp://example.org", False),
        ("javascript:alert(1)", False),
        ("//example.org", False),
        ("https://", False),
        ("https://ada@example.org/", False),
        ("https://exa mple.org", False),
        ("https://example.org/\n", False),
    ],
)
def test_an_url_is_absolute_and_of_the_web(value, expected):
    assert read("url", value) == ((value, []) if expected else (None, [FORMAT]))


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        (None, [REQUIRED]),
        ([], [REQUIRED]),
        ("a", [FORMAT]),
        ({"0": "a"}, [FORMAT]),
        (["a", "b", "c", "d"], ["errors.too_many"]),
        (["a", "b", "c"], []),
    ],
    ids=repr,
)
def test_an_array_has_some_elements_and_not_too_many(value, keys):
    found, noted = read("array", value, 3)
    assert noted == keys
    assert found == (value if not keys else [])


def test_the_elements_of_an_array_that_is_too_long_are_not_looked_at():
    fields = Fields({"it": ["wrong"] * 100_000})
    assert fields.objects("it", 3) == []
    assert faults(fields) == [("it", "errors.too_many")]


def test_each_element_that_is_wrong_is_named_by_its_place():
    fields = Fields({"people": [{"name": 5}, "Karl", {"name": "Ida"}, None]}, path="meeting")
    names = [one.text("name", 10) for one in fields.objects("people", 9)]
    assert names == [None, "Ida"]
    assert sorted(faults(fields)) == [
        ("meeting.people[0].name", FORMAT),
        ("meeting.people[1]", FORMAT),
        ("meeting.people[3]", FORMAT),
    ]


def test_texts_of_an_array_are_each_checked():
    fields = Fields({"ids": ["a", "", 5, "toolong"]})
    fields.texts("ids", 9, 3)
    assert faults(fields) == [("ids[1]", REQUIRED), ("ids[2]", FORMAT), ("ids[3]", "errors.too_long")]


def test_an_object_inside_carries_its_path_and_what_is_no_object_is_refused():
    fields = Fields({"event": {"location": 5}})
    fields.object("event").object("location").text("description", 10)
    assert faults(fields) == [("event.location", FORMAT)]


def test_everything_wrong_is_told_at_once():
    fields = Fields({"subject": 5, "tzid": "Mars"})
    fields.text("subject", 10)
    fields.zone("tzid")
    fields.required_text("summary", 10)
    with pytest.raises(Invalid) as refusal:
        fields.finish()
    assert [one.path for one in refusal.value.faults] == ["subject", "tzid", "summary"]


def test_no_more_than_a_hundred_faults_are_told():
    fields = Fields({"it": [5] * 150})
    fields.objects("it", 200)
    with pytest.raises(Invalid) as refusal:
        fields.finish()
    assert len(refusal.value.faults) == limits.FAULTS == 100


def test_nothing_wrong_is_no_refusal():
    Fields({}).finish()


def test_a_fault_of_the_whole_request_is_on_base():
    fields = Fields({})
    fields.fault("", "errors.any", "wrong")
    assert faults(fields) == [("base", "errors.any")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"", {}), (b" \n", {}), (b"[]", {}), (b" [ ] ", {}), (b"{}", {}), (b'{"a": [1]}', {"a": [1]})],
    ids=repr,
)
def test_a_body_is_a_json_object_or_nothing(body, expected):
    assert json_object(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"5",
        b'"a"',
        b"[1]",
        b"{",
        b'{"a": 1,}',
        b'{"a": NaN}',
        b'{"a": 1e400}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff"}',
        b"{'a': 1}",
        b"a=1",
    ],
    ids=repr,
)
def test_anything_else_is_refused_as_a_whole(body):
    with pytest.raises(Invalid) as refusal:
        json_object(body)
    assert [(one.path, one.key) for one in refusal.value.faults] == [("base", "errors.invalid_json")]


def test_a_body_that_nests_without_end_is_refused():
    with pytest.raises(Invalid):
        json_object(b'{"a":' * 100_000)


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"a=1&b=x+y&c=", "application/x-www-form-urlencoded", {"a": "1", "b": "x y", "c": ""}),
        (b"a=%C3%A4", "application/x-www-form-urlencoded; charset=utf-8", {"a": "ä"}),
        (b"a=1", "Application/X-WWW-Form-Urlencoded", {"a": "1"}),
        (b'{"a": 1}', "application/json", {"a": 1}),
        (b'{"a": 1}', "", {"a": 1}),
    ],
    ids=str,
)
def test_a_body_may_be_a_form_where_its_type_says_so(body, content_type, expected):
    assert json_or_form(body, content_type) == expected


@pytest.mark.parametrize("body", [b"a=\xff", b"&".join([b"a=1"] * 1001)], ids=["not UTF-8", "too many fields"])
def test_a_form_that_cannot_be_read_is_refused_as_a_whole(body):
    with pytest.raises(Invalid):
        json_or_form(body, "application/x-www-form-urlencoded")
