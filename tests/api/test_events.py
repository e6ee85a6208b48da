"""Writing, reading and deleting events."""

from __future__ import annotations

import pytest

from tests.api.conftest import address, error_keys
from tests.make import person, proposal, selection, text

REQUIRED, FORMAT, PAIR = "errors.required", "errors.invalid_format", "errors.invalid_time_pair"
TOO_LONG, TOO_MANY = "errors.too_long", "errors.too_many"
NINE, TEN = text("09:00"), text("10:00")


WITH_OWN = {"tzid": "Etc/UTC", "include_managed": "true"}


def event(event_id="one", **changed):
    told = {"event_id": event_id, "summary": "Lunch", "start": NINE, "end": TEN, **changed}
    return {name: value for name, value in told.items() if value is not ...}


def path(grace):
    return f"/v1/calendars/{grace.calendar}/events"


def put(grace, *events):
    for one in events:
        answer = grace.client.post(path(grace), json=one)
        assert (answer.status_code, answer.content) == (202, b""), answer.text


def delete(grace, event_id):
    return grace.client.request("DELETE", path(grace), json={"event_id": event_id})


def read(grace, **query):
    answer = grace.client.get("/v1/events", params={**WITH_OWN, "include_geo": "true", **query})
    assert answer.status_code == 200, answer.text
    return answer.json()["events"]


def shown(grace):
    """The one event of the account, as it is read."""
    [found] = read(grace)
    return found


def starts_left(client, grace):
    """What can be chosen with Grace on the whole of Monday."""
    whole = [{"start": text("00:00"), "end": text("00:00", 1)}]
    opened = client.open(proposal(person("@g", sub=grace.sub), available_periods=whole))
    return [one["start"] for one in client.slots(opened, 0).json()["slots"]]


def test_an_event_is_read_as_it_was_written(grace):
    put(
        grace,
        event(
            description="With care",
            location={"description": "Room 4", "lat": "51.5", "long": "-0.12"},
            url="https://example.org/lunch",
            transparency="transparent",
            color="#49BED8",
            event_private=True,
            reminders=[{"minutes": 30}, {"minutes": 5}],
            attendees={"invite": [{"email": "karl@example.org", "display_name": "Karl"}]},
        ),
    )
    told = shown(grace)
    assert told == {
        "calendar_id": grace.calendar,
        "event_uid": told["event_uid"],
        "event_id": "one",
        "summary": "Lunch",
        "description": "With care",
        "start": NINE,
        "end": TEN,
        "deleted": False,
        "created": text("12:00", -1),
        "updated": text("12:00", -1),
        "location": {"description": "Room 4", "lat": "51.5", "long": "-0.12"},
        "url": "https://example.org/lunch",
        "participation_status": "accepted",
        "attendees": [{"email": "karl@example.org", "display_name": "Karl", "status": "needs_action"}],
        "transparency": "transparent",
        "status": "confirmed",
        "categories": [],
        "recurring": False,
        "event_private": True,
        "color": "#49BED8",
        "reminders": [{"minutes": 30}, {"minutes": 5}],
        "options": {"delete": True, "update": True, "change_participation_status": True},
    }


def test_writing_an_event_again_changes_what_is_named_and_keeps_the_rest(grace):
    put(grace, event(description="With care", url="https://example.org/", location={"description": "Room 4"}))
    uid = shown(grace)["event_uid"]
    put(grace, event(summary="Dinner", start=text("18:00"), end=text("19:00")))
    told = shown(grace)
    assert (told["summary"], told["start"], told["event_uid"]) == ("Dinner", text("18:00"), uid)
    assert (told["description"], told["url"]) == ("With care", "https://example.org/")
    assert told["location"] == {"description": "Room 4"}


@pytest.mark.parametrize(
    ("field", "value", "cleared"),
    [
        ("url", "https://example.org/", None),
        ("description", "With care", ""),
        ("location", {"description": "Room 4"}, None),
        ("color", "red", None),
        ("reminders", [{"minutes": 5}], None),
        ("event_private", True, False),
        ("transparency", "transparent", "opaque"),
    ],
)
def test_null_clears_a_field(grace, field, value, cleared):
    put(grace, event(**{field: value}))
    assert shown(grace)[field] == value
    put(grace, event(**{field: None}))
    assert shown(grace).get(field) == cleared


def test_the_same_id_is_another_event_for_another_application(service, grace):
    elsewhere = service.grant(grace.sub, service.application())
    put(grace, event(summary="Ours"))
    put(elsewhere, event(summary="Theirs"))
    assert {one["summary"]: one.get("event_id") for one in read(grace)} == {"Ours": "one", "Theirs": None}


