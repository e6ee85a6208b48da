"""What comparing the engine with the oracle has found: each a small case of its own."""

from datetime import date

from parley.core.event import EventChange, empty
from parley.core.query import Common, Group, Member
from tests.make import HOUR, SUNDAY_NOON, at, period


def test_a_day_that_its_zone_skipped_keeps_no_buffer_free():
    change = EventChange("e", "Holiday", date(2011, 12, 30), date(2011, 12, 31), {"tzid": "Pacific/Apia"})
    skipped = change.applied_to(empty("e", "cal", "app"), "Etc/UTC").period
    assert skipped.start == skipped.end
    noon = period("12:00", "12:00")
    group = Group((Member("grace", busy=[noon]),), 1)
    common = Common([group], [period("09:00", "17:00")], HOUR, before=HOUR, after=HOUR, now=SUNDAY_NOON)
    assert [one.period for one in common.periods()] == [period("09:00", "17:00")]
    assert [one.period.start for one in common.at([at("12:00")])] == [at("12:00")]
