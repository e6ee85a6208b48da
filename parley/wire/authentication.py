"""What the border server of the operator found out about a mail: `Authentication-Results` (RFC 8601)."""

from __future__ import annotations

import re
from collections.abc import Sequence

FIELD_LENGTH = 8192
METHOD = re.compile(r"\s*([A-Za-z][\w-]*)\s*(?:/\s*\d+\s*)?=\s*([A-Za-z][\w-]*)")
PROPERTY = re.compile(
    r"""\s+([A-Za-z][\w-]*(?:\s*\.\s*[A-Za-z][\w-]*)?)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]+)""",
)


def proves(fields: Sequence[str], authserv_id: str | None, domain: str) -> bool:
    """Whether the server of this id says that DMARC passed for the domain; `fields` are in the mail's order.

    The topmost field of that server counts alone: what stands further down may have come with the mail.
    """
    if not authserv_id:
        return False
    for field in fields:
        parts = _parts(field)
        if parts and _server(parts[0]) == authserv_id.lower():
            return _passes(parts[1:], domain.lower())
    return False


def _parts(field: str) -> list[str]:
    """The parts between semicolons, without comments; nothing where the field is not well formed."""
    if len(field) > FIELD_LENGTH:
        return []
    parts, depth, quoted, escaped = [""], 0, False, False
    for one in " ".join(field.split()):
        if escaped:
            escaped = False
        elif one == "\\" and (quoted or depth):
            escaped = True
        elif one == '"' and not depth:
            quoted = not quoted
        elif not quoted and one in "()":
            depth += 1 if one == "(" else -1
            if depth < 0:
                return []
            parts[-1] += " "
            continue
        elif one == ";" and not quoted and not depth:
            parts.append("")
            continue
        parts[-1] += one if not depth else ""
    return [] if quoted or depth or escaped else parts


def _server(part: str) -> str:
    """Who says so, in lower case: the first word, behind which a version may stand."""
    words = part.split()
    if not 1 <= len(words) <= 2 or (len(words) == 2 and not words[1].isdigit()):
        return ""
    return words[0].strip('"').lower()


def _passes(results: Sequence[str], domain: str) -> bool:
    """Whether exactly one result is about DMARC, and it is a pass for this domain."""
    found = []
    for result in results:
        method = METHOD.match(result)
        if method and method[1].lower() == "dmarc":
            found.append((method[2].lower(), _properties(result[method.end() :])))
    return len(found) == 1 and found[0][0] == "pass" and found[0][1] == [domain] and bool(domain)


def _properties(text: str) -> list[str] | None:
    """What is named as the domain of the From field; nothing where the text holds more than properties."""
    domains, at = [], 0
    while found := PROPERTY.match(text, at):
        if re.sub(r"\s", "", found[1]).lower() == "header.from":
            domains.append(found[2].strip('"').lower().rpartition("@")[2].removesuffix("."))
        at = found.end()
    return domains if not text[at:].strip() else None
