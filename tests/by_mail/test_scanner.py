"""Mail scanners follow every link of a mail in a browser of their own, and stay a while: that must change nothing."""

from __future__ import annotations

import re
import time

import httpx2
import pytest

from tests.by_mail.houses import small
from tests.by_mail.world import GRACE, KARL, world
from tests.web.test_browser import browser  # noqa: F401

SCANNED_SECONDS = 30
LINK = re.compile(r"https?://[^\s\"'<>)]+")


@pytest.fixture
def by_mail(tmp_path):
    """A running Parley, and the people's mailboxes."""
    with small() as house, world(house, tmp_path) as one:
        yield one


def links(letter):
    """Every address in any of the letter's parts."""
    texts = [part.get_content() for part in letter.walk() if part.get_content_maintype() == "text"]
    return sorted({link.replace("&amp;", "&").rstrip(".,") for text in texts for link in LINK.findall(text)})


def test_a_scanner_that_opens_every_link_with_scripts_on_changes_nothing(by_mail, browser):  # noqa: F811
    complete = by_mail.open()
    by_mail.answer(by_mail.letter("karl", 0), KARL, "1")
    letters = [by_mail.letter("karl", 0), by_mail.letter("karl", 1), by_mail.letter("grace", 0)]
    manual = [{"sub": by_mail.sub, "common_name": "Grace Devlin"}, {"email": KARL}]
    talk = by_mail.open(participants=manual)
    letters += [by_mail.letter("karl", 2), by_mail.letter("grace", 1)]
    before = [(by_mail.conversation(one), by_mail.history(one)) for one in (complete, talk)]

    found = sorted({link for letter in letters for link in links(letter)})
    assert len(found) > 6, f"{GRACE} and {KARL} got no links"
    context = browser.new_context(java_script_enabled=True)
    pages = [context.new_page() for _ in found]
    ends = time.monotonic() + SCANNED_SECONDS
    for page, link in zip(pages, found, strict=True):
        assert httpx2.head(link).status_code == 200
        answer = page.goto(link, wait_until="load")
        assert answer is None or answer.ok, link
    while time.monotonic() < ends:
        for page in pages:
            page.mouse.move(100, 100)
            page.mouse.wheel(0, 400)
        time.sleep(1)
    context.close()

    assert [(by_mail.conversation(one), by_mail.history(one)) for one in (complete, talk)] == before
