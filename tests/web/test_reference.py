"""The page that describes the API: all of it is there, and nothing comes from elsewhere."""

from __future__ import annotations

import re

import pytest

from parley.api.openapi import document
from parley.routes import ROUTES


@pytest.fixture
def page(service):
    return service.client().get("/docs")


@pytest.fixture
def described(service):
    return document(ROUTES, service.url)


def test_it_is_a_page_like_the_others(service, page):
    first = service.client().get("/")
    assert page.status_code == 200
    for name in ("content-type", "content-security-policy", "referrer-policy", "x-content-type-options"):
        assert page.headers[name] == first.headers[name]


def test_it_is_shown_without_script_style_or_anything_from_elsewhere(service, page):
    assert not re.search(r"<script|<style|style=|\son\w+=", page.text)
    loaded = re.findall(r'<(?:link|img)[^>]*(?:href|src)="([^"]+)"', page.text)
    assert loaded
    assert all(one.startswith("/static/") for one in loaded)
    assert all(service.client().get(one).status_code == 200 for one in loaded)


def test_every_operation_has_a_section_with_its_address(page, described):
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            section = page.text.partition(f'<section id="{told["operationId"]}"')[2].partition("</section>")[0]
            assert f"<code>{path}</code>" in section
            assert f'<b class="method">{method.upper()}</b>' in section
            assert all(f'<b class="status">{status}</b>' in section for status in told["responses"])
            assert all(f"<code>{one['name']}</code>" in section for one in told.get("parameters", ()))


def test_every_link_within_the_page_leads_somewhere(page):
    there = re.findall(r'id="([^"]+)"', page.text)
    assert len(there) == len(set(there))
    assert set(re.findall(r'href="#([^"]+)"', page.text)) <= set(there)


def test_every_shape_and_every_key_of_an_error_is_told(page, described):
    schemas = described["components"]["schemas"]
    keys = [one["const"] for one in schemas["Fault"]["properties"]["key"]["oneOf"]]
    assert all(f'id="{one}"' in page.text for one in (*schemas, *keys))


def test_the_first_page_leads_to_it(service):
    assert 'href="/docs"' in service.client().get("/").text
