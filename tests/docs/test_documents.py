"""The documents agree with the code: settings, commands, limits, layers, diagram, links."""

import re
from dataclasses import fields

import pytest
import typer.main

from parley.__main__ import app
from parley.core import conversation as core
from parley.core import limits
from parley.settings import Settings
from scripts.draw_states import PAGE, redrawn
from tests import make, test_layers
from tests.docs.documents import DOCS, DOCUMENTS, ROOT, anchors, blocks, links, named, rows, section
from tests.make import available, conversation, manual, period

CONFIGURATION = DOCS / "configuration.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"


def commands(group, path):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = list(commands(typer.main.get_command(app), "parley"))


def test_every_setting_is_told_and_no_other():
    told = {row[0] for row in rows(section(CONFIGURATION, "Settings"))}
    assert told == {f"PARLEY_{name.upper()}" for name in Settings.model_fields}


def test_no_document_names_a_setting_that_is_not_there():
    there = {f"PARLEY_{name.upper()}" for name in Settings.model_fields}
    assert {one for page in DOCUMENTS for one in re.findall(r"PARLEY_[A-Z_]+\b", page.read_text())} <= there


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=lambda one: one if isinstance(one, str) else "")
def test_a_command_is_told_with_its_arguments(path, command):
    usage = next(one.text for one in blocks(CONFIGURATION) if one.heading == path)
    told = set(re.findall(r"--[\w-]+", usage))
    assert usage.startswith(path)
    assert told == {name for one in command.params for name in one.opts if name.startswith("--")} - {"--help"}
    for one in command.params:
        if one.param_type_name == "argument":
            assert (one.metavar or one.name.upper()) in usage


def test_no_document_tells_of_a_command_that_is_not_there():
    names = {path for path, _ in COMMANDS}
    told = [
        (named(page), block.text.strip())
        for page in DOCUMENTS
        for block in blocks(page)
        if block.text.startswith("parley ") and not block.language
    ]
    assert told
    assert [one for one in told if not any(one[1].startswith(name) for name in names)] == []


def test_every_limit_is_told_with_its_default_and_its_highest():
    told = {row[0]: (int(row[1]), int(row[2])) for row in rows(section(CONFIGURATION, "Limits of an application"))}
    standard = limits.Limits()
    assert told == {
        one.name: (getattr(standard, one.name), getattr(limits.HIGHEST, one.name)) for one in fields(limits.Limits)
    }


def test_the_table_of_layers_is_the_one_that_is_checked():
    table = {row[0]: row[1:] for row in rows(section(CONTRIBUTING, "Who may import whom"))}
    told = {name: set(row[0].split(", ")) for name, row in table.items() if not name.startswith("the shell")}
    assert told == test_layers.MAY_IMPORT
    for name, (_, outside) in table.items():
        layers = test_layers.SHELL if name.startswith("the shell") else {name}
        checked = [found for one, found in test_layers.FROM_OUTSIDE.items() if one.split("/")[0] in layers]
        assert set(re.findall(r"(?<!/)\b[a-z_0-9]+\b(?=[,;]|$| in )", outside)) == set().union(*checked), name


def test_the_layout_names_every_module():
    layout = blocks(CONTRIBUTING)[1].text
    there = {one.name for one in (ROOT / "parley").iterdir() if one.suffix == ".py" or (one / "__init__.py").exists()}
    assert [one for one in sorted(there - {"__init__.py"}) if one not in layout] == []


def test_the_example_of_a_test_passes(service, application):
    example = next(one.text for one in blocks(CONTRIBUTING) if one.language == "python")
    names = {"proposal": make.proposal, "selection": make.selection}
    exec(example, names)
    names["test_a_repeated_selection_changes_nothing"](service, application)


def test_the_diagram_is_fresh():
    assert PAGE.read_text() == redrawn(PAGE.read_text()), "make docs draws it anew"


def test_the_story_of_three_people_goes_as_told():
    story = rows(section(DOCS / "concepts.md", "How they agree"))
    names = ["Grace", "Karl", "Ada"]
    talk = conversation(*(manual(one) for one in names), periods=(period("09:00", "12:00"),))
    slots = available(period("09:00", "12:00"))
    for who, *cells, _ in story:
        at = names.index(who.split(" ")[0])
        talk, _ = core.select(talk, at, [clock(one) for one in numbers(cells[at])], slots)
        chosen = [talk.selected(one) for one in talk.participants]
        assert chosen == [tuple(clock(one) for one in numbers(cell)) for cell in cells], who
    assert talk.chosen == clock("11")


def numbers(cell):
    return re.findall(r"\d+", cell)


def clock(hour):
    return period(f"{hour}:00", "23:00").start


LINKS = [(named(page), link) for page in DOCUMENTS for link in links(page) if not link.startswith("http")]


@pytest.mark.parametrize(("page", "link"), LINKS, ids=lambda one: one)
def test_a_link_leads_somewhere(page, link):
    path, _, anchor = link.partition("#")
    target = (ROOT / page).parent / path if path else ROOT / page
    assert target.exists()
    assert not anchor or anchor in anchors(target)


def test_a_decision_has_its_three_parts():
    for page in sorted((DOCS / "decisions").glob("*.md")):
        text = page.read_text()
        parts = [text.find(f"\n## {one}\n") for one in ("Context", "Decision", "Consequences")]
        assert text.startswith(f"# {int(page.name[:4])}. ")
        assert -1 not in parts
        assert parts == sorted(parts), named(page)


CITATION = re.compile(r"\b((?:docs/[\w/-]+|README|CHANGELOG|CONTRIBUTING)\.md)\b")


def test_every_document_that_the_code_names_is_there():
    files = [one for folder in ("parley", "scripts", "tests") for one in (ROOT / folder).rglob("*.py")]
    cited = {name for file in files for name in CITATION.findall(file.read_text())}
    assert [one for one in sorted(cited) if not (ROOT / one).exists()] == []
