"""Conversations from opening to agreement, and again whenever somebody's time has changed."""

import pytest

from parley.actions import accounts, conversations
from parley.core.conversation import Participant, Proposal
from parley.core.errors import AccountRevoked, Invalid, NotFound, SlotsTaken
from parley.core.event import TRANSPARENT
from parley.core.hours import AvailablePeriod
from parley.core.limits import HOUR
from parley.wire.conversations import mentioned
from tests.actions.conftest import auto, chooser, guest
from tests.make import at, period, rule

NINE, TEN, ELEVEN = at("09:00"), at("10:00"), at("11:00")


@pytest.fixture
def grace(world):
    return world.account()


@pytest.fixture
def karl(world):
    return world.account("karl@example.org")


def test_the_last_choice_makes_agreement_bookings_and_events(world, grace, karl):
    talk = world.open(auto(grace), chooser(karl))
    world.select(talk, 1, "10:00")
    assert world.statuses(talk) == ["complete", "complete"]
    assert world.booked(grace) == world.booked(karl) == [period("10:00", "11:00")]
    world.work()
    events = [world.event(one, talk) for one in (grace, karl)]
    assert events[0] == events[1]
    assert (events[0].period, events[0].summary, events[0].uid) == (
        period("10:00", "11:00"),
        "Roadmap",
        f"{talk}@parley",
    )
    assert world.happened(talk) == ["created", "selected", "agreed", "event_written", "event_written"]
    assert world.waiting() == 0


def test_who_has_no_account_gets_no_event_and_is_agreed_all_the_same(world):
    talk = world.open(guest("@a"), guest("@b"))
    world.select(talk, 0, "10:00")
    world.select(talk, 1, "10:00")
    world.work()
    assert world.happened(talk) == ["created", "selected", "selected", "agreed"]


def test_among_auto_participants_the_first_common_slot_is_agreed_at_once(world, grace, karl):
    world.put(grace, "e", "09:00", "09:30")
    world.put(karl, "e", "10:00", "10:20")
    talk = world.open(auto(grace), auto(karl))
    assert world.talk(talk).chosen == at("10:30")
    assert world.happened(talk) == ["created", "agreed"]


def test_auto_participants_wait_until_a_calendar_frees_up(world, grace, karl):
    world.put(grace, "e", "09:00", "12:00")
    talk = world.open(auto(grace), auto(karl))
    assert world.statuses(talk) == ["waiting", "waiting"]
    world.work()
    assert world.statuses(talk) == ["waiting", "waiting"]
    world.delete(grace, "e")
    world.work()
    assert (world.talk(talk).chosen, world.booked(karl)) == (NINE, [period("09:00", "10:00")])


def free_by_moving(world, grace):
    world.put(grace, "e", "13:00", "14:00")


def free_by_making_transparent(world, grace):
    world.put(grace, "e", "09:00", "12:00", transparency=TRANSPARENT)


def free_by_shortening(world, grace):
    world.put(grace, "e", "10:00", "12:00")


@pytest.mark.parametrize("free", [free_by_moving, free_by_making_transparent, free_by_shortening])
def test_any_change_that_frees_time_settles_the_conversations_that_wait_for_it(world, grace, free):
    world.put(grace, "e", "09:00", "12:00")
    talk = world.open(auto(grace))
    free(world, grace)
    world.work()
    assert world.talk(talk).chosen == NINE


def test_a_change_of_words_settles_nothing(world, grace):
    world.put(grace, "e", "09:00", "12:00")
    world.open(auto(grace))
    world.work()
    world.put(grace, "e", "09:00", "12:00", summary="Other words")
    assert world.waiting() == 0


def test_new_hours_settle_the_conversations_of_the_account(world, grace):
    accounts.put_rule(world.dc, grace, rule("Etc/UTC", "tuesday 09:00-17:00"))
    talk = world.open(auto(grace, managed_availability=True))
    accounts.put_rule(world.dc, grace, rule("Etc/UTC", "monday 10:00-17:00", name="more"))
    world.work()
    assert world.talk(talk).chosen == TEN


def test_hours_that_are_deleted_open_the_account_again(world, grace):
    accounts.put_rule(world.dc, grace, rule("Etc/UTC", "tuesday 09:00-17:00"))
    talk = world.open(auto(grace, managed_availability=True))
    accounts.delete_rule(world.dc, grace, "work")
    world.work()
    assert world.talk(talk).chosen == NINE


def test_a_new_available_period_settles_the_conversations_of_the_account(world, grace):
    accounts.put_period(world.dc, grace, AvailablePeriod("p", period("20:00", "21:00")))
    talk = world.open(auto(grace, managed_availability=True))
    assert world.statuses(talk) == ["waiting"]
    accounts.put_period(world.dc, grace, AvailablePeriod("q", period("11:00", "12:00")))
    world.work()
    assert world.talk(talk).chosen == ELEVEN


