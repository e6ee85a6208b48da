"""Letters as mail programs get them: both parts complete, no markup or header out of anybody's words."""

import re
from dataclasses import replace
from email import message_from_string, policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.utils import parseaddr
from html.parser import HTMLParser

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.core.conversation import EventDetails, Location, Participant
from parley.core.event import Attendee, of_agreement
from parley.core.letter import Kind, Letter
from parley.letters.compose import Way, composed
from parley.letters.trial import trial
from parley.wire.invitation import Invitation
from parley.wire.words import one_line
from tests.make import SUNDAY_NOON, at, conversation, utc

GRACE = Participant(participant_id="@grace", common_name="Grace Hopper", email="grace@example.org")
KARL = Participant(participant_id="@karl", common_name="Karl", email="karl@example.com")
PAGE = "https://meet.example.org/c/scv_0123456789abcdef01234567.1.0.abcdef"
STARTS = (at("09:00"), at("10:00"), at("09:00", 1))
VOID = {"meta", "br", "hr", "img", "input", "link"}
NEEDS_SLOTS = (Kind.ASK, Kind.REMINDER, Kind.UNCLEAR)


def talk(*people, **more):
    return conversation(*(people or (GRACE, KARL)), **more)


def invitation(found, zone):
    """What goes with an agreement."""
    host, guest = Attendee("parley+rabc@example.org", found.participants[0].common_name), Attendee(KARL.email)
    event = replace(of_agreement(found, {}), tzid=zone, end_tzid=zone, organizer=host, attendees=(guest,))
    return Invitation(event, SUNDAY_NOON)


def letter(kind, found=None, **more):
    """A letter of this kind to the participant at 1, as it is sent."""
    found = found or talk(chosen=at("09:00") if kind in (Kind.AGREED, Kind.DECLINED) else None)
    to_organizer = kind in (Kind.RAN_OUT, Kind.NONE_SUIT, Kind.DECLINED)
    way = Way(
        sender=Address("Parley", "parley", "example.org"),
        to=more.pop("to", KARL.email),
        reply_to="parley+rabc@example.org",
        bounce_to="parley+babc@example.org",
        page_url=PAGE,
        base_url="https://meet.example.org",
        can_reply=more.pop("can_reply", True),
        invitation=invitation(found, more.get("zone", "Europe/Berlin")) if kind is Kind.AGREED else None,
    )
    told = {
        "position": 0 if to_organizer else 1,
        "about": 1 if to_organizer else None,
        "starts": STARTS if kind in NEEDS_SLOTS else (),
        "zone": "Europe/Berlin",
        "references": (f"<thread.{found.id}@example.org>",),
        **more,
    }
    return composed(Letter(kind, found.id, **told), found, way, SUNDAY_NOON)


def read(mail):
    return message_from_string(mail.raw.decode(), policy=policy.default)


def plain(mail):
    return read(mail).get_body(("plain",)).get_content().replace("\r\n", "\n")


