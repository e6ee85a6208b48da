"""Forms and query strings: names with brackets make objects and arrays, and every value is a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\]){0,6})")
INDEX = re.compile(r"\d{1,6}", re.ASCII)
CHUNK = 1 << 14


class Texts(dict[str, Any]):
    """Fields that came as text, those of a form or a query; `Fields` reads numbers and booleans out of them."""


def read_form(text: str, most: int | None = None) -> Texts:
    """The fields of a form or a query (docs/wire.md 1.2); raises ValueError where there are more than `most`."""
    tree: dict[str, Any] = {}
    for name, value in pairs(text, most):
        _put(tree, _parts(name), value)
    return Texts({name: _shaped(node) for name, node in tree.items()})


def pairs(text: str, most: int | None = None) -> Iterator[tuple[str, str]]:
    """Names and values as they come, empty ones too; raises ValueError where there are more than `most` fields."""
    if most is not None and text.count("&") >= most:
        raise ValueError("too many fields")
    for part in text.split("&"):
        name, _, value = part.partition("=")
        if part:
            yield _unescaped(name), _unescaped(value)


def _unescaped(text: str) -> str:
    """The text without its escapes, a chunk at a time: the standard library takes 76 times the memory of a text."""
    text = text.replace("+", " ")
    return b"".join(map(unquote_to_bytes, _chunks(text.encode()))).decode(errors="replace") if "%" in text else text


def _chunks(text: bytes) -> Iterator[bytes]:
    """The text in parts, none of which ends inside an escape."""
    start = 0
    while start < len(text):
        cut = text.rfind(b"%", start + CHUNK - 2, start + CHUNK)
        end = start + CHUNK if cut < 0 else cut
        yield text[start:end]
        start = end


def _parts(name: str) -> list[str]:
    """`a[0][b]` as a, 0, b; a name that is not built like this stands for itself."""
    found = NAME.fullmatch(name)
    return [found[1], *found[2][1:-1].split("][")] if found and found[2] else [name]


def _put(node: dict[str, Any], parts: list[str], value: str) -> None:
    for part in parts[:-1]:
        inner = node.get(part)
        if not isinstance(inner, dict):
            inner = node[part] = {}
        node = inner
    name = parts[-1] or str(len(node))
    before = node.get(name)
    if isinstance(before, list):
        before.append(value)
    else:
        node[name] = [before, value] if isinstance(before, str) else value


def _shaped(node: Any) -> Any:
    """What was built by number as a list, what was built by name as an object."""
    if not isinstance(node, dict):
        return node
    if all(INDEX.fullmatch(name) for name in node):
        return [_shaped(node[name]) for name in sorted(node, key=int)]
    return Texts({name: _shaped(one) for name, one in node.items()})
