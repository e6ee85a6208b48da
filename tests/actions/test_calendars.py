"""Events of our own calendars: how long an agreement's booking stands, and delivery that stops half-way."""

import pytest

from parley import worker
from parley.actions import accounts, calendars, conversations
from parley.core.errors import NotFound, SlotsTaken
from parley.core.event import TRANSPARENT, EventChange
from parley.core.limits import OUTBOX_LEASE
from parley.store import outbox
from parley.store.outbox import Task
from tests.actions.conftest import auto, guest
from tests.make import at, period

NINE = period("09:00", "10:00")


@pytest.fixture
def grace(world):
    return world.account()


@pytest.fixture
def agreed(world, grace):
    """The id of a conversation that Grace's account agreed on, from nine to ten; its event is not written yet."""
    return world.open(auto(grace))


def told(world, talk):
    """What its history says of its events."""
    return [one for one in world.happened(talk) if one.startswith("event")]


# Until when a booking stands.


def move(world, grace, talk):
    world.put(grace, talk, "11:00", "12:00")


def shorten(world, grace, talk):
    world.put(grace, talk, "09:00", "09:30")


def make_transparent(world, grace, talk):
    world.put(grace, talk, "09:00", "10:00", transparency=TRANSPARENT)


def delete(world, grace, talk):
    world.delete(grace, talk)


RELEASES = pytest.mark.parametrize(
    ("change", "taken"),
    [
        pytest.param(move, [period("11:00", "12:00")], id="moved"),
        pytest.param(shorten, [period("09:00", "09:30")], id="shortened"),
        pytest.param(make_transparent, [], id="made transparent"),
        pytest.param(delete, [], id="deleted"),
    ],
)


@RELEASES
def test_a_booking_ends_when_its_event_no_longer_takes_its_time(world, grace, agreed, change, taken):
    world.work()
    change(world, grace, agreed)
    assert (world.booked(grace), world.blocking(grace)) == ([], taken)
    assert world.talk(agreed).chosen == at("09:00")


@RELEASES
def test_the_same_before_the_event_was_written_and_nothing_is_written_after(world, grace, agreed, change, taken):
    change(world, grace, agreed)
    world.work()
    assert (world.booked(grace), world.blocking(grace)) == ([], taken)
    assert told(world, agreed) == ["event_written"]
    assert world.waiting() == 0


@RELEASES
def test_the_same_while_a_worker_holds_the_message(world, grace, agreed, change, taken):
    (message,) = world.claim()
    change(world, grace, agreed)
    worker.carry_out(world.dc, message)
    world.work()
    assert (world.booked(grace), world.blocking(grace)) == ([], taken)
    assert told(world, agreed) == ["event_written"]


@pytest.mark.parametrize("first", [True, False], ids=["written", "not written yet"])
def test_a_booking_stands_when_only_the_words_of_its_event_change(world, grace, agreed, first):
    if first:
        world.work()
    world.put(grace, agreed, "09:00", "10:00", summary="New words")
    world.work()
    assert (world.booked(grace), world.event(grace, agreed).summary) == ([NINE], "New words")
    assert told(world, agreed) == ["event_written"]


def test_a_released_booking_lets_another_conversation_have_the_time(world, grace, agreed):
    waiting = world.open(auto(grace), guest())
    world.work()
    with pytest.raises(SlotsTaken):
        world.select(waiting, 1, "09:00")
    world.delete(grace, agreed)
    assert world.select(waiting, 1, "09:00").chosen == at("09:00")
    assert world.booked(grace) == [NINE]


def test_a_released_booking_settles_the_conversations_that_wait_for_its_time(world, grace):
    agreed = [world.open(auto(grace)) for _ in range(3)]
    waiting = world.open(auto(grace))
    assert world.statuses(waiting) == ["waiting"]
    world.delete(grace, agreed[1])
    world.work()
    assert world.talk(waiting).chosen == at("10:00")


def test_another_application_cannot_release_a_booking_by_its_name(world, grace, agreed):
    theirs = world.grant(grace.sub, world.application())
    world.put(theirs, agreed, "20:00", "21:00")
    world.put(theirs, agreed, "21:00", "22:00")
    world.delete(theirs, agreed)
    assert world.booked(grace) == [NINE]
    world.work()
    assert world.event(grace, agreed).period == NINE


def test_one_participants_event_is_not_anothers(world, grace):
    karl = world.account("karl@example.org")
    talk = world.open(auto(grace), auto(karl))
    world.work()
    world.delete(karl, talk)
    assert (world.booked(grace), world.booked(karl)) == ([NINE], [])
    assert world.event(grace, talk).period == NINE


def test_an_event_that_the_application_deleted_is_not_written_again(world, grace, agreed):
    world.work()
    world.delete(grace, agreed)
    world.work()
    assert world.event(grace, agreed) is None


def test_deleting_what_is_not_there_is_a_success_and_settles_nothing(world, grace):
    world.put(grace, "e", "09:00", "12:00")
    world.open(auto(grace))
    world.work()
    world.delete(grace, "nothing")
    assert world.waiting() == 0


def test_a_calendar_of_another_account_is_not_there(world, grace):
    karl = world.account("karl@example.org")
    change = EventChange("e", "Busy", at("09:00"), at("10:00"), {})
    with pytest.raises(NotFound):
        calendars.put_event(world.dc, karl, world.calendar(grace), change)
    with pytest.raises(NotFound):
        calendars.delete_event(world.dc, karl, world.calendar(grace), "e")


