"""The pages over HTTP: what each state shows, what stays hidden, what every answer carries."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from parley.store import conversations, tokens
from parley.web import pages
from parley.wire.exchange import Call
from tests.conftest import Clock
from tests.make import at, person, selection, slot_id
from tests.web.talk import SEVERAL, alert, calendar_and_karl, listed, only_nine, talk, title

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
NOT_VALID = "This link is not valid"


# The states


def test_somebody_who_must_choose_sees_who_invites_to_what_where_and_how_long(service, application):
    asked = talk(service, application.client, event={"location": {"description": "Board Room"}})
    page = asked.page(1)
    assert title(page) == "Choose a time · Roadmap"
    assert "<bdi>Grace</bdi> invites you" in page
    assert "<bdi>Board Room</bdi>" in page
    assert "1 hour" in page
    assert listed(page)[0] == slot_id("09:00")


def test_times_are_those_of_the_conversations_zone_until_another_is_asked_for(two):
    assert "America/Chicago, UTC−05:00" in two.page(1)
    page = two.page(1, zone="Asia/Kathmandu")
    assert "Asia/Kathmandu, UTC+05:45" in page
    assert '<time datetime="2031-05-05T14:45:00+05:45">14:45</time>' in page
    assert "Monday, 5 May 2031" in page


def test_an_unknown_zone_shows_the_conversations(two):
    assert "America/Chicago, UTC−05:00" in two.page(1, zone="Mars/Olympus")


def test_only_a_page_opened_without_a_zone_lets_the_script_look_for_the_browsers(two):
    assert 'data-zone="America/Chicago"' in two.page(1)
    assert "data-zone" not in two.page(1, zone="Europe/Berlin")
    assert "data-zone" not in two.browser.post(two.link(1)).text


def test_a_slot_in_the_address_is_picked_and_not_selected(two):
    page = two.page(1, slot=slot_id("10:00"))
    assert re.search(rf'value="{slot_id("10:00")}" required checked', page)
    assert two.now()["participants"][1]["status"] == "needs_action"


def test_a_slot_in_the_address_is_shown_even_where_the_listing_steps_over_it(two):
    assert slot_id("10:15") not in listed(two.page(1))
    assert slot_id("10:15") in listed(two.page(1, slot=slot_id("10:15")))


@pytest.mark.parametrize("slot", ["slt_", "slt_9", "x" * 500, ",,,", "slt_99999999999"])
def test_nonsense_in_the_address_is_ignored(two, slot):
    assert len(listed(two.page(1, slot=slot))) == 8


def test_somebody_who_has_chosen_sees_their_choice_and_no_calendar_file(two):
    two.choose(1, "10:00")
    page = two.page(1, zone="Europe/Berlin")
    assert title(page) == "Waiting for the others · Roadmap"
    assert ">12:00</time> – " in page
    assert "meeting.ics" not in page
    assert two.browser.get(two.link(1) + "/meeting.ics").status_code == 404


def test_an_agreed_time_is_shown_with_a_calendar_file(two):
    two.choose(1, "10:00")
    two.choose(0, "10:00")
    page = two.page(1)
    assert title(page) == "Agreed: Monday, 5 May 2031 · Roadmap"
    assert f"{two.link(1)}/meeting.ics" in page
    meeting = two.browser.get(two.link(1) + "/meeting.ics")
    assert meeting.headers["content-type"].startswith("text/calendar")
    assert "DTSTART:20310505T100000Z" in meeting.text
    assert "@example.org" not in meeting.text


def test_somebody_whose_calendar_answers_has_nothing_to_do(service, application, grace):
    asked = calendar_and_karl(service, application, grace)
    page = asked.page(0)
    assert title(page) == "Waiting for the others · Roadmap"
    assert "Your calendar answers for you" in page
    assert listed(page) == []


def test_with_the_last_time_gone_none_is_left(service, application, grace):
    first, second = (calendar_and_karl(service, application, grace, **only_nine()) for _ in range(2))
    first.choose(1, "09:00")
    assert title(second.page(1)) == "No time left · Roadmap"
    assert "Please ask <bdi>Grace</bdi>" in second.page(1)
    assert title(second.page(0)) == "No time left · Roadmap"


def test_proposed_times_that_have_passed_are_said_to_have_passed(two, clock: Clock):
    clock.instant = at("16:30")
    assert "The proposed times have passed" in two.page(1)


def test_a_chosen_time_that_has_passed_is_said_to_have_passed(two, clock: Clock):
    two.choose(1, "10:00")
    clock.instant = at("10:30")
    assert "has passed before everybody had answered" in two.page(1)


def test_a_calendar_that_is_no_longer_connected_leaves_no_time(service, application, grace):
    asked = calendar_and_karl(service, application, grace)
    service.dc.db.write(lambda tx: tokens.revoke_account(tx, application.id, grace.key, 0))
    assert "no longer connected" in asked.page(1)
    answer = asked.choose(1, "10:00")
    assert answer.status_code == 422
    assert title(answer.text) == "Not saved. No time left · Roadmap"
    assert "no longer connected" in alert(answer.text)


def test_somebody_overtaken_is_asked_again(two):
    two.choose(0, "10:00")
    two.choose(1, "11:00")
    assert "did not work out for everyone" in two.page(0)


def test_what_another_has_chosen_looks_like_every_other_time(two):
    untouched = two.page(0)
    two.choose(1, "11:00")
    assert two.page(0) == untouched


def test_a_form_that_is_too_long_is_answered_with_a_page(two):
    answer = two.browser.post(two.link(0), content=b"slot=" + b"x" * (1 << 20))
    assert (answer.status_code, answer.headers["content-type"]) == (413, "text/html; charset=utf-8")
    assert "Nothing was changed" in answer.text


@pytest.mark.parametrize(
    ("make", "status"),
    [
        pytest.param(lambda token: "nonsense", 404, id="nonsense"),
        pytest.param(lambda token: "a.b.c.d", 404, id="four parts of nonsense"),
        pytest.param(lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"), 404, id="another code"),
        pytest.param(lambda token: token.replace(".1.", ".0.", 1), 404, id="another position"),
        pytest.param(lambda token: token + "%20", 404, id="a space after it"),
        pytest.param(lambda token: "%ff%00%2e%2e", 404, id="bytes"),
        pytest.param(lambda token: token, 200, id="as it was given"),
    ],
)
def test_only_a_link_of_ours_is_valid(two, make, status):
    answer = two.browser.get("/c/" + make(two.link(1).removeprefix("/c/")))
    assert answer.status_code == status
    assert (NOT_VALID in answer.text) == (status == 404)


def test_links_to_conversations_or_participants_that_do_not_exist_are_not_valid(service, two):
    told = two.conversation["scheduling_conversation_id"]
    for conversation, position in (("scv_000000000000000000000000", 0), (told, 2)):
        token = service.dc.participant_token(conversation, position, 0)
        for answer in (two.browser.get(f"/c/{token}"), two.browser.post(f"/c/{token}", data={"slot": "slt_1"})):
            assert answer.status_code == 404
            assert NOT_VALID in answer.text


def test_a_link_of_an_earlier_generation_is_not_valid(service, two):
    token = service.dc.participant_token(two.conversation["scheduling_conversation_id"], 1, 7)
    assert NOT_VALID in two.browser.get(f"/c/{token}").text


# What stays hidden, and what is only data


def test_nobody_sees_anothers_address_or_who_chose(service):
    people = [person(one, email=f"{one[1:]}@example.org") for one in ("@grace", "@karl", "@mia")]
    asked = talk(service, service.application(**SEVERAL).client, *people)
    asked.choose(0, "10:00")
    page = asked.page(1)
    assert "example.org" not in page
    assert "@grace" not in page
    assert "<bdi>Mia</bdi>" in page


def test_names_subjects_and_places_are_text_whatever_they_hold(service, application):
    nasty = "<script>alert(1)</script>\"'>"
    asked = talk(
        service,
        application.client,
        person("@grace", common_name=nasty),
        person("@karl", common_name=nasty),
        subject=nasty,
        event={"location": {"description": nasty}},
    )
    for position in (0, 1):
        page = asked.page(position)
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("place", "is_link"),
    [
        pytest.param("https://meet.example.org/j/1?pwd=x", True, id="an address"),
        pytest.param("javascript:alert(1)", False, id="a script"),
        pytest.param("https://meet.example.org or phone", False, id="words"),
    ],
)
def test_a_place_on_the_web_is_a_link_and_nothing_else_is(service, application, place, is_link):
    asked = talk(service, application.client, event={"location": {"description": place}})
    assert (f'<a href="{place}" rel="noopener noreferrer nofollow">' in asked.page(1)) == is_link


# Every answer


def test_every_page_carries_strict_headers_and_is_never_kept(two):
    two.choose(0, "10:00")
    answers = [two.browser.get(two.link(1)), two.browser.get("/"), two.browser.get("/c/nonsense"), two.choose(1)]
    two.choose(1, "10:00")
    answers += [two.choose(1, "10:00"), two.browser.get(two.link(1)), two.browser.get(two.link(1) + "/meeting.ics")]
    assert [one.status_code for one in answers] == [200, 200, 404, 422, 303, 200, 200]
    for answer in answers:
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_no_page_has_script_or_style_in_it_or_names_another_host(two):
    pages = [two.page(1), two.choose(1).text, two.browser.get("/").text, two.browser.get("/c/x").text]
    for page in pages:
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=\"/static/)", page)
        assert not re.search(r'(?:src|href|action)="(?!/)', page)
        assert page.count("<h1") == 1


def test_participants_pages_are_kept_out_of_search_engines(two):
    answer = two.browser.get(two.link(1))
    assert '<meta name="robots" content="noindex, nofollow">' in answer.text
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"


def test_head_answers_as_get_without_the_page(two):
    answer = two.browser.head(two.link(1))
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.content == b""


def test_opening_a_page_changes_nothing(service, two):
    def stored() -> object:
        return service.dc.db.read(conversations.find, two.conversation["scheduling_conversation_id"])

    before = stored()
    for query in ("", f"?slot={slot_id('10:00')}", "?zone=Europe/Berlin", "/meeting.ics"):
        two.browser.get(two.link(1) + query)
    assert stored() == before


@pytest.mark.parametrize(
    ("name", "kind"),
    [("parley.css", "text/css"), ("parley.js", "text/javascript"), ("favicon.svg", "image/svg+xml")],
)
def test_the_files_of_the_pages_may_be_kept(service, name, kind):
    answer = service.client().get(f"/static/{name}")
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["cache-control"] == "public, max-age=86400"
    assert answer.content


@pytest.mark.parametrize("name", ["pages.py", "..%2fpages.py", "%2e%2e/pages.py", "parley.css%00", "PARLEY.CSS", "."])
def test_no_other_file_is_served(service, name):
    assert service.client().get(f"/static/{name}").status_code == 404


def test_pages_name_files_by_their_content(two):
    paths = re.findall(r'"(/static/[^"]+)"', two.page(1))
    assert {one.split("?v=")[0] for one in paths} == {"/static/parley.css", "/static/parley.js", "/static/favicon.svg"}
    assert all(two.browser.get(one).status_code == 200 for one in paths)


def test_the_first_page_says_what_this_is_and_where_the_docs_are(service):
    page = service.client().get("/").text
    assert "scheduling conversation" in page
    assert f"{service.url}/v1/" in page
    for told in ("docs/concepts.md", "docs/wire.md", "docs/configuration.md", "data center <bdi>us</bdi>"):
        assert told in page


def test_a_choice_by_the_api_shows_on_the_page(two):
    two.opener.select(two.conversation, 1, selection("10:00"))
    assert "Waiting for the others" in two.page(1)


def test_behind_a_proxy_that_puts_the_service_under_a_path_links_carry_the_path(service, two):
    under = replace(service.dc, base_url="https://example.org/parley")
    token = two.link(1).removeprefix("/c/")
    page = pages.show(under, Call(None, path={"token": token})).body.decode()
    assert f'action="/parley{two.link(1)}"' in page
    assert set(re.findall(r'"(/[a-z]+/)static', page)) == {"/parley/"}
    chosen = pages.choose(under, Call(None, path={"token": token}, body=f"slot={slot_id('10:00')}".encode()))
    assert dict(chosen.headers)["Location"] == f"/parley{two.link(1)}"
