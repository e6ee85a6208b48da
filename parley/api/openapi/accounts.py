"""Tokens, accounts, profiles and calendars as described for machines."""

from __future__ import annotations

from typing import Any

from parley.api.openapi.shapes import (
    ACCEPTED,
    CALENDAR,
    FORMAT,
    GRACE,
    LONG,
    MANY,
    PROFILE,
    REQUIRED,
    UNKNOWN,
    Answer,
    Body,
    Operation,
    Operations,
    Schema,
    array,
    flag,
    one_of,
    record,
    ref,
    text,
)
from parley.core import limits
from parley.core.access import ALL_SCOPES
from parley.wire.accounts import PROVIDER

TOKENS, ACCOUNT, CALENDARS = "Tokens", "Account", "Calendars"
SCOPE = " ".join(ALL_SCOPES)
REFUSALS = ("invalid_request", "invalid_client", "invalid_grant", "unsupported_grant_type")

CLIENT: dict[str, Schema] = {"client_id": text(), "client_secret": text("The API key.")}
PROFILE_FIELDS: dict[str, Schema] = {
    "provider_name": text(),
    "provider_service": text(),
    "profile_id": text(),
    "profile_name": text(),
    "profile_connected": flag(),
}
CALENDAR_FIELDS: dict[str, Schema] = {
    "calendar_id": text(pattern="cal_[0-9a-f]{24}", example=CALENDAR),
    "calendar_name": text(),
    "calendar_readonly": flag(),
    "calendar_deleted": flag(),
    "calendar_primary": flag("Agreements are written into the primary calendar."),
    "calendar_integrated_conferencing_available": flag(),
    "calendar_attachments_available": flag(),
    "permission_level": text("`sandbox`: the application changes its own events only.", example="sandbox"),
}
COLOR: dict[str, Schema] = {"calendar_color": text()}

SCHEMAS: dict[str, Schema] = {
    "CodeExchange": record(
        {
            "grant_type": {"const": "authorization_code"},
            **CLIENT,
            "code": text(f"Good once, for {limits.CODE_SECONDS // 60} minutes."),
            "redirect_uri": text("The one that the code was made for."),
        }
    ),
    "Refresh": record({"grant_type": {"const": "refresh_token"}, **CLIENT, "refresh_token": text()}),
    "Revocation": record(
        CLIENT,
        {
            "token": text("A refresh or an access token; `refresh_token` is another name for it."),
            "sub": text("Ends all that the application has for this account; `token` counts first."),
        },
    ),
    "Token": record(
        {
            "token_type": {"const": "bearer"},
            "access_token": text(),
            "expires_in": {"type": "integer", "description": "Seconds.", "examples": [limits.ACCESS_TOKEN_SECONDS]},
            "refresh_token": text("The same after a refresh."),
            "scope": text("Separated by spaces.", example=SCOPE),
            "account_id": text(),
            "sub": text("The same as `account_id`."),
            "linking_profile": record({"provider_name": text(), "profile_id": text(), "profile_name": text()}),
        },
        {"application_calendar_id": text()},
    ),
    "OAuthError": record({"error": one_of(REFUSALS)}, description="A refusal of OAuth 2.0."),
    "NewApplicationCalendar": record(
        {
            "client_id": text(longest=limits.KEY_LENGTH),
            "client_secret": text("The API key.", longest=limits.KEY_LENGTH),
            "application_calendar_id": text("The application's own name for it.", longest=limits.KEY_LENGTH),
        }
    ),
    "Userinfo": record(
        {
            "sub": text(),
            "zoneinfo": text(),
            "cronofy.type": {"const": "account"},
            "cronofy.data": record(
                {
                    "authorization": record({"scope": text(), "status": {"const": "active"}}),
                    "profiles": array(
                        record(
                            {
                                **PROFILE_FIELDS,
                                "profile_initial_sync_required": flag(),
                                "profile_calendars": array(record(CALENDAR_FIELDS, COLOR)),
                            }
                        )
                    ),
                }
            ),
        },
        {"email": text(), "name": text()},
        "An application calendar has no `email` and no `name`.",
    ),
    "Account": record(
        {"account_id": text(), "default_tzid": text(), "scope": text()}, {"email": text(), "name": text()}
    ),
    "Profile": record(PROFILE_FIELDS),
    "Calendar": record(
        {"provider_name": text(), "profile_id": text(), "profile_name": text(), **CALENDAR_FIELDS}, COLOR
    ),
    "NewCalendar": record(
        {
            "profile_id": text("The profile of the account.", longest=limits.KEY_LENGTH),
            "name": text("No other calendar of the account has it.", longest=limits.NAME_LENGTH),
        },
        {"color": text(longest=limits.KEY_LENGTH)},
    ),
}

