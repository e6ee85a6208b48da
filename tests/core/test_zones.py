"""Wall clocks and instants, against the standard library's zones."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from parley.core import zones
from parley.core.periods import Period
from tests.make import utc

CHANGEABLE = [
    "Europe/Berlin",
    "America/Chicago",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Havana",
    "Africa/Casablanca",
    "Europe/Dublin",
    "Pacific/Apia",
    "Asia/Kolkata",
    "Etc/UTC",
]


def shown(tzid, instant):
    return datetime.fromtimestamp(instant, ZoneInfo(tzid))


@pytest.mark.parametrize("tzid", CHANGEABLE)
def test_within_a_stretch_the_clock_runs_at_the_offset_that_it_names(tzid):
    window = Period(utc("2005-01-01"), utc("2040-01-01"))
    cut = list(zones.stretches(tzid, window))
    for stretch, ahead in cut:
        for instant in (stretch.start, (stretch.start + stretch.end) // 2, stretch.end - 1):
            assert shown(tzid, instant).utcoffset().total_seconds() == ahead
    assert [one.end for one, _ in cut[:-1]] == [one.start for one, _ in cut[1:]]
    assert (cut[0][0].start, cut[-1][0].end) == window


@pytest.mark.parametrize("tzid", CHANGEABLE)
def test_the_offset_is_that_of_the_instant(tzid):
    for instant in (utc("2006-01-01"), utc("2024-03-10", "07:59"), utc("2024-03-10", "08:00"), utc("2039-07-01")):
        assert zones.offset(tzid, instant) == shown(tzid, instant).utcoffset().total_seconds()


@pytest.mark.parametrize("name", ["Etc/UTC", "UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "GB"])
def test_zones_of_the_database_are_known(name):
    assert zones.is_known(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Europe",
        "europe/berlin",
        " Etc/UTC",
        "../etc",
        "Europe/../../etc/passwd",
        "/etc/localtime",
        "posix/Etc/UTC",
        "Factory",
        "localtime",
        "Etc/UTC\0",
        "Mars/Olympus",
    ],
)
def test_what_is_no_zone_is_not_known(name):
    assert not zones.is_known(name)


@pytest.mark.parametrize(
    ("tzid", "day", "expected"),
    [
        pytest.param("Europe/Berlin", "2024-07-01", ("2024-06-30T22:00", 24), id="ahead of UTC"),
        pytest.param("America/Chicago", "2024-07-01", ("2024-07-01T05:00", 24), id="behind UTC"),
        pytest.param("Pacific/Kiritimati", "2024-07-01", ("2024-06-30T10:00", 24), id="fourteen hours ahead"),
        pytest.param("Europe/Berlin", "2024-03-31", ("2024-03-30T23:00", 23), id="ahead, an hour is left out"),
        pytest.param("Europe/Berlin", "2024-10-27", ("2024-10-26T22:00", 25), id="ahead, an hour comes twice"),
        pytest.param("America/Chicago", "2024-03-10", ("2024-03-10T06:00", 23), id="behind, an hour is left out"),
        pytest.param("America/Chicago", "2024-11-03", ("2024-11-03T05:00", 25), id="behind, an hour comes twice"),
        pytest.param("Australia/Lord_Howe", "2024-10-06", ("2024-10-05T13:30", 23.5), id="half an hour left out"),
        pytest.param("Australia/Lord_Howe", "2024-04-07", ("2024-04-06T13:00", 24.5), id="half an hour twice"),
        pytest.param("America/Sao_Paulo", "2018-11-04", ("2018-11-04T03:00", 23), id="begins at one"),
        pytest.param("America/Sao_Paulo", "2018-02-17", ("2018-02-17T02:00", 25), id="its last hour comes twice"),
        pytest.param("America/Havana", "2024-11-03", ("2024-11-03T04:00", 25), id="its first hour comes twice"),
        pytest.param("America/St_Johns", "2006-10-29", ("2006-10-29T02:30", 25), id="begins, is interrupted, goes on"),
        pytest.param("Pacific/Apia", "2011-12-30", ("2011-12-30T10:00", 0), id="never happened"),
        pytest.param("Pacific/Apia", "2011-12-29", ("2011-12-29T10:00", 24), id="before one that never happened"),
        pytest.param("Pacific/Apia", "2011-12-31", ("2011-12-30T10:00", 24), id="after one that never happened"),
    ],
)
def test_a_local_day_lasts_as_long_as_the_calendar_shows_it(tzid, day, expected):
    first = date.fromisoformat(day)
    found = zones.local_days(tzid, first, date.fromordinal(first.toordinal() + 1))
    began = datetime.fromtimestamp(found.start, UTC).strftime("%Y-%m-%dT%H:%M")
    assert (began, (found.end - found.start) / 3600) == expected


def test_days_on_both_sides_of_one_that_never_happened_are_one_stretch():
    found = zones.local_days("Pacific/Apia", date(2011, 12, 29), date(2012, 1, 1))
    assert found == Period(utc("2011-12-29", "10:00"), utc("2011-12-31", "10:00"))


@pytest.mark.parametrize("tzid", CHANGEABLE)
def test_the_first_and_last_days_that_can_be_written_are_days_in_every_zone(tzid):
    for first in (date(1900, 1, 1), date(9998, 12, 30)):
        found = zones.local_days(tzid, first, date.fromordinal(first.toordinal() + 1))
        assert 23 * 3600 <= found.end - found.start <= 25 * 3600
