"""Reading answers by mail: what is chosen beyond doubt, and that nothing else ever is."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.core.answer_slots import Offer
from parley.core.answers import LONGEST, Chosen, NoneSuit, Reason, Stop, Unclear, read

BERLIN = "Europe/Berlin"


def local(text: str, zone: str = BERLIN) -> int:
    """The instant at which the clock there shows this."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


SLOTS = [
    "2031-05-05 09:00",  # 1, Monday
    "2031-05-05 10:30",  # 2
    "2031-05-06 15:00",  # 3, Tuesday
    "2031-05-06 16:00",  # 4
    "2031-05-07 11:00",  # 5, Wednesday
    "2031-05-08 10:00",  # 6, Thursday
    "2031-05-09 14:00",  # 7, Friday
    "2031-05-09 15:30",  # 8
]
STARTS = tuple(map(local, SLOTS))
SUNDAY = local("2031-05-04 14:00")
NAMES = ("Karl Kapoor", "Grace Devlin")


def offer(**changed) -> Offer:
    return Offer(**{"starts": STARTS, "zone": BERLIN, "now": SUNDAY, "most": 1, "duration": 3600, **changed})


def numbers(answer: object) -> tuple[int, ...] | str:
    """The numbers of the chosen slots; else a word for the answer."""
    match answer:
        case Chosen(starts):
            return tuple(STARTS.index(one) + 1 for one in starts)
        case NoneSuit():
            return "none"
        case Stop():
            return "stop"
        case Unclear():
            return "unclear"
    raise AssertionError(answer)


