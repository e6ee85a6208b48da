"""Free-busy: what events say about the account's time."""

from __future__ import annotations

import pytest

from tests.api.conftest import error_keys
from tests.api.event_calls import WITH_OWN, delete, event, put, read, read_free_busy
from tests.make import person, proposal, text

NINE, TEN = text("09:00"), text("10:00")


@pytest.fixture
def elsewhere(service, grace):
    """The same account, with another application acting for it."""
    return service.grant(grace.sub, service.application())


def test_an_event_says_that_its_time_is_busy_and_nothing_more(grace):
    put(grace, event())
    assert read_free_busy(grace) == [
        {"calendar_id": grace.calendar, "start": NINE, "end": TEN, "free_busy_status": "busy"}
    ]


@pytest.mark.parametrize(
    ("written", "status"),
    [
        pytest.param({}, "busy", id="opaque"),
        pytest.param({"transparency": "transparent"}, "free", id="transparent"),
        pytest.param({"extended_transparency": "tentative"}, "tentative", id="tentative"),
        pytest.param({"extended_transparency": "out_of_office"}, "busy", id="out of office"),
        pytest.param({"extended_transparency": "working_elsewhere"}, "free", id="working elsewhere"),
    ],
)
def test_the_status_follows_from_the_transparency(grace, written, status):
    put(grace, event(**written))
    assert [one["free_busy_status"] for one in read_free_busy(grace, include_free="true")] == [status]
    assert len(read_free_busy(grace)) == (status != "free")


@pytest.mark.parametrize(("word", "statuses"), [("accepted", ["busy"]), ("tentative", ["tentative"]), ("declined", [])])
def test_the_status_follows_from_the_owners_answer(grace, word, statuses):
    put(grace, event())
    uid = read(grace)[0]["event_uid"]
    path = f"/v1/calendars/{grace.calendar}/events/{uid}/participation_status"
    grace.client.post(path, json={"status": word})
    assert [one["free_busy_status"] for one in read_free_busy(grace)] == statuses


def test_an_all_day_event_has_dates(grace):
    put(grace, event(start="2031-05-05", end="2031-05-07"))
    [told] = read_free_busy(grace)
    assert (told["start"], told["end"]) == ("2031-05-05", "2031-05-07")


def test_localized_times_come_with_their_zone(grace):
    put(grace, event(tzid="America/Chicago"), event("two", start="2031-05-06", end="2031-05-07"))
    hour, day = read_free_busy(grace, localized_times="True")
    assert hour["start"] == {"time": "2031-05-05T04:00:00-05:00", "tzid": "America/Chicago"}
    assert day["end"] == {"time": "2031-05-07", "tzid": "Etc/UTC"}


def test_own_events_are_left_out_unless_asked_for(grace, elsewhere):
    put(grace, event("own"))
    put(elsewhere, event("other", start=text("11:00"), end=text("12:00")))
    assert [one["start"] for one in read_free_busy(grace, include_managed="false")] == [text("11:00")]
    assert len(read_free_busy(grace)) == 2


def test_ids_are_told_when_asked_for(grace, elsewhere):
    put(grace, event("own"))
    put(elsewhere, event("other"))
    told = read_free_busy(grace, include_ids="true")
    assert {(one.get("event_id"), one["event_uid"].startswith("evt_external_")) for one in told} == {
        ("own", False),
        (None, True),
    }
    assert {one["event_uid"] for one in told} == {one["event_uid"] for one in read(grace)}


def test_deleted_events_are_told_as_free_when_asked_for(grace):
    put(grace, event())
    delete(grace, "one")
    assert read_free_busy(grace) == []
    [told] = read_free_busy(grace, include_deleted="true")
    assert (told["deleted"], told["free_busy_status"]) == (True, "free")


def test_last_modified_gives_what_changed_since(own_service):
    grace = own_service.person(own_service.application())
    put(grace, event("old"))
    own_service.clock.instant += 60
    put(grace, event("new"))
    told = read_free_busy(grace, last_modified="2031-05-04T12:01:00Z", include_ids="true")
    assert [one["event_id"] for one in told] == ["new"]


@pytest.mark.parametrize(("days", "found"), [(-43, 0), (-41, 1), (200, 1), (202, 0)])
def test_the_default_bounds_are_those_of_events(grace, elsewhere, days, found):
    put(elsewhere, event(start=text("09:00", days), end=text("10:00", days)))
    assert len(read_free_busy(grace)) == found


def test_the_zone_is_required(grace):
    answer = grace.client.get("/v1/free_busy")
    assert (answer.status_code, error_keys(answer)) == (422, {"tzid": ["errors.required"]})


def test_it_comes_in_pages(grace):
    for number in range(101):
        put(grace, event(str(number)))
    first = grace.client.get("/v1/free_busy", params=WITH_OWN).json()
    assert first["pages"]["next_page"].startswith(f"{grace.client.base_url}/v1/free_busy/pages/".replace("//v1", "/v1"))
    last = grace.client.get(first["pages"]["next_page"], params={"include_managed": "false"}).json()
    assert (first["pages"]["total"], len(first["free_busy"]), len(last["free_busy"])) == (2, 100, 1)
    assert last["pages"] == {"current": 2, "total": 2}
    crossed = first["pages"]["next_page"].replace("free_busy", "events")
    assert grace.client.get(crossed).status_code == 404


def test_reading_free_busy_needs_no_more_than_its_own_scope(service, application, grace):
    client = service.client(service.token(grace, application, "read_free_busy"))
    assert client.get("/v1/free_busy", params=WITH_OWN).json()["free_busy"] == []


def test_an_agreement_appears_once_its_event_is_written(service, application, grace):
    application.client.open(proposal(person("@grace", "auto", sub=grace.sub)))
    before = read_free_busy(grace)
    service.work()
    assert (before, [one["start"] for one in read_free_busy(grace)]) == ([], [NINE])
