"""The modules of the validator import one another in one direction."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import corridormap

ROOT = Path(corridormap.__file__).parent.parent


def imports(path):
    """The modules of `checks` that a module imports, wherever in it, but for the eyes of the type checker."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_circle():
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (ROOT / "corridormap" / "checks").rglob("*.py")
    }
    # A package stands for its __init__; what lies below it is a module of its own.
    graph = {name: {found for found in imports(path) if found in files and found != name} for name, path in files.items()}
    assert len(graph) > 20
    TopologicalSorter(graph).prepare()
