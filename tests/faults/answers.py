"""JSON of the wire to what the history keeps, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

from tests.faults.history import Content, Entry, Page, Seen, StoredEvent, Talk
from tests.faults.line import Json
from tests.faults.world import HOUR, Account, Application, Known

MINUTE = 60


def text(instant: int) -> str:
    """An instant as the wire writes it."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(written: str) -> int:
    """An instant that the wire has written."""
    return int(datetime.fromisoformat(written).timestamp())


def starts(slots: Iterable[Json]) -> tuple[int, ...]:
    """The starts of slots, ascending."""
    return tuple(sorted(instant(one["start"]) for one in slots))


def slots_path(conversation: str, position: int) -> str:
    """Where a participant's slots are listed and selected."""
    return f"/v1/scheduling_conversations/{conversation}/participants/{position}/slots"


def proposal(
    chance: Random,
    day: int,
    subject: str,
    duration: int,
    people: Sequence[Account | None],
    automatic: Sequence[bool],
) -> Json:
    """A request to open a conversation between these people (none: somebody without an account) on this day."""
    begin = day + chance.choice((8, 9, 10)) * HOUR
    end = begin + chance.choice((4, 6, 9)) * HOUR
    return {
        "participants": [_person(at, one, auto) for at, (one, auto) in enumerate(zip(people, automatic, strict=True))],
        "tzid": "Etc/UTC",
        "subject": subject,
        "required_duration": {"minutes": duration // MINUTE},
        "available_periods": [{"start": text(begin), "end": text(end)}],
    }


def _person(at: int, account: Account | None, automatic: bool) -> Json:
    who = {"sub": account.sub} if account else {"participant_id": f"guest-{at}"}
    return {**who, "common_name": f"Person {at}", "slots": {"selection_method": "auto" if automatic else "manual"}}


def event(event_id: str, content: Content | None) -> Json:
    """A request to put an event, or to delete it."""
    if content is None:
        return {"event_id": event_id}
    times = {"start": text(content.start), "end": text(content.end)}
    return {"event_id": event_id, "summary": content.summary, **times}


Learn = Callable[[Json], dict[str, Any]]


def nothing(_told: Json) -> dict[str, Any]:
    """From an answer that shows nothing."""
    return {}


def state(told: Json) -> dict[str, Any]:
    """What an answer shows of a conversation's state."""
    return {"seen": Seen(told["status"] == "complete", _chosen(told))}


def _chosen(told: Json) -> int | None:
    return instant(told["chosen_slot"]["start"]) if "chosen_slot" in told else None


def creation(told: Json) -> dict[str, Any]:
    """What the answer to a request for a conversation shows."""
    return {"conversation": told["scheduling_conversation_id"], **state(told)}


def without_state(learn: Learn, key: str | None) -> Learn:
    """The same, without the state where the answer may be one from before."""
    if key is None:
        return learn
    return lambda told: {name: value for name, value in learn(told).items() if name != "seen"}


def history(told: Json) -> dict[str, Any]:
    """The first page of a conversation's history."""
    return {
        "entries": tuple(
            Entry(one["type"], one["participant"], starts(one.get("slots", ()))) for one in told["history"]
        )
    }


def page(told: Json, window: tuple[int, int]) -> dict[str, Any]:
    """An account's events in a window, those of the application."""
    contents = {one["event_id"]: _content(one) for one in told["events"]}
    return {"page": Page(window, contents, told["pages"]["total"] == 1)}


def _content(one: Json) -> Content:
    return Content(one["summary"], instant(one["start"]), instant(one["end"]))


def known(told: Json, application: Application, owner: str, people: Mapping[str, Account], duration: int) -> Known:
    """A conversation as the client that opened it goes on with it."""
    participants = told["participants"]
    methods = [one["slots"]["selection_method"] for one in participants]
    return Known(
        id=told["scheduling_conversation_id"],
        application=application,
        owner=owner,
        accounts=tuple(people.get(one.get("sub", "")) for one in participants),
        choosing=tuple(at for at, method in enumerate(methods) if method == "manual") or (0,),
        links=tuple(one["page_url"].rpartition("/")[2] for one in participants),
        duration=duration,
        chosen=_chosen(told),
    )


def talk(told: Json, application: str) -> Talk:
    """A conversation as it stands."""
    participants = told["participants"]
    return Talk(
        id=told["scheduling_conversation_id"],
        application=application,
        subject=told.get("subject", ""),
        duration=told["required_duration"]["minutes"] * MINUTE,
        accounts=tuple(one.get("sub") for one in participants),
        automatic=tuple(one["slots"]["selection_method"] == "auto" for one in participants),
        selected=tuple(starts(one["slots"].get("selected", ())) for one in participants),
        chosen=_chosen(told),
    )


def stored_event(told: Json, account: str, application: str) -> StoredEvent:
    """One of an application's own events as it stands."""
    return StoredEvent(account, application, told["event_id"], told["event_uid"], _content(told), told["deleted"])
