"""Short ways to write, delete and read events over HTTP."""

from __future__ import annotations

from tests.make import text

WITH_OWN = {"tzid": "Etc/UTC", "include_managed": "true"}


def event(event_id="one", **changed):
    """The request that writes an hour at nine on Monday."""
    return {"event_id": event_id, "summary": "Lunch", "start": text("09:00"), "end": text("10:00"), **changed}


def put(person, *events, calendar_id=None):
    """Write events into a person's calendar."""
    for one in events:
        answer = person.client.post(f"/v1/calendars/{calendar_id or person.calendar}/events", json=one)
        assert (answer.status_code, answer.content) == (202, b""), answer.text


def delete(person, event_id):
    """Delete an event of a person's calendar."""
    path = f"/v1/calendars/{person.calendar}/events"
    assert person.client.request("DELETE", path, json={"event_id": event_id}).status_code == 202


def listed(person, what, query):
    """What a listing of events or free-busy answers."""
    answer = person.client.get(f"/v1/{what}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()[what]


def read(person, **query):
    """The person's events, the application's own among them."""
    return listed(person, "events", {**WITH_OWN, **query})


def read_free_busy(person, **query):
    """What the person's events say about their time, the application's own among them."""
    return listed(person, "free_busy", {**WITH_OWN, **query})
