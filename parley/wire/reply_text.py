"""The text of a mail that its sender has written new: without what it quotes, from HTML where there is nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from mailparser_reply import EmailReplyParser  # type: ignore[import-untyped]

LANGUAGES = ["en", "de"]
HTML_LENGTH = 1 << 17
TEXT_LENGTH = 1 << 18  # before what is quoted is taken out
NEW_LENGTH = 6000  # what the parser looks at, most of it quoted by programs that mark no lines
LINE_LENGTH = 300
BROKEN = "\N{REPLACEMENT CHARACTER}"  # stands for what could not be read, and makes an answer unclear
QUOTE = ">"
SPACES = re.compile(r"[ \t\xa0]+")
ORIGINAL = re.compile(r"^[-_\s]*(original message|urspr(?:ü|ue)ngliche nachricht)?[-_\s]*$", re.IGNORECASE)
NEW_LINES = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "hr", "pre"}
UNSEEN = {"script", "style", "head", "title", "template", "noscript"}
STRUCK = {"s", "strike", "del"}
VOID = {"br", "hr", "img", "meta", "link", "input", "area", "base", "col", "embed", "source", "track", "wbr"}
QUOTING = re.compile(r"gmail_quote|yahoo_quoted|divRplyFwdMsg|appendonsend|protonmail_quote", re.I)
LEADING_OVER = re.compile(r"moz-cite-prefix", re.I)  # a block before a blockquote: what is behind that counts
CONCEALED = re.compile(r"line-through|display\s*:\s*none|visibility\s*:\s*hidden", re.I)


def new_text(text: str) -> str:
    """What stands above the quoted mail, and between and below its lines where those are marked."""
    cut = text[:TEXT_LENGTH]
    lines = _marked([_bounded(line) for line in cut.replace("\r\n", "\n").replace("\r", "\n").split("\n")])
    kept = "\n".join(lines)
    parts: list[str] = []
    for reply in EmailReplyParser(languages=LANGUAGES).read(kept[:NEW_LENGTH]).replies:
        if reply.headers and not reply.full_body.startswith(QUOTE):
            break  # a program that marks no lines: all that follows is quoted
        parts.append(_unmarked(reply.full_body))
    else:
        parts += [BROKEN] if len(kept) > NEW_LENGTH or len(text) > TEXT_LENGTH else []
    return "\n".join(part for part in parts if part).strip("\n")


def _bounded(line: str) -> str:
    """The line with one space between words; what is cut off leaves a sign that goes where the line goes."""
    short = SPACES.sub(" ", line).rstrip()
    return short if len(short) <= LINE_LENGTH else short[:LINE_LENGTH] + BROKEN


def _marked(lines: list[str]) -> list[str]:
    """The lines, each row of quoted ones put together to one mark."""
    found: list[str] = []
    for line in lines:
        if not line.lstrip().startswith(QUOTE):
            found.append(line)
        elif not found or found[-1] != QUOTE:
            found.append(QUOTE)
    return [line for at, line in enumerate(found) if line or (at and found[at - 1])]  # one empty line after another


def _unmarked(text: str) -> str:
    """A part without marks, and without the lines that lead over to a quoted mail."""
    lines = [line for line in text.split("\n") if line != QUOTE]
    while lines and ORIGINAL.fullmatch(lines[-1]):
        lines.pop()
    return "\n".join(lines)


class _Shown(HTMLParser):
    """Gathers what HTML shows, up to where it begins to quote."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0
        self.quoted = 0
        self.leading: list[str] = []  # the open block that leads over to a quotation, and those of its kind in it
        self.is_over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = " ".join(value or "" for name, value in attrs if name in ("class", "id"))
        if QUOTING.search(named):
            self.is_over = True
        if tag not in VOID and (tag in self.leading or (not self.leading and LEADING_OVER.search(named))):
            self.leading.append(tag)
        self.unseen += tag in UNSEEN
        self.quoted += tag == "blockquote"
        self._add("\n" if tag in NEW_LINES else "")
        self._add(BROKEN if tag in STRUCK or (tag not in VOID and _conceals(attrs)) else "")

    def handle_endtag(self, tag: str) -> None:
        self.unseen = max(0, self.unseen - (tag in UNSEEN))
        self.quoted = max(0, self.quoted - (tag == "blockquote"))
        self._add("\n" if tag in NEW_LINES - VOID else "")
        if tag in self.leading:
            self.leading.remove(tag)

    def handle_data(self, data: str) -> None:
        self._add(re.sub(r"[ \t\r\n]+", " ", data))

    def _add(self, text: str) -> None:
        if not self.unseen and not self.quoted and not self.leading and not self.is_over:
            self.parts.append(text)


def _conceals(attrs: list[tuple[str, str | None]]) -> bool:
    """Whether what an element holds is struck out, or not shown: what then counts is not certain."""
    return any(name == "hidden" or (name == "style" and CONCEALED.search(value or "")) for name, value in attrs)


def text_of_html(html: str) -> str:
    """The text that HTML shows, without what it quotes; what is struck out makes it unclear."""
    shown = _Shown()
    shown.feed(html[:HTML_LENGTH])
    if len(html) > HTML_LENGTH and not shown.is_over:
        shown.parts.append(BROKEN)
    lines = (line.strip() for line in "".join(shown.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
