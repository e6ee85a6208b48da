"""Reading, listing and looking up conversations: what whom is told."""

from __future__ import annotations

import pytest

from tests.api.conftest import address
from tests.conftest import slots_path
from tests.make import at, person, proposal, selection, slot_id, text

PATH = "/v1/scheduling_conversations"
HIDDEN = ("email", "sub", "page_url")


def path_of(opened):
    return f"{PATH}/{opened['scheduling_conversation_id']}"


def token_of(opened, position):
    return opened["participants"][position]["page_url"].rpartition("/")[2]


def bare(opened):
    return opened["scheduling_conversation"]


@pytest.fixture
def karl(service, application):
    return service.person(application, address())


@pytest.fixture
def opened(application, grace, karl):
    """A conversation of Grace, who has an account, and Karl, who has one and an address as well."""
    people = [person("@grace", sub=grace.sub), person("@karl", sub=karl.sub, email="karl@example.org")]
    return application.client.open(proposal(*people))


@pytest.fixture
def karls(service, karl, opened):
    """Karl's credentials: his account's token and that of his link."""
    return [karl.client, service.client(token_of(opened, 1))]


def test_an_owner_reads_all_of_it(application, opened):
    application.client.select(opened, 0, selection("10:00"))
    grace, karl = application.client.again(opened)["participants"]
    assert grace["slots"]["selected"] == [{"slot_id": slot_id("10:00"), "start": text("10:00"), "end": text("11:00")}]
    assert [set(HIDDEN) - set(one) for one in (grace, karl)] == [{"email"}, set()]
    assert (grace["possible_actions"], set(karl["possible_actions"])) == ({}, {"slots_list", "slots_select"})


def test_a_participant_sees_of_others_neither_address_nor_links_nor_choice(application, opened, karls):
    application.client.select(opened, 0, selection("10:00"))
    for client in karls:
        grace, karl = client.get(path_of(opened)).json()["participants"]
        assert grace == {
            "participant_id": "@grace",
            "common_name": "Grace",
            "managed_availability": False,
            "slots": {"selection_method": "manual"},
            "slot_choice": {"method": "manual"},
            "status": "waiting",
            "possible_actions": {},
        }
        assert karl == application.client.again(opened)["participants"][1]


def test_a_participants_listing_and_select_hide_the_same(application, opened, karls):
    application.client.select(opened, 0, selection("10:00"))
    for client in karls:
        token = token_of(opened, 1)
        assert not leaks(karls[0].get(PATH).json()["scheduling_conversations"][0])
        assert not leaks(karls[0].get(PATH, params={"token": token}).json()["scheduling_conversation"])
        refused = client.select(opened, 1, selection("18:00"))
        assert "@grace" not in refused.text
    assert not leaks(karls[1].select(opened, 1, selection("11:00")).json())


def leaks(told):
    """Whether something of Grace's shows that only owners and she may see."""
    grace = told["participants"][0]
    shown = [name for name in HIDDEN if name in grace]
    return shown + [name for name in ("selected",) if name in grace["slots"]] + list(grace["possible_actions"])


def test_once_complete_everybody_sees_everybodys_choice(application, opened, karls):
    for position in (0, 1):
        application.client.select(opened, position, selection("10:00"))
    for client in karls:
        grace, karl = client.get(path_of(opened)).json()["participants"]
        assert grace["slots"]["selected"] == karl["slots"]["selected"]
        assert [name for name in HIDDEN if name in grace] == []


def test_the_creating_account_sees_all_even_where_it_takes_part(grace, karl):
    opened = grace.client.open(proposal(person("@grace", sub=grace.sub), person("@karl", email="karl@example.org")))
    assert grace.client.again(opened) == opened
    assert opened["participants"][1]["email"] == "karl@example.org"
    assert "page_url" in opened["participants"][1]


def test_a_complete_conversation_reads_with_its_chosen_slot_and_without_actions(application, opened):
    for position in (0, 1):
        application.client.select(opened, position, selection("10:00"))
    told = application.client.again(opened)
    assert told["chosen_slot"]["slot_id"] == told["chosen_slot"]["available_slot_id"] == slot_id("10:00")
    assert [one["possible_actions"] for one in told["participants"]] == [{}, {}]


def test_reading_works_when_all_periods_have_passed(own_service):
    client = own_service.application().client
    opened = client.open(proposal())
    own_service.clock.instant = at("09:00", 3)
    assert client.again(opened) == opened
    assert client.slots(opened, 0).json() == {"slots": []}


@pytest.mark.parametrize("who", ["account", "link"])
def test_the_actions_of_a_participant_work_for_them(application, opened, karls, who):
    client = karls[who == "link"]
    actions = client.get(path_of(opened)).json()["participants"][1]["possible_actions"]
    assert client.get(actions["slots_list"]["url"]).status_code == 200
    assert client.post(actions["slots_select"]["url"], json=selection("10:00")).status_code == 200


@pytest.mark.parametrize("who", ["account", "link"])
def test_a_participant_reads_no_history(opened, karls, who):
    answer = karls[who == "link"].get(f"{path_of(opened)}/history")
    assert (answer.status_code, answer.content) == (403, b"")


def test_conversations_are_listed_newest_first_in_pages(own_service):
    client = own_service.application().client
    made = []
    for _ in range(201):
        own_service.clock.instant += 1
        made.append(client.open(proposal())["scheduling_conversation_id"])
    told = pages(client, PATH)
    assert [len(one["scheduling_conversations"]) for one in told] == [100, 100, 1]
    assert [one["pages"]["current"] for one in told] == [1, 2, 3]
    assert [one["pages"]["total"] for one in told] == [3, 3, 3]
    assert [one["scheduling_conversation_id"] for page in told for one in page["scheduling_conversations"]] == made[
        ::-1
    ]


