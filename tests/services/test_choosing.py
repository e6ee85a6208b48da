"""Whose service is asked for a participant, and who is written to instead."""

from __future__ import annotations

import pytest

from parley.core.conversation_service import Proof
from parley.store import services as stored
from tests.make import person, selection
from tests.services.conftest import SERVICES


def prove(world, made):
    """As if the domain had been looked at and the token been found."""
    token = made["domain_proof"]["token"]
    now = world.dc.now()
    world.dc.db.write(lambda tx: stored.set_proof(tx, made["conversation_service_id"], Proof(token, now, now)))
    return made


def of_domain(world, domain, *, proven=True, application=None):
    made = world.enable((application or world.application).client, domain=domain)
    return prove(world, made) if proven else made


def who_was_asked(world, *people):
    """The ids of the services that were asked, and who was written to."""
    world.open(*people)
    world.work()
    told = [one.told["conversation_service"]["conversation_service_id"] for one in world.receiver.received]
    return told, world.letters()


def by_sub(world):
    return person("@karl", sub=world.karl.sub)


def by_address(world):
    return person("@karl", email="Karl@Example.org")


def by_name(world):
    return person("@karl")


@pytest.mark.parametrize("named", [by_sub, by_address])
def test_the_newest_service_of_the_account_is_asked(world, named):
    world.enable()
    newest = world.enable()
    assert who_was_asked(world, person("@ada"), named(world)) == ([newest["conversation_service_id"]], [])


def test_of_services_that_are_enabled_within_a_second_the_last_is_the_newest(world):
    """Whichever application brings it."""
    other = world.service.grant(world.karl.sub, world.service.application()).client
    made = [world.enable(other if number % 2 else None)["conversation_service_id"] for number in range(12)]
    assert who_was_asked(world) == ([made[-1]], [])
    told = world.karl.client.get(SERVICES).json()["conversation_services"]
    assert [one["conversation_service_id"] for one in told] == made[-2::-2]


def test_of_services_of_a_domain_that_are_enabled_within_a_second_the_last_is_the_newest(world):
    others = [world.service.application() for _ in range(6)]
    made = [of_domain(world, "people.example", application=one) for one in others]
    told, _ = who_was_asked(world, person("@grace", "auto", sub=world.grace.sub), ADA)
    assert told == [made[-1]["conversation_service_id"]]


def test_when_the_newest_has_ended_the_one_before_is_asked(world):
    first = world.enable()
    world.service.clock.instant += 1
    second = world.enable()
    world.karl.client.delete(f"{SERVICES}/{second['conversation_service_id']}")
    assert who_was_asked(world) == ([first["conversation_service_id"]], [])


def test_whoever_is_known_by_a_name_of_the_application_has_none(world):
    world.enable()
    assert who_was_asked(world, person("@ada"), by_name(world)) == ([], [])


def test_without_a_service_there_is_mail(world):
    assert who_was_asked(world) == ([], [("ask", 1)])


def test_the_service_is_the_persons_whichever_application_brought_it(world):
    """Karl's assistant is one application, the conversation is opened by another."""
    other = world.service.application()
    made = world.enable(world.service.grant(world.karl.sub, other).client)
    assert who_was_asked(world) == ([made["conversation_service_id"]], [])


def test_an_address_of_an_account_that_the_application_may_not_act_for_is_enough(world):
    """Only the address is known to it; Karl's assistant is another application's."""
    other = world.service.application()
    opener = world.service.person(other, "ada@example.org")
    made = world.enable()
    world.application = other
    asked = who_was_asked(world, person("@ada", "auto", sub=opener.sub), by_address(world))
    assert asked == ([made["conversation_service_id"]], [])
    (push,) = world.receiver.received
    identifier = push.told["notification"]["scheduling_conversation_id"]
    chosen = world.assistant().post(push.told["slots_select"], json=selection("10:00"))
    assert chosen.json()["status"] == "complete"
    assert world.karl.client.get(f"/v1/scheduling_conversations/{identifier}").status_code == 404


