"""The description of the API as a page: the OpenAPI document, put into words and tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from parley.data_center import DataCenter
from parley.web import render
from parley.wire.exchange import Reply

Schema = Mapping[str, Any]

CREDENTIALS = {"application": "$API_KEY", "account": "$ACCESS_TOKEN", "participant": "$LINK_TOKEN"}
METHODS = ("get", "post", "delete")
DEEPEST = 6  # objects in objects that are told in one table


@dataclass(frozen=True, slots=True)
class Row:
    """A field or parameter: its name, its type with a link to a shape (or none), and what is to be known of it."""

    name: str
    type: str
    shape: str
    required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Told:
    """One status (or shared refusal) that can be answered: the shapes and an example of its body, if it has one."""

    status: str
    description: str
    shapes: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, ready to be written."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    who: str
    parameters: tuple[Row, ...]
    fields: tuple[Row, ...]
    request: str
    answers: tuple[Told, ...]
    refusals: tuple[Told, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A shared schema: its fields, or what is said of the one value that it is."""

    name: str
    words: str
    fields: tuple[Row, ...]


def show(dc: DataCenter, document: dict[str, Any]) -> Reply:
    """The page of a document."""
    return render.page(dc, "reference", view=Reference(document))


class Reference:
    """A document as the page shows it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.components: dict[str, Any] = document["components"]
        self.about = [line for line in document["info"]["description"].split("\n") if line]
        self.credentials = {
            name: (CREDENTIALS.get(name, "$TOKEN"), one["description"])
            for name, one in self.components["securitySchemes"].items()
        }
        self.subjects = {tag["name"]: list(self._operations(tag["name"])) for tag in document["tags"]}
        self.refusals = [
            self._told(name, one) for name, one in self.components["responses"].items() if "Page" not in name
        ]
        self.shapes = [self._shape(name, schema) for name, schema in self.components["schemas"].items()]
        self.keys = {one["const"]: one["description"] for one in self._fault_key()}

    def _fault_key(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.components["schemas"]["Fault"]["properties"]["key"]["oneOf"]
        return found

    def _operations(self, subject: str) -> Iterator[Operation]:
        for path, methods in self.document["paths"].items():
            for method in METHODS:
                if method in methods and subject in methods[method]["tags"]:
                    yield self._operation(method.upper(), path, methods[method])

    def _operation(self, method: str, path: str, told: Schema) -> Operation:
        body = _media(told.get("requestBody", {}))
        answers = [self._told(status, one) for status, one in told["responses"].items()]
        return Operation(
            id=told["operationId"],
            method=method,
            path=path,
            summary=told["summary"],
            description=told.get("description", ""),
            who=_who(told["security"]),
            parameters=tuple(self._parameter(one) for one in told.get("parameters", ())),
            fields=tuple(self._rows(body.get("schema", {}), "", DEEPEST)),
            request=_request(method, path, told),
            answers=tuple(one for one in answers if one.status < "400"),
            refusals=tuple(one for one in answers if one.status >= "400"),
            keys=tuple(_keys(told["responses"].get("422", {}))),
        )

    def _found(self, schema: Schema) -> Schema:
        """What a reference leads to, with what is said beside it."""
        found = schema
        while "$ref" in found:
            target: Any = self.document
            for part in found["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            found = {**target, **{name: one for name, one in found.items() if name != "$ref"}}
        return found

    def _told(self, status: str, told: Schema) -> Told:
        """One answer; the examples of those that are shared stand in one place for all operations."""
        response = self._found(told)
        media = {} if "$ref" in told else _media(response)
        example = media.get("example")
        for one in media.get("examples", {}).values():
            example = example or one["value"]
        shown = "" if example is None else _pretty(example)
        return Told(status, response["description"], tuple(_shapes(media.get("schema", {}))), shown)

    def _parameter(self, told: Schema) -> Row:
        schema = told["schema"]
        words = " ".join(one for one in (told.get("description", ""), self._bounds(schema)) if one)
        return Row(told["name"], f"{self._type(schema)}, {told['in']}", _shape_of(schema), told["required"], words)

    def _shape(self, name: str, schema: Schema) -> Shape:
        words = " ".join(one for one in (schema.get("description", ""), self._bounds(schema)) if one)
        if "properties" in schema:
            return Shape(name, words, tuple(self._rows(schema, "", 1)))
        return Shape(name, words or self._type(schema), ())

    def _rows(self, schema: Schema, path: str, deep: int) -> Iterator[Row]:
        """The fields of an object and, as far as `deep`, of the objects in it."""
        found = self._found(schema)
        for inner in found.get("anyOf", ()) if not path else ():
            yield from self._rows(inner, path, deep)
        for name, one in found.get("properties", {}).items():
            whole, value = f"{path}{name}", self._found(one)
            required = name in found.get("required", ())
            words = " ".join(part for part in (value.get("description", ""), self._bounds(one)) if part)
            inside = self._found(value.get("items", {}))
            is_list, is_object = "properties" in inside, "properties" in value
            yield Row(f"{whole}[]" if "items" in value else whole, self._type(one), _shape_of(one), required, words)
            if deep > 1 and (is_list or is_object):
                yield from self._rows(inside if is_list else value, f"{whole}[]." if is_list else f"{whole}.", deep - 1)

    def _type(self, schema: Schema) -> str:
        found = self._found(schema)
        if "properties" in found:
            return "object"
        if "const" in found:
            return json.dumps(found["const"])
        if "items" in found:
            return f"list of {self._type(found['items'])}"
        if "anyOf" in found:
            return " or ".join(dict.fromkeys(self._type(one) for one in found["anyOf"]))
        return {"string": "text"}.get(found.get("type", ""), str(found.get("type", "any")))

    def _bounds(self, schema: Schema) -> str:
        """Enumerations, lengths and numbers, in words."""
        found = self._found(schema)
        told = []
        if "enum" in found:
            told.append("One of " + ", ".join(f"`{one}`" for one in found["enum"]) + ".")
        if "default" in found:
            told.append(f"By default `{json.dumps(found['default']).strip(chr(34))}`.")
        if found.get("examples"):
            told.append(f"For example `{_plain(found['examples'][0])}`.")
        if "maxLength" in found:
            told.append(f"Up to {found['maxLength']} characters.")
        if "maxItems" in found:
            told.append(f"{found.get('minItems', 0)} to {found['maxItems']}.")
        if "maximum" in found and found["maximum"] < 2**31 - 1:
            told.append(f"{found['minimum']} to {found['maximum']}.")
        return " ".join(told)


def _media(holder: Schema) -> Schema:
    """The first of the contents of a body."""
    found: Schema = next(iter(holder.get("content", {}).values()), {})
    return found


def _shape_of(schema: Schema) -> str:
    """The name of the shared schema that a field, or the elements of a list, have."""
    named = schema.get("$ref") or schema.get("items", {}).get("$ref") or ""
    return str(named).rpartition("/")[2]


def _shapes(schema: Schema) -> Iterator[str]:
    """The names of the shared schemas that a body is made of."""
    for one in schema.get("anyOf", [schema]):
        if "$ref" in one:
            yield one["$ref"].rpartition("/")[2]
        yield from (name for name in map(_shape_of, one.get("properties", {}).values()) if name)


def _who(security: list[dict[str, list[str]]]) -> str:
    told = [name + (f" with `{scopes[0]}`" if scopes else "") for one in security for name, scopes in one.items()]
    return ", ".join(told)


def _keys(response: Schema) -> list[str]:
    errors = _media(response).get("schema", {}).get("properties", {}).get("errors", {})
    found: list[str] = (
        errors.get("additionalProperties", {}).get("items", {}).get("properties", {}).get("key", {}).get("enum", [])
    )
    return found


def _request(method: str, path: str, told: Schema) -> str:
    """An example of the request, as it goes over the wire."""
    query = []
    for one in told.get("parameters", ()):
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(one.get("example", "…")))
        elif "example" in one:
            query.append(f"{one['name']}={_plain(one['example'])}")
    lines = [f"{method} {path}{'?' if query else ''}{'&'.join(query)}"]
    if told["security"]:
        lines.append(f"Authorization: Bearer {CREDENTIALS.get(next(iter(told['security'][0])), '$TOKEN')}")
    body = told.get("requestBody")
    if not body:
        return "\n".join(lines)
    kind = next(iter(body["content"]))
    example = _media(body)["example"]
    shown = _pretty(example) if "json" in kind else "&".join(f"{name}={value}" for name, value in example.items())
    return "\n".join([*lines, f"Content-Type: {kind}", "", shown])


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