def test_times_may_come_with_their_zone(grace):
    put(
        grace,
        event(
            start={"time": "2031-05-05T04:00:00-05:00", "tzid": "America/Chicago"},
            end={"time": "2031-05-05 10:00:00Z", "tzid": "America/Chicago"},
        ),
    )
    assert (shown(grace)["start"], shown(grace)["end"]) == (NINE, TEN)


@pytest.mark.parametrize(
    ("account_zone", "event_zone", "first"),
    [
        pytest.param("Etc/UTC", None, None, id="utc"),
        pytest.param("America/Chicago", None, text("00:00"), id="the zone of the account, five hours later"),
        pytest.param("Etc/UTC", "America/Chicago", text("00:00"), id="the zone of the event"),
        pytest.param("America/Chicago", "Etc/UTC", None, id="the event's zone wins"),
        pytest.param("Etc/UTC", "Asia/Tokyo", text("15:00"), id="nine hours earlier"),
    ],
)
def test_an_all_day_event_blocks_the_local_day_of_its_zone(service, application, account_zone, event_zone, first):
    grace = service.person(application, address(), account_zone)
    put(grace, event(start="2031-05-05", end="2031-05-06", tzid=event_zone or ...))
    told = shown(grace)
    assert (told["start"], told["end"]) == ("2031-05-05", "2031-05-06")
    assert next(iter(starts_left(application.client, grace)), None) == first


@pytest.mark.parametrize(
    ("fields", "blocks"),
    [
        pytest.param({}, True, id="as it is"),
        pytest.param({"transparency": "opaque"}, True, id="opaque"),
        pytest.param({"transparency": "transparent"}, False, id="transparent"),
        pytest.param({"extended_transparency": "tentative"}, True, id="tentative"),
        pytest.param({"extended_transparency": "out_of_office"}, True, id="out of office"),
        pytest.param({"extended_transparency": "transparent"}, False, id="transparent in the longer list"),
    ],
)
def test_an_event_blocks_time_unless_it_is_transparent(application, grace, fields, blocks):
    put(grace, event(**fields))
    assert (NINE not in starts_left(application.client, grace)) == blocks


def test_moving_freeing_and_deleting_an_event_gives_its_time_back(application, grace):
    left = []
    for change in (
        event(),
        event(start=TEN, end=text("11:00")),
        event(transparency="transparent"),
        event(transparency=None),
        None,
    ):
        if change:
            put(grace, change)
        else:
            delete(grace, "one")
        left.append(NINE in starts_left(application.client, grace))
    assert left == [False, True, True, False, True]