def ids(told):
    """The ids of all conversations of these pages."""
    return [one["scheduling_conversation_id"] for page in told for one in page["scheduling_conversations"]]


def pages(client, url):
    """Every page from this one on."""
    told = [client.get(url).json()]
    while url := told[-1]["pages"].get("next_page"):
        told.append(client.get(url).json())
    return told


def test_conversations_of_one_second_all_appear_once(service, application):
    made = {application.client.open(proposal())["scheduling_conversation_id"] for _ in range(150)}
    told = ids(pages(application.client, PATH))
    assert (len(told), set(told)) == (150, made)


def test_the_total_stays_while_conversations_are_added(application):
    for _ in range(101):
        application.client.open(proposal())
    url = application.client.get(PATH).json()["pages"]["next_page"]
    for _ in range(100):
        application.client.open(proposal())
    assert application.client.get(url).json()["pages"] == {"current": 2, "total": 2}


def test_nothing_listed_is_one_empty_page(application):
    expected = {"pages": {"current": 1, "total": 1}, "scheduling_conversations": []}
    assert application.client.get(PATH).json() == expected


def test_a_page_can_be_asked_for_an_hour_and_again(own_service):
    client = own_service.application().client
    for _ in range(101):
        client.open(proposal())
    url = client.get(PATH).json()["pages"]["next_page"]
    own_service.clock.instant += 600
    again = [client.get(url), client.get(f"{url}?include_managed=true")]
    own_service.clock.instant += 3000
    late = client.get(url)
    assert [one.status_code for one in again] == [200, 200]
    assert (late.status_code, late.content) == (404, b"")


@pytest.mark.parametrize("token", ["x", "x.y", "%00", "a" * 5000, "é", "%ff%fe"], ids=lambda token: token[:8])
def test_a_page_token_of_no_listing_is_404(application, token):
    assert application.client.get(f"{PATH}/pages/{token}").status_code == 404


def test_the_page_token_of_one_listing_opens_no_other(grace):
    for _ in range(101):
        grace.client.open(proposal())
    token = grace.client.get(PATH).json()["pages"]["next_page"].rpartition("/")[2]
    others = ("/v1/events/pages", "/v1/available_periods/pages", f"{PATH}/scv_1/history/pages")
    assert [grace.client.get(f"{path}/{token}").status_code for path in others] == [404] * 3


def test_an_account_lists_what_it_created_or_takes_part_in(application, grace, karl):
    mine = grace.client.open(proposal())
    ours = application.client.open(proposal(person("@grace", sub=grace.sub)))
    karl.client.open(proposal())
    listed = grace.client.get(PATH).json()["scheduling_conversations"]
    assert {one["scheduling_conversation_id"] for one in listed} == {
        mine["scheduling_conversation_id"],
        ours["scheduling_conversation_id"],
    }


def test_listed_conversations_are_bare_and_the_same_as_read(application, opened):
    assert application.client.get(PATH).json()["scheduling_conversations"] == [bare(opened)]


def test_an_owner_looks_up_every_participant_by_token(application, opened):
    for position in (0, 1):
        told = application.client.get(PATH, params={"token": token_of(opened, position)}).json()
        assert told == {"participant": bare(opened)["participants"][position], "scheduling_conversation": bare(opened)}


def test_the_look_up_tells_an_account_no_more_than_reading_does(opened, karl):
    told = karl.client.get(PATH, params={"token": token_of(opened, 0)}).json()
    read = karl.client.get(path_of(opened)).json()["scheduling_conversation"]
    assert told == {"participant": read["participants"][0], "scheduling_conversation": read}


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(lambda token: "", id="empty"),
        pytest.param(lambda token: "x", id="garbage"),
        pytest.param(lambda token: token[:-1], id="cut"),
        pytest.param(lambda token: token + "A", id="longer"),
        pytest.param(lambda token: token.replace(".0.0.", ".1.0."), id="another position"),
        pytest.param(lambda token: token.replace(".0.0.", ".0.1."), id="another generation"),
        pytest.param(lambda token: token.replace(".0.0.", ".00.0."), id="another spelling"),
        pytest.param(lambda token: "scv_" + ("1" if token[4] == "0" else "0") + token[5:], id="another conversation"),
        pytest.param(lambda token: token + "\0é", id="odd characters"),
    ],
)
def test_a_token_that_was_not_given_finds_nothing(application, opened, forged):
    answer = application.client.get(PATH, params={"token": forged(token_of(opened, 0))})
    assert (answer.status_code, answer.content) == (404, b"")


def test_a_token_of_another_applications_conversation_finds_nothing(service, opened):
    stranger = service.application().client
    assert stranger.get(PATH, params={"token": token_of(opened, 0)}).status_code == 404


def test_tokens_need_no_escaping_in_addresses(opened):
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert set(token_of(opened, 0) + token_of(opened, 1)) <= allowed
    assert token_of(opened, 0) != token_of(opened, 1)


def test_a_link_is_shown_the_same_every_time(application, opened):
    assert application.client.again(opened)["participants"] == opened["participants"]


def test_positions_are_in_urls_and_ids_are_not(service, application):
    opened = application.client.open(proposal(person("../a b"), person("@karl/x?y#z")))
    urls = [one["possible_actions"]["slots_list"]["url"] for one in opened["participants"]]
    assert urls == [service.url + slots_path(opened, position) for position in (0, 1)]
