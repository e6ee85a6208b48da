"""Rules about time: what stands in the calendars, what is booked, and that nobody is in two meetings at once.

Each rule takes a run and yields a sentence for everything that must not be. The events of one id are written by one
client alone, call after call, so what may stand there follows from that client's calls. After an acknowledged write
there is what it says, or what a call of unknown outcome says that can still have come later.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from tests.faults.history import FOREVER, Booking, Content, EventKey, Kind, Operation, Outcome, Run, StoredEvent, Talk

DAY = 86400


def events_of_agreements(run: Run) -> Iterator[str]:
    """A complete conversation has exactly one event for each participant with an account, all with one UID.

    Nobody else has one, and where it was not changed by the application it is at the agreed time.
    """
    found: dict[tuple[str, str], list[StoredEvent]] = defaultdict(list)
    for event in run.final.events:
        if talk_id := _conversation_of(event):
            found[talk_id, event.account].append(event)
    for (talk_id, account), events in found.items():
        if complaint := _complaint(run, talk_id, account, events):
            yield f"{account} {complaint}"
    for talk in run.final.talks:
        if talk.chosen is not None:
            missing = [one for one in talk.accounts if one and (talk.id, one) not in found]
            if missing:
                yield f"{talk.id} is complete, and {missing} have no event of it"


def _complaint(run: Run, talk_id: str, account: str, events: Sequence[StoredEvent]) -> str | None:
    talk, event = run.talks.get(talk_id), events[0]
    if talk is None or talk.chosen is None or account not in talk.accounts:
        return f"has an event of {talk_id}, which has not agreed on anything with them"
    if len(events) > 1:
        return f"has {len(events)} events of {talk_id}"
    changes = touched(run, talk, account)
    was_deleted = any(one.content is None for one in changes)  # what is put under its id later is another event
    if not was_deleted and (event.uid, event.event_id) != (f"{talk_id}@parley", talk_id):
        return f"has an event of {talk_id} that is called {event.uid}, {event.event_id}"
    if not changes and (event.deleted or event.content != agreed_content(talk)):
        return f"has the event of {talk_id} as {event}, not {agreed_content(talk)}"
    return None


def _conversation_of(event: StoredEvent) -> str | None:
    named = (event.event_id, event.uid.removesuffix("@parley"))
    return next((one for one in named if one.startswith("scv_")), None)


def agreed_content(talk: Talk) -> Content | None:
    """What an agreement's event says before anybody changes it."""
    return None if talk.chosen is None else Content(talk.subject, talk.chosen, talk.chosen + talk.duration)


def touched(run: Run, talk: Talk, account: str) -> list[Operation]:
    """The calls that have changed the event of an agreement, or may have."""
    return [one for one in run.writes.get((account, talk.application, talk.id), ()) if one.outcome != Outcome.REFUSED]


def contents(run: Run) -> Iterator[str]:
    """Every event is as the last acknowledged call left it, or as one of unknown outcome did that can be later."""
    standing = {event.key: event.content for event in run.final.events if not event.deleted}
    for key in run.writes.keys() | standing.keys():
        possible = possible_contents(run.writes.get(key, ()), _first_content(run, key))
        if standing.get(key) not in possible:
            calls = [f"{one.number} {one.outcome} {one.content}" for one in run.writes.get(key, ())[-5:]]
            yield f"{key} is {standing.get(key)}, and should be one of {possible}; the last calls: {calls}"


def _first_content(run: Run, key: EventKey) -> Content | None:
    talk = run.talks.get(key[2])
    return agreed_content(talk) if talk and key[0] in talk.accounts and key[1] == talk.application else None


def possible_contents(writes: Sequence[Operation], first: Content | None) -> list[Content | None]:
    """What can stand there after these calls of one client, given what stood there before."""
    done = [one for one in writes if one.outcome is Outcome.OK]
    since = done[-1].began if done else -FOREVER
    last = done[-1].content if done else first
    return [last, *(one.content for one in writes if one.outcome is Outcome.UNKNOWN and one.until > since)]


