"""Tokens: exchange of codes, refresh, revoke, and application calendars. These take their credentials in the body."""

from __future__ import annotations

from typing import Any

from parley.actions import accounts as actions
from parley.actions.accounts import Grant
from parley.core import limits
from parley.core.errors import Invalid, OAuthRefused
from parley.data_center import DataCenter
from parley.wire.accounts import write_token
from parley.wire.exchange import EMPTY, NO_STORE, Call, Reply, json_reply
from parley.wire.reading import Fields


def token(dc: DataCenter, call: Call) -> Reply:
    """POST /oauth/token (RFC 6749 4.1.3 and 6)."""
    values = _oauth_values(call)
    match _text(values, "grant_type"):
        case None:
            raise OAuthRefused("invalid_request")
        case "authorization_code":
            code, redirect_uri = _needed(values, "code"), _needed(values, "redirect_uri")
            return _token_reply(actions.exchange(dc, *_client(values), code=code, redirect_uri=redirect_uri))
        case "refresh_token":
            return _token_reply(actions.refresh(dc, *_client(values), _needed(values, "refresh_token")))
        case _:
            raise OAuthRefused("unsupported_grant_type")


def revoke(dc: DataCenter, call: Call) -> Reply:
    """POST /oauth/token/revoke (RFC 7009); Node's library calls the token `refresh_token`."""
    values = _oauth_values(call)
    named = _text(values, "token") or _text(values, "refresh_token")
    sub = _text(values, "sub")
    if named is None and sub is None:
        raise OAuthRefused("invalid_request")
    actions.revoke(dc, *_client(values), token=named, sub=sub)
    return EMPTY


def application_calendar(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/application_calendars."""
    fields = Fields(call.json())
    client_id = fields.required_text("client_id", limits.KEY_LENGTH)
    client_secret = fields.required_text("client_secret", limits.KEY_LENGTH)
    calendar_id = fields.required_text("application_calendar_id", limits.KEY_LENGTH)
    fields.finish()
    return _token_reply(actions.application_calendar(dc, client_id, client_secret, calendar_id))


def _oauth_values(call: Call) -> dict[str, Any]:
    try:
        return call.json()
    except Invalid as cause:
        raise OAuthRefused("invalid_request") from cause


def _client(values: dict[str, Any]) -> tuple[str, str]:
    return _needed(values, "client_id"), _needed(values, "client_secret")


def _needed(values: dict[str, Any], name: str) -> str:
    text = _text(values, name)
    if text is None:
        raise OAuthRefused("invalid_request")
    return text


def _text(values: dict[str, Any], name: str) -> str | None:
    value = values.get(name)
    return value if isinstance(value, str) and value else None


def _token_reply(given: Grant) -> Reply:
    told = write_token(given.account, given.access_token, given.refresh_token, given.scope)
    return json_reply(told, NO_STORE)
