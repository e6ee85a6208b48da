"""Two actions that decide on the same rows: the second decides on what the first has left, whichever they are."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from parley.actions import accounts, applications, calendars, smart_invites
from parley.actions.applications import Impossible
from parley.core.errors import AccountRevoked, Invalid, OAuthRefused, SlotsTaken
from parley.core.event import EventChange
from parley.core.hours import AvailablePeriod
from parley.store import accounts as stored_accounts
from parley.store import applications as stored_applications
from parley.store import events
from parley.wire.smart_invites import read_wanted
from tests.actions.conftest import World, auto, guest
from tests.make import at, period, rule, text

HESITATION = 0.3  # how long the first waits before its commit, once the second has begun
TEN, ELEVEN = period("10:00", "11:00"), period("11:00", "12:00")


@pytest.fixture
def world(dc):
    return World(dc)


@pytest.fixture
def at_once(dc):
    """Carry out one action, and another while the first has decided and is not committed; what became of the other."""

    def carry_out(first, second):
        decided, begun = threading.Event(), threading.Event()

        def hesitating(_tx):
            first()
            decided.set()
            begun.wait(5)
            threading.Event().wait(HESITATION)

        def other():
            decided.wait(5)
            begun.set()
            return second()

        with ThreadPoolExecutor(2) as pool:
            before, after = pool.submit(dc.db.write, hesitating), pool.submit(other)
            before.result()
            return after.result()

    return carry_out


def secrets(dc, client_id):
    return [one.digest for one in dc.db.read(stored_applications.secrets, client_id, dc.now())]


def test_limits_that_are_set_at_once_are_both_set(dc, world, at_once):
    at_once(
        lambda: applications.set_limits(dc, world.app, {"max_participants": 5}),
        lambda: applications.set_limits(dc, world.app, {"max_days": 7}),
    )
    found = dc.db.read(stored_applications.find, world.app).limits
    assert (found.max_participants, found.max_days) == (5, 7)


def test_of_secrets_that_are_replaced_at_once_the_last_one_is_good(dc, world, at_once):
    at_once(*[lambda: applications.rotate_secret(dc, world.app, 0)] * 2)
    assert len(secrets(dc, world.app)) == 1


def test_a_code_that_is_exchanged_twice_at_once_gives_tokens_to_nobody(dc, world, at_once):
    """The first had them, until the second use of its code ended them."""
    made = applications.create(dc, "Test", ("https://app.example/",))
    sub = accounts.create(dc, "grace@example.org", None, "Etc/UTC").sub
    code = accounts.authorize(dc, sub, made.application.id, "https://app.example/")
    given = []

    def exchange():
        place = {"code": code, "redirect_uri": "https://app.example/"}
        given.append(accounts.exchange(dc, made.application.id, made.client_secret, **place))

    with pytest.raises(OAuthRefused):
        at_once(exchange, exchange)
    assert len(given) == 1
    with pytest.raises(OAuthRefused):
        accounts.refresh(dc, made.application.id, made.client_secret, given[0].refresh_token)


def test_an_address_that_is_added_twice_at_once_has_one_account(dc, at_once):
    with pytest.raises(Impossible):
        at_once(*[lambda: accounts.create(dc, "Grace@example.org", None, "Etc/UTC")] * 2)


def test_a_calendar_that_an_application_first_asks_for_twice_at_once_is_one(dc, at_once):
    made = applications.create(dc, "Test")
    given = []

    def ask():
        given.append(accounts.application_calendar(dc, made.application.id, made.client_secret, "room"))

    at_once(ask, ask)
    assert len({one.account.sub for one in given}) == 1
    assert len({one.access_token for one in given}) == 2


def test_calendars_of_one_name_that_are_added_at_once_are_one(dc, world, at_once):
    grace = world.account()
    with pytest.raises(Invalid):
        at_once(*[lambda: accounts.add_calendar(dc, grace, "Second", None)] * 2)
    assert len(dc.db.read(stored_accounts.calendars, grace.account)) == 2


def test_a_slot_that_is_selected_twice_at_once_is_booked_once(dc, world, at_once):
    grace = world.account()
    talks = [world.open(auto(grace), guest()) for _ in range(2)]
    with pytest.raises(SlotsTaken) as refusal:
        at_once(lambda: world.select(talks[0], 1, "10:00"), lambda: world.select(talks[1], 1, "10:30"))
    assert TEN not in refusal.value.slots
    assert world.booked(grace) == [TEN]


def test_a_slot_that_is_selected_while_its_time_is_filled_is_refused(dc, world, at_once):
    grace = world.account()
    talk = world.open(auto(grace), guest())
    with pytest.raises(SlotsTaken):
        at_once(lambda: world.put(grace, "e", "10:30", "10:45"), lambda: world.select(talk, 1, "10:00"))
    assert world.booked(grace) == []


def test_a_slot_that_is_selected_while_its_time_is_closed_is_refused(dc, world, at_once):
    grace = world.account()
    talk = world.open(auto(grace, managed_availability=True), guest())
    with pytest.raises(SlotsTaken):
        at_once(
            lambda: accounts.put_rule(dc, grace, rule("Etc/UTC", "monday 11:00-17:00")),
            lambda: world.select(talk, 1, "10:00"),
        )


def test_a_slot_that_is_selected_while_its_time_is_given_back_can_be_had(dc, world, at_once):
    grace = world.account()
    world.put(grace, "e", "10:00", "11:00")
    talk = world.open(auto(grace), guest())
    at_once(lambda: world.delete(grace, "e"), lambda: world.select(talk, 1, "10:00"))
    assert world.booked(grace) == [TEN]


def revoke_profile(world, caller):
    profile = world.dc.db.read(stored_accounts.find, caller.account).profile_id
    accounts.revoke_profile(world.dc, caller, profile)


@pytest.mark.parametrize("revoke", [World.revoke, revoke_profile], ids=["by the application", "by a profile"])
def test_a_slot_that_is_selected_while_consent_is_withdrawn_is_refused(dc, world, at_once, revoke):
    grace = world.account()
    talk = world.open(auto(grace), guest())
    with pytest.raises(AccountRevoked):
        at_once(lambda: revoke(world, grace), lambda: world.select(talk, 1, "10:00"))


def test_a_conversation_that_is_opened_while_the_time_is_filled_does_not_take_it(dc, world, at_once):
    grace = world.account()
    at_once(lambda: world.put(grace, "e", "09:00", "10:00"), lambda: world.open(auto(grace)))
    assert world.booked(grace) == [TEN]


def put_rule(world, grace):
    accounts.put_rule(world.dc, grace, rule("Etc/UTC", "tuesday 11:00-17:00"))


def put_period(world, grace):
    accounts.put_period(world.dc, grace, AvailablePeriod("p", period("20:00", "21:00")))


def put_event(world, grace):
    world.put(grace, "e", "09:00", "12:00")


def decline(world, grace):
    calendar = world.calendar(grace)
    uid = world.dc.db.read(events.names, calendar)[0][2]
    calendars.answer(world.dc, grace, calendar, uid, "declined")


CHANGES = {  # what is there before, and what changes it
    "an event": (None, put_event),
    "an event that goes": (put_event, lambda world, grace: world.delete(grace, "e")),
    "all events go": (put_event, lambda world, grace: calendars.delete_events(world.dc, grace, None)),
    "an event that is declined": (put_event, decline),
    "a rule": (None, put_rule),
    "a rule that goes": (put_rule, lambda world, grace: accounts.delete_rule(world.dc, grace, "work")),
    "a period": (None, put_period),
    "a period that goes": (put_period, lambda world, grace: accounts.delete_periods(world.dc, grace, None)),
    "a grant": (None, lambda world, grace: world.grant(grace.sub, world.app)),
}


@pytest.mark.parametrize(("before", "change"), CHANGES.values(), ids=CHANGES)
def test_a_conversation_that_is_opened_while_time_changes_is_settled_again(dc, world, at_once, before, change):
    """Whoever changes somebody's time knows of the conversation that is about to be opened with them."""
    grace = world.account()
    if before:
        before(world, grace)
    at_once(lambda: world.open(auto(grace), guest()), lambda: change(world, grace))
    assert world.waiting() == 1