class Page(HTMLParser):
    """HTML as a mail program reads it: its text, its links, what it would fetch, and whether it is well-formed."""

    def __init__(self, markup):
        super().__init__()
        self.words, self.links, self.tags, self.attributes, self.open = [], [], [], [], []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        self.links += [value for name, value in attributes if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


def page(mail):
    found = Page(read(mail).get_body(("html",)).get_content())
    assert found.open == []
    return found


EVERY_KIND = pytest.mark.parametrize("kind", list(Kind))


@EVERY_KIND
def test_both_parts_say_everything(kind):
    mail = letter(kind)
    words, shown = plain(mail), page(mail).text
    whom = "Karl" if kind in (Kind.RAN_OUT, Kind.NONE_SUIT, Kind.DECLINED) else "Grace Hopper"
    for what in ("Roadmap", whom, "1 hour", *(("Europe/Berlin", "UTC+02:00") if "Monday" in words else ())):
        assert what in words
        assert what in shown
    headline = words.splitlines()[0]
    assert len(headline) > 10
    assert headline in shown


@EVERY_KIND
def test_a_letter_fetches_nothing_runs_nothing_and_links_to_the_page_alone(kind):
    shown = page(letter(kind))
    assert not {"img", "script", "link", "iframe", "form", "object", "video"} & set(shown.tags)
    assert [name for name, _ in shown.attributes if name.startswith("on") or name in ("src", "background")] == []
    assert [link for link in shown.links if not link.startswith(PAGE)] == []
    assert "url(" not in read(letter(kind)).get_body(("html",)).get_content()


@EVERY_KIND
def test_a_letter_is_light_and_dark_and_as_wide_as_a_phone(kind):
    markup = read(letter(kind)).get_body(("html",)).get_content()
    assert '<meta name="color-scheme" content="light dark">' in markup
    assert "prefers-color-scheme: dark" in markup
    assert '<meta name="viewport" content="width=device-width' in markup


@EVERY_KIND
def test_the_headers_are_those_of_automatic_mail_in_a_thread(kind):
    mail = read(letter(kind))
    assert re.fullmatch(r"<[\w.]+@example\.org>", mail["Message-ID"])
    assert mail["Reply-To"] == "parley+rabc@example.org"
    assert mail["Subject"] in ("Roadmap with Grace Hopper", "Roadmap with Karl")
    assert (mail["Auto-Submitted"], mail["MIME-Version"]) == ("auto-generated", "1.0")
    assert [name for name in mail if name.lower().startswith(("list-", "precedence"))] == []
    assert [name for name in set(mail.keys()) if len(mail.get_all(name)) > 1] == []


@EVERY_KIND
def test_a_mail_is_seven_bit_and_has_short_lines(kind):
    raw = letter(kind).raw
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_the_same_letter_is_the_same_mail():
    assert letter(Kind.ASK).raw == letter(Kind.ASK).raw


def test_the_slots_are_numbered_by_day_and_link_to_themselves():
    mail = letter(Kind.ASK)
    links = [f"{PAGE}?slot=slt_{start}&zone=Europe/Berlin" for start in STARTS]
    assert [one for one in dict.fromkeys(page(mail).links) if "?" in one] == links
    lines = [line for line in plain(mail).splitlines() if "  " in line or "2031" in line]
    wanted = ["Monday, 5 May 2031", "  1.  11:00 to 12:00", "  2.  12:00 to 13:00", "Tuesday, 6 May 2031"]
    assert [line for line in lines if line in wanted] == wanted
    assert [line.strip() for line in plain(mail).splitlines() if "?slot=" in line] == links


ZONES = [
    pytest.param("Europe/Berlin", STARTS, "Times in Europe/Berlin (UTC+02:00).", id="one offset"),
    pytest.param("America/New_York", STARTS, "Times in America/New York (UTC−04:00).", id="behind UTC"),
    pytest.param("Etc/UTC", STARTS, "Times in UTC.", id="UTC"),
    pytest.param("Asia/Kathmandu", STARTS, "Times in Asia/Kathmandu (UTC+05:45).", id="an odd offset"),
]


@pytest.mark.parametrize(("zone", "starts", "told"), ZONES)
def test_the_zone_is_always_named(zone, starts, told):
    mail = letter(Kind.ASK, zone=zone, starts=starts)
    assert told in plain(mail)
    assert told in page(mail).text


def test_where_the_clock_changes_each_day_tells_its_offset():
    saturday, sunday = utc("2031-10-25", "12:00"), utc("2031-10-26", "12:00")
    words = plain(letter(Kind.ASK, starts=(saturday, sunday)))
    told = ["Saturday, 25 October 2031 (UTC+02:00)", "Sunday, 26 October 2031 (UTC+01:00)"]
    assert [line for line in words.splitlines() if "October" in line] == told


def test_where_the_clock_changes_within_a_day_each_slot_tells_its_offset():
    before, after = utc("2031-10-26", "00:00"), utc("2031-10-26", "01:00")  # 02:00 comes twice
    words = plain(letter(Kind.ASK, starts=(before, after)))
    assert "1.  02:00 to 02:00 (UTC+02:00 to UTC+01:00)" in words
    assert "2.  02:00 to 03:00 (UTC+01:00)" in words


def test_answering_by_mail_is_told_only_where_answers_are_read():
    with_answers, without = letter(Kind.ASK), letter(Kind.ASK, can_reply=False)
    for words in ("none of these", "stop", "Tuesday at 11:00"):
        assert words in plain(with_answers)
        assert words in page(with_answers).text
        assert words not in plain(without)
        assert words not in page(without).text


def test_whoever_is_asked_again_hears_why():
    again = talk(GRACE, replace(KARL, turn=2))
    assert "did not work out for everyone" in plain(letter(Kind.ASK, again))


def test_an_unclear_answer_is_answered_with_its_reason():
    assert "more than one of the times" in plain(letter(Kind.UNCLEAR, reason="several"))
    assert "We closed early that day." in plain(letter(Kind.UNCLEAR, reason="We closed early that day."))
    assert "could not tell which" in plain(letter(Kind.UNCLEAR, reason="?"))


@pytest.mark.parametrize(
    ("found", "told"),
    [
        pytest.param(talk(chosen=at("10:00")), "agreed already", id="after the agreement"),
        pytest.param(talk(GRACE, replace(KARL, selected=(at("10:00"),), turn=1)), "nothing for you", id="in between"),
    ],
)
def test_an_answer_that_changes_nothing_is_told_where_it_stands(found, told):
    mail = letter(Kind.UNCLEAR, found, starts=())
    assert told in plain(mail)
    assert "12:00 to 13:00" in plain(mail)
    assert "12:00 to 13:00" in page(mail).text


def test_an_answer_that_was_understood_is_told_with_the_time():
    found = talk(GRACE, replace(KARL, selected=(at("10:00"),), turn=1))
    mail = letter(Kind.UNDERSTOOD, found, answers="<their@example.com>")
    assert "You chose: Monday, 5 May 2031\n12:00 to 13:00, Europe/Berlin (UTC+02:00)" in plain(mail)
    assert read(mail)["Auto-Submitted"] == "auto-replied"


HOSTILE = [
    pytest.param("Lunch\r\nBcc: ida@example.org", id="a header"),
    pytest.param("Lunch\r\n\r\n<p>a body", id="a body"),
    pytest.param("\u2028Bcc: ida@example.org\u2029\x85\x0b\x0c", id="ends of lines of other kinds"),
    pytest.param("<script>alert(1)</script><img src=x onerror=alert(1)>", id="markup"),
    pytest.param('"><a href="https://evil.example.net">Choose</a>', id="an end of an attribute"),
    pytest.param("{{ 7 * 7 }}{% raw %}", id="a template"),
    pytest.param('=HYPERLINK("https://evil.example.net")', id="a formula"),
    pytest.param("\u202egnp.exe\u2066 \u200f\u061c", id="marks that turn the direction"),
    pytest.param("\x00\x07\x1b[31mred", id="control characters"),
    pytest.param('Grace" <boss@example.net>, "', id="an address"),
    pytest.param("=?utf-8?q?Bcc=3A_ida?=", id="an encoded word"),
    pytest.param("ä" * 200, id="long and not ASCII"),
    pytest.param("x" * 2000, id="very long"),
    pytest.param("😀" * 100, id="outside the first plane"),
    pytest.param("مرحبا بالعالم", id="from right to left"),
]


def hostile_letters(words):
    person = replace(GRACE, common_name=words[:256])
    other = replace(KARL, common_name=words[:256])
    found = talk(person, other, subject=words, event=EventDetails(Location(description=words)))
    done = replace(found, chosen=at("10:00"))
    return [letter(kind, done if kind in (Kind.AGREED, Kind.DECLINED) else found, reason=words) for kind in Kind]


@pytest.mark.parametrize("words", HOSTILE)
def test_words_are_never_markup_or_header(words):
    for mail in hostile_letters(words):
        found = read(mail)
        names = {"message-id", "references", "from", "to", "reply-to", "subject", "date", "auto-submitted"}
        assert {name.lower() for name in found} == names | {"mime-version", "content-type"}
        assert [one.addr_spec for one in found["From"].addresses] == ["parley@example.org"]
        assert [one.addr_spec for one in found["To"].addresses] == [KARL.email]
        shown = page(mail)
        assert not {"script", "img"} & set(shown.tags)
        assert [link for link in shown.links if not link.startswith(PAGE)] == []
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", plain(mail))
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", shown.text)
        assert mail.raw.isascii()
        for part in found.walk():
            if part.get_content_type() == "text/calendar":
                assert len(icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")) == 1


@given(st.text(max_size=120))
def test_any_name_comes_back_from_the_headers_as_it_is_shown(words):
    mail = letter(Kind.ASK, talk(replace(GRACE, common_name=words), KARL))
    head = message_from_string(mail.raw.decode(), policy=policy.compat32)  # the newer parser puts spaces into names
    name, address = parseaddr(str(make_header(decode_header(head["From"].replace("\r\n", "")))))
    shown = one_line(words, 60)
    assert (head["From"].count("parley@example.org"), len(read(mail)["To"].addresses)) == (1, 1)
    assert read(mail)["From"].addresses[0].addr_spec == "parley@example.org"
    assert str(make_header(decode_header(head["Subject"]))) == (f"Roadmap with {shown}" if shown else "Roadmap")
    if shown.isascii():
        assert (name, address) == (f"{shown} (via Parley)" if shown else "Parley", "parley@example.org")


ADDRESSES = [
    pytest.param("karl@example.com", "karl@example.com", id="as usual"),
    pytest.param("karl@bücher.example.com", "karl@xn--bcher-kva.example.com", id="a domain of other letters"),
    pytest.param("karl@straße.example.com", "karl@straße.example.com", id="a domain that was another one once"),
    pytest.param("kärl@example.com", "kärl@example.com", id="a name of other letters"),
    pytest.param("a..b@example.com", "a..b@example.com", id="dots that no standard allows"),
    pytest.param("o'neil+tag@example.com", "o'neil+tag@example.com", id="an apostrophe"),
]


@pytest.mark.parametrize(("address", "routed"), ADDRESSES)
def test_an_address_is_written_as_servers_route_it(address, routed):
    mail = letter(Kind.ASK, to=address)
    assert mail.to == routed
    local, _, domain = routed.rpartition("@")
    (found,) = read(mail)["To"].addresses
    assert (found.username, found.domain) == (local, domain)


def test_a_place_is_a_link_only_where_it_is_an_address_of_the_web():
    def links(place):
        found = talk(event=EventDetails(Location(description=place)))
        return [one for one in page(letter(Kind.ASK, found)).links if not one.startswith(PAGE)]

    assert links("https://meet.example.org/room") == ["https://meet.example.org/room"]
    assert links("javascript:alert(1)") == []
    assert links("Room 5, https://meet.example.org/room") == []
    assert links('https://x" onclick="alert(1)') == []


def test_the_organizer_of_a_meeting_is_not_told_that_they_invite_themselves():
    found = talk(chosen=at("10:00"))
    mail = letter(Kind.AGREED, found, position=0, to=GRACE.email)
    assert str(read(mail)["From"]) == "Parley <parley@example.org>"


def test_a_trial_looks_like_other_mail():
    found = read(trial(Address("", "parley", "example.org"), KARL.email, SUNDAY_NOON))
    assert (found["From"], found["To"]) == ("Parley <parley@example.org>", KARL.email)
    assert "mail goes out" in found.get_body(("plain",)).get_content()
    assert "mail goes out" in found.get_body(("html",)).get_content()


def test_a_headline_names_a_few_people_and_no_crowd():
    crowd = [Participant(participant_id=f"@{name}", common_name=name) for name in ("Ada", "Alan", "Barbara")]
    few, many = (talk(GRACE, KARL, *more, chosen=at("09:00")) for more in (crowd[:1], crowd))
    assert plain(letter(Kind.AGREED, few)).startswith("It is agreed: you meet Grace Hopper and Ada\n")
    assert plain(letter(Kind.AGREED, many)).startswith("It is agreed\n")
