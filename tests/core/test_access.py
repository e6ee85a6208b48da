"""Tokens that are derived, and how far a credential reaches."""

from dataclasses import replace

import pytest

from parley.core import access
from parley.core.access import (
    Access,
    AccountCaller,
    ApplicationCaller,
    Mailbox,
    ParticipantCaller,
    ParticipantToken,
    Standing,
    acting_for,
    granted,
    mail_token,
    participant_token,
    read_link_token,
    read_mail_token,
    read_participant_token,
    standing,
)
from parley.core.errors import Forbidden, NotFound
from tests.make import auto, conversation, manual

SECRET, OTHER_SECRET = b"s" * 32, b"t" * 32
TALK = conversation(auto("@grace", 1), replace(manual("@karl"), account=2), manual("@ida"), creator=3)
TOKEN = ParticipantToken(TALK.id, 1, 0)


def account(key, application="app", scope="create_event"):
    return AccountCaller(application, key, f"acc_{key}", scope)


OF_SERVICE = TOKEN._replace(service="csv_0123456789abcdef01234567")


@pytest.mark.parametrize("token", [TOKEN, TOKEN._replace(position=12, generation=345), OF_SERVICE], ids=str)
def test_a_participant_token_says_what_it_was_made_of(token):
    assert read_participant_token(SECRET, participant_token(SECRET, token)) == token


def test_the_same_participant_has_the_same_token_and_every_other_another():
    others = [TOKEN._replace(conversation="scv_1"), TOKEN._replace(position=2), TOKEN._replace(generation=1), TOKEN]
    assert len({participant_token(SECRET, one) for one in others}) == 4
    assert participant_token(SECRET, TOKEN) == participant_token(SECRET, TOKEN)


def test_the_token_of_a_service_is_another_and_no_link():
    link, service = (participant_token(SECRET, one) for one in (TOKEN, OF_SERVICE))
    assert service != link
    assert (read_link_token(SECRET, link), read_link_token(SECRET, service)) == (TOKEN, None)


def test_a_service_stands_where_its_participant_does_and_is_known_as_one():
    assert standing(ParticipantCaller(*OF_SERVICE), TALK) == Standing(False, 1, OF_SERVICE.service)
    with pytest.raises(Forbidden):
        acting_for(0, ParticipantCaller(*OF_SERVICE), TALK)


def test_a_participant_token_is_fit_for_a_url():
    assert set(participant_token(SECRET, TOKEN)) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
    )


GOOD = participant_token(SECRET, TOKEN)
CONVERSATION, POSITION, GENERATION, MAC = GOOD.split(".")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("...", id="dots"),
        pytest.param(MAC, id="the code alone"),
        pytest.param(f"{CONVERSATION}.{POSITION}.{GENERATION}", id="no code"),
        pytest.param(f"{CONVERSATION}.{POSITION}.{GENERATION}.", id="an empty code"),
        pytest.param(f"scv_other.{POSITION}.{GENERATION}.{MAC}", id="another conversation"),
        pytest.param(f"{CONVERSATION}.0.{GENERATION}.{MAC}", id="another position"),
        pytest.param(f"{CONVERSATION}.{POSITION}.1.{MAC}", id="another generation"),
        pytest.param(f"{CONVERSATION}.01.{GENERATION}.{MAC}", id="the position written otherwise"),
        pytest.param(f"{CONVERSATION}.{POSITION}.{GENERATION}.{MAC[:-1]}", id="a shorter code"),
        pytest.param(f"{GOOD}.", id="something behind"),
        pytest.param(f" {GOOD}", id="something before"),
        pytest.param(f"{CONVERSATION}.{POSITION}.{GENERATION}.ä{MAC[1:]}", id="a letter that is not ASCII"),
        pytest.param(participant_token(OTHER_SECRET, TOKEN), id="another installation's"),
        pytest.param(f"a.{access.code(SECRET, 'participant', 'a')}", id="signed, but of too few parts"),
        pytest.param(f"a.1.0.{access.code(SECRET, 'page', 'a.1.0')}", id="signed for another purpose"),
    ],
)
def test_what_is_no_token_of_ours_says_nothing(text):
    assert read_participant_token(SECRET, text) is None


def test_a_code_depends_on_secret_purpose_and_text_and_on_where_they_part():
    codes = {
        access.code(SECRET, "page", "text"),
        access.code(OTHER_SECRET, "page", "text"),
        access.code(SECRET, "pag", "etext"),
        access.code(SECRET, "page", "Text"),
    }
    assert len(codes) == 4


OWNER = Standing(owner=True)


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        pytest.param(ApplicationCaller("app"), OWNER, id="its application"),
        pytest.param(ApplicationCaller("other"), NotFound, id="another application"),
        pytest.param(account(3), OWNER, id="the creating account"),
        pytest.param(account(1), Standing(False, 0), id="a participant's account"),
        pytest.param(account(2), Standing(False, 1), id="a choosing participant's account"),
        pytest.param(account(4), NotFound, id="an account that has no part"),
        pytest.param(account(3, "other"), NotFound, id="the creating account, by another application"),
        pytest.param(account(1, "other"), NotFound, id="a participant's account, by another application"),
        pytest.param(ParticipantCaller(TALK.id, 2, 0), Standing(False, 2), id="a participant's token"),
        pytest.param(ParticipantCaller("scv_other", 2, 0), NotFound, id="a token of another conversation"),
        pytest.param(ParticipantCaller(TALK.id, 3, 0), NotFound, id="a token of a position that is not there"),
        pytest.param(ParticipantCaller(TALK.id, 2, 1), NotFound, id="a token of another generation"),
    ],
)
def test_a_caller_stands_to_a_conversation_as(caller, expected):
    if expected is NotFound:
        with pytest.raises(NotFound):
            standing(caller, TALK)
    else:
        assert standing(caller, TALK) == expected


