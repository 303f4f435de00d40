"""Lines on a plane become nodes and pieces."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import shapely

from corridormap.network.noding import node_lines


def noded(*lines, modes=None, snap_m=10.0, **how):
    shapes = np.array([shapely.LineString(line) for line in lines], dtype=object)
    return node_lines(shapes, modes=modes or ["road"] * len(lines), snap_m=snap_m, **how)


def joined(result):
    return sorted(tuple(sorted((result.nodes[piece.start], result.nodes[piece.end]))) for piece in result.pieces)


def test_lines_that_cross_are_cut_there_unless_one_is_a_bridge():
    cross = [[(0, 0), (200, 0)], [(100, -100), (100, 100)]]
    result = noded(*cross)
    assert len(result.pieces) == 4
    assert (100.0, 0.0) in result.nodes
    assert len(noded(*cross, crossings=False).pieces) == 2
    assert len(noded(*cross, modes=["road", "rail"]).pieces) == 2


def test_ends_are_joined_within_the_tolerance_and_on_a_place_that_is_in_the_data():
    result = noded([(0, 0), (100, 0)], [(108, 0), (200, 0)])
    assert joined(result) == [((0.0, 0.0), (100.0, 0.0)), ((100.0, 0.0), (200.0, 0.0))]
    assert len({node for pair in joined(noded([(0, 0), (100, 0)], [(111, 0), (200, 0)])) for node in pair}) == 4


@pytest.mark.parametrize("gap", [-6.0, 0.0, 6.0])
def test_a_branch_that_ends_near_a_line_splits_it(gap):
    result = noded([(0, 0), (200, 0)], [(100, gap), (100, 300)], crossings=gap >= 0)
    assert len(result.pieces) == 3
    assert (100.0, gap) in result.nodes


def test_what_is_there_already_is_joined_and_comes_first():
    result = noded([(0, 0), (200, 0)], given=[(50.0, 3.0), (0.0, 500.0), (199.0, 1.0)])
    assert result.nodes[:3] == [(50.0, 3.0), (0.0, 500.0), (199.0, 1.0)]
    assert joined(result) == [((0.0, 0.0), (50.0, 3.0)), ((50.0, 3.0), (199.0, 1.0))]


def test_loops_and_links_side_by_side_get_nodes_of_their_own():
    ring = noded([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)])
    assert len(ring.pieces) == 3
    assert [why for why, *_ in ring.eased] == ["loop", "loop"]
    pair = noded([(0, 0), (50, 60), (100, 0)], [(0, 0), (100, 0)])
    assert joined(pair) == sorted(
        [((0.0, 0.0), (50.0, 60.0)), ((50.0, 60.0), (100.0, 0.0)), ((0.0, 0.0), (50.0, 0.0)), ((50.0, 0.0), (100.0, 0.0))]
    )
    assert [why for why, *_ in pair.eased] == ["parallel", "parallel"]


def test_a_line_over_itself_is_cut_in_both_passes():
    spiral = [(0, 0), (200, 0), (200, 100), (100, 100), (100, -100)]
    result = noded(spiral)
    assert (100.0, 0.0) in result.nodes
    assert len(result.pieces) == 2 + 3  # the loop in three
    assert noded(spiral, crossings=False).bridged == [0]


def test_what_runs_twice_is_kept_once():
    result = noded([(0, 0), (100, 0), (200, 0)], [(200, 0), (0, 0)], [(150, 0), (300, 0)])
    assert joined(result) == [((0.0, 0.0), (150.0, 0.0)), ((150.0, 0.0), (200.0, 0.0)), ((200.0, 0.0), (300.0, 0.0))]
    assert {(line, other) for line, other, _ in result.doubled} == {(1, 0), (2, 0)}
    assert noded([(0, 0), (100, 0)], [(0, 0), (3, 0)]).short == [1]


@pytest.mark.parametrize("seed", range(20))
def test_any_tangle_is_valid_and_the_order_of_lines_does_not_matter(seed):
    draw = random.Random(seed)  # noqa: S311
    lines = [[(draw.randrange(30) * 7, draw.randrange(30) * 7) for _ in range(draw.randrange(2, 7))] for _ in range(15)]
    lines = [line for line in lines if len(set(line)) > 1]
    result = noded(*lines)
    pairs = [frozenset((piece.start, piece.end)) for piece in result.pieces]
    assert all(len(pair) == 2 for pair in pairs)
    assert len(set(pairs)) == len(pairs)
    # Nodes are apart, unless they were set to part two links.
    eased = {node for _, node, _ in result.eased}
    used = sorted({node for pair in pairs for node in pair} - eased)
    spots = [result.nodes[node] for node in used]
    assert all(math.dist(a, b) > 10.0 for number, a in enumerate(spots) for b in spots[:number])
    draw.shuffle(lines)
    again = noded(*lines)
    cut = {node for piece in again.pieces for node in (piece.start, piece.end)} - {node for _, node, _ in again.eased}
    assert sorted(again.nodes[node] for node in cut) == sorted(spots)


def test_where_there_is_no_room_for_a_node_the_piece_is_left_out():
    def ring(side):
        return [(0, 0), (side, 0), (side, side), (0, side), (0, 0)]

    assert (len(noded(ring(8), snap_m=2.0).pieces), noded(ring(8), snap_m=2.0).crowded) == (3, [])
    result = noded(ring(1.3), snap_m=2.0)
    assert (result.pieces, result.crowded, result.short) == ([], [0], [])