def pages(run: Run) -> Iterator[str]:
    """A client that reads its events finds them as its own calls left them."""
    by_day: dict[tuple[str, str | None, str | None, int], list[EventKey]] = defaultdict(list)
    for key, writes in run.writes.items():
        for day in {one.content.start // DAY for one in writes if one.content}:
            by_day[writes[0].client, key[0], key[1], day].append(key)
    for one in run.of(Kind.EVENTS):
        if one.page is not None:
            for key in by_day[one.client, one.account, one.application, one.page.window[0] // DAY]:
                yield from _misread(run, one, key)


def _misread(run: Run, reading: Operation, key: EventKey) -> Iterator[str]:
    page = reading.page
    if page is None or key[2] in run.talks:  # an agreement's event comes when the worker has written it
        return
    possible = possible_contents([one for one in run.writes[key] if one.began < reading.began], None)
    shown = page.contents.get(key[2])
    hidden = not page.all_of_them or any(one is None or not _inside(one, page.window) for one in possible)
    if shown not in possible and not (shown is None and hidden):
        yield f"operation {reading.number} read {key} as {shown}, and it should be one of {possible}"


def _inside(content: Content, window: tuple[int, int]) -> bool:
    return content.start < window[1] and window[0] < content.end


def bookings(run: Run) -> Iterator[str]:
    """Each account of an agreement is booked once, for the agreed time; nothing else is booked.

    A booking ends when the agreement's event is moved or deleted, and stands while nobody does that.
    """
    expected = Counter(
        (one, talk.id, talk.chosen, talk.chosen + talk.duration)
        for talk in run.final.talks
        if talk.chosen is not None
        for one in talk.accounts
        if one
    )
    found = Counter((one.account, one.conversation, one.start, one.end) for one in run.final.bookings)
    for missing in expected - found:
        yield f"{missing} was agreed and is not booked"
    for extra in found - expected:
        yield f"{extra} is booked and was not agreed"
    for booking in run.final.bookings:
        if booking.conversation in run.talks:
            yield from _wrongly_released(run, booking)


def _wrongly_released(run: Run, booking: Booking) -> Iterator[str]:
    changes = touched(run, run.talks[booking.conversation], booking.account)
    if booking.released and not changes:
        yield f"{booking} was released, and nobody has changed its event"
    done = [one for one in changes if one.outcome is Outcome.OK and not _takes(one.content, booking)]
    if done and not booking.released:
        yield f"{booking} stands, and operation {done[0].number} has taken its event away"


def _takes(content: Content | None, booking: Booking) -> bool:
    return content is not None and (content.start, content.end) == (booking.start, booking.end)


def no_overlap(run: Run) -> Iterator[str]:
    """No two bookings of one account overlap, and no two agreements whose events stand where they were put."""
    standing = [one for one in run.final.bookings if not one.released]
    agreed = [
        Booking(account, talk.id, talk.chosen, talk.chosen + talk.duration)
        for talk in run.final.talks
        if talk.chosen is not None
        for account in talk.accounts
        if account and not touched(run, talk, account)
    ]
    for what, taken in (("booked", standing), ("agreed", agreed)):
        for first, second in _overlapping(taken):
            yield f"{first.account} is {what} twice: {first} and {second}"


def _overlapping(taken: Iterable[Booking]) -> Iterator[tuple[Booking, Booking]]:
    ordered = sorted(taken, key=lambda one: (one.account, one.start, one.end))
    return ((one, two) for one, two in pairwise(ordered) if one.account == two.account and two.start < one.end)


def free_when_agreed(run: Run) -> Iterator[str]:
    """Nobody is agreed upon for time that an event of theirs took, from before the agreement until after it."""
    taken = _surely_taken(run)
    for talk in run.final.talks:
        if talk.chosen is None:
            continue
        after, before = _when_agreed(run, talk)
        slot = (talk.chosen, talk.chosen + talk.duration)
        for account in talk.accounts:
            for content, since, until, number in taken[account or "", talk.chosen // DAY]:
                if since <= after and before <= until and _inside(content, slot):
                    yield f"{talk.id} took {slot} of {account}, which had {content} then (operation {number})"


def _when_agreed(run: Run, talk: Talk) -> tuple[float, float]:
    """Between which moments the agreement came about, as far as answers tell."""
    calls = run.by_talk.get(talk.id, ())
    still_open = [one.began for one in calls if one.seen and not one.seen.complete]
    complete = [one.ended for one in calls if one.seen and one.seen.complete]
    opened = [one.began for one in calls if one.kind is Kind.CREATE]
    after = max([*still_open, *opened[:1], *_first_choices(talk, calls)], default=-FOREVER)
    return after, min(complete, default=FOREVER)


def _first_choices(talk: Talk, calls: Sequence[Operation]) -> Iterator[float]:
    """When each of those who select can have selected the agreed slot for the first time."""
    for position, automatic in enumerate(talk.automatic):
        if not automatic:
            theirs = (one for one in calls if one.position == position and talk.chosen in one.starts)
            yield min((one.began for one in theirs if one.outcome is not Outcome.REFUSED), default=-FOREVER)


Taken = tuple[Content, float, float, int]  # what an event says, since when and until when it surely said it, who wrote


def _surely_taken(run: Run) -> dict[tuple[str, int], list[Taken]]:
    found: dict[tuple[str, int], list[Taken]] = defaultdict(list)
    for key, writes in run.writes.items():
        doubt = -FOREVER  # until when a call of unknown outcome can still change the event
        for at, one in enumerate(writes):
            if one.outcome is Outcome.UNKNOWN:
                doubt = max(doubt, one.until)
            following = writes[at + 1].began if at + 1 < len(writes) else FOREVER
            if one.outcome is Outcome.OK and one.content and doubt <= one.began:
                for day in {one.content.start // DAY, (one.content.end - 1) // DAY}:
                    found[key[0], day].append((one.content, one.ended, following, one.number))
    return found
