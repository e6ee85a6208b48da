"""A mail that only shows that mail goes out."""

from __future__ import annotations

from email.headerregistry import Address
from html import escape

from parley.letters.message import Addresses, Content, Mail, Thread, written

SUBJECT = "Parley can send mail"
SENTENCES = (
    "This is a test. Somebody who looks after this installation of Parley asked for it.",
    "That you can read it shows that mail goes out. Nothing is to be done.",
)


def trial(sender: Address, to: str, now: int) -> Mail:
    """It looks like every other mail to a mail server: the addresses it names have a plus."""
    ours = f"{sender.username}+test@{sender.domain}"
    named = Address(sender.display_name or "Parley", sender.username, sender.domain)
    thread = Thread(f"<test.{now}@{sender.domain}>")
    paragraphs = "\n".join(f"<p>{escape(one)}</p>" for one in SENTENCES)
    html = f'<!doctype html>\n<html lang="en">\n<title>{SUBJECT}</title>\n{paragraphs}\n</html>\n'
    content = Content(SUBJECT, "\n\n".join(SENTENCES) + "\n", html)
    return written(Addresses(named, to, "", ours, ours), thread, content, now)
