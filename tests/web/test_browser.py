"""The pages in a browser: without script, by keyboard, in the browser's zone, on a narrow screen, light and dark."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import Application, Service
from tests.make import at, person, proposal, selection, slot_id

CHROMIUM = Path("/usr/bin/chromium")

# Every text that stands in the page, with its contrast against the nearest opaque background (WCAG 2.2, 1.4.3).
CONTRASTS = """() => {
  const light = (channel) => (channel /= 255) <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const behind = (element) => {
    const colour = parts(getComputedStyle(element).backgroundColor);
    return colour.length === 4 && colour[3] === 0 ? behind(element.parentElement) : luminance(colour);
  };
  const written = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.body.querySelectorAll("*")].filter(written).map((element) => {
    const pair = [luminance(parts(getComputedStyle(element).color)), behind(element)].sort((a, b) => b - a);
    return [element.textContent.trim().slice(0, 40), (pair[0] + 0.05) / (pair[1] + 0.05)];
  });
}"""

Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The installed Chromium; without it these tests are skipped, and fail where CI=true."""
    if not CHROMIUM.exists():
        why = f"there is no {CHROMIUM}; apt-get install chromium"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"], timeout=60_000
        )
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser, service: Service) -> Iterator[Opened]:
    """Open an address in a browser of its own, in the conversation's zone; no page may complain or call elsewhere."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def watch(page: Page) -> None:
        page.on("console", lambda told: complaints.append(told.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda one: one.url.startswith(service.url) or complaints.append(one.url))

    def open_page(url: str, **settings: Any) -> Page:
        contexts.append(browser.new_context(**{"timezone_id": "America/Chicago", **settings}))
        page = contexts[-1].new_page()
        watch(page)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    expected = "Failed to load resource: the server responded with a status of 4"
    assert [one for one in complaints if not one.startswith(expected)] == []


@pytest.fixture
def talk(application: Application) -> dict[str, Any]:
    """A conversation between Grace and Karl, who both choose."""
    return application.client.open(proposal(event={"location": {"description": "Board Room"}}))


def link(conversation: dict[str, Any], position: int) -> str:
    return conversation["participants"][position]["page_url"]


def radio(page: Page, clock: str) -> Any:
    return page.locator(f'#choice input[value="{slot_id(clock)}"]')


def heading(page: Page) -> str:
    return page.locator("h2").inner_text()


def test_without_script_two_people_come_to_an_agreement(opened, talk):
    for position in (1, 0):
        page = opened(link(talk, position), java_script_enabled=False)
        radio(page, "10:00").check()
        page.get_by_role("button", name="Choose this time").click()
    assert heading(page) == "A time is agreed"
    assert page.title() == "Agreed: Monday, 5 May 2031 · Roadmap"
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to my calendar").click()
    assert download.value.suggested_filename == "meeting.ics"
    assert "BEGIN:VEVENT" in download.value.path().read_text()


def test_a_keyboard_is_enough(opened, talk):
    page = opened(link(talk, 1))
    while page.evaluate("document.activeElement.name") != "slot":
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Choose this time"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Waiting for the others").wait_for()
    assert page.locator(".chosen time").nth(1).inner_text() == "05:00"


def test_without_script_another_zone_can_be_shown(opened, talk):
    page = opened(link(talk, 1), java_script_enabled=False)
    page.get_by_label("Time zone").select_option("Asia/Kathmandu")
    page.get_by_role("button", name="Show").click()
    assert "zone=Asia%2FKathmandu" in page.url
    assert page.locator("legend").inner_text().endswith("Asia/Kathmandu, UTC+05:45")


def test_times_start_in_the_browsers_zone(opened, talk):
    page = opened(f"{link(talk, 1)}?slot={slot_id('10:00')}", timezone_id="Asia/Tokyo")
    page.wait_for_url("**zone=Asia%2FTokyo")
    assert page.get_by_label("Time zone").input_value() == "Asia/Tokyo"
    assert radio(page, "10:00").is_checked()


def test_a_zone_in_the_address_is_kept(opened, talk):
    page = opened(f"{link(talk, 1)}?zone=Europe/Berlin", timezone_id="Asia/Tokyo")
    assert page.get_by_label("Time zone").input_value() == "Europe/Berlin"


def test_what_is_picked_stays_picked_when_another_zone_is_shown(opened, service):
    several = service.application(max_selected_slots=3).client
    page = opened(link(several.open(proposal()), 1))
    for clock in ("10:00", "12:00"):
        radio(page, clock).check()
    page.get_by_label("Time zone").select_option("Europe/Paris")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**zone=Europe%2FParis**")
    assert [radio(page, one).is_checked() for one in ("10:00", "11:00", "12:00")] == [True, False, True]


def test_a_refusal_is_told_where_the_reader_is_and_stays_where_it_is(opened, application, grace):
    people = person("@grace", "auto", sub=grace.sub), person("@karl")
    mine, other = (application.client.open(proposal(*people)) for _ in range(2))
    page = opened(f"{link(mine, 1)}?zone=Europe/Berlin", timezone_id="Asia/Tokyo")
    radio(page, "10:00").check()
    application.client.select(other, 1, selection("10:00"))
    page.get_by_role("button", name="Choose this time").click()
    page.get_by_role("alert").wait_for()
    assert page.get_by_role("alert").evaluate("element => element === document.activeElement")
    assert page.get_by_label("Time zone").input_value() == "Europe/Berlin"
    assert page.url == link(mine, 1)
    assert radio(page, "10:00").count() == 0


def test_opening_a_link_with_script_chooses_nothing(opened, application, talk):
    opened(f"{link(talk, 1)}?slot={slot_id('10:00')}", timezone_id="Asia/Tokyo").wait_for_url("**zone=**")
    assert application.client.again(talk)["participants"][1]["status"] == "needs_action"


def in_every_state(service: Service, application: Application, talk: dict[str, Any]) -> Iterator[str]:
    """Addresses of pages: to choose, overtaken, waiting, agreed, passed, not valid, the first page, and the API."""
    client, over = application.client, client_of_passed(application)
    yield link(talk, 1)
    client.select(talk, 0, selection("10:00"))
    client.select(talk, 1, selection("11:00"))
    yield link(talk, 0)
    yield link(talk, 1)
    client.select(talk, 0, selection("11:00"))
    yield link(talk, 1)
    service.clock.instant = at("16:30")
    yield link(over, 1)
    yield f"{service.url}/c/nothing"
    yield service.url
    yield f"{service.url}/docs"


def client_of_passed(application: Application) -> dict[str, Any]:
    return application.client.open(proposal(subject="W" * 300, event={"location": {"description": "x" * 300}}))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(opened, service, application, talk, scheme):
    page = opened(service.url, color_scheme=scheme)
    for url in in_every_state(service, application, talk):
        page.goto(url)
        found = page.evaluate(CONTRASTS)
        assert len(found) > 4
        assert [one for one in found if one[1] < 4.5] == []


def test_on_a_narrow_screen_nothing_is_cut_off_and_everything_can_be_touched(opened, service, application, talk):
    page = opened(service.url, viewport={"width": 320, "height": 640}, has_touch=True)
    for url in in_every_state(service, application, talk):
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        boxes = [one.bounding_box() for one in page.locator("button, select, .slot, .primary, .brand").all()]
        assert all(box and box["height"] >= 44 for box in boxes)


def test_every_page_has_landmarks_one_heading_and_names_for_its_controls(opened, service, application, talk):
    page = opened(service.url)
    for url in in_every_state(service, application, talk):
        page.goto(url)
        assert page.locator("main").count() == page.locator("h1").count() == page.locator("body > header").count() == 1
        assert page.evaluate("document.documentElement.lang") == "en"
        assert page.locator("fieldset").count() == page.locator("fieldset > legend").count()
        unnamed = "inputs => inputs.filter((one) => one.type !== 'hidden' && !one.labels.length).length"
        assert page.locator("input, select").evaluate_all(unnamed) == 0
