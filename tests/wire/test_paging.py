"""Pages: what a next page is asked with travels in its address, for its caller alone and for a while."""

import msgspec
import pytest

from parley.core import access, limits
from parley.core.errors import NotFound
from parley.wire.paging import Page, first, read_token, token, write_pages
from tests.make import SUNDAY_NOON

SECRET, WHOSE = b"s" * 32, "/v1/events app 7"
PAGE = first(SUNDAY_NOON, "cal_1", -5).counted(250)
SECOND = Page(PAGE.query, PAGE.until, PAGE.total, current=2, after=(17, "evt_1"))


def next_page(page, after=(17, "evt_1")):
    return write_pages(page, "https://parley.example/v1/events/pages", after, WHOSE, SECRET)


@pytest.mark.parametrize(
    ("rows", "total"), [(0, 1), (1, 1), (100, 1), (101, 2), (200, 2), (201, 3), (1000, 10)], ids=str
)
def test_rows_are_counted_in_pages_of_a_hundred_and_nothing_is_one_page(rows, total):
    assert first(SUNDAY_NOON).counted(rows).total == total


def test_a_next_page_continues_the_same_listing_behind_the_mark():
    told = next_page(PAGE)
    address, _, text = told.pop("next_page").rpartition("/")
    read = read_token(text, WHOSE, SECRET, SUNDAY_NOON)
    assert told == {"current": 1, "total": 3}
    assert address == "https://parley.example/v1/events/pages"
    assert (read.query, read.total, read.current, read.after) == (("cal_1", -5), 3, 2, (17, "evt_1"))


def test_the_address_of_a_next_page_has_no_query():
    assert set(next_page(PAGE)["next_page"]) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/"
    )


def test_the_last_page_has_no_next_one():
    assert next_page(Page((), SUNDAY_NOON, total=3, current=3)) == {"current": 3, "total": 3}
    assert next_page(first(SUNDAY_NOON).counted(0), after=None) == {"current": 1, "total": 1}


def test_the_last_page_takes_what_came_after_the_count():
    assert [Page((), 0, total=3, current=one).most for one in (1, 2, 3)] == [100, 100, 1000]


@pytest.mark.parametrize(
    ("current", "rows", "total"),
    [
        pytest.param(1, 100, 3, id="not the last"),
        pytest.param(3, 999, 3, id="the last"),
        pytest.param(3, 1000, 4, id="the last by the count, and full"),
        pytest.param(4, 1000, 5, id="beyond the count, and full"),
    ],
)
def test_a_full_page_is_followed_by_another_whatever_was_counted(current, rows, total):
    page = Page((), 0, total=max(3, current), current=current)
    assert page.holding(rows).total == total
    assert ("next_page" in next_page(page.holding(rows))) == (current < total)


def test_a_page_without_rows_continues_where_the_one_before_it_ended():
    text = next_page(SECOND, after=None)["next_page"].rpartition("/")[2]
    assert read_token(text, WHOSE, SECRET, SUNDAY_NOON).after == SECOND.after


GOOD = token(SECOND, WHOSE, SECRET)
BODY, CODE = GOOD.split(".")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(".", id="a point"),
        pytest.param(BODY, id="no code"),
        pytest.param(f"{BODY}.", id="an empty code"),
        pytest.param(f"{BODY}A.{CODE}", id="another body"),
        pytest.param(f"{BODY}.{CODE[:-1]}", id="a shorter code"),
        pytest.param(f"{GOOD}.{CODE}", id="something behind"),
        pytest.param(token(SECOND, "/v1/events app 8", SECRET), id="another account's"),
        pytest.param(token(SECOND, "/v1/conversations app 7", SECRET), id="another listing's"),
        pytest.param(token(SECOND, WHOSE, b"t" * 32), id="another installation's"),
        pytest.param(f"!!!.{access.code(SECRET, 'page', f'{WHOSE} !!!')}", id="signed, but not base64"),
        pytest.param(f"AAAA.{access.code(SECRET, 'page', f'{WHOSE} AAAA')}", id="signed, but no page"),
        pytest.param(f"A.{access.code(SECRET, 'page', f'{WHOSE} A')}", id="signed, but cut"),
        pytest.param(
            f"{BODY}.{access.code(SECRET, 'participant', f'{WHOSE} {BODY}')}", id="signed for another purpose"
        ),
    ],
)
def test_a_token_that_is_not_the_callers_finds_nothing(text):
    with pytest.raises(NotFound):
        read_token(text, WHOSE, SECRET, SUNDAY_NOON)


def test_a_token_ends():
    read_token(GOOD, WHOSE, SECRET, SECOND.until - 1)
    with pytest.raises(NotFound):
        read_token(GOOD, WHOSE, SECRET, SECOND.until)


def test_every_next_page_lasts_from_the_moment_it_is_told():
    late = SUNDAY_NOON + limits.PAGE_TOKEN_SECONDS - 1
    read = read_token(GOOD, WHOSE, SECRET, late)
    following = next_page(read)["next_page"].rpartition("/")[2]
    assert read_token(following, WHOSE, SECRET, late + 600).current == 3


def test_a_page_travels_whole():
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(SECOND), type=Page) == SECOND