def test_conversations_that_are_opened_at_once_share_the_time(dc, world, at_once):
    grace = world.account()
    at_once(lambda: world.open(auto(grace)), lambda: world.open(auto(grace)))
    assert sorted(world.booked(grace)) == [period("09:00", "10:00"), TEN]


def test_people_of_one_conversation_who_select_at_once_agree(dc, world, at_once):
    talk = world.open(guest("@one"), guest("@two"))
    at_once(lambda: world.select(talk, 0, "10:00"), lambda: world.select(talk, 1, "10:00"))
    assert world.talk(talk).chosen == at("10:00")


def test_conversations_with_the_same_people_in_another_order_do_not_wait_for_each_other_for_ever(dc, world, at_once):
    grace, karl = world.account(), world.account("karl@example.org")
    one, other = world.open(auto(grace), auto(karl), guest()), world.open(auto(karl), auto(grace), guest())
    at_once(lambda: world.select(one, 2, "10:00"), lambda: world.select(other, 2, "11:00"))
    assert sorted(world.booked(grace)) == sorted(world.booked(karl)) == [TEN, ELEVEN]


def retitle(dc, world, caller, talk):
    """The owner of a calendar calls the event of an agreement something else."""
    change = EventChange(talk, "Mine", TEN.start, TEN.end, {})
    calendars.put_event(dc, caller, world.calendar(caller), change)


