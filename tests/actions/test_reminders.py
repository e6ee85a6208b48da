"""Whoever does not answer is reminded, once; the organizer hears when no slot is left."""

from dataclasses import replace

import pytest

from parley.actions import accounts, calendars, conversations, sending
from parley.core.access import ApplicationCaller
from parley.core.conversation import Participant, Proposal, with_participant
from parley.core.event import EventChange
from parley.store import conversations as stored
from tests.actions.conftest import auto, chooser, with_mail
from tests.actions.test_mail import KARL, karl, told
from tests.make import HOUR, at, period, rule


def open_week(world, *people, tzid="Etc/UTC"):
    """A conversation about an hour in any night or day of the week that begins on Monday."""
    periods = (period("00:00", "24:00"), *(period("00:00", "24:00", day) for day in range(1, 7)))
    proposal = Proposal(people, tzid, "Roadmap", None, HOUR, periods)
    return conversations.create(world.dc, ApplicationCaller(world.app), proposal).id


def hours_of_mail(world, post, clock, hours):
    """In which hours from now on mail comes for Karl, where somebody looks every half hour."""
    came = []
    for half in range(2 * hours):
        before = len(post.to(KARL))
        world.work()
        came += [half / 2] * (len(post.to(KARL)) - before)
        clock.instant += HOUR // 2
    return came


REMINDERS = [
    pytest.param(6 * HOUR, "Etc/UTC", [0, 21], id="in the night: on Monday at nine"),
    pytest.param(24 * HOUR, "Etc/UTC", [0, 24], id="in office hours: then"),
    pytest.param(30 * HOUR, "Etc/UTC", [0, 45], id="in the evening: the next morning"),
    pytest.param(6 * HOUR, "America/Chicago", [0, 26], id="in their zone"),
    pytest.param(6 * HOUR, "Asia/Tokyo", [0, 12], id="ahead of UTC: at nine too"),
    pytest.param(0, "Etc/UTC", [0], id="never"),
]


@pytest.mark.parametrize(("after", "tzid", "hours"), REMINDERS)
def test_whoever_does_not_answer_is_reminded_once_and_in_office_hours(dc, post, clock, after, tzid, hours):
    world = with_mail(dc, post, remind_after=after)
    talk = open_week(world, auto(world.account()), karl(), tzid=tzid)
    assert hours_of_mail(world, post, clock, 60) == hours
    assert told(world, talk)[1:] == [("asked", 1, "mail"), ("reminded", 1, "mail")][: len(hours)]


def test_whoever_has_hours_is_reminded_in_those(dc, post, clock):
    world = with_mail(dc, post, remind_after=HOUR)
    grace = world.account("grace@example.org")
    accounts.put_rule(world.dc, grace, rule("Etc/UTC", "sunday 18:00-20:00"))
    open_week(world, chooser(grace), Participant(participant_id="@karl"))
    server_hours = []
    for hour in range(24):
        world.work()
        server_hours += [hour] * (len(post.mails) - len(server_hours))
        clock.instant += HOUR
    assert server_hours == [0, 6]


def test_a_reminder_that_comes_due_while_nobody_works_waits_for_working_hours(dc, post, clock):
    world = with_mail(dc, post, remind_after=24 * HOUR)
    open_week(world, auto(world.account()), karl())
    world.work()
    clock.instant += 32 * HOUR  # Monday, 20:00
    assert hours_of_mail(world, post, clock, 20) == [13]


@pytest.mark.parametrize("then", ["answers", "refuses the address", "wants no mail", "loses every slot"])
def test_nobody_is_reminded_who_need_not_or_cannot_be(dc, post, clock, then):
    world = with_mail(dc, post, remind_after=6 * HOUR)
    grace = world.account()
    talk = open_week(world, auto(grace), karl())
    world.work()
    match then:
        case "answers":
            starts = [at("10:00")]
            conversations.select_slots(world.dc, talk, conversations.Choice(1, starts, "api"))
        case "refuses the address":
            world.dc.db.write(lambda tx: sending.bounced(tx, world.dc, talk, 1, "550 5.1.1 no"))
        case "wants no mail":
            changed(world, talk, unsubscribed=True)
        case "loses every slot":
            for day in range(7):
                event = EventChange(f"evt_{day}", "Busy", at("00:00", day), at("24:00", day), {})
                calendars.put_event(world.dc, grace, world.calendar(grace), event)
    world.work()
    clock.instant += 22 * HOUR
    world.work()
    assert "reminded" not in [one for one, *_ in told(world, talk)]
    assert not [one for one in post.mails if one.message["Message-ID"].startswith("<reminder")]


def changed(world, talk, **values):
    def record(tx):
        found = stored.lock(tx, talk)
        stored.save(tx, with_participant(found, 1, replace(found.participants[1], **values)))

    world.dc.db.write(record)


def busy_all_morning(world, caller):
    world.put(caller, "evt_all", "09:00", "12:00")
    world.work()


def test_the_organizer_is_told_once_when_no_slot_is_left(mailing, post):
    grace = mailing.account()
    talk = mailing.open(auto(grace, email=None), karl())
    mailing.work()
    for _ in range(2):
        busy_all_morning(mailing, grace)
        mailing.delete(grace, "evt_all")
        mailing.work()
    busy_all_morning(mailing, grace)
    assert [one.message["Message-ID"].partition(".")[0] for one in post.to("grace@example.org")] == ["<ran_out"]
    assert [one for one, *_ in told(mailing, talk)] == ["created", "asked", "slots_ran_out"]
    assert "No time is left" in post.to("grace@example.org")[0].text()


def test_a_conversation_without_a_slot_from_the_start_is_told_to_the_organizer_and_asks_when_there_is_one(
    mailing, post, clock
):
    grace = mailing.account()
    busy_all_morning(mailing, grace)
    talk = mailing.open(auto(grace), karl())
    mailing.work()
    assert [one.to for one in post.mails] == ["grace@example.org"]
    mailing.delete(grace, "evt_all")
    clock.instant += HOUR
    mailing.work()
    assert [one.to for one in post.mails] == ["grace@example.org", KARL]
    assert [one for one, *_ in told(mailing, talk)] == ["created", "slots_ran_out", "asked"]


def test_when_the_last_start_has_passed_the_organizer_is_told(mailing, post, clock):
    talk = mailing.open(auto(mailing.account()), karl())
    mailing.work()
    for instant, happened in ((at("11:00"), "asked"), (at("11:00") + 1, "slots_ran_out")):
        clock.instant = instant
        mailing.work()
        assert told(mailing, talk)[-1][0] == happened
    assert len(post.to("grace@example.org")) == 1


def test_without_anybody_who_must_act_nothing_runs_out(mailing, post, clock):
    grace, other = mailing.account(), mailing.account("ada@example.org")
    mailing.put(grace, "evt_all", "09:00", "12:00")
    talk = mailing.open(auto(grace), auto(other))
    mailing.work()
    clock.instant = at("23:00")
    mailing.work()
    assert (post.mails, mailing.happened(talk)) == ([], ["created"])
