"""Conversations by mail alone, over real mail servers: from the question to the invitation and the answer to it."""

from __future__ import annotations

from datetime import UTC

import icalendar
import pytest

from tests.by_mail.houses import postfix_and_dovecot, small
from tests.by_mail.world import KARL, calendar_of, until, world


@pytest.fixture(params=[postfix_and_dovecot, small], ids=["postfix and dovecot", "aiosmtpd and lmtp"])
def by_mail(request, tmp_path):
    """A running Parley, and the people's mailboxes."""
    with request.param() as house, world(house, tmp_path) as one:
        yield one


def types(one, talk):
    return [entry["type"] for entry in one.history(talk)]


def test_a_conversation_runs_from_the_question_to_the_invitation_by_mail_alone(by_mail):
    talk = by_mail.open()
    asked = by_mail.letter("karl", 0)
    assert (asked["Auto-Submitted"], KARL in str(asked["To"])) == ("auto-generated", True)
    by_mail.answer(asked, KARL, "The second one, please.")
    invited = by_mail.letter("karl", 1)
    told = by_mail.conversation(talk)
    assert told["status"] == "complete"
    slots = sorted({one["start"] for one in told["participants"][1]["slots"]["selected"]})
    event = icalendar.Calendar.from_ical(calendar_of(invited)).walk("VEVENT")[0]
    assert [f"{event.start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"] == slots
    assert event["UID"] == f"{talk}@parley"
    by_mail.accept(invited, KARL)
    until(lambda: "replied" in types(by_mail, talk) or None, "the answer to the invitation")
    assert types(by_mail, talk)[:4] == ["created", "asked", "selected", "agreed"]
