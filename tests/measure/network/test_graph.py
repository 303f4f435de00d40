"""Ways against networkx, on networks drawn at random: with ties, loops, links side by side, weights of nought, and changes that weigh."""

import contextlib
import itertools

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString

from corridormap.errors import DataError
from corridormap.measure import Network

pytestmark = pytest.mark.slow

MODES, COUNTRIES = ["rail", "road", "transfer"], ["KZ", "RU", "XZ"]

SMALL = st.integers(0, 3)


@st.composite
def links(draw):
    """Links between up to seven nodes on a circle, weighed by small whole numbers."""
    count = draw(st.integers(2, 7))
    angle = np.arange(count) * 2 * np.pi / count
    at = np.column_stack([60 + np.cos(angle), 50 + np.sin(angle)])
    ends = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), min_size=1, max_size=14))
    rows = []
    for number, (one, other) in enumerate(ends):
        # A link that returns to its node goes out first; links side by side need no line of their own.
        line = [at[one], at[one] + 0.1, at[one] + [0.1, 0.0], at[one]] if one == other else [at[one], at[other]]
        mode, country = draw(st.sampled_from(MODES)), draw(st.sampled_from(COUNTRIES))
        row = {"id": f"l{number:02}", "from": str(one), "to": str(other), "mode": mode, "country": country, "w": draw(SMALL)}
        rows.append({**row, "geometry": LineString(line)})
    return gpd.GeoDataFrame(rows, crs="EPSG:4326")


def plain(frame):
    graph = nx.MultiGraph()
    for row in frame.itertuples():
        graph.add_edge(row[2], row.to, key=row.id, weight=row.w)
    return graph


def by_arcs(frame, *, transfer, border):
    """Every link as a node of the graph, once a direction: what is between two links is the change."""
    graph = nx.DiGraph()
    arcs = [
        (row["id"], way, one, other, row["mode"], row["country"], row["w"] + transfer * (row["mode"] == "transfer"))
        for row in frame.to_dict("records")
        for way, (one, other) in enumerate([(row["from"], row["to"]), (row["to"], row["from"])])
    ]
    for name, way, one, other, _, _, weight in arcs:
        graph.add_edge(("start", one), (name, way), weight=weight)
        graph.add_edge((name, way), ("end", other), weight=0)
    for one, other in itertools.product(arcs, arcs):
        if one[3] == other[2]:
            change = transfer * (one[4] != other[4] and "transfer" not in {one[4], other[4]})
            change += border * (one[5] != other[5] and other[5] != "XZ")
            graph.add_edge(one[:2], other[:2], weight=other[6] + change)
    return graph


def check_way(way, start, end):
    stops = [start, *way["to"]]
    assert stops[:-1] == way["from"].tolist()
    assert stops[-1] == end


@given(links())
def test_ways_are_as_short_as_those_of_networkx(frame):
    network, graph = Network(frame, weight="w"), plain(frame)
    nodes = sorted(graph)
    table = network.matrix(nodes)
    bridges = set(nx.bridges(graph))
    for start, end in itertools.product(nodes, nodes):
        if not nx.has_path(graph, start, end):
            assert np.isnan(table.loc[start, end])
            with pytest.raises(DataError, match="no way joins"):
                network.route(start, end=end)
            continue
        weight = nx.dijkstra_path_length(graph, start, end)
        way = network.route(start, end=end)
        assert table.loc[start, end] == way.attrs["w"] == way["w"].sum() == weight
        assert [(a, b) in bridges or (b, a) in bridges for a, b in zip(way["from"], way["to"], strict=True)] == way["only_way"].tolist()
        if len(way):
            check_way(way, start, end)


@given(links(), SMALL, SMALL)
def test_changes_weigh_what_they_weigh_between_links(frame, transfer, border):
    network, graph = Network(frame, weight="w", transfer=transfer, border=border), by_arcs(frame, transfer=transfer, border=border)
    nodes = sorted({*frame["from"], *frame["to"]})
    table = network.matrix(nodes)
    for start, end in itertools.permutations(nodes, 2):
        if not nx.has_path(graph, ("start", start), ("end", end)):
            assert np.isnan(table.loc[start, end])
            continue
        way = network.route(start, end=end)
        weight = nx.dijkstra_path_length(graph, ("start", start), ("end", end))
        assert table.loc[start, end] == way.attrs["w"] == weight
        assert way["w"].sum() + (way["added_w"].sum() if "added_w" in way else 0) == weight
        check_way(way, start, end)


