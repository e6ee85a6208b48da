"""What is new in a mail: above, between and below what it quotes, in the ways of many mail programs."""

from email.message import EmailMessage

import pytest

from parley.wire.incoming import read
from parley.wire.reply_text import BROKEN, LINE_LENGTH, new_text, text_of_html

QUOTED = "\n\nOn Sat, 3 May 2031, Parley wrote:\n> 1. 09:00\n> 2. 10:00\n"
OUTLOOK = """2

________________________________
From: Parley <parley@example.org>
Sent: Saturday, May 3, 2031 10:00 AM
To: Karl
Subject: Roadmap

1. 09:00
"""
OUTLOOK_IN_GERMAN = """2

Von: Parley <parley@example.org>
Gesendet: Samstag, 3. Mai 2031 10:00
An: Karl
Betreff: Roadmap

1. 09:00
"""


@pytest.mark.parametrize(
    "text",
    [
        "2",
        f"2{QUOTED}",
        f"{QUOTED.lstrip()}\n2",
        "2\n\nAm 3.5.2031 um 10:00 schrieb Parley <parley@example.org>:\n\n> 1. 09:00\n",
        OUTLOOK,
        OUTLOOK_IN_GERMAN,
        OUTLOOK.replace("\n", "\r\n"),
    ],
    ids=["alone", "above", "below", "German", "Outlook", "Outlook in German", "CRLF"],
)
def test_what_is_quoted_is_left_out(text):
    assert new_text(text).split() == ["2"]


def test_a_line_that_is_cut_off_leaves_a_sign():
    for gap in (" " * 320, "\t" * 320, "\xa0" * 320):
        assert new_text(f"4{gap}is impossible") == "4 is impossible"
    for pad in range(LINE_LENGTH - 20, LINE_LENGTH + 20):
        text = "2" + "." * pad + "is impossible"
        assert new_text(text) == text or new_text(text).endswith(BROKEN)
    known = ("very " * LINE_LENGTH)[:LINE_LENGTH]
    assert BROKEN in new_text(f"{known} oh no, wait")
    assert BROKEN not in new_text(f"2{QUOTED}> {known} oh no, wait\n")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>2</p>", "2"),
        ("<div>Friday <b>at</b> 11</div><br><div>Karl</div>", "Friday at 11\n\nKarl"),
        ('<div>2</div><div class="gmail_quote">On Sunday <blockquote>1</blockquote></div>', "2"),
        (
            '<div class="moz-cite-prefix">On Sunday <a>Parley</a> wrote:<br></div><blockquote>1</blockquote><p>2</p>',
            "2",
        ),
        ('<div class="moz-cite-prefix">Am <div>3.</div> schrieb<br></div><blockquote>1</blockquote>2', "2"),
        ("<style>p {}</style><script>1</script><p>2</p>", "2"),
        ('<p>2</p><img style="display:none" src="https://x.example/1">', "2"),
    ],
    ids=[
        "a line",
        "several",
        "Gmail",
        "Thunderbird, below",
        "Thunderbird, blocks in it",
        "style and script",
        "an image that is not shown",
    ],
)
def test_html_is_read_as_it_is_shown(html, expected):
    assert text_of_html(html) == expected


@pytest.mark.parametrize(
    "html",
    [
        "<p><s>Friday</s></p>",
        '<span style="text-decoration: line-through">Friday</span>',
        '<span style="TEXT-DECORATION:LINE-THROUGH">Friday</span>',
        "<p hidden>Friday</p>",
        '<p style="display : none">Friday</p>',
    ],
    ids=["s", "style", "in capitals", "hidden", "not displayed"],
)
def test_what_is_struck_out_or_concealed_makes_it_unclear(html):
    assert BROKEN in text_of_html(html)


def flowed(text):
    mail = EmailMessage()
    mail.set_content("x")
    raw = mail.as_bytes().replace(b'charset="utf-8"', b'charset="utf-8"; format=flowed').replace(b"x\n", text.encode())
    assert b"format=flowed" in raw
    return read(raw).text


def test_lines_that_a_program_has_broken_are_put_together():
    assert flowed("I would like to take Thursday at \n11 please.\n") == "I would like to take Thursday at 11 please."
    assert flowed("2\n-- \nKarl\n").splitlines()[0] == "2"
    assert flowed("2 \n> 1. 09:00 \n> 2. 10:00\n").split() == ["2"]
    assert flowed("2\n3\n") == "2\n3"
    assert flowed("2 \n-- \nKarl\n").splitlines() == ["2", "--", "Karl"]
