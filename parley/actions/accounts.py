"""Accounts, what applications may do for them, and when they are open."""

from __future__ import annotations

from dataclasses import dataclass, replace

from parley.actions.applications import Impossible, existing
from parley.actions.calendars import settle_later
from parley.core import limits
from parley.core.access import ALL_SCOPES, AccountCaller, digest
from parley.core.account import Account, Calendar
from parley.core.errors import Fault, Invalid, NotFound, OAuthRefused, Unauthorized
from parley.core.hours import AvailabilityRule, AvailablePeriod
from parley.core.periods import EVER
from parley.data_center import DataCenter
from parley.store import accounts, applications, availability, codes, tokens
from parley.store.applications import Application
from parley.store.codes import Code
from parley.store.database import Transaction
from parley.store.tokens import Authorization


@dataclass(frozen=True, slots=True)
class Grant:
    """Tokens that were just given, for an account."""

    account: Account
    access_token: str
    refresh_token: str
    scope: str


def create(dc: DataCenter, email: str, name: str | None, tzid: str) -> Account:
    """Add an account with a calendar of our own; raises Impossible when the address has one.

    The address is kept in lower case, since a database may know the case of ASCII letters only.
    """
    account = _new_account(dc, "acc_", tzid=tzid, email=email.lower(), name=name)

    def record(tx: Transaction) -> None:
        if accounts.by_email(tx, email):
            raise Impossible(f"{email} has an account already")
        _insert(tx, dc, account)

    dc.db.write(record)
    return account


def _new_account(
    dc: DataCenter, prefix: str, *, tzid: str, email: str | None = None, name: str | None = None
) -> Account:
    return Account(
        key=dc.new_key(),
        sub=dc.new_id(prefix),
        email=email,
        name=name,
        tzid=tzid,
        profile_id=dc.new_id("pro_"),
        created_at=dc.now(),
    )


def _insert(tx: Transaction, dc: DataCenter, account: Account) -> None:
    accounts.insert(tx, account)
    primary = Calendar(dc.new_id("cal_"), account.key, "Calendar", is_primary=True, created_at=account.created_at)
    accounts.add_calendar(tx, primary)


def grant(dc: DataCenter, sub: str, client_id: str) -> Grant:
    """Let an application act for an account, with every scope; raises Impossible."""
    access, refresh = dc.new_token("pat_"), dc.new_token("prt_")

    def record(tx: Transaction) -> Grant:
        account, _ = _named(tx, sub, client_id)
        given = Grant(account, access, refresh, " ".join(ALL_SCOPES))
        _authorize(tx, dc, client_id, given)
        return given

    return dc.db.write(record)


def _named(tx: Transaction, sub: str, client_id: str) -> tuple[Account, Application]:
    account = accounts.by_sub(tx, sub)
    if account is None:
        raise Impossible(f"there is no account {sub}; parley account create makes one")
    return account, existing(tx, client_id)


def authorize(dc: DataCenter, sub: str, client_id: str, redirect_uri: str) -> str:
    """A one-time code with which the application can get tokens for the account; raises Impossible."""
    code = dc.new_token("pcd_")

    def record(tx: Transaction) -> None:
        account, application = _named(tx, sub, client_id)
        if redirect_uri not in application.redirect_uris:
            known = ", ".join(application.redirect_uris) or "none"
            raise Impossible(f"{redirect_uri} is no redirect URI of {client_id}; it has {known}")
        expires_at = dc.now() + limits.CODE_SECONDS
        codes.forget(tx, dc.now() - limits.CODE_KEPT)
        codes.insert(tx, Code(digest(code), client_id, account.key, redirect_uri, " ".join(ALL_SCOPES), expires_at))

    dc.db.write(record)
    return code


def exchange(dc: DataCenter, client_id: str, client_secret: str, *, code: str, redirect_uri: str) -> Grant:
    """Tokens for a code that was not used before; raises OAuthRefused."""
    access, refresh = dc.new_token("pat_"), dc.new_token("prt_")

    def record(tx: Transaction) -> Grant | None:
        _refuse_stranger(tx, dc, client_id, client_secret)
        found = codes.lock(tx, client_id, digest(code))
        if found and found.authorization is not None:
            tokens.end(tx, found.authorization, dc.now())  # RFC 6749 4.1.2: used twice, so somebody has stolen it
            return None
        account = accounts.find(tx, found.account) if found else None
        if found is None or account is None or found.redirect_uri != redirect_uri or found.expires_at <= dc.now():
            return None
        given = Grant(account, access, refresh, found.scope)
        codes.use(tx, found.digest, _authorize(tx, dc, client_id, given))
        return given

    given = dc.db.write(record)
    if given is None:
        raise OAuthRefused("invalid_grant")
    return given


def _refuse_stranger(tx: Transaction, dc: DataCenter, client_id: str, client_secret: str) -> None:
    if applications.holder_of(tx, digest(client_secret), dc.now()) != client_id:
        raise OAuthRefused("invalid_client")


def application_calendar(dc: DataCenter, client_id: str, client_secret: str, calendar_id: str) -> Grant:
    """The account behind a calendar that the application names itself; made at first use. Raises Unauthorized."""
    fresh = replace(
        _new_account(dc, "apc_", tzid="Etc/UTC"), application=client_id, application_calendar_id=calendar_id
    )
    access, refresh = dc.new_token("pat_"), dc.new_token("prt_")

    def record(tx: Transaction) -> Grant:
        if applications.holder_of(tx, digest(client_secret), dc.now()) != client_id:
            raise Unauthorized
        account = accounts.by_application_calendar(tx, client_id, calendar_id)
        if account is None:
            _insert(tx, dc, fresh)
        given = Grant(account or fresh, access, refresh, "read_write")
        _authorize(tx, dc, client_id, given)
        return given

    given = dc.db.write(record)
    return given