def test_the_limits_keep_to_the_calendar_of_whoever_enabled_the_service(world):
    """Although the conversation's application may not read it."""
    other = world.service.application()
    body = {"event_id": "e", "summary": "Busy", "start": "2031-05-05T12:00:00Z", "end": "2031-05-05T13:00:00Z"}
    assert world.karl.client.post(f"/v1/calendars/{world.karl.calendar}/events", json=body).status_code == 202
    world.enable(limits={"pause_minutes": 30})
    world.application = other
    world.open(person("@ada"), by_address(world))
    world.work()
    slots = world.assistant().get(world.push().told["slots_list"]).json()["slots"]
    assert [one["start"][11:16] for one in slots] == ["09:00", "10:00", "13:30", "14:30", "15:30"]


def test_a_service_whose_application_may_no_longer_act_for_the_account_is_not_asked(world):
    other = world.service.application()
    theirs = world.service.grant(world.karl.sub, other)
    world.enable(theirs.client)
    profile = theirs.client.get("/v1/profiles").json()["profiles"][0]["profile_id"]
    theirs.client.post(f"/v1/profiles/{profile}/revoke")
    assert who_was_asked(world) == ([], [("ask", 1)])


ADA = person("@ada", email="ada@people.example")


@pytest.mark.parametrize(
    ("domain", "email", "is_asked"),
    [
        pytest.param("people.example", "ada@people.example", True, id="of the domain"),
        pytest.param("People.Example", "Ada@PEOPLE.example", True, id="whatever the case"),
        pytest.param("people.example", "ada@hr.people.example", False, id="of a name below"),
        pytest.param("hr.people.example", "ada@people.example", False, id="of a name above"),
        pytest.param("people.example", "ada@otherpeople.example", False, id="of one that ends alike"),
        pytest.param("people.example", "people.example@example.org", False, id="the domain before the @"),
    ],
)
def test_a_domains_service_is_asked_for_its_addresses(world, domain, email, is_asked):
    made = of_domain(world, domain)
    told, letters = who_was_asked(world, person("@grace", "auto", sub=world.grace.sub), person("@ada", email=email))
    assert told == [made["conversation_service_id"]] * is_asked
    assert letters == [("ask", 1)] * (not is_asked)


def test_a_domain_that_is_not_proven_counts_for_nothing(world):
    of_domain(world, "people.example", proven=False)
    assert who_was_asked(world, person("@grace", "auto", sub=world.grace.sub), ADA) == ([], [("ask", 1)])


def test_of_two_that_have_proven_a_domain_the_newest_is_asked(world):
    of_domain(world, "people.example", application=world.service.application())
    world.service.clock.instant += 1
    newest = of_domain(world, "people.example")
    world.service.clock.instant += 1
    of_domain(world, "people.example", proven=False, application=world.service.application())
    told, _ = who_was_asked(world, person("@grace", "auto", sub=world.grace.sub), ADA)
    assert told == [newest["conversation_service_id"]]


@pytest.mark.parametrize("named", [by_sub, by_address])
def test_an_accounts_own_service_goes_before_its_domains(world, named):
    domains = of_domain(world, "example.org")
    own = world.enable()
    people = [person("@ada"), named(world)]
    assert who_was_asked(world, *people)[0] == [own["conversation_service_id"]]
    world.karl.client.delete(f"{SERVICES}/{own['conversation_service_id']}")
    assert who_was_asked(world, *people)[0][1:] == [domains["conversation_service_id"]]


def test_the_limits_of_a_domains_service_are_told_on_the_conversations_clock(world):
    made = world.enable(world.application.client, domain="people.example", limits={"earliest_hour": 9})
    prove(world, made)
    opened = world.open(person("@grace", "auto", sub=world.grace.sub), ADA)
    world.work()
    slots = world.assistant().slots(opened, 1).json()["slots"]
    assert slots[0]["start"] == "2031-05-05T14:00:00Z"  # nine in Chicago


def test_nobody_is_asked_who_does_not_have_to_act(world):
    world.enable(world.grace.client)
    assert who_was_asked(world) == ([], [("ask", 1)])
