"""Conversation services: bringing them, listing, ending, new secrets, proving a domain."""

from __future__ import annotations

from parley import outbound
from parley.actions import services as actions
from parley.core.access import AccountCaller
from parley.data_center import DataCenter
from parley.wire import services as wire
from parley.wire.exchange import ACCEPTED, NO_STORE, Call, Reply, json_reply


def create(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/conversation_services."""
    caller, allowed = call.application(), dc.settings.outbound_allowed
    asked = wire.read_service(
        call.json(), lambda url: outbound.is_refused(url, allowed), of_account=isinstance(caller, AccountCaller)
    )
    made = actions.create(dc, caller, asked)
    return json_reply({"conversation_service": wire.write_service(made.service, made.secret)}, NO_STORE)


def list_services(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/conversation_services."""
    found = dc.db.read(actions.listed, call.application())
    return json_reply({"conversation_services": [wire.write_service(one) for one in found]})


def read(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/conversation_services/{id}."""
    service = dc.db.read(actions.existing, call.application(), call.path["id"])
    return json_reply({"conversation_service": wire.write_service(service)})


def delete(dc: DataCenter, call: Call) -> Reply:
    """DELETE /v1/conversation_services/{id}."""
    actions.drop(dc, call.application(), call.path["id"])
    return ACCEPTED


def rotate_secret(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/conversation_services/{id}/rotate_secret."""
    made = actions.rotate_secret(dc, call.application(), call.path["id"])
    return json_reply({"conversation_service": wire.write_service(made.service, made.secret)}, NO_STORE)


def prove(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/conversation_services/{id}/prove."""
    service = actions.prove(dc, call.application(), call.path["id"])
    return json_reply({"conversation_service": wire.write_service(service)})
