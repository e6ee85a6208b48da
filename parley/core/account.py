"""Accounts and calendars, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody with calendars; `key` is internal, `sub` what others call it. Application calendars have no email."""

    key: int
    sub: str
    email: str | None
    name: str | None
    tzid: str
    profile_id: str
    created_at: int
    application: str | None = None
    application_calendar_id: str | None = None

    @property
    def profile_name(self) -> str:
        """How its one profile is called: by the address, or by what the application calls its calendar."""
        return self.email or self.application_calendar_id or self.sub


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar of an account."""

    id: str
    account: int
    name: str
    is_primary: bool
    created_at: int
    color: str | None = None