ASKING = {"client_id": "$CLIENT_ID", "client_secret": "$API_KEY"}
LINKED = {"provider_name": PROVIDER, "profile_id": PROFILE, "profile_name": "grace@example.org"}
CONNECTED = {"provider_name": PROVIDER, "provider_service": PROVIDER, **LINKED, "profile_connected": True}
TOLD_TOKEN: dict[str, Any] = {
    "token_type": "bearer",
    "access_token": "pat_5Jm0…",
    "expires_in": limits.ACCESS_TOKEN_SECONDS,
    "refresh_token": "prt_Yk2c…",
    "scope": SCOPE,
    "account_id": GRACE,
    "sub": GRACE,
    "linking_profile": LINKED,
}
ROOM = "apc_02d6c8e1f7a94b53860d2e7b"
ROOM_TOKEN = {
    **TOLD_TOKEN,
    "scope": "read_write",
    "account_id": ROOM,
    "sub": ROOM,
    "linking_profile": {**LINKED, "profile_id": "pro_e80a17b3c5d24f69921b4c3d", "profile_name": "room-4"},
    "application_calendar_id": "room-4",
}
TOLD_CALENDAR: dict[str, Any] = {
    "calendar_id": CALENDAR,
    "calendar_name": "Calendar",
    "calendar_readonly": False,
    "calendar_deleted": False,
    "calendar_primary": True,
    "calendar_integrated_conferencing_available": False,
    "calendar_attachments_available": False,
    "permission_level": "sandbox",
}
TRAVEL = {
    **LINKED,
    **TOLD_CALENDAR,
    "calendar_id": "cal_61f0a9d3c2b84e57a1c6d0f2",
    "calendar_name": "Travel",
    "calendar_primary": False,
    "calendar_color": "#49BED8",
}
TOLD_USERINFO = {
    "sub": GRACE,
    "email": "grace@example.org",
    "name": "Grace",
    "zoneinfo": "America/Chicago",
    "cronofy.type": "account",
    "cronofy.data": {
        "authorization": {"scope": SCOPE, "status": "active"},
        "profiles": [{**CONNECTED, "profile_initial_sync_required": False, "profile_calendars": [TOLD_CALENDAR]}],
    },
}
TOLD_ACCOUNT = {
    "account_id": GRACE,
    "email": "grace@example.org",
    "name": "Grace",
    "default_tzid": "America/Chicago",
    "scope": SCOPE,
}
OAUTH = {400: Answer("Refused, with a code of OAuth 2.0.", ref("OAuthError"), {"error": "invalid_grant"})}

OPERATIONS: Operations = {
    ("POST", "/oauth/token"): Operation(
        TOKENS,
        "Exchange a code, or refresh an access token",
        {200: Answer("Tokens. The answer is not to be stored.", ref("Token"), TOLD_TOKEN)},
        body=Body(
            {"anyOf": [ref("CodeExchange"), ref("Refresh")]},
            {"grant_type": "refresh_token", **ASKING, "refresh_token": "$REFRESH_TOKEN"},
        ),
        refused=OAUTH,
    ),
    ("POST", "/oauth/token/revoke"): Operation(
        TOKENS,
        "End what a token stands for",
        {200: Answer("Done; also where there was nothing to end.")},
        "With a refresh token all its access tokens end.",
        body=Body(ref("Revocation"), {**ASKING, "token": "prt_gone"}),
        refused=OAUTH,
    ),
    ("POST", "/v1/application_calendars"): Operation(
        TOKENS,
        "Make or find an application calendar",
        {200: Answer("Tokens for the account behind the calendar.", ref("Token"), ROOM_TOKEN)},
        "The first call with an id makes an account with one calendar; later ones give new tokens for it.",
        body=Body(ref("NewApplicationCalendar"), {**ASKING, "application_calendar_id": "room-4"}),
        faults=(REQUIRED, FORMAT, LONG),
        refused={401: Answer("Wrong credentials.")},
    ),
    ("GET", "/v1/userinfo"): Operation(
        ACCOUNT, "Whom the token stands for", {200: Answer("The account.", ref("Userinfo"), TOLD_USERINFO)}
    ),
    ("GET", "/v1/account"): Operation(
        ACCOUNT,
        "The account",
        {200: Answer("The account.", record({"account": ref("Account")}), {"account": TOLD_ACCOUNT})},
    ),
    ("GET", "/v1/profiles"): Operation(
        ACCOUNT,
        "The profiles of the account",
        {200: Answer("They are one.", record({"profiles": array(ref("Profile"))}), {"profiles": [CONNECTED]})},
    ),
    ("POST", "/v1/profiles/{id}/revoke"): Operation(
        ACCOUNT,
        "End all that the application may do for the account",
        ACCEPTED,
        parameters={"id": text("The profile's id.", example=PROFILE)},
    ),
    ("GET", "/v1/calendars"): Operation(
        CALENDARS,
        "List calendars",
        {
            200: Answer(
                "The account's calendars.",
                record({"sub": text(), "calendars": array(ref("Calendar"), most=limits.CALENDARS)}),
                {"sub": GRACE, "calendars": [{**LINKED, **TOLD_CALENDAR}]},
            )
        },
    ),
    ("POST", "/v1/calendars"): Operation(
        CALENDARS,
        "Create a calendar",
        {200: Answer("The calendar.", record({"calendar": ref("Calendar")}), {"calendar": TRAVEL})},
        body=Body(ref("NewCalendar"), {"profile_id": PROFILE, "name": "Travel", "color": "#49BED8"}),
        faults=(REQUIRED, FORMAT, LONG, MANY, UNKNOWN, "errors.duplicate_calendar_name"),
    ),
}