def test_without_managed_availability_hours_do_not_matter(world, grace):
    accounts.put_rule(world.dc, grace, rule("Etc/UTC", "tuesday 09:00-17:00"))
    assert world.talk(world.open(auto(grace))).chosen == NINE


def test_hours_that_close_undo_a_choice(world, grace):
    talk = world.open(chooser(grace, managed_availability=True), guest())
    world.select(talk, 1, "09:00")
    accounts.put_rule(world.dc, grace, rule("Etc/UTC", "monday 10:00-17:00"))
    world.work()
    assert world.statuses(talk) == ["needs_action", "needs_action"]
    assert world.happened(talk) == ["created", "selected", "cleared"]


def test_a_rule_for_another_calendar_lets_events_of_this_one_be(world, grace):
    world.put(grace, "e", "09:00", "10:00")
    weekly = rule("Etc/UTC", "monday 09:00-17:00", calendar_ids=("cal_other",))
    accounts.put_rule(world.dc, grace, weekly)
    assert world.talk(world.open(auto(grace, managed_availability=True))).chosen == NINE


def test_booked_time_counts_even_where_a_rule_names_other_calendars(world, grace):
    world.open(auto(grace))
    accounts.put_rule(world.dc, grace, rule("Etc/UTC", "monday 09:00-17:00", calendar_ids=("cal_other",)))
    assert world.talk(world.open(auto(grace, managed_availability=True))).chosen == TEN


def test_a_booking_settles_the_other_conversations_of_its_accounts(world, grace):
    waiting = world.open(chooser(grace), guest())
    world.select(waiting, 0, "10:00")
    agreed = world.open(auto(grace), guest())
    world.select(agreed, 1, "10:00")
    world.work()
    assert world.statuses(waiting) == ["needs_action", "needs_action"]
    assert world.talk(agreed).chosen == TEN


def test_two_applications_share_the_time_of_one_account(world, grace):
    other = world.application()
    theirs = world.grant(grace.sub, other)
    first = world.open(auto(grace))
    second = world.open(auto(theirs), app=other)
    assert [world.talk(one).chosen for one in (first, second)] == [NINE, TEN]
    world.work()
    assert sorted(world.blocking(grace)) == [period("09:00", "10:00"), period("10:00", "11:00")]


def test_two_applications_cannot_agree_on_one_time_of_one_account(world, grace):
    other = world.application()
    mine = world.open(auto(grace), guest())
    theirs = world.open(auto(world.grant(grace.sub, other)), guest(), app=other)
    world.select(mine, 1, "10:00")
    with pytest.raises(SlotsTaken) as refusal:
        world.select(theirs, 1, "10:00")
    assert [one.start for one in refusal.value.slots] == [NINE, ELEVEN]
    assert world.booked(grace) == [period("10:00", "11:00")]
    assert world.select(theirs, 1, "11:00").chosen == ELEVEN


def test_a_conversation_that_waits_in_one_application_is_settled_by_the_other(world, grace):
    other = world.application()
    theirs = world.grant(grace.sub, other)
    world.put(theirs, "e", "09:00", "12:00")
    talk = world.open(auto(grace))
    world.delete(theirs, "e")
    world.work()
    assert world.talk(talk).chosen == NINE


def test_rules_of_another_application_do_not_count(world, grace):
    theirs = world.grant(grace.sub, world.application())
    accounts.put_rule(world.dc, theirs, rule("Etc/UTC", "tuesday 09:00-17:00"))
    assert world.talk(world.open(auto(grace, managed_availability=True))).chosen == NINE


def test_the_loser_of_a_slot_is_told_the_fresh_ones(world, grace):
    talk = world.open(auto(grace), guest())
    assert world.listed(talk, 1) == [NINE, TEN, ELEVEN]
    world.put(grace, "e", "09:00", "09:40")
    with pytest.raises(SlotsTaken) as refusal:
        world.select(talk, 1, "09:00")
    assert [one.start for one in refusal.value.slots] == world.listed(talk, 1) == [at("09:45"), at("10:45")]
    assert world.happened(talk) == ["created"]


def test_what_others_have_chosen_is_listed_to_those_who_choose_next(world):
    talk = world.open(guest("@a"), guest("@b"))
    world.select(talk, 0, "09:30")
    assert world.listed(talk, 1) == [NINE, at("09:30"), TEN, ELEVEN]
    assert world.listed(talk, 0) == [NINE, TEN, ELEVEN]


