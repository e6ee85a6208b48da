"""Applications: creating them, their limits and their secrets."""

from __future__ import annotations

from dataclasses import dataclass, replace

from parley.core import limits
from parley.core.access import digest
from parley.data_center import DataCenter
from parley.store import applications
from parley.store.applications import Application, Secret
from parley.store.database import Transaction


class Impossible(Exception):  # noqa: N818
    """What the operator asked for cannot be done; the message says why."""


@dataclass(frozen=True, slots=True)
class NewSecret:
    """An application with a secret that was just made and is told this once."""

    application: Application
    client_secret: str


def create(dc: DataCenter, name: str, redirect_uris: tuple[str, ...] = ()) -> NewSecret:
    """Add an application with a first secret."""
    application = Application(dc.new_id(""), name, dc.now(), redirect_uris)
    text, secret = _new_secret(dc)

    def record(tx: Transaction) -> None:
        applications.insert(tx, application)
        applications.add_secret(tx, application.id, secret)

    dc.db.write(record)
    return NewSecret(application, text)


def _new_secret(dc: DataCenter) -> tuple[str, Secret]:
    text = dc.new_token("psk_")
    return text, Secret(digest(text), dc.seal(text), dc.now())


def set_limits(dc: DataCenter, client_id: str, changed: dict[str, int]) -> Application:
    """Change some limits of an application; raises Impossible."""

    def record(tx: Transaction) -> Application:
        application = _locked(tx, client_id)
        merged = replace(application.limits, **changed)
        if faults := limits.faults(merged):
            raise Impossible("; ".join(faults))
        applications.set_limits(tx, client_id, merged)
        return replace(application, limits=merged)

    return dc.db.write(record)


def rotate_secret(dc: DataCenter, client_id: str, overlap: int) -> NewSecret:
    """Give the application a new secret; those it has end after `overlap` seconds. Raises Impossible."""
    text, secret = _new_secret(dc)

    def record(tx: Transaction) -> Application:
        application = _locked(tx, client_id)
        applications.expire_secrets(tx, client_id, dc.now() + overlap)
        applications.add_secret(tx, client_id, secret)
        return application

    return NewSecret(dc.db.write(record), text)


def retire_secret(dc: DataCenter, client_id: str) -> int:
    """End every secret of the application but the newest; how many. Raises Impossible."""

    def record(tx: Transaction) -> int:
        _locked(tx, client_id)
        newest = applications.secrets(tx, client_id, dc.now())[0]
        return applications.expire_all_but(tx, client_id, newest.digest, dc.now())

    return dc.db.write(record)


def _locked(tx: Transaction, client_id: str) -> Application:
    """As `existing`; nobody else changes the application or its secrets before the transaction ends."""
    return _known(applications.lock(tx, client_id), client_id)


def existing(tx: Transaction, client_id: str) -> Application:
    """The application of this client id; raises Impossible."""
    return _known(applications.find(tx, client_id), client_id)


def _known(application: Application | None, client_id: str) -> Application:
    if application is None:
        raise Impossible(f"there is no application {client_id}; parley application list names them")
    return application
