"""What every answer is made of."""

import pytest

from parley.core.conversation import Location
from parley.wire.writing import location, present, time_text


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1930000000, "2031-02-27T23:06:40Z"),
        (-1, "1969-12-31T23:59:59Z"),
        (-62135596800, "0001-01-01T00:00:00Z"),
        (253402300799, "9999-12-31T23:59:59Z"),
    ],
)
def test_a_time_is_written_in_whole_seconds_of_utc(instant, expected):
    assert time_text(instant) == expected


def test_what_is_not_there_is_left_out_and_what_is_empty_is_not():
    assert present(a=None, b="", c=0, d=[], e=False) == {"b": "", "c": 0, "d": [], "e": False}
    assert location(Location("Bar", None, "0.1")) == {"description": "Bar", "long": "0.1"}
