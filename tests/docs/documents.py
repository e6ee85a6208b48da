"""The project's documents as the tests read them: blocks of code, sections, tables, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import parley

ROOT = Path(parley.__file__).parent.parent
DOCS = ROOT / "docs"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|<img [^>]*src=\"([^\"]+)\"")


class Block(NamedTuple):
    """A block of code, the language that it names, and the heading it stands under."""

    heading: str
    language: str
    text: str


def named(path: Path) -> str:
    """A document's path in the project."""
    return str(path.relative_to(ROOT))


def blocks(path: Path) -> list[Block]:
    """The blocks of code of a document, in order."""
    text = path.read_text()
    prose = _prose(text)
    return [Block(_heading_at(prose, one.start()), one[1], one[2]) for one in FENCE.finditer(text)]


def _heading_at(prose: str, offset: int) -> str:
    found = [one[1] for one in HEADING.finditer(prose[:offset])]
    return found[-1] if found else ""


def _prose(text: str) -> str:
    """The text with its code blanked out, so that a comment in a script is no heading."""
    return FENCE.sub(lambda one: "\n" * one[0].count("\n") + " " * (len(one[0]) - one[0].count("\n")), text)


def headings(path: Path) -> list[str]:
    """The headings of a document, in order."""
    return HEADING.findall(_prose(path.read_text()))


def anchors(path: Path) -> set[str]:
    """What a link into the document may name: its headings, written as GitHub does."""
    return {re.sub(r"[^\w\- ]", "", one.lower().replace("`", "")).replace(" ", "-") for one in headings(path)}


def links(path: Path) -> Iterator[str]:
    """Where the document's links and pictures lead."""
    for found in LINK.finditer(_prose(path.read_text())):
        yield found[1] or found[2]


def section(path: Path, heading: str) -> str:
    """What stands under a heading, up to the next one of its level or above."""
    level = re.search(rf"^(#+) {re.escape(heading)}$", path.read_text(), re.MULTILINE)
    assert level, f"{named(path)} has no heading {heading}"
    rest = path.read_text()[level.end() :]
    end = re.search(rf"^#{{1,{len(level[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in a text, without heads and rules, backticks removed."""
    lines = [one.strip().strip("|").split("|") for one in text.splitlines() if one.startswith("|")]
    cells = [[cell.strip().replace("`", "") for cell in line] for line in lines]
    rules = {at for at, line in enumerate(cells) if all(set(cell) <= {"-", ":"} for cell in line)}
    return [line for at, line in enumerate(cells) if at not in rules and at + 1 not in rules]
