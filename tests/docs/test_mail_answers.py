"""Every example of an answer in docs/mail.md is read, and every counterexample is not."""

import re
from pathlib import Path

import pytest

from parley.core.answers import NoneSuit, Stop, Unclear, read
from tests.core.test_answers import local, offer

PAGE = (Path(__file__).parents[2] / "docs" / "mail.md").read_text()
TABLE = PAGE.partition("### What an answer can say")[2].partition("\n\nA number alone")[0]
ROWS = [line.split("|")[1] for line in TABLE.splitlines() if line.startswith("| `")]
EXAMPLES = [example for row in ROWS for example in re.findall(r"`([^`]+)`", row)]
SLOTS = ("05-05 10:00", "05-06 15:00", "05-06 15:30", "05-07 11:00", "05-08 10:00", "05-09 09:00")
OFFER = offer(starts=tuple(local(f"2031-{one}") for one in SLOTS), most=2)


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_is_read(text):
    assert not isinstance(read(text, OFFER), Unclear)


def test_the_page_has_examples_of_every_kind():
    found = {type(read(text, OFFER)) for text in EXAMPLES}
    assert {NoneSuit, Stop} < found
    assert len(EXAMPLES) > 25


@pytest.mark.parametrize("text", ["if", "maybe", "after 3", "next Tuesday", "5/6"])
def test_a_counterexample_is_not_read(text):
    assert f"`{text}`" in PAGE
    assert isinstance(read(text, OFFER), Unclear)
