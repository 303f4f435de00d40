"""Phrases that messages share."""

import ast
import re
from pathlib import Path

import pytest

import corridormap
from corridormap.phrases import Hints, counted, meant, some


def test_one_thing_and_several():
    assert [counted(number, "node") for number in (0, 1, 2, 2000)] == ["0 nodes", "1 node", "2 nodes", "2,000 nodes"]
    assert [counted(number, "vertex", "vertices") for number in (1, 3)] == ["1 vertex", "3 vertices"]


def test_what_is_spelt_alike_is_what_was_meant():
    assert meant("astana", ["almaty", "astana-1"]) == "Did you mean 'astana-1'?"
    assert meant("astana", ["almaty", "astana-1"], "Add it.") == "Did you mean 'astana-1'? Add it."
    assert meant("nowhere", ["almaty"], "Add it.") == "Add it."
    assert meant("", []) == ""


def test_of_very_many_it_is_not_the_spelling():
    hints = Hints(["node"], "Add it.")
    assert hints["nodes"] == "Did you mean 'node'? Add it."
    assert [hints[f"node{number}"] for number in range(Hints.MOST)][-1] == "Add it."
    assert hints["nodes"] == "Did you mean 'node'? Add it."


ROOT = Path(corridormap.__file__).parent
NOUNS = "nodes|links|faults|errors|features|files|layers|rows|itineraries|findings|texts|stretches|places|records|times|vertices"


@pytest.mark.slow
def test_a_count_is_written_with_its_noun():
    """No f-string counts with ``len`` or ``sum`` before a plural: of one thing it would be wrong."""
    for node in (node for path in ROOT.rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))):
        for value, after in zip(node.values, node.values[1:], strict=False) if isinstance(node, ast.JoinedStr) else ():
            if isinstance(value, ast.FormattedValue) and isinstance(after, ast.Constant) and re.match(rf" ({NOUNS})\b", after.value):
                # Of a line there are two vertices or more.
                assert not re.match(r"(len|sum)\((?!planar)", ast.unparse(value.value)), ast.unparse(node)


def test_a_few_are_named_and_the_others_counted():
    assert some([]) == ""
    assert some(["a", 2]) == "a, 2"
    assert some("abcde") == "a, b, c, d, e"
    assert some("abcdefg") == "a, b, c, d, e and 2 more"
    assert some("abc", most=1) == "a and 2 more"