def test_the_listing_is_as_long_as_the_application_may_ask(world):
    world.allow(max_listed_slots=2)
    assert world.listed(world.open(guest())) == [NINE, TEN]


def test_a_complete_conversation_lists_nothing_and_is_never_settled_again(world, grace):
    talk = world.open(auto(grace))
    world.work()
    world.put(grace, "e", "09:00", "12:00")
    world.work()
    assert world.listed(talk) == []
    assert world.talk(talk).chosen == NINE


def test_a_repeat_is_not_kept_in_the_history(world):
    talk = world.open(guest("@a"), guest("@b"))
    world.select(talk, 0, "09:30")
    version = world.talk(talk).version
    world.select(talk, 0, "09:30")
    assert (world.talk(talk).version, world.happened(talk)) == (version, ["created", "selected"])


def test_past_starts_fall_off_with_the_clock(world, clock):
    talk = world.open(guest())
    clock.instant = at("10:10")
    assert world.listed(talk) == [at("10:15")]


def test_after_revocation_an_open_conversation_refuses_choices(world, grace):
    talk = world.open(auto(grace), guest())
    world.revoke(grace)
    with pytest.raises(AccountRevoked):
        world.select(talk, 1, "10:00")
    assert world.listed(talk, 1) == []
    assert world.booked(grace) == []


def test_after_revocation_choices_are_kept_until_the_account_comes_back(world, grace):
    talk = world.open(auto(grace), guest("@a"), guest("@b"))
    world.select(talk, 1, "10:00")
    other = world.grant(grace.sub, world.application())
    world.revoke(grace)
    world.put(other, "e", "09:00", "09:30")
    world.work()
    world.grant(grace.sub, world.app)
    world.work()
    assert world.select(talk, 2, "10:00").chosen == TEN


def test_a_revoked_account_that_waits_goes_on_when_it_comes_back(world, grace):
    other = world.grant(grace.sub, world.application())
    world.put(other, "e", "09:00", "12:00")
    talk = world.open(auto(grace))
    world.revoke(grace)
    world.delete(other, "e")
    world.work()
    assert world.statuses(talk) == ["waiting"]
    world.grant(grace.sub, world.app)
    world.work()
    assert world.talk(talk).chosen == NINE


def test_after_revocation_an_agreed_conversation_still_knows_a_repeat(world, grace):
    talk = world.open(auto(grace), guest())
    world.select(talk, 1, "10:00")
    world.revoke(grace)
    assert world.select(talk, 1, "10:00").chosen == TEN


def test_a_conversation_with_an_account_that_was_revoked_meanwhile_is_not_opened(world, grace):
    world.revoke(grace)
    with pytest.raises(Invalid) as refusal:
        world.open(guest(), auto(grace))
    assert [one.path for one in refusal.value.faults] == ["participants[1]"]


def test_choosing_in_no_conversation_finds_nothing(world):
    with pytest.raises(NotFound):
        world.select("scv_nothing", 0, "10:00")


@pytest.mark.parametrize("address", ["Ünal@Example.org", "ünal@example.org", "ÜNAL@EXAMPLE.ORG"])
def test_an_address_finds_its_account_in_any_case_and_alphabet(world, address):
    unal = world.account("Ünal@Example.org")
    names = mentioned({"participants": [{"email": address}]})
    known = world.dc.db.read(conversations.known_accounts, world.app, names)
    assert list(known.values()) == [unal.account]


def test_accounts_of_other_applications_are_not_known(world, grace):
    names = {("sub", grace.sub), ("email", "grace@example.org"), ("sub", "grace@example.org"), ("email", grace.sub)}
    known, other = world.dc.db.read(conversations.known_accounts, world.app, names), world.application()
    assert known == {("sub", grace.sub): grace.account, ("email", "grace@example.org"): grace.account}
    assert world.dc.db.read(conversations.known_accounts, other, names) == {}


def test_sets_of_slots_of_five_people_meet(world):
    world.allow(max_participants=5, max_selected_slots=3)
    talk = world.open(*(guest(f"@{n}") for n in range(5)))
    for position, clocks in enumerate([("09:00", "10:00", "11:00"), ("10:00", "11:00"), ("11:00", "10:00", "09:30")]):
        world.select(talk, position, *clocks)
    world.select(talk, 3, "11:00")
    assert world.statuses(talk) == ["waiting"] * 4 + ["needs_action"]
    assert world.select(talk, 4, "11:00", "10:00").chosen == ELEVEN


def test_who_created_by_an_account_is_its_creator(world, grace):
    proposal = Proposal((Participant("@a", common_name="A"),), "Etc/UTC", None, None, HOUR, (period("09:00", "12:00"),))
    assert conversations.create(world.dc, grace, proposal).creator == grace.account
