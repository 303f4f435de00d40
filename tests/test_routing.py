"""Itineraries that name their termini: the shortest way is found, and what the network leaves open is refused."""

from __future__ import annotations

import json
import shutil
import tomllib

import msgspec
import pytest

from corridormap import measure
from corridormap.atlas import Atlas
from corridormap.derive import build_layers, write_layers
from corridormap.derive.tables import lengths_table
from corridormap.errors import DataError
from corridormap.model import Way

# a – b – d by the north, a – c – d by the south, d – e beyond; f – g apart. Degrees on the equator, nearly: 0.1° are some 11.1 km.
PLACES = {"a": (0.0, 0.0), "b": (1.0, 0.3), "c": (1.0, -0.3), "d": (2.0, 0.0), "e": (3.0, 0.0), "f": (3.2, 0.0), "g": (4.0, 0.0)}
LINKS = ["a-b", "b-d", "a-c", "c-d", "d-e", "f-g"]


def network(folder, *, places=PLACES, links=LINKS, modes=None, status=None):
    """Write a network of straight links into an atlas."""

    def write(name, features):
        features = [{"type": "Feature", "geometry": geometry, "properties": properties} for geometry, properties in features]
        text = json.dumps({"type": "FeatureCollection", "features": features})
        (folder / "network" / f"{name}.geojson").write_text(text, encoding="utf-8")

    about = {"country": "IS", "accuracy_m": 100, "source": "made-up"}
    names = {"kind": "town", "name_en": "Town", "name_ru": "Город"}
    write("nodes", [({"type": "Point", "coordinates": at}, {"id": node, **names, **about}) for node, at in places.items()])
    rows = []
    for link in links:
        start, end = link.split("-")[:2]
        mode = (modes or {}).get(link, "road")
        told = {"from": start, "to": end, "mode": mode, "status": (status or {}).get(link, "open")}
        rows.append(({"type": "LineString", "coordinates": [places[start], places[end]]}, {"id": f"{mode}:{link}", **told, **about}))
    write("links", rows)


def corridors(folder, *ways, status=""):
    head = '[[itinerary]]\nid = "one"\nlayer = "corridors"\nnumber = 1\nmode = "road"\nsources = ["made-up"]\n'
    text = head + status + 'name = { en = "One", ru = "Один" }\n' + "".join(f"[[itinerary.ways]]\n{way}\n" for way in ways)
    (folder / "corridors.toml").write_text(text, encoding="utf-8")
    return Atlas.open(folder)


@pytest.fixture
def apart(tiny):
    """The tiny atlas with another network, where two ways lead from a to d."""
    network(tiny)
    return tiny


def refused(atlas):
    with pytest.raises(DataError) as caught:
        atlas.route("one")
    assert caught.value.where.endswith("corridors.toml, one")
    return f"{caught.value.what} | {caught.value.hint}"


@pytest.mark.slow
def test_termini_and_vias_give_what_nodes_give(tiny, run, tmp_path):
    assert run("render", "-o", tmp_path / "named.html", geodata=tiny).exit_code == 0
    text = (tiny / "corridors.toml").read_text(encoding="utf-8")
    named = Atlas.open(tiny)
    layers = build_layers(named)
    text = text.replace('nodes = ["west", "middle", "gate", "east"]', 'from = "west"\nto = "east"')
    text = text.replace('nodes = ["south", "middle", "west"]', 'from = "south"\nvia = ["middle"]\nto = "west"')
    (tiny / "corridors.toml").write_text(text, encoding="utf-8")
    found = Atlas.open(tiny)
    assert found.way_nodes("south") == [["west", "middle", "gate", "east"]]
    assert found.way_nodes("coast") == [["south", "middle", "west"], ["middle", "gate"]]
    assert found.way_nodes("coast") is found.way_nodes("coast")
    for name, layer in build_layers(found).items():
        assert layer.equals(layers[name]), name
    assert write_layers(found) == []
    assert measure.alignment("south", atlas=found).nodes["node"].tolist() == ["west", "middle", "gate", "east"]
    assert found.itineraries_of_nodes == named.itineraries_of_nodes
    assert run("render", "-o", tmp_path / "found.html", geodata=tiny).exit_code == 0
    assert (tmp_path / "found.html").read_bytes() == (tmp_path / "named.html").read_bytes()
    assert run("export", "geojson", "-o", tmp_path / "layers", geodata=tiny).exit_code == 0
    assert lengths_table(found) == lengths_table(named)


def test_termini_alone_never_give_another_way_than_the_atlas_names(atlas):
    same = 0
    for name, record in atlas.itineraries.items():
        for way in record.ways:
            if len(set(way.nodes)) == len(way.nodes):
                try:
                    found = atlas._find_nodes(record, Way(start=way.nodes[0], end=way.nodes[-1]))
                except DataError as error:
                    assert "about as long" in error.what  # noqa: PT017  the network may come to offer two
                    continue
                assert found == way.nodes, name
                same += 1
    assert same > 20


def test_what_is_about_as_long_is_refused_until_a_via_tells(apart):
    message = refused(corridors(apart, 'from = "a"\nto = "e"'))
    assert "two road ways from 'a' to 'd' are about as long: by b 232.3 km, by c 232.3 km" in message
    assert 'Name the one that is meant in `via`: "b" or "c"' in message
    assert corridors(apart, 'from = "a"\nvia = ["c"]\nto = "e"').way_nodes("one") == [["a", "c", "d", "e"]]
    assert corridors(apart, 'from = "e"\nvia = ["b"]\nto = "a"').way_nodes("one") == [["e", "d", "b", "a"]]


