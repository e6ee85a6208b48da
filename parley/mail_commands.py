"""The commands about mail."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from parley.actions.applications import Impossible
from parley.channels import mail as channel
from parley.letters.trial import trial
from parley.settings import Settings
from parley.wire.reading import EMAIL

HIGHEST_PORT = 65535

mail = typer.Typer(help="Mail: see whether it goes out, and take in what comes.", no_args_is_help=True)


@mail.command("test")
def test(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Where the test mail goes.")],
) -> None:
    """Send one mail and print what the mail server answers, line by line; the status is 1 when it is not taken."""
    if not EMAIL.fullmatch(address):
        raise typer.BadParameter(f"{address} is not an e-mail address", param_hint="ADDRESS")
    settings = Settings()
    if settings.smtp_url is None or settings.mail_from is None:
        raise Impossible("mail is off: set PARLEY_SMTP_URL and PARLEY_MAIL_FROM")
    made = trial(settings.sender, address, int(time.time()))
    outcome = channel.send(settings.smtp_url, made.envelope_from, made.to, made.raw)
    for line in outcome.transcript:
        print(line, flush=True)
    if outcome.result is not channel.Result.TAKEN:
        raise Impossible(f"the mail was not taken: {outcome.answer}")
    print(f"taken for {address}: {outcome.answer}")


@mail.command("receive")
def receive(
    lmtp: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where to listen for a mail server, as 127.0.0.1:2400.")
    ],
) -> None:
    """Take answers to our mail from a mail server, by LMTP, until told to end."""
    from parley import receiving  # not above: the other commands need no server

    host, _, port = lmtp.rpartition(":")
    if not host or not port.isdecimal() or int(port) > HIGHEST_PORT:
        raise typer.BadParameter(f"{lmtp} is not HOST:PORT, as in 127.0.0.1:2400", param_hint="--lmtp")
    receiving.run(Settings(), host.strip("[]"), int(port))
