"""Templates as the two parts of a letter: each of them says everything."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from parley.letters.view import View
from parley.letters.wording import words


def text(view: View) -> str:
    """The letter as plain text."""
    return _rendered("letter.txt", view)


def html(view: View) -> str:
    """The letter as HTML that refers to nothing outside but its links."""
    return _rendered("letter.html", view)


def _rendered(name: str, view: View) -> str:
    return _templates().get_template(name).render(view=view, words=words(view))


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("parley.letters"),
        autoescape=_is_markup,  # noqa: S701 (only plain text is not escaped)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _is_markup(name: str | None) -> bool:
    return name is None or name.endswith(".html")