# Stopping before and after a delivery and carrying it out again.


def nothing(_world, _message):
    """Stop as soon as the message is claimed."""


def everything(world, message):
    worker.carry_out(world.dc, message)


@pytest.mark.parametrize("done", [nothing, everything], ids=["claimed", "carried out"])
def test_a_worker_that_stops_at_any_step_leaves_one_event_and_one_line_of_history(world, grace, agreed, clock, done):
    (message,) = world.claim()
    done(world, message)
    world.work()  # its lease still holds
    clock.instant += OUTBOX_LEASE
    world.work()
    assert world.blocking(grace) == [NINE]
    assert told(world, agreed) == ["event_written"]
    assert world.waiting() == 0


def test_a_worker_that_comes_back_after_another_took_over_changes_nothing(world, grace, agreed, clock):
    (late,) = world.claim()
    clock.instant += OUTBOX_LEASE
    world.work()
    world.delete(grace, agreed)
    everything(world, late)
    assert world.event(grace, agreed) is None
    assert told(world, agreed) == ["event_written"]


def test_what_the_application_changed_after_the_message_was_claimed_stands(world, grace, agreed):
    (message,) = world.claim()
    world.put(grace, agreed, "11:00", "12:00")
    worker.carry_out(world.dc, message)
    assert world.event(grace, agreed).period == period("11:00", "12:00")


@pytest.mark.parametrize("settled", [0, 1, 2], ids=["none", "one", "both"])
def test_a_settling_that_stops_half_way_is_done_again(world, grace, clock, settled):
    world.put(grace, "e", "09:00", "12:00")
    talks = [world.open(auto(grace)) for _ in range(2)]
    world.delete(grace, "e")
    (message,) = world.claim()
    for talk in talks[:settled]:
        conversations.settle(world.dc, talk)
    world.work()
    clock.instant += OUTBOX_LEASE
    world.work()
    assert message.kind == "settle"
    assert sorted(world.talk(one).chosen for one in talks) == [at("09:00"), at("10:00")]
    assert sorted(world.booked(grace)) == sorted(world.blocking(grace)) == [NINE, period("10:00", "11:00")]
    assert [world.happened(one) for one in talks] == [["created", "agreed", "event_written"]] * 2


def test_a_change_during_settling_settles_again(world, grace):
    world.put(grace, "e", "09:00", "12:00")
    talk = world.open(auto(grace))
    world.put(grace, "e", "09:00", "11:55")
    (message,) = world.claim()
    world.delete(grace, "e")
    worker.carry_out(world.dc, message)
    assert world.waiting() == 2  # the settling that was asked for meanwhile, and the event
    world.work()
    assert (world.talk(talk).chosen, world.waiting()) == (at("09:00"), 0)


def test_an_account_that_was_revoked_is_no_longer_written_and_history_says_so(world, grace, agreed):
    world.revoke(grace)
    world.work()
    assert (world.event(grace, agreed), told(world, agreed), world.waiting()) == (None, ["event_failed"], 0)
    assert world.booked(grace) == [NINE]


def test_a_booking_whose_event_could_not_be_written_ends_when_its_event_is_deleted_after_all(world, grace, agreed):
    world.revoke(grace)
    world.work()
    theirs, further = world.grant(grace.sub, world.application()), world.grant(grace.sub, world.app)
    elsewhere = accounts.add_calendar(world.dc, further, "Further", None).id
    world.delete(theirs, agreed)
    calendars.delete_event(world.dc, further, elsewhere, agreed)
    assert world.booked(grace) == [NINE]
    world.delete(further, agreed)
    assert world.booked(grace) == []


def test_what_is_pending_is_not_written_by_another_applications_call_after_revocation(world, grace, agreed):
    theirs = world.grant(grace.sub, world.application())
    world.revoke(grace)
    world.delete(theirs, agreed)
    assert world.event(grace, agreed) is None
    assert told(world, agreed) == []


def test_a_message_of_an_unknown_kind_is_tried_again_later_and_stops_no_other(world, grace, agreed, clock):
    world.dc.db.write(lambda tx: outbox.put(tx, Task("a", "riddle", "x", "{}"), 0))
    world.work()
    assert told(world, agreed) == ["event_written"]
    assert world.waiting() == 1
    clock.instant += 1
    assert world.claim() == []
    clock.instant += 1
    assert [one.attempts for one in world.claim()] == [2]


def test_an_agreement_replaces_an_event_that_the_application_wrote_under_its_name(world, grace):
    talk = world.open(auto(grace), guest())
    world.put(grace, talk, "20:00", "21:00")
    world.select(talk, 1, "09:00")
    world.work()
    assert world.event(grace, talk).period == NINE
    assert world.event(grace, talk).uid == f"{talk}@parley"
    assert world.blocking(grace) == [NINE]


def test_an_event_belongs_to_who_wrote_it(world, grace):
    theirs = world.grant(grace.sub, world.application())
    world.put(grace, "e", "09:00", "10:00")
    world.put(theirs, "e", "11:00", "12:00")
    world.delete(theirs, "e")
    assert world.blocking(grace) == [NINE]
