"""Every number that bounds something."""

from __future__ import annotations

from dataclasses import dataclass, fields

MINUTE, HOUR, DAY = 60, 3600, 86400

BODY_BYTES = 1 << 20
HEAD_BYTES = 1 << 18  # of a request beside its body; addresses end at 64 KiB anyway
REQUEST_SECONDS = 60  # from the first byte of a request to its last
FORM_FIELDS = 1000
BATCH_ENTRIES = 50
FAULTS = 100  # reported in one answer
PAGE_SIZE = 100
LAST_PAGE_SIZE = 1000  # the last page also takes what came after the first one was counted
COUNTED = 5000  # rows of a listing that may be long; counting a million would take longer than reading a page of them
PAGE_TOKEN_SECONDS = 3600

ID_LENGTH = 64  # availability rules, available periods
KEY_LENGTH = 256  # participant_id, common_name, event_id
EMAIL_LENGTH = 254  # RFC 5321 4.5.3.1.3, less the brackets
SUMMARY_LENGTH = 1024
DESCRIPTION_LENGTH = 4096
LOCATION_LENGTH = 512
URL_LENGTH = 2048
NAME_LENGTH = 256

SHORTEST_PERIOD = MINUTE
LONGEST_DURATION = 1440 * MINUTE
START_ALLOWANCE = 60  # a period may have begun this many seconds ago: clocks differ
HORIZON = 201 * DAY  # how far ahead anything is looked at
DELETED_KEPT = 60 * DAY  # how long a deleted event can still be read as such
READ_BACK = 42 * DAY  # events are read from this long ago by default
LONGEST_AVAILABLE_PERIOD = 366 * DAY

WEEKLY_PERIODS = 100  # in one rule
CALENDARS = 100  # of one account
RULES = 100  # of one account and application
AVAILABLE_PERIODS = 2000  # stored, of one account and application
QUERY_GROUPS = 20
QUERY_MEMBERS = 100  # in one group
QUERY_ACCOUNTS = 200  # in all groups together, each counted once
QUERY_PERIODS = 50
QUERY_SLOTS = 512
QUERY_RESULTS = 512

ATTENDEES = 200
REMINDERS = 5
CALENDAR_IDS = 100

ITIP_BYTES = 1 << 18  # of an answer to an invitation
ITIP_LINES = 10_000
ITIP_DEPTH = 10
UID_LENGTH = 255  # RFC 7986 5.3

IDEMPOTENCY_KEY_LENGTH = 255
IDEMPOTENCY_SECONDS = DAY  # how long the answer to a key is kept
IDEMPOTENCY_FORGOTTEN = 4  # answers of earlier days that go whenever one is added

FAILED_LOOKUPS = 50  # tokens that nobody has, from one address in a minute
CALLERS_REMEMBERED = 10_000  # applications, and addresses, whose calls are counted at once

ACCESS_TOKEN_SECONDS = 3600
CODE_SECONDS = 600
CODE_KEPT = DAY  # after that a second use of a code is no longer told from a code that never was
SERVICES = 100  # of one account, or for domains, that one application brings
SERVICE_NOTICE = HORIZON // MINUTE  # the longest minimum_notice_minutes
SERVICE_PAUSE = DAY // MINUTE  # the longest pause_minutes
SERVICE_SECRET_BYTES = 32
SERVICE_SECRET_OVERLAP = DAY  # how long the secret before the newest still signs
SERVICE_RETRIES = (10, 40)  # seconds before a push is tried again; after these the next channel takes over

MAIL_BYTES = 10 << 20  # of one mail that comes in; people quote pictures
MAIL_LINE = 1 << 16  # RFC 5322 2.1.1 says 998, and mail programs do not listen
POLL_SECONDS = 5  # between two looks into the mailbox
POLL_BATCH = 50  # mails that are read at one look
MAILBOX_SECONDS = 20  # for the mailbox's server to answer
OUTBOX_LEASE = 15  # seconds for which a claimed message is nobody else's
OUTBOX_ATTEMPTS = 16  # over some five hours
OUTBOX_BATCH = 20  # messages of one lane that are claimed together

OUTBOUND_SECONDS = 5.0  # from the look-up of a name to the last byte of the answer
OUTBOUND_BYTES = 1 << 16  # of an answer that are read
OUTBOUND_ADDRESSES = 4  # of one name that are tried
OUTBOUND_LOOKUPS = 512  # at once: some last longer than whoever asked has waited, half a minute each

CHANNELS = 128  # of one account and application
DELIVERIES_KEPT = 100  # of one target
DELIVERY_SECONDS = 30 * DAY  # after that one is forgotten when the next comes
FORGOTTEN_AT_ONCE = 10  # deliveries that go when one comes
ATTEMPTS_KEPT = 30  # of one delivery
PUSH_RETRY_AFTER = DAY  # the longest that a receiver is left alone for because it asks for it


@dataclass(frozen=True, slots=True)
class Limits:
    """What one application may ask of a conversation; the defaults are the published ones."""

    max_participants: int = 2
    max_periods_at_creation: int = 10
    max_periods: int = 50
    max_days: int = 35
    max_selected_slots: int = 1
    max_listed_slots: int = 512


NAMES = tuple(one.name for one in fields(Limits))

HIGHEST = Limits(
    max_participants=100,
    max_periods_at_creation=500,
    max_periods=500,
    max_days=201,
    max_selected_slots=512,
    max_listed_slots=5000,
)


def faults(limits: Limits) -> list[str]:
    """Why these limits cannot be used, one sentence each; empty when they can."""
    found = [
        f"{name} must be from 1 to {getattr(HIGHEST, name)}"
        for name in NAMES
        if not 1 <= getattr(limits, name) <= getattr(HIGHEST, name)
    ]
    if limits.max_periods_at_creation > limits.max_periods:
        found.append("max_periods_at_creation must not be more than max_periods")
    return found
