"""The parameters with which events are read."""

from __future__ import annotations

import pytest

from tests.api.conftest import address, error_keys
from tests.api.event_calls import WITH_OWN, delete, event, put, read
from tests.make import at, text

CHICAGO, LONDON = "America/Chicago", "Europe/London"
BOOLEAN, FORMAT, CALENDARS = "errors.must_be_boolean", "errors.invalid_format", "errors.invalid_calendar_ids"


@pytest.fixture
def elsewhere(service, grace):
    """The same account, with another application acting for it."""
    return service.grant(grace.sub, service.application())


def ids(found):
    return [one.get("event_id") for one in found]


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        pytest.param({"tzid": CHICAGO}, ("2031-05-05T04:00:00-05:00", CHICAGO), None, id="zone of the event"),
        pytest.param({}, ("2031-05-05T09:00:00Z", "Etc/UTC"), None, id="no zone"),
        pytest.param(
            {
                "start": {"time": text("09:00"), "tzid": CHICAGO},
                "end": {"time": text("10:00"), "tzid": LONDON},
            },
            ("2031-05-05T04:00:00-05:00", CHICAGO),
            ("2031-05-05T11:00:00+01:00", LONDON),
            id="two zones",
        ),
        pytest.param(
            {"start": "2031-01-05T09:00:00Z", "end": "2031-01-05T10:00:00Z", "tzid": LONDON},
            ("2031-01-05T09:00:00Z", LONDON),
            ("2031-01-05T10:00:00Z", LONDON),
            id="an offset of none",
        ),
        pytest.param(
            {"start": "2031-05-05", "end": "2031-05-07", "tzid": CHICAGO},
            ("2031-05-05", CHICAGO),
            ("2031-05-07", CHICAGO),
            id="all day",
        ),
        pytest.param(
            {"start": "9999-12-31T13:30:00Z", "end": "9999-12-31T14:30:00Z", "tzid": "Pacific/Kiritimati"},
            ("9999-12-31T13:30:00Z", "Pacific/Kiritimati"),
            ("9999-12-31T14:30:00Z", "Pacific/Kiritimati"),
            id="at the end of all calendars",
        ),
    ],
)
@pytest.mark.parametrize("word", ["true", "True", "1"])
def test_localized_times_come_with_zone_and_offset(grace, written, start, end, word):
    put(grace, event(**written))
    [told] = read(grace, localized_times=word)
    assert (told["start"]["time"], told["start"]["tzid"]) == start
    assert end is None or (told["end"]["time"], told["end"]["tzid"]) == end


@pytest.mark.parametrize("word", ["false", "False", "0", ""])
def test_times_are_plain_unless_asked_otherwise(grace, word):
    put(grace, event(tzid=CHICAGO))
    assert read(grace, localized_times=word)[0]["start"] == text("09:00")


def test_a_deleted_event_is_told_when_asked_for(grace):
    put(grace, event("one"), event("two"))
    delete(grace, "one")
    told = {one["event_id"]: (one["deleted"], one["status"]) for one in read(grace, include_deleted="true")}
    assert told == {"one": (True, "cancelled"), "two": (False, "confirmed")}
    assert ids(read(grace)) == ["two"]


def test_a_deleted_event_offers_nothing(grace):
    put(grace, event())
    delete(grace, "one")
    [told] = read(grace, include_deleted="1")
    assert set(told["options"].values()) == {False}


def test_an_event_that_is_written_again_is_no_longer_deleted(own_service):
    grace = own_service.person(own_service.application())
    put(grace, event(description="Old"))
    uid = read(grace)[0]["event_uid"]
    delete(grace, "one")
    own_service.clock.instant += 60
    put(grace, event())
    [told] = read(grace, include_deleted="true")
    assert (told["deleted"], told["description"], told["event_uid"]) == (False, "", uid)
    assert told["created"] == told["updated"] == "2031-05-04T12:01:00Z"


def test_a_deleted_event_is_forgotten_after_sixty_days(own_service):
    grace = own_service.person(own_service.application())
    put(grace, event("one"), event("two"))
    delete(grace, "one")
    own_service.clock.instant += 60 * 86400 + 1
    again = own_service.grant(grace.sub, own_service.application())
    put(again, event("three"))
    delete(again, "three")
    window = {"from": "2031-05-01", "to": "2031-06-01", "include_deleted": "true"}
    assert len(read(again, **window)) == 2


def test_last_modified_gives_what_changed_since(own_service):
    grace = own_service.person(own_service.application())
    put(grace, event("old"), event("changed"), event("gone"))
    own_service.clock.instant += 60
    put(grace, event("changed", summary="Dinner"), event("new"))
    delete(grace, "gone")
    since = {"last_modified": "2031-05-04T12:01:00Z"}
    assert set(ids(read(grace, **since))) == {"changed", "new"}
    assert set(ids(read(grace, **since, include_deleted="true"))) == {"changed", "new", "gone"}
    assert read(grace, last_modified="2031-05-04T12:01:01Z") == []