VIOLATIONS = {
    "id absent": (event(...), {"event_id": [REQUIRED]}),
    "id a number": (event(7), {"event_id": [FORMAT]}),
    "id with a null": (event("a\0"), {"event_id": [FORMAT]}),
    "id too long": (event("x" * 257), {"event_id": [TOO_LONG]}),
    "summary absent": (event(summary=...), {"summary": [REQUIRED]}),
    "summary too long": (event(summary="x" * 1025), {"summary": [TOO_LONG]}),
    "description too long": (event(description="x" * 4097), {"description": [TOO_LONG]}),
    "start absent": (event(start=...), {"start": [REQUIRED]}),
    "end absent": (event(end=...), {"end": [REQUIRED]}),
    "start without offset": (event(start="2031-05-05T09:00:00"), {"start": [FORMAT]}),
    "start with a fraction": (event(start="2031-05-05T09:00:00.1Z"), {"start": [FORMAT]}),
    "start a number": (event(start=7), {"start": [FORMAT]}),
    "start without its time": (event(start={"tzid": "Etc/UTC"}), {"start.time": [REQUIRED]}),
    "start in no zone": (event(start={"time": NINE, "tzid": "Mars"}), {"start.tzid": ["errors.tzid_unrecognized"]}),
    "end at the start": (event(end=NINE), {"end": [PAIR]}),
    "end before the start": (event(end=text("08:00")), {"end": [PAIR]}),
    "all-day end at the start": (event(start="2031-05-05", end="2031-05-05"), {"end": [PAIR]}),
    "a day and a time": (event(start="2031-05-05"), {"end": [PAIR]}),
    "tzid unknown": (event(tzid="Mars"), {"tzid": ["errors.tzid_unrecognized"]}),
    "url relative": (event(url="/lunch"), {"url": [FORMAT]}),
    "url of a script": (event(url="javascript:alert(1)"), {"url": [FORMAT]}),
    "url too long": (event(url=f"https://example.org/{'x' * 2048}"), {"url": [TOO_LONG]}),
    "location a text": (event(location="Room 4"), {"location": [FORMAT]}),
    "latitude a number": (event(location={"lat": 1}), {"location.lat": [FORMAT]}),
    "transparency unknown": (event(transparency="glass"), {"transparency": ["errors.not_recognized"]}),
    "extended transparency unknown": (
        event(extended_transparency="glass"),
        {"extended_transparency": ["errors.not_recognized"]},
    ),
    "private a text": (event(event_private="no"), {"event_private": ["errors.must_be_boolean"]}),
    "reminders an object": (event(reminders={"minutes": 5}), {"reminders": [FORMAT]}),
    "a reminder a number": (event(reminders=[5]), {"reminders[0]": [FORMAT]}),
    "a reminder in words": (event(reminders=[{"minutes": "5"}]), {"reminders[0].minutes": [FORMAT]}),
    "too many reminders": (event(reminders=[{"minutes": 5}] * 6), {"reminders": [TOO_MANY]}),
    "attendees a list": (event(attendees=[{"email": "a@b.org"}]), {"attendees": [FORMAT]}),
    "invited an object": (event(attendees={"invite": {"email": "a@b.org"}}), {"attendees.invite": [FORMAT]}),
    "invited no address": (event(attendees={"invite": [{"email": "a"}]}), {"attendees.invite[0].email": [FORMAT]}),
    "invited nobody": (event(attendees={"invite": [{}]}), {"attendees.invite[0].email": ["errors.required"]}),
    "a reminder after": (event(reminders=[{"minutes": -5}]), {"reminders[0].minutes": ["errors.out_of_range"]}),
    "removed no address": (event(attendees={"remove": [{"email": "a"}]}), {"attendees.remove[0].email": [FORMAT]}),
    "too many invited": (event(attendees={"invite": [{"email": "a@b.org"}] * 201}), {"attendees.invite": [TOO_MANY]}),
    "nothing": ({}, {"event_id": [REQUIRED], "summary": [REQUIRED], "start": [REQUIRED], "end": [REQUIRED]}),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_mistake_is_refused_at_its_field(grace, body, expected):
    answer = grace.client.post(path(grace), json=body)
    assert (answer.status_code, error_keys(answer)) == (422, expected)
    assert read(grace) == []


def test_what_the_server_does_not_act_on_is_accepted(grace):
    more = {
        "conferencing": {"profile_id": "default"},
        "subscriptions": [{"type": "webhook"}],
        "attachments": {},
        "reminders_create_only": True,
        "channel_id": "chn_1",
    }
    put(grace, event(**more, reminders=[]))


def test_somebody_invited_twice_is_one_attendee(grace):
    put(grace, event(attendees={"invite": [{"email": "a@b.org"}, {"email": "A@b.org"}]}))
    assert [one["email"] for one in shown(grace)["attendees"]] == ["A@b.org"]


def test_attendees_are_bounded_over_updates_too(grace):
    put(grace, event(attendees={"invite": [{"email": f"a{at}@b.org"} for at in range(200)]}))
    body = event(attendees={"invite": [{"email": "one@more.org"}]})
    answer = grace.client.post(f"/v1/calendars/{grace.calendar}/events", json=body)
    assert (answer.status_code, error_keys(answer)) == (422, {"attendees.invite": ["errors.too_many"]})
    assert len(shown(grace)["attendees"]) == 200


def test_attendees_come_and_go(grace):
    put(grace, event(attendees={"invite": [{"email": "a@b.org"}, {"email": "c@d.org"}]}))
    put(grace, event(attendees={"invite": [{"email": "e@f.org"}], "remove": [{"email": "A@b.org"}]}))
    put(grace, event(attendees={"reject": [{"email": "c@d.org"}]}))
    assert [one["email"] for one in shown(grace)["attendees"]] == ["e@f.org"]


def test_an_unknown_calendar_is_404_before_its_body_is_looked_at(grace):
    for method in ("POST", "DELETE"):
        answer = grace.client.request(method, "/v1/calendars/cal_0/events", json={})
        assert (answer.status_code, answer.content) == (404, b"")


def test_the_calendar_of_another_account_is_404(service, application, grace):
    other = service.person(application, address())
    answers = [grace.client.request(method, path(other), json=event()) for method in ("POST", "DELETE")]
    assert [one.status_code for one in answers] == [404, 404]


def test_deleting_answers_202_whether_there_was_an_event_or_not(grace):
    put(grace, event(), event("two"))
    answers = [delete(grace, name) for name in ("one", "one", "none")]
    assert [(one.status_code, one.content) for one in answers] == [(202, b"")] * 3
    assert [one["event_id"] for one in read(grace)] == ["two"]


def test_deleting_reaches_no_event_of_another_application(service, grace):
    put(service.grant(grace.sub, service.application()), event())
    assert delete(grace, "one").status_code == 202
    assert len(read(grace)) == 1


@pytest.mark.parametrize("body", [{}, {"event_id": ""}])
def test_deleting_needs_an_event_id(grace, body):
    answer = grace.client.request("DELETE", path(grace), json=body)
    assert (answer.status_code, error_keys(answer)) == (422, {"event_id": [REQUIRED]})


def test_events_of_another_application_are_external_and_without_its_id(service, grace):
    elsewhere = service.grant(grace.sub, service.application())
    put(elsewhere, event("secret-id"))
    [told] = read(grace, include_managed="false")
    assert told["event_uid"].startswith("evt_external_")
    assert ("event_id" in told, "secret-id" in told["event_uid"]) == (False, False)
    assert told["options"] == {"delete": False, "update": False, "change_participation_status": True}
    assert told["event_uid"] == read(grace)[0]["event_uid"]


@pytest.mark.parametrize(
    ("value", "found"), [("true", 1), ("True", 1), ("1", 1), ("false", 0), ("False", 0), ("0", 0), ("", 0)]
)
def test_own_events_are_left_out_unless_they_are_asked_for(grace, value, found):
    put(grace, event())
    assert len(read(grace, include_managed=value)) == found


def test_own_events_are_left_out_by_default(grace):
    put(grace, event())
    assert grace.client.get("/v1/events", params={"tzid": "Etc/UTC"}).json() == {
        "pages": {"current": 1, "total": 1},
        "events": [],
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({"from": TEN}, 0, id="from its end on"),
        pytest.param({"from": "2031-05-05T09:59:59Z"}, 1, id="from a second before"),
        pytest.param({"to": NINE}, 0, id="up to its start"),
        pytest.param({"to": "2031-05-05T09:00:01Z"}, 1, id="up to a second later"),
        pytest.param({"from": "2031-05-05", "to": "2031-05-06"}, 1, id="the day"),
        pytest.param({"from": "2031-05-04", "to": "2031-05-05"}, 0, id="the day before"),
        pytest.param({"from": "2031-05-06", "to": "2031-05-07", "tzid": "Pacific/Kiritimati"}, 0, id="next day there"),
        pytest.param({"from": "2031-05-05", "to": "2031-05-06", "tzid": "Pacific/Kiritimati"}, 1, id="the day there"),
        pytest.param({"from": "2031-05-05T11:00:00+02:00", "to": "2031-05-05 10:00:00Z"}, 1, id="other spellings"),
        pytest.param({"include_moved": "true", "google_event_ids": "x", "more": "x"}, 1, id="other parameters"),
    ],
)
@pytest.mark.parametrize("own", [True, False], ids=["own", "external"])
def test_events_that_overlap_the_bounds_are_read(service, grace, query, found, own):
    put(grace if own else service.grant(grace.sub, service.application()), event())
    assert len(read(grace, **query)) == found


