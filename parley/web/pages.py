"""The pages: a participant's own, by the token in its path, and the one at the service's address.

A GET changes nothing, whoever opens the link. A choice is a POST that names its slots.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from urllib.parse import urlencode

from parley.actions import conversations as actions
from parley.actions.conversations import Choice
from parley.core import access, zones
from parley.core.access import ParticipantCaller, ParticipantToken
from parley.core.conversation import Conversation
from parley.core.errors import AccountRevoked, NotFound, NotYourTurn, Refusal, SlotsTaken, SlotsUnknown
from parley.core.limits import HIGHEST
from parley.core.periods import Period
from parley.data_center import DataCenter
from parley.store.database import Transaction
from parley.web import render
from parley.web.view import Facts, NothingPicked, TooManyPicked, state, view
from parley.wire import invitation
from parley.wire.exchange import Call, Reply
from parley.wire.forms import pairs
from parley.wire.slots import read_slot_id

CALENDAR = "text/calendar; charset=utf-8"
FIELDS = HIGHEST.max_selected_slots + 10  # read from a form


def home(dc: DataCenter, call: Call) -> Reply:
    """GET /: what this service is."""
    return render.page(dc, "home", version=version("parley"), data_center=dc.settings.data_center, base_url=dc.base_url)


def static(dc: DataCenter, call: Call) -> Reply:
    """GET /static/{name}."""
    return render.file(call.path["name"])


def show(dc: DataCenter, call: Call) -> Reply:
    """GET /c/{token}: where the participant's conversation stands. `slot` picks slots, and selects none."""
    picked = [read_slot_id(text) for text in call.asked("slot").split(",", FIELDS)[:FIELDS]]
    try:
        facts = _facts(dc, call, picked)
    except NotFound:
        return _not_valid(dc)
    return _page(dc, call, facts, _Asked(call.asked("zone"), _known(picked)))


def choose(dc: DataCenter, call: Call) -> Reply:
    """POST /c/{token}: the participant chooses the slots of the form; then on to the page that shows it."""
    fields = _form(call.body)
    zone = dict(fields).get("zone", "")
    starts = [read_slot_id(text) for name, text in fields if name == "slot"]
    try:
        _select(dc, _facts(dc, call), starts, zone if zones.is_known(zone) else None)
    except NotFound:
        return _not_valid(dc)
    except (NothingPicked, TooManyPicked, SlotsUnknown, SlotsTaken, NotYourTurn, AccountRevoked) as refusal:
        return _page(dc, call, _facts(dc, call, starts), _Asked(zone, _known(starts), refusal))
    query = f"?{urlencode({'zone': zone}, safe='/')}" if zones.is_known(zone) else ""
    return Reply(303, headers=(*render.PRIVATE, ("Location", _path(dc, call) + query)))


def meeting(dc: DataCenter, call: Call) -> Reply:
    """GET /c/{token}/meeting.ics: the agreed meeting for the participant's calendar."""
    try:
        facts = _facts(dc, call)
    except NotFound:
        return _not_valid(dc)
    conversation = facts.conversation
    if conversation.chosen is None:
        return _not_valid(dc)
    body = invitation.meeting(conversation, conversation.slot(conversation.chosen), facts.now)
    attached = ("Content-Disposition", 'attachment; filename="meeting.ics"')
    return Reply(body=body, content_type=CALENDAR, headers=(*render.PRIVATE, attached))


def failed(dc: DataCenter, status: int, headers: tuple[tuple[str, str], ...]) -> Reply:
    """What a browser shows when a page could not be answered at all."""
    reply = render.page(dc, "failed", status)
    return replace(reply, headers=(*reply.headers, *headers))


def _facts(dc: DataCenter, call: Call, picked: Iterable[int | None] = ()) -> Facts:
    """What is to be known for the token's page; raises NotFound where the token is not, or no longer, good."""
    token = access.read_link_token(dc.secret, call.path["token"])
    if token is None:
        raise NotFound
    return dc.db.read(_found, token, _known(picked), dc.now())


def _found(tx: Transaction, token: ParticipantToken, picked: frozenset[int], now: int) -> Facts:
    conversation = actions.existing(tx, token.conversation)
    access.standing(ParticipantCaller(*token), conversation)
    return Facts(
        conversation=conversation,
        position=token.position,
        slots=_slots(tx, conversation, token.position, picked, now),
        most=actions.limits_of(tx, conversation.application).max_selected_slots,
        connected=not actions.revoked(tx, conversation),
        now=now,
    )


def _slots(
    tx: Transaction, conversation: Conversation, position: int, picked: frozenset[int], now: int
) -> list[Period]:
    """What is listed, and those picked that can be selected although the listing has moved on since they were shown."""
    listed = actions.listed(tx, conversation, position, now)
    missing = picked - {slot.start for slot in listed}
    if not missing or conversation.is_complete:
        return listed
    available = actions.available(tx, conversation, now)
    return sorted([*listed, *(conversation.slot(start) for start in missing if available.is_open(start))])


def _known(starts: Iterable[int | None]) -> frozenset[int]:
    return frozenset(start for start in starts if start is not None)


def _select(dc: DataCenter, facts: Facts, starts: Sequence[int | None], tzid: str | None) -> None:
    if not starts:
        raise NothingPicked
    if len(set(starts)) > facts.most:
        raise TooManyPicked
    actions.select_slots(dc, facts.conversation.id, Choice(facts.position, starts, "page", tzid))


def _form(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form, in order; none where it is not one."""
    try:
        return [(name, value) for name, value in pairs(body.decode(), FIELDS) if value]
    except ValueError:
        return []


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the page is asked for: a zone, if any, what to show as picked, and what was just refused."""

    zone: str
    picked: frozenset[int] = frozenset()
    refusal: Refusal | None = None


def _page(dc: DataCenter, call: Call, facts: Facts, asked: _Asked) -> Reply:
    zone = asked.zone if zones.is_known(asked.zone) else facts.conversation.tzid
    return render.page(
        dc,
        state(facts),
        422 if asked.refusal else 200,
        view=view(facts, zone, asked.picked, asked.refusal),
        path=_path(dc, call),
        may_move=not asked.zone and asked.refusal is None,
    )


def _path(dc: DataCenter, call: Call) -> str:
    return f"{render.root(dc)}/c/{call.path['token']}"


def _not_valid(dc: DataCenter) -> Reply:
    return render.page(dc, "not_valid", 404)