def test_only_managed_leaves_out_what_others_wrote(grace, elsewhere):
    put(grace, event("own"))
    put(elsewhere, event("other"))
    for query in ({"include_managed": "true"}, {"include_managed": "false"}):
        assert ids(read(grace, only_managed="true", **query)) == ["own"]


@pytest.mark.parametrize(
    ("place", "without"),
    [
        ({"description": "Room 4", "lat": "51.5", "long": "-0.12"}, {"description": "Room 4"}),
        ({"lat": "51.5", "long": "-0.12"}, None),
    ],
    ids=["with words", "coordinates alone"],
)
def test_coordinates_are_told_when_asked_for(grace, place, without):
    put(grace, event(location=place))
    assert read(grace, include_geo="true")[0]["location"] == place
    assert read(grace)[0].get("location") == without


@pytest.mark.parametrize("name", ["calendar_ids[]", "calendar_ids"])
def test_calendars_are_named_once_or_repeatedly(grace, name):
    second = second_calendar(grace)
    put(grace, event("first"))
    put(grace, event("second"), calendar_id=second)
    for named, found in (([grace.calendar], ["first"]), ([second], ["second"])):
        assert ids(read(grace, **{name: named})) == found
    assert set(ids(read(grace, **{name: [grace.calendar, second]}))) == {"first", "second"}


def second_calendar(person):
    profile = person.client.get("/v1/userinfo").json()["cronofy.data"]["profiles"][0]["profile_id"]
    made = person.client.post("/v1/calendars", json={"profile_id": profile, "name": "Second"})
    return made.json()["calendar"]["calendar_id"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"include_managed": "yes"}, {"include_managed": [BOOLEAN]}),
        ({"include_deleted": "2"}, {"include_deleted": [BOOLEAN]}),
        ({"only_managed": "x", "include_geo": "x"}, {"only_managed": [BOOLEAN], "include_geo": [BOOLEAN]}),
        ({"localized_times": "x", "include_moved": "x"}, {"localized_times": [BOOLEAN], "include_moved": [BOOLEAN]}),
        ({"last_modified": "yesterday"}, {"last_modified": [FORMAT]}),
        ({"calendar_ids[]": "cal_0"}, {"calendar_ids": [CALENDARS]}),
        ({"calendar_ids[]": ["x"] * 101}, {"calendar_ids": ["errors.too_many"]}),
        ({"from": ["2031-05-05", "2031-05-06"]}, {"from": [FORMAT]}),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, dict) else "",
)
@pytest.mark.parametrize("what", ["events", "free_busy"])
def test_a_mistake_in_a_parameter_is_told(grace, what, query, expected):
    answer = grace.client.get(f"/v1/{what}", params={**WITH_OWN, **query})
    known = {"only_managed", "include_geo", "include_moved"} if what == "free_busy" else set()
    wanted = {name: keys for name, keys in expected.items() if name not in known}
    assert (error_keys(answer) if wanted else answer.status_code) == (wanted or 200)


def test_a_calendar_of_somebody_else_is_not_known(service, application, grace):
    other = service.person(application, address())
    answer = grace.client.get("/v1/events", params={**WITH_OWN, "calendar_ids[]": other.calendar})
    assert (answer.status_code, error_keys(answer)) == (422, {"calendar_ids": [CALENDARS]})


def test_every_page_keeps_to_all_that_was_asked(grace):
    for number in range(101):
        put(grace, event(str(number), tzid=CHICAGO, location={"description": "Bar", "lat": "1", "long": "2"}))
    second = second_calendar(grace)
    put(grace, event("elsewhere"), calendar_id=second)
    query = {**WITH_OWN, "localized_times": "true", "include_geo": "true", "calendar_ids[]": [grace.calendar]}
    first = grace.client.get("/v1/events", params=query).json()
    last = grace.client.get(first["pages"]["next_page"]).json()
    assert (len(first["events"]), len(last["events"])) == (100, 1)
    assert last["events"][0]["start"]["tzid"] == CHICAGO
    assert last["events"][0]["location"]["lat"] == "1"
    assert "?" not in first["pages"]["next_page"]


def test_a_body_with_a_get_changes_nothing(grace):
    put(grace, event())
    answer = grace.client.request("GET", "/v1/events", params=WITH_OWN, json={})
    assert len(answer.json()["events"]) == 1


def test_what_was_deleted_does_not_block(application, grace):
    put(grace, event())
    delete(grace, "one")
    whole = [{"start": text("09:00"), "end": text("10:00")}]
    opened = application.client.open(
        {
            "participants": [{"sub": grace.sub, "common_name": "Grace"}],
            "tzid": "Etc/UTC",
            "required_duration": {"minutes": 60},
            "available_periods": whole,
        }
    )
    assert [one["slot_id"] for one in application.client.slots(opened, 0).json()["slots"]] == [f"slt_{at('09:00')}"]