def test_raising_the_generation_ends_the_links_before_it_and_no_other():
    people = list(TALK.participants)
    people[1] = replace(people[1], generation=1)
    raised = replace(TALK, participants=tuple(people))
    with pytest.raises(NotFound):
        standing(ParticipantCaller(TALK.id, 1, 0), raised)
    assert standing(ParticipantCaller(TALK.id, 1, 1), raised) == Standing(False, 1)
    assert standing(ParticipantCaller(TALK.id, 2, 0), raised) == Standing(False, 2)


def test_an_account_that_created_the_conversation_and_takes_part_is_its_owner():
    assert standing(account(1), replace(TALK, creator=1)) == OWNER


def test_without_a_creating_account_no_account_is_owner():
    with pytest.raises(NotFound):
        standing(account(3), replace(TALK, creator=None))


@pytest.mark.parametrize(
    ("caller", "position", "expected"),
    [
        pytest.param(ApplicationCaller("app"), 2, OWNER, id="the application for anybody"),
        pytest.param(account(3), 0, OWNER, id="the creating account for anybody"),
        pytest.param(account(2), 1, Standing(False, 1), id="an account for itself"),
        pytest.param(account(2), 0, Forbidden, id="an account for somebody else"),
        pytest.param(ParticipantCaller(TALK.id, 2, 0), 2, Standing(False, 2), id="a link for its own"),
        pytest.param(ParticipantCaller(TALK.id, 2, 0), 1, Forbidden, id="a link for somebody else"),
        pytest.param(ApplicationCaller("app"), 3, NotFound, id="the application for nobody"),
        pytest.param(account(2), 3, NotFound, id="an account for nobody"),
        pytest.param(account(4), 0, NotFound, id="a stranger"),
        pytest.param(ApplicationCaller("other"), 0, NotFound, id="another application"),
        pytest.param(ParticipantCaller("scv_other", 2, 0), 2, NotFound, id="a link of another conversation"),
    ],
)
def test_a_caller_acts_for_a_participant_as(caller, position, expected):
    if isinstance(expected, Standing):
        assert acting_for(position, caller, TALK) == expected
    else:
        with pytest.raises(expected):
            acting_for(position, caller, TALK)


@pytest.mark.parametrize(
    ("standing", "reached"),
    [(OWNER, [0, 1, 2]), (Standing(False, 0), [0]), (Standing(False, 2), [2])],
    ids=["owner", "first participant", "last participant"],
)
def test_a_standing_reaches(standing, reached):
    assert [position for position in range(3) if standing.reaches(position)] == reached


EVERYTHING = {"read_account", "list_calendars", "read_events", "create_event", "delete_event", "read_free_busy"}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("", set()),
        ("create_event", {"create_event"}),
        ("read_events", {"read_events", "read_free_busy"}),
        ("read_write", {"read_write"} | EVERYTHING),
        ("delete_event  list_calendars", {"delete_event", "list_calendars"}),
    ],
    ids=str,
)
def test_a_scope_grants_what_it_names_and_implies(scope, expected):
    assert granted(scope) == expected


@pytest.mark.parametrize(
    ("route", "caller", "expected"),
    [
        pytest.param(Access(), ApplicationCaller("app"), False, id="nobody by default: application"),
        pytest.param(Access(), account(1), False, id="nobody by default: account"),
        pytest.param(Access(), ParticipantCaller("scv_1", 0, 0), False, id="nobody by default: participant"),
        pytest.param(Access(application=True), ApplicationCaller("app"), True, id="an application"),
        pytest.param(Access(application=True), account(1), False, id="an application only"),
        pytest.param(Access(account=True), account(1, scope=""), True, id="an account of any scope"),
        pytest.param(Access(account=True, scope="create_event"), account(1), True, id="an account of the scope"),
        pytest.param(Access(account=True, scope="delete_event"), account(1), False, id="an account of another scope"),
        pytest.param(Access(account=True), ParticipantCaller("scv_1", 0, 0), False, id="an account only"),
        pytest.param(Access(participant=True), ParticipantCaller("scv_1", 0, 0), True, id="a participant"),
        pytest.param(
            Access(application=True, scope="create_event"), ApplicationCaller("app"), True, id="a key has no scope"
        ),
    ],
)
def test_a_route_admits(route, caller, expected):
    assert route.admits(caller) is expected


def test_a_digest_is_the_sha_256_of_the_token():
    assert access.digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


BOX = Mailbox("r", "5d1f0b62c38e4a97b0c4d6e8", 99, 255)


def test_an_address_token_says_what_it_was_made_of_in_any_case():
    text = mail_token(SECRET, BOX)
    assert read_mail_token(SECRET, text) == read_mail_token(SECRET, text.upper()) == BOX
    assert (text, len(text)) == (text.lower(), 41)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(BOX._replace(purpose="b"), id="purpose"),
        pytest.param(BOX._replace(subject="0" * 24), id="subject"),
        pytest.param(BOX._replace(position=0), id="position"),
        pytest.param(BOX._replace(generation=0), id="generation"),
    ],
)
def test_the_code_of_one_address_is_not_good_for_another(other):
    made, wanted = mail_token(SECRET, BOX), mail_token(OTHER_SECRET, other)
    assert read_mail_token(SECRET, wanted[:-18] + made[-18:]) is None


@pytest.mark.parametrize(
    "text",
    ["", "r", "r" * 41, "rä", "+", "x" + mail_token(SECRET, BOX)[1:], mail_token(SECRET, BOX) + "a", "r=" * 20],
)
def test_what_is_no_address_of_ours_says_nothing(text):
    assert read_mail_token(SECRET, text) is None