@pytest.mark.parametrize(("days", "found"), [(-43, 0), (-41, 1), (200, 1), (202, 0)])
def test_without_bounds_others_events_are_read_from_42_days_ago_to_201_ahead(service, grace, days, found):
    far = event(start=text("09:00", days), end=text("10:00", days))
    put(grace, far)
    assert (len(read(grace)), len(read(grace, include_managed="false"))) == (1, 0)
    put(service.grant(grace.sub, service.application()), far)
    assert len(read(grace, include_managed="false")) == found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({}, {"tzid": [REQUIRED]}, id="no zone"),
        pytest.param({"tzid": "Mars"}, {"tzid": ["errors.tzid_unrecognized"]}, id="unknown zone"),
        pytest.param({"tzid": "Etc/UTC", "from": "x", "to": "2031"}, {"from": [FORMAT], "to": [FORMAT]}, id="bounds"),
        pytest.param({"from": "2031-02-30", "tzid": ""}, {"tzid": [REQUIRED], "from": [FORMAT]}, id="no such day"),
    ],
)
def test_a_mistake_in_the_query_is_told(grace, query, expected):
    answer = grace.client.get("/v1/events", params=query)
    assert (answer.status_code, error_keys(answer)) == (422, expected)


def test_250_events_come_in_three_pages_by_start_each_once(grace):
    url, client = path(grace), grace.client
    for number in range(250):  # two of each start
        start = text(f"{number // 2 % 24:02}:00", number // 48)
        client.post(url, json=event(str(number), start=start, end=text("00:00", 9)))
    pages = [client.get("/v1/events", params={"tzid": "Etc/UTC", "include_managed": "true"}).json()]
    while following := pages[-1]["pages"].get("next_page"):
        pages.append(client.get(following).json())
    found = [one for page in pages for one in page["events"]]
    assert [len(page["events"]) for page in pages] == [100, 100, 50]
    assert [page["pages"]["total"] for page in pages] == [3, 3, 3]
    assert {one["event_id"] for one in found} == {str(number) for number in range(250)}
    assert [one["start"] for one in found] == sorted(one["start"] for one in found)


def test_every_page_keeps_to_what_the_first_was_asked(service, grace):
    elsewhere = service.grant(grace.sub, service.application())
    put(grace, event("own"))
    url = path(elsewhere)
    for number in range(101):
        elsewhere.client.post(url, json=event(str(number)))
    query = {"tzid": "Etc/UTC", "from": NINE, "to": TEN}
    first = grace.client.get("/v1/events", params=query).json()
    last = grace.client.get(first["pages"]["next_page"], params={"include_managed": "true"}).json()
    assert (len(first["events"]), len(last["events"])) == (100, 1)
    assert not any("event_id" in one for one in first["events"] + last["events"])


def test_an_agreements_event_stands_in_every_account_with_people_place_and_one_uid(service, application, grace):
    karl = service.person(application, address())
    people = [person("@grace", "auto", sub=grace.sub), person("@karl", sub=karl.sub, email="karl@example.org")]
    event_details = {"location": {"description": "Room 4"}}
    opened = application.client.open(proposal(*people, event=event_details))
    application.client.select(opened, 1, selection("09:00"))
    service.work()
    ours, theirs = shown(grace), shown(karl)
    for told in (ours, theirs):
        assert (told["event_id"], told["summary"]) == (opened["scheduling_conversation_id"], "Roadmap")
        assert (told["start"], told["end"], told["location"]) == (NINE, TEN, event_details["location"])
        assert told["organizer"] == {"email": grace.email, "display_name": "Grace"}
        assert [(one["email"], one["display_name"], one["status"]) for one in told["attendees"]] == [
            (grace.email, "Grace", "accepted"),
            ("karl@example.org", "Karl", "accepted"),
        ]
    assert ours["event_uid"] == theirs["event_uid"]


def test_a_booking_blocks_before_its_event_stands_and_is_released_with_it(service, application, grace):
    opened = application.client.open(proposal(person("@grace", "auto", sub=grace.sub)))
    identifier = opened["scheduling_conversation_id"]
    left = [NINE in starts_left(application.client, grace)]
    service.work()
    left.append(NINE in starts_left(application.client, grace))
    delete(grace, identifier)
    left.append(NINE in starts_left(application.client, grace))
    assert left == [False, False, True]


def test_an_event_deleted_before_it_was_written_is_not_written_later(service, application, grace):
    opened = application.client.open(proposal(person("@grace", "auto", sub=grace.sub)))
    delete(grace, opened["scheduling_conversation_id"])
    service.work()
    assert read(grace) == []
    assert NINE in starts_left(application.client, grace)


def test_an_agreements_event_that_is_moved_takes_its_booking_along(service, application, grace):
    opened = application.client.open(proposal(person("@grace", "auto", sub=grace.sub)))
    put(grace, event(opened["scheduling_conversation_id"], start=text("14:00"), end=text("15:00")))
    service.work()
    left = starts_left(application.client, grace)
    assert (NINE in left, text("14:00") in left) == (True, False)
    assert len(read(grace)) == 1


def test_an_agreements_event_that_is_renamed_keeps_its_booking(service, application, grace):
    opened = application.client.open(proposal(person("@grace", "auto", sub=grace.sub)))
    put(grace, event(opened["scheduling_conversation_id"], summary="Renamed"))
    service.work()
    assert [one["summary"] for one in read(grace)] == ["Renamed"]
    assert NINE not in starts_left(application.client, grace)


def test_a_calendar_may_hold_days_far_away(grace):
    put(grace, event(start="1900-01-01", end="1900-01-02"), event("two", start="9998-12-30", end="9998-12-31"))
    assert [one["start"] for one in read(grace)] == ["1900-01-01", "9998-12-30"]
