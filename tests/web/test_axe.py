"""axe-core, the accessibility checker of the npm registry, looks at every state of the pages."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.clients.node_library import installed
from tests.web.test_browser import browser, in_every_state, opened, talk

__all__ = ["browser", "opened", "talk"]

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
SEEN = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`);
}"""


def seen(page: Page, axe: str) -> Any:
    """What axe-core complains about. What it cannot see for the bar in front of it, test_browser measures."""
    page.evaluate(axe)
    return page.evaluate(SEEN)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_on_any_state_of_a_page(opened, service, application, talk, size, scheme):
    axe = (installed() / "axe-core" / "axe.min.js").read_text()
    page = opened(service.url, viewport=SIZES[size], color_scheme=scheme, bypass_csp=True)
    found = []
    for url in in_every_state(service, application, talk):
        page.goto(url)
        found.append((page.title(), seen(page, axe)))
    assert len(found) == 8
    assert [one for one in found if one[1]] == []


def test_axe_would_find_an_image_without_a_text(opened, service):
    axe = (installed() / "axe-core" / "axe.min.js").read_text()
    page = opened(service.url, bypass_csp=True)
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert [one.split(":")[0] for one in seen(page, axe)] == ["image-alt"]
