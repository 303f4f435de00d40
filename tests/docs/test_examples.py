"""Every example a reader meets is run: those of docstrings, and those of the pages under docs/."""

from __future__ import annotations

import doctest
import importlib.util
import inspect
import pkgutil
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from sybil import Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

import corridormap
from corridormap import figures, measure
from corridormap.cli import main

DOCS = Path(__file__).parents[2] / "docs"
# Those about an atlas of one's own, and those that draw, are run by tests of their own, in an empty folder.
OWN = {"own-region.md", "add-corridor.md", "figures.md"}
# The page on notebooks has none: they are run themselves.
OWN |= {"notebooks.md"}
# Those that write files do so in an empty folder; the others name files of the checkout.
WRITING = {"edit-in-qgis.md", "event-tables.md", "jobs.md", "oblasts.md"}
PAGES = [DOCS / "index.md", *sorted(page for page in (DOCS / "how-to").glob("*.md") if page.name not in OWN)]
# Tables are compared by what they say, not by their padding.
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def modules():
    """Every module of the package that has examples."""
    names = ["corridormap", *(found.name for found in pkgutil.walk_packages(corridormap.__path__, "corridormap."))]
    for name in names:
        if ">>>" not in Path(importlib.util.find_spec(name).origin).read_text(encoding="utf-8"):
            continue
        module = importlib.import_module(name)
        if any(test.examples for test in doctest.DocTestFinder().find(module)):
            yield name


MODULES = list(modules())


def test_measures_have_examples():
    rooms = (
        "",
        ".buffers",
        ".calibration",
        ".ellipsoid",
        ".event_tables",
        ".network.corridors",
        ".network.network",
        ".overlap",
        ".referencing",
        ".spans",
    )
    assert {name for name in MODULES if name.startswith("corridormap.measure")} == {f"corridormap.measure{room}" for room in rooms}


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name):
    # The figures of measures are compared to the letter.
    flags = 0 if name.startswith("corridormap.measure") else FLAGS
    result = doctest.testmod(importlib.import_module(name), optionflags=flags)
    assert result.attempted > 0
    assert result.failed == 0


def run_console(example):
    """Run the `$ corridormap …` lines of a console block and compare with what it shows below each."""
    for block in re.split(r"^\$ ", example.parsed, flags=re.MULTILINE)[1:]:
        command, _, shown = block.partition("\n")
        program, *arguments = shlex.split(command)
        assert program == "corridormap", f"{command}: only corridormap's own commands are run"
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        if not doctest.OutputChecker().check_output(shown, result.output, FLAGS):
            return f"`{command}` printed:\n{result.output}\nand the page shows:\n{shown}"
    return None


PARSERS = [PythonCodeBlockParser(doctest_optionflags=FLAGS), CodeBlockParser(language="console", evaluator=run_console)]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pages(page, tmp_path, monkeypatch):
    if page.name in WRITING:
        monkeypatch.chdir(tmp_path)
    examples = list(Sybil(parsers=PARSERS).parse(page).examples())
    assert examples
    for example in examples:
        example.evaluate()


def test_fifteen_jobs_take_three_lines_each():
    _, *jobs = re.findall(r"```python\n(.*?)```", (DOCS / "how-to" / "jobs.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(jobs) == 15
    assert max(len(re.findall(r"^(?:>>>|\.\.\.)", job, re.MULTILINE)) for job in jobs) <= 3


def test_runner_can_fail(tmp_path):
    page = tmp_path / "page.md"
    for block in ("```python\n>>> 1 + 1\n3\n\n```\n", "```console\n$ corridormap layers\nno such table\n```\n"):
        page.write_text(block, encoding="utf-8")
        (example,) = Sybil(parsers=PARSERS).parse(page).examples()
        with pytest.raises(AssertionError):
            example.evaluate()


@pytest.mark.parametrize("module", [measure, figures], ids=["measure", "figures"])
def test_every_function_is_documented_and_in_the_reference(module):
    page = f"{module.__name__.rpartition('.')[2]}.md"
    lines = (DOCS / "reference" / page).read_text(encoding="utf-8").splitlines()
    for name in module.__all__:
        assert inspect.getdoc(getattr(module, name)), name
        directive = "autoclass" if inspect.isclass(getattr(module, name)) else "autofunction"
        assert f".. {directive}:: {name}" in lines


def test_what_is_not_there_is_not_given():
    with pytest.raises(AttributeError, match="no attribute 'length'"):
        measure.length  # noqa: B018
