"""Lines become arcs: shared ones are held once, and every line comes back as it was."""

import json
import random
from itertools import pairwise

import numpy as np
import shapely

from corridormap.atlas import Atlas
from corridormap.export import export
from corridormap.export.topojson import cut


def back(arcs, numbers):
    """Join the arcs of a line as a reader of TopoJSON does."""
    runs = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers]
    for before, after in pairwise(runs):
        assert before[-1].tolist() == after[0].tolist()
    return np.concatenate([runs[0], *(run[1:] for run in runs[1:])]).tolist()


def arcs_of(*lines):
    arcs, numbers = cut(np.array([shapely.LineString(line) for line in lines]), decimals=0)
    for line, known in zip(lines, numbers, strict=True):
        assert back(arcs, known) == [list(map(int, point)) for point in line]
    return [arc.tolist() for arc in arcs], numbers


def test_what_two_share_is_one_arc():
    arcs, numbers = arcs_of([(0, 0), (1, 0), (2, 0), (3, 1)], [(0, 5), (1, 0), (2, 0), (3, -1)])
    assert [[1, 0], [2, 0]] in arcs
    assert len(arcs) == 5
    assert numbers[0][1] == numbers[1][1]


def test_backwards_it_is_the_complement():
    _, numbers = arcs_of([(0, 0), (1, 0), (2, 5)], [(2, 5), (1, 0), (0, 0)])
    assert numbers == [[0], [~0]]


def test_a_line_that_ends_on_another_cuts_it():
    arcs, _ = arcs_of([(0, 0), (1, 0), (2, 0)], [(1, 0), (1, 1)])
    assert arcs == [[[0, 0], [1, 0]], [[1, 0], [2, 0]], [[1, 0], [1, 1]]]


def test_loops_turns_and_doubled_vertices_stay():
    arcs_of([(0, 0), (1, 0), (1, 1), (0, 0)], [(5, 5), (6, 5), (5, 5), (4, 5)], [(9, 9), (9, 9), (8, 9)], [(7, 7), (7, 7)])


def test_lines_at_random_come_back():
    chance = random.Random(20261127)  # noqa: S311
    for _ in range(200):
        arcs_of(*([(chance.randrange(4), chance.randrange(3)) for _ in range(chance.randrange(2, 12))] for _ in range(8)))


def test_a_network_gives_each_vertex_of_a_link_once():
    """However many lines lie on it: what is written grows with the network, not with the corridors."""
    links = [[(number, 0), (number + 0.5, 1), (number + 1, 0)] for number in range(100)]
    whole = [point for number, link in enumerate(links) for point in link[number > 0 :]]
    lines = np.array([shapely.LineString(line) for line in [*links, *[whole] * 50]])
    arcs, numbers = cut(lines, decimals=1)
    assert sum(map(len, arcs)) == 300
    assert numbers[-1] == list(range(100))


def test_no_line_at_all(tiny, tmp_path):
    made = export(Atlas.open(tiny), tmp_path / "a.topojson", format="topojson", layers=["sights"])
    document = json.loads(made.target.read_text(encoding="utf-8"))
    assert document["arcs"] == []
    assert {geometry["type"] for geometry in document["objects"]["sights"]["geometries"]} == {"Point"}