@pytest.mark.parametrize(("south", "clear"), [(-0.55, False), (-0.6, True)])
def test_ten_percent_longer_where_they_differ_is_another_way(apart, south, clear):
    # By the south it is 9.3 % or 11.7 % longer; the long way beyond d changes nothing.
    network(apart, places={**PLACES, "c": (1.0, south), "e": (12.0, 0.0)})
    atlas = corridors(apart, 'from = "a"\nto = "e"')
    if clear:
        assert atlas.way_nodes("one") == [["a", "b", "d", "e"]]
    else:
        assert "are about as long" in refused(atlas)


def test_a_straight_link_beside_a_way_round_is_told_by_its_ends(apart):
    places = {"a": (0.0, 0.0), "u": (1.0, 0.0), "x": (1.5, 0.1), "v": (2.0, 0.0), "z": (3.0, 0.0)}
    network(apart, places=places, links=["a-u", "u-v", "u-x", "x-v", "v-z"])
    message = refused(corridors(apart, 'from = "a"\nto = "z"'))
    assert "from 'u' to 'v' are about as long: straight 111.3 km, by x 113.5 km" in message
    assert '"u", "v" or "x"' in message
    assert corridors(apart, 'from = "a"\nvia = ["u", "v"]\nto = "z"').way_nodes("one") == [["a", "u", "v", "z"]]
    assert corridors(apart, 'from = "a"\nvia = ["x"]\nto = "z"').way_nodes("one") == [["a", "u", "x", "v", "z"]]


def test_what_is_not_joined_is_told_with_its_gap(apart):
    message = refused(corridors(apart, 'from = "g"\nvia = ["d"]\nto = "b"'))
    assert "no road way joins 'g' and 'd': they come nearest at 'f' and 'e', 22.3 km apart" in message
    network(apart, modes={"f-g": "rail"})
    assert "no road link ends at 'g'" in refused(corridors(apart, 'from = "d"\nto = "g"'))
    assert "no node 'nowhere'" in refused(corridors(apart, 'from = "d"\nto = "nowhere"'))


def test_other_modes_and_planned_links_are_no_way(apart):
    links = [*LINKS, "a-d"]
    network(apart, links=links, modes={"a-d": "rail"})
    assert corridors(apart, 'from = "a"\nvia = ["c"]\nto = "d"').way_nodes("one") == [["a", "c", "d"]]
    assert "are about as long" in refused(corridors(apart, 'from = "a"\nto = "d"'))
    network(apart, links=[link for link in links if link not in {"a-c", "c-d"}], status={"a-d": "planned"})
    assert corridors(apart, 'from = "a"\nto = "e"').way_nodes("one") == [["a", "b", "d", "e"]]
    assert "straight" in refused(corridors(apart, 'from = "a"\nto = "e"', status='status = "planned"\n'))


def test_a_node_is_passed_twice_only_about_a_reversal(apart):
    links = ["a-b", "b-d", "b-c"]
    network(apart, links=links)
    message = refused(corridors(apart, 'from = "a"\nvia = ["c"]\nto = "d"'))
    assert "passes 'b' twice, before and after 'c'" in message
    assert "name that in `reverses_at`" in message
    atlas = corridors(apart, 'from = "a"\nvia = ["c"]\nto = "d"\nreverses_at = ["c"]')
    assert atlas.way_nodes("one") == [["a", "b", "c", "b", "d"]]
    assert [step.id for step in atlas.route("one")[0]] == ["road:a-b", "road:b-c", "road:b-c", "road:b-d"]


def test_two_links_side_by_side_keep_their_own_error(apart):
    network(apart, links=["a-b", "b-d", "b-d-2"])
    assert "2 road links join 'b' and 'd'" in refused(corridors(apart, 'from = "a"\nto = "d"'))


@pytest.mark.parametrize(
    ("way", "fault"),
    [
        ({"nodes": ["a", "b"], "from": "a", "to": "b"}, "and not both"),
        ({"nodes": ["a", "b"], "via": ["b"]}, "and not both"),
        ({}, "has `nodes`, a list of two or more ids of nodes, or `from` and `to`"),
        ({"from": "a"}, "has both `from` and `to`"),
        ({"via": ["a"]}, "has both `from` and `to`"),
        ({"from": "a", "to": "a"}, "'a' is named twice"),
        ({"from": "a", "to": "b", "via": ["c", "c"]}, "'c' is named twice"),
    ],
)
def test_a_way_is_said_once(way, fault):
    with pytest.raises(msgspec.ValidationError, match=fault):
        msgspec.convert(way, Way)


def test_validate_lists_the_fault_of_each_itinerary(apart, run):
    corridors(apart, 'from = "a"\nto = "e"')
    text = (apart / "corridors.toml").read_text(encoding="utf-8")
    second = text.replace('"one"', '"two"').replace("number = 1", "number = 2").replace('to = "e"', 'to = "g"')
    (apart / "corridors.toml").write_text(text + second, encoding="utf-8")
    assert len(tomllib.loads(text + second)["itinerary"]) == 2
    shutil.rmtree(apart / "layers")
    result = run("validate", "--json", geodata=apart)
    found = [finding["message"] for finding in json.loads(result.stdout)["findings"] if finding["code"] == "CM502"]
    assert result.exit_code == 1
    assert ["about as long" in found[0], "they come nearest at 'e' and 'f'" in found[1]] == [True, True], found
