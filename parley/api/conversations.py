"""Conversations: create, read, list, look up, slots and history."""

from __future__ import annotations

from typing import Any

from parley.actions import conversations as actions
from parley.actions import services
from parley.actions.conversations import Choice
from parley.api import paged
from parley.api.paged import Listing, Mark
from parley.core import access
from parley.core.access import AccountCaller, ApplicationCaller, ParticipantCaller, Standing
from parley.core.conversation import Conversation, Entry
from parley.core.errors import Forbidden, NotFound
from parley.core.limits import COUNTED, Limits
from parley.core.periods import Period
from parley.data_center import DataCenter
from parley.store import conversations, history
from parley.store.database import Transaction
from parley.wire import conversations as wire
from parley.wire import slots
from parley.wire.exchange import Call, Reply, json_reply
from parley.wire.paging import Page

PATH = "/v1/scheduling_conversations"


def create(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/scheduling_conversations."""
    caller, values = call.application(), call.json()
    known, allowed = dc.db.read(_asked, caller.application, wire.mentioned(values))
    proposal = wire.read_proposal(values, known, allowed, dc.now())
    return _envelope(dc, actions.create(dc, caller, proposal), Standing(owner=True))


def _asked(tx: Transaction, application: str, mentioned: set[wire.Name]) -> tuple[dict[wire.Name, int], Limits]:
    return actions.known_accounts(tx, application, mentioned), actions.limits_of(tx, application)


def read(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/scheduling_conversations/{id}."""
    return _envelope(dc, *dc.db.read(_standing, call))


def _standing(tx: Transaction, call: Call, position: int | None = None) -> tuple[Conversation, Standing]:
    """The conversation, and what the caller is to it, who may act for the participant at `position`.

    Raises NotFound and Forbidden; NotFound also for a service that may not act any more.
    """
    conversation, caller = actions.existing(tx, call.path["id"]), call.anyone()
    if position is None:
        standing = access.standing(caller, conversation)
    else:
        standing = access.acting_for(position, caller, conversation)
    if standing.service is not None:
        services.acting(tx, standing.service)
    return conversation, standing


def list_or_look_up(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/scheduling_conversations: with `token` what it belongs to, without it the caller's conversations."""
    if "token" in call.query:
        return _look_up(dc, call, call.asked("token"))
    return _page(dc, call, paged.first(dc))


def next_page(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/scheduling_conversations/pages/{token}."""
    return _page(dc, call, paged.following(dc, call, PATH))


def _look_up(dc: DataCenter, call: Call, text: str) -> Reply:
    token = access.read_link_token(dc.secret, text)
    if token is None:
        raise NotFound
    conversation = dc.db.read(actions.existing, token.conversation)
    access.standing(ParticipantCaller(*token), conversation)  # a token of an earlier generation finds nothing
    told = _told(dc, conversation, access.standing(call.application(), conversation))
    return json_reply({"participant": told["participants"][token.position], "scheduling_conversation": told})


def _page(dc: DataCenter, call: Call, page: Page) -> Reply:
    caller = call.application()
    listing = _of_account(caller) if isinstance(caller, AccountCaller) else _of_application(caller)
    pages, found = paged.show(dc, call, PATH, page, listing)
    told = [_told(dc, one, access.standing(caller, one)) for one in found]
    return json_reply({"pages": pages, "scheduling_conversations": told})


def _of_application(caller: ApplicationCaller) -> Listing[Conversation]:
    return Listing(
        count=lambda tx: conversations.count_of_application(tx, caller.application, COUNTED),
        rows=lambda tx, mark, most: conversations.of_application(tx, caller.application, _before(mark), most),
        mark=_mark,
    )


def _of_account(caller: AccountCaller) -> Listing[Conversation]:
    return Listing(
        count=lambda tx: conversations.count_of_account(tx, caller.application, caller.account, COUNTED),
        rows=lambda tx, mark, most: conversations.of_account(
            tx, caller.application, caller.account, _before(mark), most
        ),
        mark=_mark,
    )


def _before(mark: Mark | None) -> conversations.Mark:
    return (mark[0], mark[1]) if mark else conversations.LAST


def _mark(conversation: Conversation) -> Mark:
    return conversation.created_at, conversation.id


def list_slots(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/scheduling_conversations/{id}/participants/{position}/slots."""
    position = _position(call)
    return json_reply(slots.write_slots(dc.db.read(_listed, dc, call, position)))


def _listed(tx: Transaction, dc: DataCenter, call: Call, position: int) -> list[Period]:
    conversation, standing = _standing(tx, call, position)
    return actions.listed(tx, conversation, position, dc.now(), standing.service)


def select_slots(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/scheduling_conversations/{id}/participants/{position}/slots."""
    position = _position(call)
    standing, most = dc.db.read(_selecting, call, position)
    starts = slots.read_selection(call.json(), most)
    channel = "api" if standing.service is None else "service"
    saved = actions.select_slots(dc, call.path["id"], Choice(position, starts, channel, service=standing.service))
    return _envelope(dc, saved, standing)


def _selecting(tx: Transaction, call: Call, position: int) -> tuple[Standing, int]:
    conversation, standing = _standing(tx, call, position)
    return standing, actions.limits_of(tx, conversation.application).max_selected_slots


def read_history(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/scheduling_conversations/{id}/history."""
    return _history(dc, call, paged.first(dc))


def next_history_page(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/scheduling_conversations/{id}/history/pages/{token}."""
    return _history(dc, call, paged.following(dc, call, _history_path(call)))


def _history(dc: DataCenter, call: Call, page: Page) -> Reply:
    conversation = dc.db.read(actions.existing, call.path["id"])
    if not access.standing(call.anyone(), conversation).owner:
        raise Forbidden
    listing: Listing[Entry] = Listing(
        count=lambda tx: history.count(tx, conversation.id),
        rows=lambda tx, mark, most: history.after(tx, conversation.id, mark[0] if mark else 0, most),
        mark=lambda entry: (entry.number,),
    )
    pages, entries = paged.show(dc, call, _history_path(call), page, listing)
    return json_reply({"pages": pages, "history": wire.write_history(entries, conversation)})


def _history_path(call: Call) -> str:
    return f"{PATH}/{call.path['id']}/history"


def _position(call: Call) -> int:
    text = call.path["position"]
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise NotFound
    return int(text)


def _told(dc: DataCenter, conversation: Conversation, standing: Standing) -> dict[str, Any]:
    pages = [
        dc.url(f"/c/{dc.participant_token(conversation.id, position, one.generation)}")
        for position, one in enumerate(conversation.participants)
    ]
    return wire.write_conversation(conversation, standing, dc.base_url, pages)


def _envelope(dc: DataCenter, conversation: Conversation, standing: Standing) -> Reply:
    return Reply(body=wire.envelope(_told(dc, conversation, standing)))