@given(links(), SMALL)
def test_a_stop_spares_no_change(frame, transfer):
    network, graph = Network(frame, weight="w", transfer=transfer), by_arcs(frame, transfer=transfer, border=0)
    nodes = sorted({*frame["from"], *frame["to"]})
    for start, via, end in itertools.permutations(nodes[:4], 3):
        # The way to a link into the stop, and on from a link out of it.
        into = [arc for arc, _ in graph.in_edges(("end", via))]
        out = [arc for _, arc in graph.out_edges(("start", via))]
        here = nx.single_source_dijkstra_path_length(graph, ("start", start))
        there = nx.single_source_dijkstra_path_length(graph.reverse(), ("end", end))
        found = [here[a] + graph.edges[a, b]["weight"] + there[b] for a in into for b in out if a in here and b in there]
        if found:
            assert network.route(start, end=end, via=via).attrs["w"] == min(found)


@given(links(), st.randoms(use_true_random=False))
def test_of_ways_as_short_it_is_always_the_same(frame, random):
    rows = list(range(len(frame)))
    random.shuffle(rows)
    network, other = (Network(one, weight="w") for one in (frame, frame.iloc[rows]))
    nodes = sorted({*frame["from"], *frame["to"]})
    for start, end in itertools.permutations(nodes, 2):
        ways = []
        for one in (network, other):
            with contextlib.suppress(DataError):
                ways.append(one.route(start, end=end)["link"].tolist())
        assert len(ways) in {0, 2}
        assert ways[:1] == ways[1:]


def test_a_tie_goes_to_the_last_link_that_comes_first_by_id():
    def square(ids):
        corners = {"a": (0, 0), "b": (1, 1), "c": (1, -1), "d": (2, 0)}
        ends = ["ab", "bd", "ac", "cd"]
        rows = [{"id": name, "from": one, "to": other, "w": 0.1, "geometry": LineString([corners[one], corners[other]])}
                for name, (one, other) in zip(ids, ends, strict=True)]  # fmt: skip
        return Network(gpd.GeoDataFrame(rows, crs="EPSG:4326"), weight="w").route("a", end="d")["link"].tolist()

    assert square(["1", "2", "3", "4"]) == ["1", "2"]
    assert square(["1", "4", "3", "2"]) == ["3", "2"]


@given(links(), st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 5)), max_size=12))
def test_no_tonne_is_lost_or_made_at_a_node(frame, wanted):
    network, graph = Network(frame, weight="w"), plain(frame)
    nodes = sorted(graph)
    pairs = [(nodes[a % len(nodes)], nodes[b % len(nodes)], t) for a, b, t in wanted]
    od = pd.DataFrame(pairs, columns=["origin", "destination", "tonnes"])
    load = network.load(od)
    served = [pair for pair in pairs if nx.has_path(graph, *pair[:2])]
    assert load.attrs["unserved"] == [list(pair) for pair in pairs if pair not in served and pair[2]]
    assert load.attrs["served"] == sum(pair[2] for pair in served)
    for node in nodes:
        comes = load.loc[load["to"] == node, "tonnes_forward"].sum() + load.loc[load["from"] == node, "tonnes_backward"].sum()
        goes = load.loc[load["from"] == node, "tonnes_forward"].sum() + load.loc[load["to"] == node, "tonnes_backward"].sum()
        made = sum(t for a, b, t in served if a == node != b) - sum(t for a, b, t in served if b == node != a)
        assert goes - comes == made
    # All of a pair on its shortest way.
    weights = load["tonnes"].to_numpy() @ frame["w"].to_numpy()
    assert weights == sum(t * nx.dijkstra_path_length(graph, a, b) for a, b, t in served)


@given(links(), st.integers(0, 6), st.floats(0.05, 6))
def test_what_is_reached_is_what_trying_everywhere_finds(frame, start, limit):
    network, graph = Network(frame, weight="w"), plain(frame)
    start = sorted(graph)[start % len(graph)]
    far = nx.single_source_dijkstra_path_length(graph, start)
    found = network.isochrone(start, limits=limit)
    km = network.links["length_km"]
    for row in frame.to_dict("records"):
        parts = found[found["link"] == row["id"]]
        for share in (0.0, 0.13, 0.5, 0.77, 1.0):
            least = min(far.get(row["from"], np.inf) + share * row["w"], far.get(row["to"], np.inf) + (1 - share) * row["w"])
            if abs(least - limit) > 1e-6:
                on = ((parts["from_km"] / km[row["id"]] <= share + 1e-9) & (parts["to_km"] / km[row["id"]] >= share - 1e-9)).any()
                assert on == (least < limit), (row, share)
