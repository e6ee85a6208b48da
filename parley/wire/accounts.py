"""Accounts, calendars and tokens as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from parley.core import limits
from parley.core.account import Account, Calendar
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
        linking_profile={
            "provider_name": PROVIDER,
            "profile_id": account.profile_id,
            "profile_name": account.profile_name,
        },
        application_calendar_id=account.application_calendar_id,
    )


def write_userinfo(account: Account, calendars: Iterable[Calendar], scope: str) -> dict[str, Any]:
    """Who an access token stands for (docs/wire.md 4.4)."""
    profile = {
        "provider_name": PROVIDER,
        "provider_service": PROVIDER,
        "profile_id": account.profile_id,
        "profile_name": account.profile_name,
        "profile_connected": True,
        "profile_initial_sync_required": False,
        "profile_calendars": [_write_calendar(one) for one in calendars],
    }
    told = present(sub=account.sub, email=account.email, name=account.name, zoneinfo=account.tzid)
    data = {"authorization": {"scope": scope, "status": "active"}, "profiles": [profile]}
    return {**told, "cronofy.type": "account", "cronofy.data": data}


def write_calendars(account: Account, calendars: Iterable[Calendar]) -> dict[str, Any]:
    """The calendars of an account (docs/wire.md 5.1)."""
    whose = {
        "provider_name": PROVIDER,
        "profile_id": account.profile_id,
        "profile_name": account.profile_name,
    }
    return {"sub": account.sub, "calendars": [{**whose, **_write_calendar(one)} for one in calendars]}


def _write_calendar(calendar: Calendar) -> dict[str, Any]:
    return {
        "calendar_id": calendar.id,
        "calendar_name": calendar.name,
        "calendar_readonly": False,
        "calendar_deleted": False,
        "calendar_primary": calendar.is_primary,
        "calendar_integrated_conferencing_available": False,
        "calendar_attachments_available": False,
        "permission_level": "sandbox",
    }
