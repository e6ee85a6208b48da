"""What the links of a letter lead to: the page with that time marked; following them changes nothing."""

import re
from dataclasses import replace
from html import unescape

import httpx2
import pytest

from parley import worker
from tests.mail_server import serving
from tests.make import person, proposal, text

KARL = "karl@example.com"
LINK = re.compile(r'href="([^"]+)"')


@pytest.fixture
def post():
    with serving() as one:
        yield one


@pytest.fixture
def mailing(dc, clock, post, serve):
    """A service that sends mail."""
    told = {"smtp_url": post.url(), "mail_from": "Parley <parley@example.org>", "mail_authserv_id": "mx"}
    return serve(replace(dc, settings=dc.settings.model_copy(update=told)), clock)


def history(application, opened):
    told = application.client.get(f"/v1/scheduling_conversations/{opened['scheduling_conversation_id']}/history")
    return told.json()["history"]


def test_every_link_opens_the_page_with_its_time_marked_and_selects_nothing(mailing, post):
    application = mailing.application()
    opened = application.client.open(proposal(person("@grace"), person("@karl", email=KARL), tzid="Europe/Berlin"))
    worker.work_off(mailing.dc)
    before = application.client.again(opened), history(application, opened)
    links = list(dict.fromkeys(unescape(one) for one in LINK.findall(post.to(KARL)[0].text("html"))))
    assert len(links) == 9  # eight times, and the page itself
    marked = []
    for link in links:
        answer = httpx2.get(link)
        assert (answer.status_code, "Europe/Berlin" in answer.text) == (200, True)
        marked += re.findall(r'value="(slt_\d+)"[^>]* checked', answer.text)
        assert httpx2.head(link).status_code == 200
    assert marked == [re.search(r"slot=(slt_\d+)", link)[1] for link in links if "slot=" in link]
    assert (application.client.again(opened), history(application, opened)) == before


def test_a_choice_on_the_page_is_confirmed_by_mail_in_the_zone_that_was_chosen_there(mailing, post):
    application = mailing.application()
    grace = mailing.person(application)
    opened = application.client.open(proposal(person("@grace", "auto", sub=grace.sub), person("@karl", email=KARL)))
    worker.work_off(mailing.dc)
    assert "America/Chicago (UTC−05:00)" in post.to(KARL)[0].text()
    link = re.search(r"http\S+slot=(slt_\d+)\S*", post.to(KARL)[0].text())
    sent = httpx2.post(link[0].partition("?")[0], data={"slot": link[1], "zone": "Asia/Tokyo"})
    assert sent.status_code == 303
    worker.work_off(mailing.dc)
    agreed = post.to(KARL)[-1].text()
    assert "It is agreed" in agreed
    assert "18:00 to 19:00, Asia/Tokyo (UTC+09:00)" in agreed
    assert application.client.again(opened)["status"] == "complete"


def test_the_history_tells_of_mail_over_the_api(mailing, post):
    application = mailing.application()
    post.answers[KARL] = ["550 5.1.1 no such user"]
    opened = application.client.open(proposal(person("@grace", email="grace@example.org"), person("@karl", email=KARL)))
    worker.work_off(mailing.dc)
    told = {(one["type"], one["participant"]): one for one in history(application, opened)}
    assert told["asked", 0]["channel"] == "mail"
    assert (told["bounce", 1]["channel"], "550 5.1.1 bounce" in str(told["bounce", 1])) == ("mail", True)
    karl = application.client.again(opened)["participants"][1]
    assert "550 5.1.1" in str(karl)


def test_a_conversation_without_a_slot_tells_so_in_its_history(mailing, post):
    application = mailing.application()
    grace = mailing.person(application)
    busy = {"event_id": "e", "summary": "Busy", "start": text("08:00"), "end": text("18:00")}
    assert grace.client.post(f"/v1/calendars/{grace.calendar}/events", json=busy).status_code == 202
    opened = application.client.open(proposal(person("@grace", "auto", sub=grace.sub), person("@karl", email=KARL)))
    worker.work_off(mailing.dc)
    assert [(one["type"], one["channel"]) for one in history(application, opened)] == [
        ("created", "api"),
        ("slots_ran_out", "engine"),
    ]
    assert [one.to for one in post.mails] == [grace.email]