CHOOSING = {
    1: [
        "1",
        "1.",
        "#1",
        "one",
        "eins",
        "option one",
        "the first",
        "the first one",
        "first one please",
        "der erste",
        "den ersten",
        "Den ersten Termin bitte",
        "Monday at 9",
        "Mon 9am",
        "Mo 9 Uhr",
        "Montag um neun",
        "Montag, 9:00 Uhr",
        "tomorrow at 9",
        "morgen um 9",
        "morgen um neun Uhr",
        "any",
        "Any time works for me",
        "any of them is fine",
        "whatever suits you",
        "Whatever suits you best.",
        "whichever you prefer",
        "all of them work",
        "doesn't matter",
        "I don't mind",
        "I'm flexible",
        "no preference",
        "up to you",
        "egal",
        "ist mir egal",
        "Mir passt alles",
        "alle Termine passen",
        "Alle passen mir gut",
        "such dir einen aus",
        "Wie es Ihnen passt",
        "Ich bin flexibel.",
        "9:00",
        "09:00",
        "5 May 9:00",
        "Monday 9:00 to 10:00",
    ],
    2: [
        "2",
        " 2 \n",
        "#2",
        "(2)",
        "2)",
        "*2*",
        "2!",
        "2, please",
        "2 please",
        "Please 2",
        "2 thanks",
        "two",
        "zwei",
        "No. 2",
        "no. 2 please",
        "Nr. 2",
        "Nr 2",
        "Nummer 2",
        "number 2",
        "number two",
        "option 2",
        "Option 2 works for me",
        "Option 2 would be great!",
        "slot 2",
        "Termin 2",
        "Vorschlag 2 passt mir gut",
        "the second",
        "The second one, please.",
        "the second one works",
        "the 2nd",
        "second",
        "2nd option",
        "die zweite",
        "der zweite",
        "Der zweite Termin passt mir.",
        "den zweiten bitte",
        "die 2",
        "not the first, the second",
        "nicht der erste, der zweite",
        "not the first but the second",
        "nicht der erste, sondern der zweite",
        "not 1 but 2",
        "the second, not the first",
        "2, not 3",
        "2 and not 3",
        "2 but not 3",
        "2, aber nicht 3",
        "2 instead of 3",
        "2 statt 3",
        "Monday at 10:30",
        "Mo 10:30",
        "half past ten",
        "Monday at half past ten",
        "Montag halb elf",
        "Montag um halb elf",
        "2. Monday, 5 May 2031, 10:30 to 11:30",
        "10:30-11:30",
        "10.30 Uhr",
        "Montag 10.30 Uhr",
        "the first doesn't work, the second does",
        "1 passt nicht, der zweite passt",
        "Hi Grace,\n\n2\n\nBest regards,\nKarl",
        "Hallo Grace,\n\nder zweite Termin passt.\n\nViele Grüße\nKarl",
        "2\n\nSent from my iPhone",
        "2\n\nVon meinem iPhone gesendet",
        "2\n\n-- \nKarl Kapoor\nIf lost, call 3",
        "Hi!\n2",
        "2\nKarl",
        "2 - Karl",
        "2. Thanks, Karl",
        "2\nLG Karl",
        "2 👍",
        "put me down for the second",
        "Klingt gut, der zweite",
        "2 :)",
    ],
    3: [
        "3",
        "✅ 3",
        "3.",
        "3 please",
        "the third",
        "die dritte",
        "Tuesday at 3",
        "Tuesday at 3pm",
        "Tue 3pm",
        "Tues. 3 p.m.",
        "tuesday 15:00",
        "Tuesday, 3 pm",
        "Tuesday at three",
        "Tuesday at 3 o'clock",
        "at 3 on Tuesday",
        "3pm on Tuesday",
        "3 in the afternoon",
        "Tuesday at 3 in the afternoon",
        "Tuesday at 3 works for me, thanks!",
        "I can do Tuesday at 3.",
        "Let's do Tuesday at 3",
        "Let's go for Tuesday 3pm",
        "I'd prefer Tuesday at 3",
        "Di 15 Uhr",
        "Di. 15 Uhr",
        "Di., 15:00",
        "Dienstag 15 Uhr",
        "Dienstag um 15 Uhr",
        "am Dienstag um 15 Uhr",
        "Dienstag um 3",
        "Dienstag um drei",
        "Dienstag 15h",
        "Dienstag, 6. Mai, 15 Uhr",
        "Am Dienstag kann ich um 15 Uhr.",
        "Dienstag 15 Uhr passt mir gut",
        "Ich nehme Dienstag 15 Uhr",
        "15 Uhr am Dienstag",
        "3 Uhr nachmittags",
        "6 May 15:00",
        "6 May at 3",
        "6th May, 3pm",
        "May 6 3pm",
        "May 6th at 3",
        "May 6, 2031, 3 PM",
        "the 6th of May at 3",
        "on the 6th at 3",
        "am 6. um 15 Uhr",
        "6. Mai 15 Uhr",
        "6.5. 15 Uhr",
        "06.05. 15 Uhr",
        "06.05.2031 15:00",
        "6.5.2031 um 15 Uhr",
        "2031-05-06 15:00",
        "2031-05-06T15:00",
        "Tuesday 15:00 to 16:00",
        "Dienstag 15:00 bis 16:00 Uhr",
        "Tuesday, 15:00–16:00",
        "Option 3 (Tuesday at 3)",
        "3, Tuesday at 15:00",
        "15:00",
        "15 Uhr",
        "3pm",
        "Tuesday at 3, not at 4",
        "3 works",
        "I take 3",
        "Ich nehme 3",
        "Tuesday at 3 rather than at 4",
        "quarter to three doesn't work, Tuesday at 3 does",
        "the day after tomorrow at 3",
        "übermorgen um 15 Uhr",
        "Dear Grace,\n\nTuesday at 3 would be perfect. See you then!\n\nKind regards\nKarl Kapoor\nSales\n+49 30 1",
    ],
    4: ["4", "number four", "der vierte", "Tuesday at 4", "Di 16 Uhr", "Tuesday 4 pm", "16:00", "Dienstag um vier"],
    5: [
        "5",
        "5 works",
        "5 passt",
        "5 works for me",
        "Ich nehme die 5",
        "Wednesday",
        "Wednesday works",
        "Wednesday works for me.",
        "on Wednesday please",
        "Wed 11",
        "Wed.",
        "Mittwoch",
        "Mittwoch passt mir sehr gut, vielen Dank!",
        "am Mittwoch",
        "Mi",
        "Mi 11 Uhr",
        "7 May",
        "May 7th",
        "7.5.",
        "07.05.",
        "Wednesday morning",
        "Mittwochvormittag",
        "Mittwoch früh",
        "Wednesday at 11",
        "11 o'clock",
        "elf Uhr",
        "Gern am Mittwoch!",
        "Wednesday would be great",
        "Wednesday is fine for me",
    ],
    6: [
        "can do Thursday",
        "Can do Thursday but not Friday",
        "Please book me in for Thursday 10am",
        "Donnerstag bin ich frei",
        "Donnerstag bin ich frei, Freitag nicht",
        "Donnerstag 10 Uhr klingt gut",
        "Am Donnerstag sind wir dabei",
        "6",
        "Thursday works, not Friday",
        "Donnerstag passt, Freitag nicht",
        "Thursday works, Friday doesn't",
        "Friday doesn't work, Thursday does",
        "Freitag geht nicht, aber Donnerstag passt",
        "Friday does not work. Thursday works.",
        "I can't do Friday, but Thursday works for me",
        "Thursday but not Friday",
        "Thursday and not Friday",
        "Thursday",
        "Do 10 Uhr",
        "Donnerstag",
        "Thursday instead of Friday",
        "Donnerstag statt Freitag",
        "Thu at ten",
        "8 May",
        "8. Mai",
    ],
    7: [
        "7",
        "7 works",
        "7 please",
        "Fri 2pm",
        "Friday at two",
        "Friday at 2",
        "Freitag 14 Uhr",
        "Freitag um zwei",
        "14:00",
        "2 Uhr nachmittags",
    ],
    8: ["8", "the last one", "the last", "der letzte", "Freitag um halb vier", "Friday at half past three", "Fr 15:30"],
}
NONE = [
    "none",
    "none of these",
    "None of these.",
    "none of them work for me",
    "None of these times work for me, sorry",
    "Sorry, none of these work.",
    "Unfortunately none of these suits me",
    "I can't make any of these",
    "none of the above",
    "nothing works",
    "keiner",
    "keiner passt",
    "Leider passt keiner",
    "leider keiner davon",
    "Keiner der Termine passt mir.",
    "keiner dieser Termine passt",
    "Leider passt mir keiner der Termine",
    "nichts davon",
    "kein Termin passt",
    "Hi Grace,\n\nnone of these work for me, sorry.\n\nBest,\nKarl",
]
STOP = [
    "stop",
    "STOP",
    "Stop!",
    "please stop",
    "Please stop mailing me",
    "unsubscribe",
    "remove me please",
    "no more mails please",
    "stopp",
    "abbestellen",
    "bitte abmelden",
    "Keine Mails mehr bitte",
    "Schreiben Sie mir nicht mehr",
]
UNCLEAR = [
    "can do Thursday if Friday is not possible",
    "can do neither",
    "Can do Thursday?",
    "bin ich frei am Donnerstag",
    "Donnerstag bin ich nicht frei",
    "Donnerstag bin ich",
    "",
    "   \n",
    "Hi Grace",
    "thanks",
    "ok",
    "yes",
    "no",
    "nein",
    "ja",
    "works for me",
    "not 2",
    "nicht 2",
    "2 not",
    "2 geht nicht",
    "2 doesn't work",
    "2?",
    "2 or 3?",
    "Is 2 ok",
    "Would 2 work",
    "can you do 2",
    "Passt 2",
    "Geht Dienstag um 15 Uhr",
    "Can we do Tuesday at 3",
    "2 or 3",
    "2 and 3",
    "2, 3",
    "2 3",
    "2/3",
    "2-3",
    "2 oder 3",
    "1 to 3",
    "1 bis 3",
    "2 maybe",
    "maybe 2",
    "2, not sure",
    "2, 3 not sure",
    "not only 2",
    "or 2",
    "2 or",
    "and the second",
    "the second and",
    "the first two",
    "the second two",
    "sonst lieber 2",
    "otherwise 2",
    "notfalls 2",
    "zur Not 2",
    "2 is fine but I prefer Wednesday",
    "Tuesday at 3 is good, I am also free at 4",
    "2 is not fine 3 is",
    "Yes, that works for me.",
    "2 not yet",
    "2, noch nicht sicher",
    "vielleicht 2",
    "2 if Bob can come",
    "2, if possible",
    "2 unless it rains",
    "2 but only if Bob comes",
    "2 falls Bob kann",
    "2, wenn es sein muss",
    "2 but",
    "2, but later",
    "2 aber später",
    "2 ist zu früh",
    "2 is too early",
    "after 2",
    "before Tuesday",
    "ab 15 Uhr",
    "bis 15 Uhr",
    "around 3",
    "gegen 15 Uhr",
    "anything but 2",
    "any except Friday",
    "any time on Tuesday",
    "any day but Friday",
    "anything after Tuesday",
    "not any of them",
    "any or none",
    "any or",
    "alles gut",
    "alles klar",
    "Monday",
    "Tuesday",
    "Friday",
    "Dienstag",
    "Dienstag passt",
    "Tuesday afternoon",
    "Friday afternoon",
    "5 May",
    "6.5.",
    "Saturday",
    "Sunday at 3",
    "Tuesday at 5",
    "Tuesday at 3am",
    "Tuesday 03:00",
    "Di 3:00 nachts",
    "9",
    "15",
    "0",
    "99",
    "#9",
    "option 12",
    "the ninth",
    "2000",
    "2.5",
    "2,5",
    "2%",
    "2x",
    "½",
    "②",
    "2²",
    "2\N{ZERO WIDTH SPACE}",
    "2\N{RIGHT-TO-LEFT OVERRIDE}3",
    "5/6",
    "5/6 at 3",
    "next Tuesday at 3",
    "nächsten Dienstag 15 Uhr",
    "last Tuesday",
    "Tuesday week at 3",
    "the first Tuesday",
    "der zweite Dienstag",
    "Tuesday at 3 CET",
    "Tuesday 3pm EST",
    "15:00 UTC",
    "Tuesday at 3 my time",
    "Tuesday, 7 May, 15:00",
    "Wednesday 6 May",
    "6 May 2032 15:00",
    "6. Juni 15 Uhr",
    "2, Tuesday at 3",
    "Option 2 (Tuesday at 3)",
    "the 5th",
    "the 6th",
    "am 5.",
    "Tuesday 2",
    "Tuesday 1",
    "Friday 3",
    "5 Tuesday",
    "2 Monday",
    "2 Friday",
    "2 works",
    "2 works for me",
    "2 passt mir",
    "I take 2",
    "Ich nehme 2",
    "siebter",
    "not Monday, Tuesday",
    "nicht 1, 2",
    "not 1, 2",
    "not the first, the second or the third",
    "Monday not, Wednesday",
    "Thursday not Friday",
    "Donnerstag geht nicht Freitag",
    "I can't do Monday and Wednesday works",
    "Not Wednesday and Thursday",
    "Not on Friday and not on Thursday",
    "1 geht nicht, 2 auch",
    "1 doesn't work, 2 too",
    "2, not 2",
    "Wednesday, not on Wednesday",
    "2 none",
    "none, 2",
    "none of these, Thursday next week",
    "none of these but Friday at 9 would",
    "any, not Friday",
    "stop 2",
    "2 stop",
    "don't stop",
    "stop by at 3",
    "Don't unsubscribe me",
    "2 Bob",
    "2 with Bob",
    "2 with Karl",
    "Bob can do 2",
    "Bob says 2",
    "I think 2",
    "I hope 2 works",
    "2 should work",
    "2 sollte gehen",
    "2 könnte gehen",
    "probably 2",
    "let me check 2",
    "call me at 2",
    "call me on 0170 1234567",
    "My number is 2",
    "I have 2 questions",
    "2 people",
    "in 2 days",
    "2 hours",
    "for 2",
    "2 minutes late",
    "only 2 of us",
    "2 sorry 3",
    "2, sorry, 3",
    "2 no wait 3",
    "2 -> 3",
    "> 2",
    '"2"',
    "„2“",
    "she said '2'",
    "I would never choose 2",
    "anyone but 2",
    "leider 2",
    "2 leider",
    "Sorry, 2",
    "I am out of office until Tuesday at 3",
    "Ich bin bis Dienstag 15 Uhr nicht im Büro",
    "I am on holiday, back on Wednesday",
    "Automatic reply: Wednesday",
    "2\n\nThanks,\nbut not on Monday",
    "2\n\nBest regards,\nKarl\n\nPS: only if Bob comes",
    "2\n\nBest regards,\nKarl\nPS if Bob comes",
    "2\nBest regards if Bob comes",
    "2\n\nBest regards\nKarl\nor the third",
    "2\nUnless Bob",
    "Hi maybe,\n2",
    "Hi nicht,\n2",
    "Hallo not, 2",
    "Hi aber, 2",
    "2\nSent from my iPhone or 3",
    "2\nPeut-être",
    "peut-être le 2",
    "mardi à 15 heures",
    "martes a las 15",
    "2 \N{THUMBS DOWN SIGN}",
    "2 :(",
    "2...",
    "2…",
    "half three",
    "Tuesday half three",
    "viertel vier",
    "noon",
    "Tuesday at noon",
    "Mittag",
    "tomorrow",
    "morgen",
    "today at 3",
    "heute um 15 Uhr",
    "tomorrow at 3",
    "http://example.org/2",
    "2@example.org",
    "<2>",
    "{2}",
    "2;3",
    "1,2",
    "-2",
    "+2",
    "2e0",
    "0x2",
    "２",
    "٢",
    "\N{ROMAN NUMERAL TWO}",
    "x" * (LONGEST + 1),
    "2 3 " * 400,
]
ROWS = [
    *((text, (number,)) for number, texts in CHOOSING.items() for text in texts),
    *((text, "none") for text in NONE),
    *((text, "stop") for text in STOP),
    *((text, "unclear") for text in UNCLEAR),
]


