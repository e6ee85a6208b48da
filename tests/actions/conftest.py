"""Conversations, accounts and calendars over a real database, without HTTP."""

from dataclasses import dataclass, replace
from functools import partial

import pytest

from parley import worker
from parley.actions import accounts, applications, calendars, conversations
from parley.core.access import AccountCaller, ApplicationCaller
from parley.core.conversation import Method, Participant, Proposal
from parley.core.event import EventChange
from parley.store import accounts as stored_accounts
from parley.store import bookings, events, history, outbox
from parley.store import conversations as stored
from tests.conftest import ENGINES
from tests.mail_server import serving
from tests.make import HOUR, at, period

LEASE = 15
DAY, MORNING = period("00:00", "24:00"), period("09:00", "12:00")


@dataclass
class World:
    """One installation, with what a test does to it and sees of it."""

    dc: object

    def __post_init__(self):
        self.app = self.application()

    def application(self):
        return applications.create(self.dc, "Test").application.id

    def account(self, email="grace@example.org", app=None, tzid="Etc/UTC"):
        made = accounts.create(self.dc, email, None, tzid)
        return self.grant(made.sub, app or self.app)

    def grant(self, sub, app):
        given = accounts.grant(self.dc, sub, app)
        return AccountCaller(app, given.account.key, sub, given.scope)

    def revoke(self, caller):
        secret = applications.rotate_secret(self.dc, caller.application, 0).client_secret
        accounts.revoke(self.dc, caller.application, secret, token=None, sub=caller.sub)

    def open(self, *people, app=None):
        proposal = Proposal(tuple(people), "Etc/UTC", "Roadmap", None, HOUR, (MORNING,))
        return conversations.create(self.dc, ApplicationCaller(app or self.app), proposal).id

    def select(self, talk, position, *clocks):
        starts = [at(one) for one in clocks]
        return conversations.select_slots(self.dc, talk, conversations.Choice(position, starts, "api"))

    def listed(self, talk, position=0):
        found = self.talk(talk)
        slots = self.dc.db.read(lambda tx: conversations.listed(tx, found, position, self.dc.now()))
        return [one.start for one in slots]

    def talk(self, talk):
        return self.dc.db.read(stored.find, talk)

    def statuses(self, talk):
        found = self.talk(talk)
        return [found.status(one).value for one in found.participants]

    def happened(self, talk):
        return [one.change.type.value for one in self.dc.db.read(history.after, talk, 0, 1000)]

    def calendar(self, caller):
        return self.dc.db.read(stored_accounts.calendars, caller.account)[0].id

    def put(self, caller, event_id, start, end, **fields):
        change = EventChange(event_id, fields.pop("summary", "Busy"), at(start), at(end), fields)
        calendars.put_event(self.dc, caller, self.calendar(caller), change)

    def delete(self, caller, event_id):
        calendars.delete_event(self.dc, caller, self.calendar(caller), event_id)

    def event(self, caller, event_id):
        found = self.dc.db.read(events.find, self.calendar(caller), caller.application, event_id)
        return found.event if found else None

    def blocking(self, caller):
        return [one for _, one in self.dc.db.read(events.blocking, caller.account, DAY)]

    def booked(self, caller):
        return self.dc.db.read(bookings.standing, caller.account, DAY)

    def waiting(self):
        return self.dc.db.read(outbox.waiting)

    def claim(self):
        """What a worker would carry out next."""
        lanes = self.dc.db.read(outbox.lanes, self.dc.now(), LEASE)
        claimed = [
            self.dc.db.write(partial(outbox.claim, lane=one, now=self.dc.now(), lease=LEASE, most=20)) for one in lanes
        ]
        return [message for lane in claimed for message in lane]

    def work(self):
        worker.work_off(self.dc)

    def allow(self, **limits):
        applications.set_limits(self.dc, self.app, limits)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Every database."""
    return request.param


@pytest.fixture
def world(dc):
    return World(dc)


def auto(caller, **more):
    """Whoever this account is, by being free."""
    return Participant(sub=caller.sub, common_name=caller.sub, method=Method.AUTO, account=caller.account, **more)


def chooser(caller, **more):
    """Whoever this account is, by choosing."""
    return Participant(sub=caller.sub, common_name=caller.sub, account=caller.account, **more)


def guest(name="@guest"):
    """Somebody without an account."""
    return Participant(participant_id=name, common_name=name)


@pytest.fixture
def post():
    with serving() as one:
        yield one


@pytest.fixture
def mailing(dc, post):
    """An installation that sends mail, and reads answers."""
    return with_mail(dc, post)


def with_mail(dc, post, **more):
    told = {"smtp_url": post.url(), "mail_from": "Parley <parley@example.org>", "mail_authserv_id": "mx", **more}
    return World(replace(dc, settings=dc.settings.model_copy(update=told)))
