"""The command line."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import pydantic
import typer

from parley import data_center, progress
from parley.actions import accounts as account_actions
from parley.actions import applications as application_actions
from parley.actions import outbox as outbox_actions
from parley.actions.applications import Impossible, NewSecret
from parley.core import limits, zones
from parley.core.errors import Unavailable
from parley.core.limits import DAY, HOUR, MINUTE
from parley.data_center import CannotStart, DataCenter
from parley.mail_commands import mail
from parley.settings import Settings, complaints
from parley.store import applications, outbox
from parley.store.applications import Application
from parley.wire.reading import EMAIL, URL
from parley.wire.writing import time_text

if TYPE_CHECKING:
    from parley.backup import Manifest

app = typer.Typer(
    help="Parley carries a scheduling conversation until a time is agreed. Settings are PARLEY_* variables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
application = typer.Typer(help="Applications that may open conversations, and their secrets.", no_args_is_help=True)
account = typer.Typer(help="Accounts: people with a calendar of our own.", no_args_is_help=True)
messages = typer.Typer(help="Messages that wait to be carried out, and those that were given up.", no_args_is_help=True)
app.add_typer(application, name="application")
app.add_typer(account, name="account")
app.add_typer(messages, name="outbox")
app.add_typer(mail, name="mail")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]
BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]
ClientId = Annotated[str, typer.Argument(metavar="ID", help="The application's client id.")]
LISTED = 1000  # messages
UNITS = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY}


def main() -> None:
    """Run a command; what cannot be done ends with one line on standard error and status 1."""
    try:
        app()
    except (CannotStart, Impossible) as refusal:
        _end(str(refusal))
    except Unavailable:
        _end("the database cannot be used now: another process keeps it, or its disk is full or read-only; try again")
    except pydantic.ValidationError as refusal:
        _end("; ".join(complaints(refusal)))


def _end(why: str) -> NoReturn:
    print(f"parley: {why}", file=sys.stderr)
    sys.exit(1)


def _opened() -> DataCenter:
    return data_center.opened(Settings())


def _show(told: Any, text: Callable[[], str], *, as_json: bool) -> None:
    print(json.dumps(told) if as_json else text(), flush=True)


def _lines(**facts: object) -> str:
    width = max(len(name) for name in facts)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in facts.items())


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.", min=0, max=65535)] = 8000,
    processes: Annotated[int, typer.Option(help="How many processes serve; above 1 with PostgreSQL only.", min=1)] = 1,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Leave the outbox to parley work.")] = False,
    sample: Annotated[bool, typer.Option("--demo", help="Open a sample conversation once the service is up.")] = False,
) -> None:
    """Run the service: API, pages and worker in one process."""
    from parley import service  # not above: the other commands start in half the time without a web server

    serving = service.Serving(processes=processes, worker=not no_worker, sample=sample)
    service.run(Settings(), host, port, serving)


@app.command()
def work() -> None:
    """Run one more worker beside parley serve, on this machine or another; needs PostgreSQL."""
    from parley import service

    service.work(Settings())


@app.command()
def migrate() -> None:
    """Bring the database up to date; serve does the same when it starts."""
    steps: list[str] = []
    with progress.shown("migrate") as shown:

        def tell(step: str) -> None:
            steps.append(step)
            shown(step)

        dc = data_center.opened(Settings(), tell=tell)
    print(f"applied {', '.join(dict.fromkeys(steps))}" if steps else "nothing was missing")
    print(f"{dc.db.name} is up to date: {', '.join(dc.db.migrated())}")


@app.command()
def backup(file: BackupFile) -> None:
    """Write the database and the key into one new file; the service may be running."""
    from parley import backup as backups

    os.nice(10)  # the service goes first
    with progress.shown("backup") as tell:
        made = backups.made(Settings(), file, tell)
    print(f"{file} holds {_amounts(made)}, and the key: keep it as safe as the installation")


@app.command()
def restore(file: BackupFile) -> None:
    """Put a backup back, in a place where there is no database, no key and no other file."""
    from parley import backup as backups

    settings = Settings()
    with progress.shown("restore") as tell:
        made = backups.restored(settings, file, tell)
    print(f"restored {_amounts(made)}, as of {time_text(made.taken_at)}; parley serve starts it")
    if made.data_center != settings.data_center:
        print(f"it was called {made.data_center}: set PARLEY_DATA_CENTER={made.data_center} before", file=sys.stderr)


def _amounts(made: Manifest) -> str:
    rows = {table.name: table.rows for table in made.contents.tables}
    return ", ".join(f"{rows[name]:,} {name}" for name in ("applications", "accounts", "conversations"))


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check the installation, and say what is wrong and what to do; the status is 1 when something is wrong."""
    from parley import doctor as checks
    from parley.doctor import finding

    found = []
    for one in checks.examined(Settings()):
        found.append(one)
        if not as_json:
            print(finding.text(one), flush=True)
    wrong = [one.check for one in found if one.level is finding.Level.WRONG]
    told = {"well": not wrong, "checks": [asdict(one) for one in found]}
    _show(told, lambda: f"wrong: {', '.join(wrong)}" if wrong else "nothing is wrong", as_json=as_json)
    raise typer.Exit(1 if wrong else 0)


