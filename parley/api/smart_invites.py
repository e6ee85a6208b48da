"""Smart Invites: inviting people by iCalendar, and reading how they answer."""

from __future__ import annotations

from typing import Any

from parley import outbound
from parley.actions import smart_invites as actions
from parley.actions.smart_invites import Invited
from parley.core import limits
from parley.core.smart_invite import Method, Recipient
from parley.data_center import DataCenter
from parley.store.database import Transaction
from parley.wire import smart_invites as wire
from parley.wire.exchange import Call, Reply, json_reply
from parley.wire.reading import Fields


def put(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/smart_invites."""
    allowed = dc.settings.outbound_allowed
    wanted = wire.read_wanted(call.json(), lambda url: outbound.is_refused(url, allowed))
    sent = actions.put(dc, call.application().application, wanted)
    told = wire.write_smart_invite(sent.invite, sent.people, is_list=wanted.is_list)
    file = actions.calendar(dc, sent).decode()
    attachments: dict[str, Any] = {"icalendar": file}
    if wanted.method is Method.REMOVE and not wanted.is_list:  # where Ruby's library looks for it
        attachments["removed"] = {"email": sent.people[0].email, "icalendar": file}
    return json_reply({**told, "attachments": attachments})


def read(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/smart_invites."""
    fields = Fields(call.query)
    smart_invite_id = fields.required_text("smart_invite_id", limits.KEY_LENGTH)
    email = fields.required_text("recipient_email", limits.EMAIL_LENGTH).replace(" ", "+")  # as Ruby's library sends it
    with_file = fields.flag("include_ics")
    fields.finish()
    found, replies = dc.db.read(_found, dc, call, smart_invite_id, email)
    told = wire.write_smart_invite(found.invite, found.people, is_list=False)
    told["replies"] = [wire.write_recipient(one) for one in replies]
    file = {"attachments": {"icalendar": actions.calendar(dc, found).decode()}} if with_file else {}
    return json_reply({**told, **file})


def _found(tx: Transaction, dc: DataCenter, call: Call, invite_id: str, email: str) -> tuple[Invited, list[Recipient]]:
    found = actions.status(tx, dc, invite_id, call.application().application, email)
    return found, actions.replies(tx, found)
