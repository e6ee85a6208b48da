"""What a recipient of a Smart Invite answers, as the application is told of it."""

import icalendar
import pycronofy

from parley.actions import smart_invites
from parley.core.event import Attendee
from parley.core.reply import Answer
from parley.store import smart_invites as store
from tests.make import SUNDAY_NOON, text

INVITE = {
    "smart_invite_id": "interview-17",
    "recipient": {"email": "karl@example.org"},
    "event": {"summary": "Interview", "start": text("09:00"), "end": text("10:00")},
}


def answered(service, application, status):
    invite = service.dc.db.read(store.find, application.id, "interview-17")
    karl = Attendee("karl@example.org", None, status)
    answer = Answer(invite.uid, (karl,), 0, service.clock.instant)
    assert smart_invites.replied(service.dc, invite.key, answer, "karl@example.org") == "recorded"
    service.work()


def test_an_answer_reaches_the_callback_signed(service, application, receiver):
    sent = application.client.post("/v1/smart_invites", json={**INVITE, "callback_url": receiver.url})
    assert sent.status_code == 200
    assert icalendar.Calendar.from_ical(sent.json()["attachments"]["icalendar"])["METHOD"] == "REQUEST"
    answered(service, application, "accepted")
    answered(service, application, "declined")
    assert receiver.types == ["smart_invite"] * 2
    statuses = [one.told["smart_invite"]["reply"]["status"] for one in receiver.received]
    assert statuses == ["accepted", "declined"]
    library = pycronofy.Client(client_id=application.id, client_secret=application.secret)
    for one in receiver.received:
        assert library.hmac_valid(one.headers["cronofy-hmac-sha256"], one.body.decode())
        assert one.headers["webhook-timestamp"] == str(SUNDAY_NOON)
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 2


def test_a_callback_that_wants_no_more_is_told_of_the_next_answer_all_the_same(service, application, receiver):
    application.client.post("/v1/smart_invites", json={**INVITE, "callback_url": receiver.url})
    receiver.status = 410
    answered(service, application, "accepted")
    receiver.status = 200
    answered(service, application, "tentative")
    assert [one.told["smart_invite"]["reply"]["status"] for one in receiver.received] == ["accepted", "tentative"]