@app.command("demo")
def open_demo() -> None:
    """Open a sample conversation on the running service and print its links and three curl lines."""
    from parley import demo

    dc = _opened()
    print(demo.opened(dc, dc.base_url), flush=True)


@application.command("create")
def create_application(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    redirect_uri: Annotated[
        list[str] | None, typer.Option(help="Where people may be sent back to; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add an application and print its client id and client secret, which is shown this once."""
    uris = tuple(redirect_uri or ())
    if wrong := [uri for uri in uris if not URL.fullmatch(uri)]:
        raise typer.BadParameter(f"{wrong[0]} is not an http or https URL", param_hint="--redirect-uri")
    _show_secret(application_actions.create(_opened(), name, uris), as_json=as_json)


def _show_secret(made: NewSecret, *, as_json: bool) -> None:
    told = {"client_id": made.application.id, "client_secret": made.client_secret}
    _show(told, lambda: _lines(**told), as_json=as_json)


@application.command("list")
def list_applications(as_json: AsJson = False) -> None:
    """List the applications, oldest first."""
    found = _opened().db.read(applications.every)
    told = [{"client_id": one.id, "name": one.name, "created": time_text(one.created_at)} for one in found]
    rows = [f"{one['client_id']}  {one['created']}  {one['name']}" for one in told]
    _show(
        told, lambda: "\n".join(rows) or "no application yet; parley application create NAME adds one", as_json=as_json
    )


@application.command("show")
def show_application(client_id: ClientId, as_json: AsJson = False) -> None:
    """Show an application with all its limits."""
    dc = _opened()
    found = dc.db.read(application_actions.existing, client_id)
    _show_application(found, len(dc.db.read(applications.secrets, client_id, dc.now())), as_json=as_json)


def _show_application(found: Application, secrets: int, *, as_json: bool) -> None:
    told = {
        "client_id": found.id,
        "name": found.name,
        "created": time_text(found.created_at),
        "redirect_uris": list(found.redirect_uris),
        "secrets": secrets,
        "limits": asdict(found.limits),
    }
    facts = {**told, **asdict(found.limits), "redirect_uris": " ".join(found.redirect_uris) or "none"}
    facts.pop("limits")
    _show(told, lambda: _lines(**facts), as_json=as_json)


@application.command("set")
def set_application(
    client_id: ClientId,
    changes: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="For example max_participants=10.")],
    as_json: AsJson = False,
) -> None:
    """Change limits of an application; parley application show ID names them all."""
    dc = _opened()
    found = application_actions.set_limits(dc, client_id, dict(_limit(text) for text in changes))
    _show_application(found, len(dc.db.read(applications.secrets, client_id, dc.now())), as_json=as_json)


def _limit(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    if name not in limits.NAMES:
        raise typer.BadParameter(f"{name} is not a limit; there are {', '.join(limits.NAMES)}")
    if not re.fullmatch(r"\d{1,9}", value, re.ASCII):
        raise typer.BadParameter(f"{name} needs a whole number, as in {name}=10")
    return name, int(value)


@application.command("rotate-secret")
def rotate_secret(
    client_id: ClientId,
    overlap: Annotated[str, typer.Option(help="How long the old secrets stay good: 30m, 12h, 7d, or 0.")] = "7d",
    as_json: AsJson = False,
) -> None:
    """Give an application a new secret; the old ones stay good for the overlap."""
    _show_secret(application_actions.rotate_secret(_opened(), client_id, _seconds(overlap)), as_json=as_json)


def _seconds(text: str) -> int:
    found = re.fullmatch(r"(\d{1,5})([smhd])|0", text, re.ASCII)
    if not found:
        raise typer.BadParameter(f"{text} is not a length of time, as in 30m, 12h or 7d", param_hint="--overlap")
    return int(found[1]) * UNITS[found[2]] if found[1] else 0


@application.command("retire-secret")
def retire_secret(client_id: ClientId, as_json: AsJson = False) -> None:
    """End every secret of an application but the newest, at once."""
    retired = application_actions.retire_secret(_opened(), client_id)
    _show({"client_id": client_id, "retired": retired}, lambda: f"retired {retired}", as_json=as_json)


@account.command("create")
def create_account(
    email: Annotated[str, typer.Argument(help="The person's address.")],
    name: Annotated[str | None, typer.Option(help="The person's name.")] = None,
    tzid: Annotated[str, typer.Option(help="The person's time zone.")] = "Etc/UTC",
    as_json: AsJson = False,
) -> None:
    """Add an account with a calendar of our own and print its sub."""
    if not EMAIL.fullmatch(email):
        raise typer.BadParameter(f"{email} is not an e-mail address", param_hint="EMAIL")
    if not zones.is_known(tzid):
        raise typer.BadParameter(f"{tzid} is not a time zone of the IANA database", param_hint="--tzid")
    made = account_actions.create(_opened(), email, name, tzid)
    _show({"sub": made.sub}, lambda: _lines(sub=made.sub), as_json=as_json)


@account.command("grant")
def grant(
    sub: Annotated[str, typer.Argument(help="The account, acc_...")],
    client_id: Annotated[str, typer.Argument(metavar="CLIENT_ID", help="The application that may act for it.")],
    as_json: AsJson = False,
) -> None:
    """Let an application act for an account; prints its access token and refresh token."""
    given = account_actions.grant(_opened(), sub, client_id)
    told = {"access_token": given.access_token, "refresh_token": given.refresh_token}
    _show(told, lambda: _lines(**told), as_json=as_json)


@account.command("authorize")
def authorize(
    sub: Annotated[str, typer.Argument(help="The account, acc_...")],
    client_id: Annotated[str, typer.Argument(metavar="CLIENT_ID", help="The application that may act for it.")],
    redirect_uri: Annotated[str, typer.Option(help="One of the application's redirect URIs.")],
    as_json: AsJson = False,
) -> None:
    """Print a one-time code that the application exchanges for tokens of the account, within ten minutes."""
    told = {"code": account_actions.authorize(_opened(), sub, client_id, redirect_uri)}
    _show(told, lambda: _lines(**told), as_json=as_json)


@messages.command("list")
def list_messages(
    dead: Annotated[bool, typer.Option("--dead", help="Those that were given up, and why.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the messages that wait, the oldest first, or with --dead those that were given up, the newest first."""
    found = _opened().db.read(outbox.dead if dead else outbox.listed, LISTED)
    told = [_message(one) for one in found]
    nothing = "nothing was given up" if dead else "nothing waits"
    rows = [f"{one['put']}  {one['attempts']:>2}  {one['name']}  {_why_it_is_here(one)}".rstrip() for one in told]
    _show(told, lambda: "\n".join(rows) or nothing, as_json=as_json)


def _why_it_is_here(told: dict[str, Any]) -> str:
    """Why it was given up, or until when it waits where that is meant: a reminder is days ahead of its time."""
    later = told.get("due", "") > told["put"]
    return told.get("reason") or (f"not before {told['due']}" if later else "")


def _message(found: outbox.Entry) -> dict[str, Any]:
    """What people see of a message; its document is shown by `show` alone."""
    told = {"name": found.name, "kind": found.kind, "lane": found.lane, "put": time_text(found.put_at)}
    if found.died_at is not None:
        return {**told, "attempts": found.attempts, "given_up": time_text(found.died_at), "reason": found.reason}
    due = {"due": time_text(found.due_at)} if found.due_at else {}
    held = {"held_until": time_text(found.leased_until)} if found.leased_until else {}
    return {**told, "attempts": found.attempts, **due, **held}


@messages.command("show")
def show_message(
    name: Annotated[str, typer.Argument(help="The message's name, as parley outbox list tells it.")],
    as_json: AsJson = False,
) -> None:
    """Show all of a message, its document included."""
    found = _opened().db.read(outbox.named, name)
    if not found:
        raise Impossible(f"there is no message {name}; parley outbox list names them")
    told = [{**_message(one), "document": json.loads(one.document)} for one in found]
    _show(told, lambda: "\n\n".join(_lines(**one) for one in told), as_json=as_json)


@messages.command("retry")
def retry_message(
    name: Annotated[str | None, typer.Argument(help="The message's name, dead or waiting.")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="Every message that was given up.")] = False,
    as_json: AsJson = False,
) -> None:
    """Have messages tried again at once: the one of this name, or with --dead all that were given up."""
    if (name is None) is not dead:
        raise typer.BadParameter("say either a NAME or --dead")
    dc = _opened()
    if name is not None:
        outbox_actions.retry(dc, name)
    tried = [name] if name is not None else outbox_actions.retry_dead(dc, LISTED)
    _show(
        {"retried": tried},
        lambda: "\n".join(f"tried again: {one}" for one in tried) or "nothing was given up",
        as_json=as_json,
    )


if __name__ == "__main__":
    main()
