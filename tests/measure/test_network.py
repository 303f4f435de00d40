import itertools

import networkx as nx
import numpy as np
import pytest
import shapely

from corridormap import measure
from corridormap.errors import DataError, UsageError
from corridormap.measure.geodesic import distances_m, lengths_km


def test_a_route_is_the_shortest_of_all(atlas):
    links = atlas.links[(atlas.links["mode"] == "rail") & (atlas.links["status"] != "planned")]
    graph = nx.MultiGraph()
    for link, km in zip(links.to_dict("records"), lengths_km(links.geometry.to_numpy()), strict=True):
        graph.add_edge(link["from"], link["to"], km=km)
    way = measure.route("Almaty-1", end="Mangystau", atlas=atlas)
    assert way.attrs["length_km"] == pytest.approx(nx.dijkstra_path_length(graph, "almaty-1", "mangystau", weight="km"))
    assert way["to_km"].iloc[-1] == way.attrs["length_km"]
    assert lengths_km(way.geometry.to_numpy()) == pytest.approx((way["to_km"] - way["from_km"]).to_numpy())
    # It is travelled from end to end: each line begins where the last ended.
    ends = [shapely.get_coordinates(line)[[0, -1]] for line in way.geometry]
    assert all((a[1] == b[0]).all() or distances_m(a[1:], b[:1]).item() < 2 for a, b in itertools.pairwise(ends))
    assert way["from"].iloc[0] == "almaty-1"
    assert way["to"].tolist()[:-1] == way["from"].tolist()[1:]


def test_a_route_around_what_is_closed_names_its_borders(atlas):
    plain = measure.route("saryagash", end="oral", mode="rail", atlas=atlas)
    assert plain.attrs["borders"] == plain["border"].dropna().tolist() == ["x-rail-zhaisan-iletsk", "x-rail-shyngyrlau-iletsk"]
    link = "rail:shalkar-kandyagash"
    around = measure.route("saryagash", end="oral", mode="rail", without=link, atlas=atlas)
    assert link in set(plain["link"])
    assert link not in set(around["link"])
    assert around.attrs["length_km"] > plain.attrs["length_km"]


def test_going_nowhere_is_an_empty_way(atlas):
    way = measure.route("almaty-1", end="Алматы-1", atlas=atlas)
    assert (len(way), way.attrs["length_km"], way.attrs["borders"]) == (0, 0.0, [])
    assert way.crs == "EPSG:4326"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"start": "almaty-1", "end": "almaty-town"},
            DataError,
            r"no way joins almaty-1 and almaty-town\n  almaty-1 is on rail, almaty-town on road",
        ),
        ({"start": "almaty-1", "end": "atlantis"}, UsageError, "no place 'atlantis'"),
        ({"start": "almaty-1", "end": "mangystau", "mode": "air"}, UsageError, "Modes are: rail, road, sea"),
        ({"start": "almaty-town", "end": "mangystau", "mode": "rail"}, UsageError, "nothing runs to 'almaty-town' by rail"),
        ({"start": "almaty-1", "end": "mangystau", "without": ["rail:x"]}, UsageError, "no link 'rail:x'"),
    ],
)
def test_routes_that_are_none(atlas, arguments, error, message):
    with pytest.raises(error, match=message):
        measure.route(arguments.pop("start"), atlas=atlas, **arguments)


@pytest.mark.parametrize("link", ["rail:shalkar-kandyagash", "rail:kandyagash-makat"])
def test_closure_is_the_way_around(atlas, link):
    record, table = atlas.links.loc[link], measure.closure(link, atlas=atlas)
    around = measure.route(record["from"], end=record["to"], mode="rail", without=[link], atlas=atlas).attrs["length_km"]
    assert len(table) > 0
    assert table["around_km"].to_numpy() == pytest.approx(around)
    assert table["added_km"].to_numpy() == pytest.approx(around - lengths_km([record.geometry]).item())


def test_closure_where_there_is_no_way_around(atlas):
    table = measure.closure("rail:dostyk-beskol", atlas=atlas)
    assert table["corridor"].tolist() == ["rail-1-northern", "rail-2-southern", "rail-5-traceca"]
    assert table[["around_km", "added_km"]].isna().all(axis=None)
    with pytest.raises(UsageError, match="no link"):
        measure.closure("rail:x", atlas=atlas)


def test_a_link_that_is_passed_twice_is_closed_twice(atlas):
    table = measure.closure("rail:aktogay-preduzlovaya", atlas=atlas)
    assert table.set_index("corridor")["passes"]["rail-1-northern"] == 2


def test_detour(atlas):
    table = measure.detour(atlas=atlas)
    assert len(table) == 11
    assert (table["sinuosity"] > 1).all()
    assert (table["sinuosity"] * table["geodesic_km"]).to_numpy() == pytest.approx(table["length_km"].to_numpy())
    assert np.isfinite(table["sinuosity"]).all()
