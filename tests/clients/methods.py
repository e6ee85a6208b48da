"""The methods of a library, as docs/clients.md tells of them."""

from __future__ import annotations

from tests.docs.documents import DOCS, rows, section

PAGE = DOCS / "clients.md"


def methods(library: str, heading: str) -> set[str]:
    """The methods in a library's column of the table under a heading."""
    text = section(PAGE, heading)
    head = next(line for line in text.splitlines() if line.startswith("|"))
    column = [cell.strip() for cell in head.strip("|").split("|")].index(library)
    return {name for row in rows(text) for name in row[column].split(", ")} - {"–", ""}