@pytest.mark.parametrize(("text", "expected"), ROWS, ids=[repr(text[:60]) for text, _ in ROWS])
def test_an_answer_is_read_as_a_person_would_or_not_at_all(text, expected):
    assert numbers(read(text, offer(), NAMES)) == expected


DOUBTS = (
    "maybe",
    "if",
    "perhaps",
    "not sure",
    "vielleicht",
    "falls",
    "except",
    "never",
    "xyz",
    "unless",
    "?",
    "or 1.5",
)


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_word_of_doubt_before_or_behind_any_answer_makes_it_unclear(doubt):
    said = [(text, f"{doubt} {text}") for text, _ in ROWS] + [
        (text, f"{text} {doubt}") for text, _ in ROWS if "\n" not in text.strip()
    ]
    assert [changed for _, changed in said if numbers(read(changed, offer(), NAMES)) != "unclear"] == []


def test_several_are_chosen_where_that_is_allowed_and_they_are_named_as_a_list():
    several = {
        "1 and 2": (1, 2),
        "1, 2 and 8": (1, 2, 8),
        "1 oder 2": (1, 2),
        "the first and the second": (1, 2),
        "1\n2": (1, 2),
        "option 1 or option 2": (1, 2),
        "Wednesday and Thursday": (5, 6),
        "Mittwoch oder Donnerstag": (5, 6),
        "Tuesday at 3 and Wednesday at 11": (3, 5),
    }
    assert {text: numbers(read(text, offer(most=3), NAMES)) for text in several} == several