def _authorize(tx: Transaction, dc: DataCenter, application: str, given: Grant) -> int:
    accounts.lock(tx, [given.account.key])
    refresh = digest(given.refresh_token)
    authorization = Authorization(dc.new_key(), application, given.account.key, refresh, given.scope, dc.now())
    tokens.insert(tx, authorization)
    _add_access_token(tx, dc, authorization.key, given.access_token)
    settle_later(tx, given.account.key, dc.now())  # talks that waited for the account's consent go on
    return authorization.key


def _add_access_token(tx: Transaction, dc: DataCenter, authorization: int, access_token: str) -> None:
    expires_at = dc.now() + limits.ACCESS_TOKEN_SECONDS
    tokens.add_access_token(tx, authorization, digest(access_token), dc.now(), expires_at)


def refresh(dc: DataCenter, client_id: str, client_secret: str, refresh_token: str) -> Grant:
    """A new access token for a refresh token, which stays the same; raises OAuthRefused."""
    access = dc.new_token("pat_")

    def record(tx: Transaction) -> Grant:
        _refuse_stranger(tx, dc, client_id, client_secret)
        found = tokens.by_refresh_token(tx, client_id, digest(refresh_token))
        account = accounts.find(tx, found.account) if found else None
        if found is None or account is None:
            raise OAuthRefused("invalid_grant")
        _add_access_token(tx, dc, found.key, access)
        return Grant(account, access, refresh_token, found.scope)

    return dc.db.write(record)


def revoke(dc: DataCenter, client_id: str, client_secret: str, *, token: str | None, sub: str | None) -> None:
    """End the authorization of a token, or all that the application has for an account; raises OAuthRefused.

    A token or account that is unknown, or has nothing to end, is a success too.
    """

    def record(tx: Transaction) -> None:
        _refuse_stranger(tx, dc, client_id, client_secret)
        if token is not None:
            tokens.revoke(tx, client_id, digest(token), dc.now())
        elif sub is not None and (account := accounts.by_sub(tx, sub)):
            accounts.lock(tx, [account.key])
            tokens.revoke_account(tx, client_id, account.key, dc.now())

    dc.db.write(record)


def revoke_profile(dc: DataCenter, caller: AccountCaller, profile_id: str) -> None:
    """End all that the caller's application may do for the account of this profile; raises NotFound for another's."""

    def record(tx: Transaction) -> None:
        account = accounts.find(tx, caller.account)
        if account is None or account.profile_id != profile_id:
            raise NotFound
        accounts.lock(tx, [account.key])
        tokens.revoke_account(tx, caller.application, account.key, dc.now())

    dc.db.write(record)


def add_calendar(dc: DataCenter, caller: AccountCaller, name: str, color: str | None) -> Calendar:
    """A further calendar of the account; raises Invalid when it has one of this name, or too many."""
    calendar = Calendar(dc.new_id("cal_"), caller.account, name, is_primary=False, created_at=dc.now(), color=color)

    def record(tx: Transaction) -> None:
        accounts.lock(tx, [caller.account])
        there = accounts.calendars(tx, caller.account)
        if any(one.name == name for one in there):
            raise Invalid([Fault("name", "errors.duplicate_calendar_name", "is the name of another calendar")])
        _refuse_more_than(limits.CALENDARS, len(there), "name")
        accounts.add_calendar(tx, calendar)

    dc.db.write(record)
    return calendar


def put_rule(dc: DataCenter, caller: AccountCaller, rule: AvailabilityRule) -> None:
    """Store the rule under its id; raises Invalid when the account has too many."""

    def record(tx: Transaction) -> None:
        accounts.lock(tx, [caller.account])
        others = {one.id for one in availability.rules(tx, caller.application, caller.account)} - {rule.id}
        _refuse_more_than(limits.RULES, len(others), "availability_rule_id")
        availability.put_rule(tx, caller.application, caller.account, rule)
        settle_later(tx, caller.account, dc.now())

    dc.db.write(record)


def delete_rule(dc: DataCenter, caller: AccountCaller, rule_id: str) -> None:
    """Delete a rule; raises NotFound."""

    def record(tx: Transaction) -> None:
        accounts.lock(tx, [caller.account])
        if not availability.drop_rule(tx, caller.application, caller.account, rule_id):
            raise NotFound
        settle_later(tx, caller.account, dc.now())

    dc.db.write(record)


def put_period(dc: DataCenter, caller: AccountCaller, period: AvailablePeriod) -> None:
    """Store the period under its id; raises Invalid when the account has too many."""

    def record(tx: Transaction) -> None:
        accounts.lock(tx, [caller.account])
        stored = availability.count_periods(tx, caller.application, caller.account, EVER)
        if not availability.has_period(tx, caller.application, caller.account, period.id):
            _refuse_more_than(limits.AVAILABLE_PERIODS, stored, "available_period_id")
        availability.put_period(tx, caller.application, caller.account, period)
        settle_later(tx, caller.account, dc.now())

    dc.db.write(record)


def delete_periods(dc: DataCenter, caller: AccountCaller, period_id: str | None) -> None:
    """Delete the period of this id, or with None all of them; what is not there is a success too."""

    def record(tx: Transaction) -> None:
        accounts.lock(tx, [caller.account])
        if period_id is None:
            dropped = availability.drop_periods(tx, caller.application, caller.account)
        else:
            dropped = availability.drop_period(tx, caller.application, caller.account, period_id)
        if dropped:
            settle_later(tx, caller.account, dc.now())

    dc.db.write(record)


def _refuse_more_than(most: int, stored: int, field: str) -> None:
    if stored >= most:
        raise Invalid([Fault(field, "errors.too_many", f"the account has {most} already")])
