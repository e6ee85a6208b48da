"""Accounts, calendars and tokens as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from parley.core import limits
from parley.core.account import Account, Calendar
from parley.wire.reading import NOT_RECOGNIZED, Fields
from parley.wire.writing import present

PROVIDER = "cronofy"  # what the libraries call calendars of the service itself


def write_token(account: Account, access_token: str, refresh_token: str, scope: str) -> dict[str, Any]:
    """A token response (docs/wire.md 4.2)."""
    return present(
        token_type="bearer",  # noqa: S106  (the kind of token, not one)
        access_token=access_token,
        expires_in=limits.ACCESS_TOKEN_SECONDS,
        refresh_token=refresh_token,
        scope=scope,
        account_id=account.sub,
        sub=account.sub,
        linking_profile=_name_profile(account),
        application_calendar_id=account.application_calendar_id,
    )


def write_userinfo(account: Account, calendars: Iterable[Calendar], scope: str) -> dict[str, Any]:
    """Who an access token stands for (docs/wire.md 4.4)."""
    profile = {
        **_write_profile(account),
        "profile_initial_sync_required": False,
        "profile_calendars": [_write_calendar(one) for one in calendars],
    }
    told = present(sub=account.sub, email=account.email, name=account.name, zoneinfo=account.tzid)
    data = {"authorization": {"scope": scope, "status": "active"}, "profiles": [profile]}
    return {**told, "cronofy.type": "account", "cronofy.data": data}


def write_account(account: Account, scope: str) -> dict[str, Any]:
    """The account of an access token (docs/wire.md 4.7)."""
    told = present(account_id=account.sub, email=account.email, name=account.name)
    return {"account": {**told, "default_tzid": account.tzid, "scope": scope}}


def write_profiles(account: Account) -> dict[str, Any]:
    """The profiles of an account, which are one (docs/wire.md 4.7)."""
    return {"profiles": [_write_profile(account)]}


def _write_profile(account: Account) -> dict[str, Any]:
    return {**_name_profile(account), "provider_service": PROVIDER, "profile_connected": True}


def _name_profile(account: Account) -> dict[str, str]:
    return {"provider_name": PROVIDER, "profile_id": account.profile_id, "profile_name": account.profile_name}


@dataclass(frozen=True, slots=True)
class NewCalendar:
    """A calendar that is asked for."""

    name: str
    color: str | None


def read_calendar(values: Mapping[str, Any], profile_id: str) -> NewCalendar:
    """A request for a calendar in this profile (docs/wire.md 5.8), or every complaint as Invalid."""
    fields = Fields(values)
    named = fields.required_text("profile_id", limits.KEY_LENGTH)
    if named and named != profile_id:
        fields.fault("profile_id", NOT_RECOGNIZED, "must be a profile of the account")
    made = NewCalendar(fields.required_text("name", limits.NAME_LENGTH), fields.text("color", limits.KEY_LENGTH))
    fields.finish()
    return made


def write_calendars(account: Account, calendars: Iterable[Calendar]) -> dict[str, Any]:
    """The calendars of an account (docs/wire.md 5.1)."""
    return {"sub": account.sub, "calendars": [write_calendar(account, one) for one in calendars]}


def write_calendar(account: Account, calendar: Calendar) -> dict[str, Any]:
    """A calendar of the account, with the profile it is in."""
    return {**_name_profile(account), **_write_calendar(calendar)}


def _write_calendar(calendar: Calendar) -> dict[str, Any]:
    return present(
        calendar_id=calendar.id,
        calendar_name=calendar.name,
        calendar_readonly=False,
        calendar_deleted=False,
        calendar_primary=calendar.is_primary,
        calendar_color=calendar.color,
        calendar_integrated_conferencing_available=False,
        calendar_attachments_available=False,
        permission_level="sandbox",
    )