@pytest.mark.parametrize(
    "text",
    [
        "1, 2, 3 and 8",
        "Tuesday at 3 and 4",
        "Tuesday and Wednesday at 3",
        "Wednesday and Friday",
        "1 and Thursday",
        "not the first, the second or the third",
        "not 1, 2 and 8",
        "1, otherwise 2",
        "lieber 1 als 2",
        "1, lieber 2",
        "1 but 2",
        "1, sorry, 2",
        "1 please 2",
        "1 then 2",
        "1 not, 2, 8",
        "1 8",
        "the 3 first",
        "first second",
        "Wednesday and Thursday, not Friday",
    ],
)
def test_several_that_are_too_many_or_no_plain_list_are_unclear(text):
    assert numbers(read(text, offer(most=3), NAMES)) == "unclear"


def test_the_reason_tells_what_to_ask():
    reasons = {
        "": Reason.EMPTY,
        "x" * 3000: Reason.LONG,
        "maybe 2": Reason.WORDS,
        "2?": Reason.QUESTION,
        "thanks": Reason.EMPTY,
        "yes please": Reason.NOTHING_NAMED,
        "Saturday": Reason.NOT_OFFERED,
        "Friday": Reason.SEVERAL,
        "2, not 2": Reason.CONTRADICTION,
    }
    assert {text: read(text, offer(), NAMES).reason for text in reasons} == reasons


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("tomorrow at 9", None),
        ("morgen um 9", None),
        ("tomorrow at 9", local("2031-05-05 00:30")),
        ("tomorrow at 9", local("2031-05-03 14:00")),
    ],
    ids=["no day of writing", "in German", "in the small hours", "a day too early"],
)
def test_tomorrow_counts_only_where_today_is_certain(text, now):
    assert numbers(read(text, offer(now=now), NAMES)) == "unclear"


