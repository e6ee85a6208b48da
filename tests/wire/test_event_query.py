"""What may be asked when events are read."""

import pytest

from parley.core.errors import Invalid
from parley.core.periods import NEVER, Period
from parley.wire.event_query import as_text, from_text, read_events_query, read_free_busy_query
from parley.wire.forms import Texts
from tests.make import SUNDAY_NOON, at, text, utc


def query(**named):
    return read_events_query(Texts({"tzid": "Etc/UTC", **named}), ["cal_1", "cal_2"], SUNDAY_NOON)


@pytest.mark.parametrize(
    ("named", "window"),
    [
        pytest.param({"from": "2031-05-05", "to": "2031-05-06"}, (utc("2031-05-05"), utc("2031-05-06")), id="days"),
        pytest.param(
            {"from": "2024-03-31", "to": "2024-04-01", "tzid": "Europe/Berlin"},
            (utc("2024-03-30", "23:00"), utc("2024-03-31", "22:00")),
            id="days of a zone",
        ),
        pytest.param({"from": text("09:00")}, (at("09:00"), SUNDAY_NOON + 201 * 86400), id="a time"),
        pytest.param({}, (SUNDAY_NOON - 42 * 86400, SUNDAY_NOON + 201 * 86400), id="everything"),
    ],
)
def test_a_query_is_bound_by_days_of_its_zone_or_by_times(named, window):
    assert query(**named).search.window == window


def test_own_events_have_no_bounds_by_default():
    own = query(include_managed="1").search.own_window
    assert own.start < -(2**40) < 2**40 < own.end
    assert query(**{"include_managed": "1", "from": text("09:00"), "to": text("10:00")}).search.own_window == Period(
        at("09:00"), at("10:00")
    )


@pytest.mark.parametrize(
    ("given", "path"),
    [({}, "tzid"), ({"tzid": "Mars"}, "tzid"), ({"tzid": "Etc/UTC", "from": "noon"}, "from")],
    ids=["no zone", "an unknown zone", "no time"],
)
@pytest.mark.parametrize("read", [read_events_query, read_free_busy_query])
def test_a_query_that_cannot_be_read_is_refused(read, given, path):
    with pytest.raises(Invalid) as refusal:
        read(Texts(given), [], SUNDAY_NOON)
    assert [one.path for one in refusal.value.faults] == [path]


@pytest.mark.parametrize(
    ("text", "managed"),
    [("true", True), ("True", True), ("1", True), ("false", False), ("False", False), ("0", False), ("", False)],
)
def test_a_query_names_managed_events_as_libraries_write_it(text, managed):
    assert (query(include_managed=text).search.own_window != NEVER) is managed
    assert query().search.own_window == NEVER


def test_only_managed_events_are_those_of_the_application_alone():
    search = query(only_managed="true").search
    assert (search.window, search.own_window != NEVER) == (NEVER, True)


def test_free_busy_leaves_out_what_is_free_and_events_do_not():
    assert query().search.free
    assert not read_free_busy_query(Texts({"tzid": "Etc/UTC"}), [], SUNDAY_NOON).search.free


def test_a_query_comes_back_from_its_text():
    asked = query(
        localized_times="1", include_geo="1", include_deleted="1", last_modified=text("09:00"), calendar_ids=["cal_2"]
    )
    assert from_text(as_text(asked)) == asked
    assert (asked.search.modified_since, asked.search.calendar_ids) == (at("09:00"), ("cal_2",))
