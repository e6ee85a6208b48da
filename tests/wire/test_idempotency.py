"""The key of a call, and when two calls are the same."""

import pytest

from parley.core.errors import Invalid
from parley.wire.idempotency import read_keyed


@pytest.mark.parametrize(
    ("given", "key"),
    [
        pytest.param("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324", id="bare"),
        pytest.param('"8e03978e"', "8e03978e", id="quoted"),
        pytest.param("a", "a", id="one character"),
        pytest.param("~" * 255, "~" * 255, id="255 characters"),
        pytest.param('"' + "!" * 255 + '"', "!" * 255, id="255 characters in quotes"),
        pytest.param('"' + r"\"" * 255 + '"', '"' * 255, id="255 escaped characters"),
        pytest.param(r'"a\"b\\c"', r'a"b\c', id="escapes in quotes"),
        pytest.param(r"a\b", r"a\b", id="a backslash without quotes"),
        pytest.param('a"b"', 'a"b"', id="quotes inside"),
        pytest.param("!#$%&'()*+,-./:;<=>?@[]^_`{|}~", "!#$%&'()*+,-./:;<=>?@[]^_`{|}~", id="signs"),
    ],
)
def test_a_key_is_read(given, key):
    assert read_keyed([given]).key == key


@pytest.mark.parametrize(
    "given",
    [
        pytest.param([""], id="nothing"),
        pytest.param(['""'], id="nothing in quotes"),
        pytest.param(["a" * 256], id="256 characters"),
        pytest.param(['"' + "a" * 256 + '"'], id="256 characters in quotes"),
        pytest.param(["a b"], id="a space"),
        pytest.param(['"a b"'], id="a space in quotes"),
        pytest.param(["a\tb"], id="a tab"),
        pytest.param(["a\x7f"], id="a control character"),
        pytest.param(["a\n"], id="a line break"),
        pytest.param(["é"], id="not ASCII"),
        pytest.param(['"a'], id="quotes that do not end"),
        pytest.param(['"'], id="a quote"),
        pytest.param(['"a"b'], id="something behind the quotes"),
        pytest.param(['"a";b=1'], id="a parameter"),
        pytest.param([r'"a\b"'], id="an escape that is none"),
        pytest.param(['"a\\"'], id="an escaped end"),
        pytest.param(["a", "a"], id="twice"),
    ],
)
def test_anything_else_is_refused(given):
    with pytest.raises(Invalid) as refusal:
        read_keyed(given)
    assert [(one.path, one.key) for one in refusal.value.faults] == [("base", "errors.invalid_format")]


def test_without_the_header_there_is_no_key():
    assert read_keyed([], "POST", "/") is None


REQUEST = ("POST", "/v1/calendars", "application/json", b"a=1", b'{"name": "Travel"}')


@pytest.mark.parametrize("at", range(len(REQUEST)))
def test_requests_that_differ_anywhere_are_not_the_same(at):
    other = [one + one[-1:] if n == at else one for n, one in enumerate(REQUEST)]
    assert read_keyed(["k"], *REQUEST).request != read_keyed(["k"], *other).request
    assert read_keyed(["k"], *REQUEST) == read_keyed(["k"], *REQUEST)


def test_what_moves_from_one_part_of_a_request_to_the_next_is_seen():
    assert read_keyed(["k"], "POST", "/a", b"b") != read_keyed(["k"], "POST", "/", b"ab")
