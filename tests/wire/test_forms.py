"""Forms and query strings."""

import tracemalloc
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parley.wire.forms import pairs, read_form
from parley.wire.reading import Fields


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("a=1&b=", {"a": "1", "b": ""}),
        ("a=1&a=2&a=3", {"a": ["1", "2", "3"]}),
        ("a[]=1", {"a": ["1"]}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a%5B%5D=1&a%5B%5D=2", {"a": ["1", "2"]}),
        ("a[b]=1&a[c][d]=2", {"a": {"b": "1", "c": {"d": "2"}}}),
        ("p[1][x]=2&p[0][x]=1&p[0][y][z]=3", {"p": [{"x": "1", "y": {"z": "3"}}, {"x": "2"}]}),
        ("a[10]=x&a[9]=y", {"a": ["y", "x"]}),
        ("a[0]=x&a[b]=y", {"a": {"0": "x", "b": "y"}}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[b]=2&a=1", {"a": "1"}),
        ("a[=1&]b=2&[c]=3", {"a[": "1", "]b": "2", "[c]": "3"}),
        ("a[1][2][3][4][5][6][7]=x", {"a[1][2][3][4][5][6][7]": "x"}),
        ("a=%C3%A9+b", {"a": "é b"}),
        ("5=a", {"5": "a"}),
        ("a[9999999]=x", {"a": {"9999999": "x"}}),
    ],
)
def test_names_with_brackets_make_objects_and_arrays(text, expected):
    assert read_form(text) == expected


def test_too_many_fields_are_refused():
    with pytest.raises(ValueError, match="fields"):
        read_form("&".join(["a=1"] * 11), 10)


@pytest.mark.parametrize(
    ("word", "told"),
    [("true", True), ("True", True), ("1", True), ("false", False), ("FALSE", False), ("0", False), ("", False)],
)
def test_words_are_booleans(word, told):
    fields = Fields(read_form(f"a={word}&b[c]={word}"))
    assert (fields.flag("a"), fields.object("b").flag("c"), fields.faults) == (told, told, [])


@pytest.mark.parametrize("word", ["yes", "2", "01", "t"])
def test_other_words_are_not(word):
    fields = Fields(read_form(f"a={word}&a2={word}&a2={word}"))
    assert [fields.flag("a"), fields.flag("a2")] == [False, False]
    assert [one.key for one in fields.faults] == ["errors.must_be_boolean"] * 2


@pytest.mark.parametrize(("word", "number"), [("60", 60), ("-5", -5), ("2147483647", 2147483647)])
def test_digits_are_integers(word, number):
    assert Fields(read_form(f"a={word}")).integer("a") == number


@pytest.mark.parametrize("word", ["2147483648", "1.0", "1e3", "x", "٣", "9" * 5000])
def test_other_words_are_no_integers(word):
    fields = Fields(read_form(f"a={word}"))
    assert (fields.integer("a"), [one.key for one in fields.faults]) == (None, ["errors.invalid_format"])


def test_one_text_is_an_array_of_one():
    assert Fields(read_form("a=x")).texts("a", 5, 5) == ["x"]


def test_json_is_not_read_so_freely():
    fields = Fields({"a": "true", "b": "1", "c": "x"})
    assert (fields.flag("a"), fields.integer("b"), fields.array("c", 5)) == (False, None, [])
    assert len(fields.faults) == 3


PIECES = ["a", "=", "&", "+", "%", "%2", "%C3", "%A9", "%c3%a9", "%00", "%zz", "é", " ", "[", "]", ";", "%ED%A0%80"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("%C3é%A9")
def test_names_and_values_are_those_of_the_standard_library(text):
    assert list(pairs(text)) == parse_qsl(text, keep_blank_values=True)


@pytest.mark.parametrize("offset", range(4))
@pytest.mark.parametrize("unit", ["%61", "a%61", "%C3%A9", "%", "%6"])
def test_a_long_value_of_escapes_takes_little_memory(unit, offset):
    text = "a=" + "x" * offset + unit * (900_000 // len(unit))
    tracemalloc.start()
    found = list(pairs(text))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == parse_qsl(text, keep_blank_values=True)
    assert peak < 12 * len(text)
