"""Play a conversation by mail alone and show every letter of it: `make demo-mail`.

A mail server starts on this machine, Parley beside it, both in folders of their own, and both end with this program.
"""

from __future__ import annotations

import sys
import tempfile
import textwrap
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.by_mail.houses import House, postfix_and_dovecot, small
from tests.by_mail.world import KARL, World, calendar_of, text_of, until, world

WIDTH = 100
PAPER = textwrap.TextWrapper(WIDTH - 4, break_long_words=False, break_on_hyphens=False)  # a link stays whole


def say(told: str) -> None:
    print(f"\n\N{BLACK RIGHT-POINTING SMALL TRIANGLE} {told}", flush=True)


def show(letter: EmailMessage) -> None:
    """A letter as its reader sees it, without what it quotes, and what kinds of parts it has."""
    parts = [one.get_content_type() for one in letter.walk() if not one.is_multipart()]
    head = [f"{name}: {letter[name]}" for name in ("From", "To", "Subject", "Auto-Submitted") if letter[name]]
    written = [line for line in text_of(letter).strip().splitlines() if not line.startswith(">")]
    print(framed("\n".join([*head, f"Parts: {', '.join(parts)}", "", *written])), flush=True)


def framed(text: str) -> str:
    lines = [part for line in text.splitlines() for part in PAPER.wrap(line) or [""]]
    return "\n".join(
        [f"\u250c{'─' * (WIDTH - 2)}", *(f"\u2502 {line}" for line in lines), f"\u2514{'─' * (WIDTH - 2)}"]
    )


def play(one: World) -> None:
    """From the first question to the answered invitation."""
    opened = one.open()
    say(f"An application opens {opened}: Grace's calendar answers for her, Karl is known by his address only.")
    asked = one.letter("karl", 0)
    say("Parley asks Karl:")
    show(asked)
    say("Karl replies:")
    show(one.answer(asked, KARL, "Hi,\n\nthe second one, please.\n\nKarl"))
    invited = one.letter("karl", 1)
    say("They agree. Karl gets the invitation:")
    show(invited)
    print(framed(calendar_of(invited).decode()), flush=True)
    say("Grace, in whose calendar the event stands already, is told the result:")
    show(one.letter("grace", 0))
    say("Karl's calendar program accepts.")
    one.accept(invited, KARL)
    until(lambda: [e for e in one.history(opened) if e["type"] == "replied"] or None, "the answer to the invitation")
    told = one.conversation(opened)
    say(f"The conversation is {told['status']}; this is its history:")
    for entry in one.history(opened):
        who = "" if entry["participant"] is None else ("Grace", "Karl")[entry["participant"]]
        print(
            f"    {entry['at']}  {entry['type']:<14} {who:<6} {entry['channel']:<7} {entry.get('detail', '')}".rstrip()
        )


def run(house: House) -> None:
    say(f"The mail server of example.org and example.com: {house.name}.")
    with tempfile.TemporaryDirectory(prefix="parley-") as folder, world(house, Path(folder)) as one:
        play(one)


def main() -> None:
    try:
        with postfix_and_dovecot() as house:
            return run(house)
    except (pytest.skip.Exception, pytest.fail.Exception) as why:
        print(f"{why}: a small mail server in Python takes their place", file=sys.stderr)
    with small() as house:
        run(house)


if __name__ == "__main__":
    main()