def test_people_who_change_an_agreements_event_before_it_is_written_find_it(dc, world, at_once):
    """Each writes it into a calendar of their own; the history of the conversation is one."""
    grace, karl = world.account(), world.account("karl@example.org")
    talk = world.open(auto(grace), auto(karl), guest())
    world.select(talk, 2, "10:00")
    at_once(lambda: retitle(dc, world, grace, talk), lambda: retitle(dc, world, karl, talk))
    world.work()
    assert [world.event(one, talk).summary for one in (grace, karl)] == ["Mine", "Mine"]
    assert world.happened(talk).count("event_written") == 2


def test_an_event_that_is_written_while_its_owner_changes_it_stays_as_the_owner_has_it(dc, world, at_once):
    grace = world.account()
    talk = world.open(auto(grace), guest())
    world.select(talk, 1, "10:00")
    at_once(lambda: retitle(dc, world, grace, talk), world.work)
    assert world.event(grace, talk).summary == "Mine"
    assert world.happened(talk).count("event_written") == 1


def test_conversations_are_settled_with_what_changes_while_they_are_settled(dc, world, at_once):
    grace = world.account()
    talk = world.open(auto(grace), guest())
    world.put(grace, "one", "09:00", "10:00")
    at_once(lambda: world.put(grace, "two", "10:00", "12:00"), world.work)
    world.work()
    assert world.listed(talk, 1) == []
    assert world.waiting() == 0


def invite(world, email, summary="Interview"):
    event = {"summary": summary, "start": text("09:00"), "end": text("10:00")}
    body = {"smart_invite_id": "one", "recipient": {"email": email}, "event": event}
    return smart_invites.put(world.dc, world.app, read_wanted(body, lambda url: False))


def test_recipients_who_are_invited_at_once_get_places_of_their_own(world, at_once):
    second = at_once(lambda: invite(world, "karl@example.org"), lambda: invite(world, "bo@example.org"))
    first = invite(world, "karl@example.org")
    assert (first.invite.key, first.people[0].position) == (second.invite.key, 0)
    assert second.people[0].position == 1


def test_changes_of_an_invitation_at_once_follow_each_other(world, at_once):
    invite(world, "karl@example.org")
    second = at_once(
        lambda: invite(world, "karl@example.org", "First"), lambda: invite(world, "karl@example.org", "Second")
    )
    assert (second.people[0].sequence, second.people[0].event.summary) == (2, "Second")
