import itertools

import networkx as nx
import numpy as np
import pytest
import shapely

from corridormap import measure
from corridormap.atlas import Atlas
from corridormap.errors import DataError, UsageError
from corridormap.geodesic import distances_m, lengths_km
from corridormap.measure.network import lines, network


def test_a_route_is_the_shortest_of_all(atlas):
    links = atlas.links[(atlas.links["mode"] == "rail") & (atlas.links["status"] != "planned")]
    graph = nx.MultiGraph()
    for link, km in zip(links.to_dict("records"), lengths_km(links.geometry.to_numpy()), strict=True):
        graph.add_edge(link["from"], link["to"], km=km)
    way = measure.route("Almaty-1", end="Mangystau", mode="rail", atlas=atlas)
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
            {"start": "dostyk", "end": "khorgos-town", "without": ["road:x-road-nur-zholy-khorgos-khorgos-town"]},
            UsageError,
            "nothing runs to 'khorgos-town'",
        ),
        ({"start": "almaty-1", "end": "atlantis"}, UsageError, "no place 'atlantis'"),
        ({"start": "Almaty", "end": "dostyk", "mode": "rail"}, UsageError, "nothing runs to 'Almaty' by rail\n  Did you mean almaty-1?"),
        ({"start": "Dostik", "end": "almaty-1"}, UsageError, "Did you mean dostyk?"),
        ({"start": "almaty-1", "end": "mangystau", "mode": "air"}, UsageError, "Modes are: rail, road, sea, transfer"),
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
    # Beyond Dostyk the atlas's railways end at the border.
    assert set(table["ends_at"]) == {"x-rail-dostyk-alashankou"}
    assert table["corridor"].tolist() == ["rail-1-northern", "rail-2-southern", "rail-5-traceca"]
    assert table[["around_km", "added_km"]].isna().all(axis=None)
    with pytest.raises(UsageError, match="no link"):
        measure.closure("rail:x", atlas=atlas)


def test_routes_and_closures_share_networks_that_the_atlas_keeps(atlas, monkeypatch):
    fresh, made, take = Atlas.open(atlas.folder), [], lines.of_atlas
    monkeypatch.setattr(network, "of_atlas", lambda *args, **how: made.append(how["modes"]) or take(*args, **how))
    for _ in range(2):
        measure.closure("rail:dostyk-beskol", atlas=fresh)
        measure.closure("rail:shalkar-kandyagash", atlas=fresh)
        measure.route("dostyk", end="oral", mode="rail", atlas=fresh)
        measure.route("dostyk", end="oral", atlas=fresh)
    assert made == [["rail"], None]
    fresh.forget_layers()
    measure.route("dostyk", end="oral", atlas=fresh)
    assert made == [["rail"], None, None]


def test_a_closure_with_a_way_around_ends_nowhere(atlas):
    assert measure.closure("rail:shalkar-kandyagash", atlas=atlas)["ends_at"].isna().all()


def test_almaty_to_astana_by_rail_is_as_long_as_the_railway(atlas):
    """1,310.1 km from Astana-1 to Almaty-1 in OpenStreetMap's route of October 2026."""
    way = measure.route("almaty-1", end="astana-1", mode="rail", atlas=atlas)
    assert way.attrs["length_km"] == pytest.approx(1310.1, rel=0.02)


def test_the_railways_have_ways_round(atlas):
    rail = atlas.links[atlas.links["mode"] == "rail"]
    graph = nx.MultiGraph(list(zip(rail["from"], rail["to"], strict=True)))
    rings = graph.number_of_edges() - graph.number_of_nodes() + nx.number_connected_components(graph)
    assert rings >= 15
    # What was the only way is not any more.
    for link in (
        "rail:esil-1-arkalyk",
        "rail:kartaly-x-rail-boskol-tamerlan",
        "rail:taiynsha-petropavl",
        "rail:charskaya-oskemen",
        "rail:presnogorkovskaya-x-rail-presnogorkovskaya-kurgan",
        "rail:saryagash-x-rail-saryagash-keles",
        "rail:x-rail-bolashak-serhetyaka-bereket",
    ):
        a, b = atlas.links.loc[link, ["from", "to"]]
        assert measure.route(a, end=b, mode="rail", without=link, atlas=atlas).attrs["length_km"] > 0, link


def test_what_the_atlas_holds_no_other_way_round_is_said(atlas):
    way = measure.route("almaty-1", end="dostyk", mode="rail", atlas=atlas)
    assert dict(zip(way["link"], way["only_way"], strict=True))["rail:dostyk-beskol"]
    assert not way["only_way"].iloc[0]
    for link in way.loc[way["only_way"], "link"]:
        with pytest.raises((DataError, UsageError)):
            measure.route("almaty-1", end="dostyk", mode="rail", without=link, atlas=atlas)


def test_nearly_all_places_at_home_are_joined(atlas):
    links, nodes = atlas.links, atlas.nodes
    graph = nx.Graph(list(zip(links["from"], links["to"], strict=True)))
    home = [node for node in graph if nodes["country"][node] == atlas.record.country]
    joined = sum(len(part.intersection(home)) ** 2 for part in nx.connected_components(graph))
    assert joined / len(home) ** 2 > 0.95
    # A way from a station of the south to a town of the north changes from rail to road, where that is shorter.
    assert "transfer" in set(measure.route("shu", end="petropavl-town", atlas=atlas)["mode"])


def test_a_link_that_is_passed_twice_is_closed_twice(atlas):
    table = measure.closure("rail:aktogay-preduzlovaya", atlas=atlas)
    assert table.set_index("corridor")["passes"]["rail-1-northern"] == 2


def test_a_route_may_start_on_a_crossing_and_at_a_point(atlas):
    way = measure.route("x-rail-dostyk-alashankou", end=(82.48, 45.25), mode="rail", atlas=atlas)
    assert way.attrs["borders"] == ["x-rail-dostyk-alashankou"]
    assert way["to"].iloc[-1] == "dostyk"
    assert way.attrs["start_km"] == 0
    assert 0 < way.attrs["end_km"] < 5
    assert f"up to {way.attrs['end_km']:.3f} km" in way.attrs["note"]
    assert "links of rail" in way.attrs["note"]


def test_a_route_by_way_of_a_place(atlas):
    legs = [measure.route(a, end=b, mode="rail", atlas=atlas) for a, b in itertools.pairwise(["dostyk", "petropavl", "almaty-1"])]
    way = measure.route("dostyk", end="almaty-1", via="petropavl", mode="rail", atlas=atlas)
    assert way["link"].tolist() == [*legs[0]["link"], *legs[1]["link"]]
    assert way.attrs["length_km"] == pytest.approx(sum(leg.attrs["length_km"] for leg in legs))


def test_a_closure_of_the_only_link_of_a_place(atlas):
    table = measure.closure("rail:mangystau-aktau-port", atlas=atlas)
    assert table["around_km"].isna().all()
    assert set(table["ends_at"]) == {"aktau-port"}


def test_detour(atlas):
    table = measure.detour(atlas=atlas)
    assert len(table) == 11
    assert (table["sinuosity"] > 1).all()
    assert (table["sinuosity"] * table["geodesic_km"]).to_numpy() == pytest.approx(table["length_km"].to_numpy())
    assert np.isfinite(table["sinuosity"]).all()
