"""Names on one line, lists of names, places: whatever others wrote, it stays one line of visible characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.core.conversation import Location
from parley.wire.words import is_link, joined, one_line, place_text

LINES = [
    pytest.param("Roadmap", "Roadmap", id="as it is"),
    pytest.param(None, "", id="nothing"),
    pytest.param("  a \t b\n", "a b", id="spaces"),
    pytest.param("a\r\nBcc: b", "a Bcc: b", id="the end of a line"),
    pytest.param("a\x00\x1b[31m\x85b", "a [31m b", id="control characters"),
    pytest.param("a\u2028b\u2029c", "a b c", id="ends of lines and paragraphs"),
    pytest.param("\u202eevil\u202c \u2066x\u2069", "evil x", id="marks of direction"),
    pytest.param("pay\u200bpal\ufeff", "paypal", id="what has no width"),
    pytest.param("👩\u200d🔬", "👩\u200d🔬", id="what joins a picture stays"),
    pytest.param("مرحبا", "مرحبا", id="letters from right to left stay"),
    pytest.param("x" * 30, "x" * 19 + "…", id="long"),
]


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_a_name_is_one_line(text, expected):
    assert one_line(text, 20) == expected


@given(st.text())
def test_any_name_is_one_bounded_line_and_stays_that(text):
    line = one_line(text, 50)
    assert len(line) <= 50
    assert len(line.splitlines()) <= 1
    assert one_line(line, 50) == line


@pytest.mark.parametrize(
    ("names", "expected"),
    [([], ""), (["Ada"], "Ada"), (["Ada", "Karl"], "Ada and Karl"), (["Ada", "Ida", "Karl"], "Ada, Ida and Karl")],
)
def test_names_are_listed_as_in_a_sentence(names, expected):
    assert joined(names) == expected


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (None, None),
        (Location(), None),
        (Location(description="Room 4", lat="1.5", long="2"), "Room 4"),
        (Location(lat="1.5", long="2"), "1.5, 2"),
    ],
)
def test_a_place_is_told_in_words_or_by_its_coordinates(place, expected):
    assert place_text(place) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("https://meet.example.org/x", True), ("http://x", False), ("https://x and more", False), (None, False)],
)
def test_a_link_is_an_address_of_the_web_and_nothing_else(text, expected):
    assert is_link(text) is expected