@pytest.mark.parametrize("most", [1, 3])
def test_where_nothing_is_offered_nothing_is_chosen(most):
    nothing = offer(starts=(), most=most)
    assert {numbers(read(text, nothing, NAMES)) for text, _ in ROWS} == {"unclear", "none", "stop"}


def test_times_are_those_of_the_zone_that_the_letter_told():
    elsewhere = offer(zone="America/Chicago")
    assert numbers(read("Tuesday at 8", elsewhere, NAMES)) == (3,)
    assert numbers(read("Tuesday at 3", elsewhere, NAMES)) == "unclear"


def test_an_hour_that_the_clock_shows_twice_names_no_slot():
    twice = Offer((local("2031-10-26 02:00"), local("2031-10-26 02:00") + 3600), BERLIN, SUNDAY)
    assert isinstance(read("Sunday at 2", twice), Unclear)


SAID = """
1 2 3 4 5 6 7 8 9 10 15 #2 2nd 6th 3pm 15:00 10:30 9:00 06.05. 6.5. two three first second zweite monday
tuesday thursday friday montag dienstag di do fr may mai tomorrow morgen morning nachmittag at um on am the
die der option nr. uhr o'clock pm and und or oder not nicht don't but aber sondern works passt geht is ist can
i ich me mir please bitte yes ja too auch only nur instead statt of none any egal keiner stop thanks danke hi
hallo karl grace maybe if , . ! ? - ( )  > -- lieber rather
"""
EVIDENCE = {
    1: "1 first one #1 erste monday montag mo 9 9:00 tomorrow morgen any egal",
    2: "2 #2 2nd two second zweite monday montag 10:30 tomorrow morgen half",
    3: "3 three third tuesday dienstag di 3pm 15 15:00 06.05. 6.5. 6th may mai",
    4: "4 tuesday dienstag di 4 16 06.05. 6.5. 6th may mai",
    5: "5 wednesday 11 11:00 may mai",
    6: "6 thursday donnerstag do 10 6th may mai",
    7: "7 friday freitag fr 2 two may mai",
    8: "8 friday freitag fr 15:30 may mai",
}


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(SAID.split()), max_size=9), st.sampled_from([1, 3]))
def test_whatever_is_said_only_what_is_named_is_chosen_and_nothing_that_is_denied(words, most):
    text = " ".join(words)
    found = numbers(read(text, offer(most=most), NAMES))
    if not isinstance(found, tuple):
        return
    said = set(text.replace("(", " ").replace(")", " ").split())
    assert all(said & set(EVIDENCE[number].split()) for number in found)
    assert len(found) <= most
    assert not said & {"?", "if", "maybe", ">", "none", "keiner", "stop"}
    if said & {"not", "nicht", "don't", "statt"}:
        assert len(said & {word for row in EVIDENCE.values() for word in row.split()}) > 1


@settings(max_examples=1000, deadline=None)
@given(st.text(max_size=200))
def test_text_of_any_kind_is_read_without_an_error_and_chooses_nothing_unnamed(text):
    found = numbers(read(text, offer(), NAMES))
    named = {word[:length] for row in EVIDENCE.values() for word in row.split() for length in (2, 3, 4, 99)}
    assert not isinstance(found, tuple) or any(one.isdigit() for one in text) or named & set(text.lower().split())
