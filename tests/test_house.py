"""How the modules hang together: no circle of imports, and rooms that know only those below them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import networkx as nx

import corridormap

ROOT = Path(corridormap.__file__).parent


def modules():
    for path in sorted(ROOT.rglob("*.py")):
        if "node_modules" not in path.parts:
            name = ".".join(("corridormap", *path.relative_to(ROOT).with_suffix("").parts))
            yield name.removesuffix(".__init__"), path


@cache
def imports():
    """Every import of a module of ours by another: also late ones, and those for types only."""
    files = dict(modules())
    graph = nx.DiGraph()
    graph.add_nodes_from(files)
    for name, path in files.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("corridormap"):
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    graph.add_edge(name, whole if whole in files else node.module)
            elif isinstance(node, ast.Import):
                graph.add_edges_from((name, alias.name) for alias in node.names if alias.name in files)
    return graph


def test_no_module_imports_itself_by_way_of_others():
    graph = imports()
    assert len(graph.edges) > 300
    assert [sorted(found) for found in nx.strongly_connected_components(graph) if len(found) > 1] == []


def room(module):
    return ".".join(module.split(".")[:2])


def test_no_room_imports_itself_by_way_of_others():
    rooms = nx.DiGraph((room(one), room(other)) for one, other in imports().edges if room(one) != room(other))
    # The package itself offers what stands above.
    rooms.remove_node("corridormap")
    assert [sorted(found) for found in nx.strongly_connected_components(rooms) if len(found) > 1] == []


def test_the_check_sees_a_circle():
    graph = imports().copy()
    graph.add_edge("corridormap.errors", "corridormap.atlas")
    assert any(len(found) > 1 for found in nx.strongly_connected_components(graph))
