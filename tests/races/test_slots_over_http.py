"""Many who want the same time at once, over HTTP: one gets it, the others are told what is left."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.make import person, proposal, selection, slot_id, text

EVERYTHING = {"tzid": "Etc/UTC", "include_managed": "true"}
TAKEN = {"selected_slots[0].slot_id": ["errors.slot_unavailable"]}
NOT_NOW = {"selected_slots": ["errors.not_available"]}


def together(calls):
    """The answers of these calls, made at the same moment."""
    barrier = Barrier(len(calls))

    def made(call):
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(made, calls))


def faults(answer):
    return {path: [one["key"] for one in found] for path, found in answer.json()["errors"].items()}


def events_of(service, person):
    """The events in the person's calendar once all is written."""
    service.work()
    return person.client.get("/v1/events", params=EVERYTHING).json()["events"]


def with_auto(person_):
    return proposal(person("@grace", "auto", sub=person_.sub), person("@karl"))


def test_a_hundred_selections_of_one_slot_make_one_booking(service, application, grace):
    opened = application.client.open(with_auto(grace))
    answers = together([lambda: application.client.select(opened, 1, selection("10:00"))] * 100)
    assert {one.status_code for one in answers} == {200}
    assert len({one.content for one in answers}) == 1
    assert [one["start"] for one in events_of(service, grace)] == [text("10:00")]


def test_of_selections_of_different_slots_one_wins_and_the_others_are_refused(service, application, grace):
    opened = application.client.open(with_auto(grace))
    clocks = [f"{9 + n // 4:02}:{n % 4 * 15:02}" for n in range(28)]
    answers = together([lambda c=clock: application.client.select(opened, 1, selection(c)) for clock in clocks])
    won = [clock for clock, one in zip(clocks, answers, strict=True) if one.status_code == 200]
    assert len(won) == 1
    assert {one.status_code for one in answers} == {200, 422}
    assert all(faults(one) == NOT_NOW for one in answers if one.status_code == 422)
    assert [one["start"] for one in events_of(service, grace)] == [text(won[0])]


def test_overlapping_slots_in_40_conversations_of_two_applications_make_one_booking(service, application, grace):
    other = service.application()
    service.grant(grace.sub, other)
    sides = [application.client, other.client] * 20
    opened = [client.open(with_auto(grace)) for client in sides]
    clocks = ["10:00", "10:15", "10:30", "10:45"] * 10  # any two of these overlap
    asked = zip(sides, opened, clocks, strict=True)
    answers = together([lambda c=c, o=o, t=t: c.select(o, 1, selection(t)) for c, o, t in asked])
    lost = [one for one in answers if one.status_code != 200]
    assert len(lost) == 39
    assert {one.status_code for one in lost} == {422}
    assert all(faults(one) == TAKEN for one in lost)
    assert all(overlaps_none(one.json()["slots"], events_of(service, grace)) for one in lost)
    assert len(events_of(service, grace)) == 1


def overlaps_none(slots, events):
    """Whether there are slots, all of them outside the events."""
    free = all(one["end"] <= event["start"] or event["end"] <= one["start"] for one in slots for event in events)
    return bool(slots) and free


def test_conversations_that_open_at_once_for_one_account_share_its_day_without_overlap(service, application, grace):
    body = proposal(person("@grace", "auto", sub=grace.sub))
    opened = together([lambda: application.client.open(body)] * 12)
    agreed = sorted(one["chosen_slot"]["start"] for one in opened if one["status"] == "complete")
    assert agreed == [text(f"{hour:02}:00") for hour in range(9, 17)]
    assert sorted(one["start"] for one in events_of(service, grace)) == agreed
    assert sum(one["status"] == "in_progress" for one in opened) == 4


def test_two_who_choose_differently_at_once_leave_one_of_them_to_act(service, application):
    for _ in range(10):
        opened = application.client.open(proposal())
        calls = [
            lambda o=opened: application.client.select(o, 0, selection("10:00")),
            lambda o=opened: application.client.select(o, 1, selection("11:00")),
        ]
        assert [one.status_code for one in together(calls)] == [200, 200]
        told = application.client.again(opened)
        assert sorted(one["status"] for one in told["participants"]) == ["needs_action", "waiting"]


def test_an_event_and_a_selection_at_once_end_in_a_known_order(service, application, grace):
    """An event may be written over a booking, but a selection never succeeds over an event that stands."""
    calendar = grace.calendar
    event = {"event_id": "1", "summary": "Busy", "start": text("10:00"), "end": text("11:00")}
    opened = application.client.open(with_auto(grace))
    calls = [
        lambda: grace.client.post(f"/v1/calendars/{calendar}/events", json=event),
        lambda: application.client.select(opened, 1, selection("10:00")),
    ]
    wrote, selected = together(calls)
    assert wrote.status_code == 202
    assert selected.status_code == 200 or faults(selected) == TAKEN
    assert (application.client.again(opened)["status"] == "complete") == (selected.status_code == 200)


CLIENT = """
import json, sys, urllib.error, urllib.request
urls, token, body = json.loads(sys.stdin.readline())
print("ready", flush=True)
sys.stdin.readline()
told = []
for url in urls:
    headers = {"Authorization": f"Bearer {token}"}
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=30)
    except urllib.error.HTTPError as refusal:
        answer = refusal
    told.append([answer.status, json.loads(answer.read())])
print(json.dumps(told), flush=True)
"""


@pytest.fixture
def client_process():
    """Start processes that post a body to each of some addresses when they are told to go."""
    running = []

    def start(urls, token, body):
        command = [sys.executable, "-c", CLIENT]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        running.append(process)
        process.stdin.write(json.dumps([urls, token, body]) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def go(processes):
    """What each process was answered, all of them let loose at once."""
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    return [json.loads(process.stdout.readline()) for process in processes]


def test_processes_that_call_one_service_get_one_booking(service, application, grace, client_process):
    opened = [application.client.open(with_auto(grace)) for _ in range(24)]
    urls = [one["participants"][1]["possible_actions"]["slots_select"]["url"] for one in opened]
    processes = [client_process(urls[n::4], application.secret, selection("10:00")) for n in range(4)]
    answers = [one for told in go(processes) for one in told]
    lost = [body for status, body in answers if status == 422]
    assert sorted(status for status, _ in answers) == [200] + [422] * 23
    assert all(list(body["errors"]) == ["selected_slots[0].slot_id"] for body in lost)
    assert not any(slot_id("10:00") in json.dumps(body["slots"]) for body in lost)
    assert [one["start"] for one in events_of(service, grace)] == [text("10:00")]
