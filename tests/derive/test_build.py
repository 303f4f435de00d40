import json
import math
import shutil
from weakref import ref

import pandas as pd
import pytest
import shapely

from corridormap import geojson
from corridormap.atlas import Atlas
from corridormap.checks import check_atlas
from corridormap.derive import build_layers, stale_layers, write_layers
from corridormap.derive.tables import lengths_table
from corridormap.errors import DataError, WriteError
from corridormap.geodesic import lengths_km
from corridormap.measure.itineraries import accuracy_of, measured_links


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in sorted((folder / "layers").iterdir())}


def test_two_builds_give_the_same_bytes(tiny):
    first = bytes_of(tiny)
    shutil.rmtree(tiny / "layers")
    assert len(write_layers(Atlas.open(tiny))) == 6  # the tables are still there
    assert bytes_of(tiny) == first
    assert write_layers(Atlas.open(tiny)) == []


def test_links_are_measured_once_however_many_itineraries_use_them(tiny, monkeypatch):
    from corridormap.measure import itineraries

    asked = []
    monkeypatch.setattr(itineraries, "lengths_km", lambda lines: asked.append(len(lines)) or lengths_km(lines))
    atlas = Atlas.open(tiny)
    build_layers(atlas)
    assert lengths_table(atlas)
    assert asked == [len(atlas.links)]


def test_links_are_joined_in_the_direction_of_travel(tiny):
    coast = Atlas.open(tiny).layer("corridors").set_index("id").geometry["coast"]
    main, branch = shapely.get_parts(coast)
    assert main.coords[0] == (-20.1, 63.4)
    assert main.coords[-1] == (-22.0, 64.1)
    assert branch.coords[0] == (-20.0, 64.0)


def test_lengths_at_home_and_abroad(tiny):
    atlas = Atlas.open(tiny)
    south = atlas.layer("corridors").set_index("id").loc["south"]
    link = atlas.links.geometry
    home = lengths_km([link["road:west-middle"], link["road:middle-gate"]]).sum()
    abroad = lengths_km([link["road:gate-east"]]).sum()
    assert south["length_km"] == pytest.approx(home, abs=0.05)
    assert south["length_abroad_km"] == pytest.approx(abroad, abs=0.05)
    assert math.isnan(south["length_official_km"])
    assert south["status"] == "works"


def test_the_official_figure_stands_beside_the_measured_one(tiny):
    coast = Atlas.open(tiny).layer("corridors").set_index("id").loc["coast"]
    assert coast["length_official_km"] == 100.0
    assert coast["length_official_source"] == "made-up"
    assert coast["length_published_reason_ru"] == "Посчитано без ветви."
    assert coast["length_km"] > 200


def test_accuracy_is_the_class_that_holds_95_percent(tiny):
    links = measured_links(Atlas.open(tiny))
    assert accuracy_of([links["road:west-middle"], links["road:middle-gate"]]) == 200.0
    assert accuracy_of(links.values()) == 5000.0


def test_transfers_are_no_stretches_of_the_layer(atlas):
    assert "transfer" in set(atlas.links["mode"])
    assert "transfer" not in set(atlas.layer("network_links")["mode"])


def test_each_link_knows_its_corridors(tiny):
    links = Atlas.open(tiny).layer("links").set_index("id")
    assert links.loc["road:middle-gate", "corridors"] == "south; coast"
    assert links.loc["road:gate-east", "corridors"] == "south"


def test_places_leave_crossings_to_their_own_layer(tiny):
    assert Atlas.open(tiny).layer("places")["id"].tolist() == ["east", "middle", "south", "west"]


def test_a_loop_is_drawn_once(tiny):
    path = tiny / "corridors.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('nodes = ["middle", "gate"]', 'nodes = ["west", "middle", "gate"]'), encoding="utf-8"
    )
    atlas = Atlas.open(tiny)
    coast = build_layers(atlas)["corridors"].set_index("id").loc["coast"]
    assert coast["length_km"] == pytest.approx(lengths_km([coast["geometry"]])[0], abs=0.05)


BROKEN = [
    ("network/links.geojson", lambda d: d["features"].pop(0), "no road link joins 'west' and 'middle'"),
    (
        "network/links.geojson",
        lambda d: d["features"].append({**d["features"][0], "id": "x"} | {"properties": {**d["features"][0]["properties"], "id": "x"}}),
        "2 road links join",
    ),
    ("network/links.geojson", lambda d: d["features"].append(d["features"][0]), "given twice"),
    ("network/links.geojson", lambda d: d["features"][0]["properties"].update({"from": "nowhere"}), "'from' names no node: 'nowhere'"),
    ("network/links.geojson", lambda d: d["features"][0]["geometry"]["coordinates"][0].__setitem__(0, -22.1), "m from its node 'west'"),
    ("network/links.geojson", lambda d: d["features"][0].update(geometry=None), "has no geometry"),
    (
        "network/links.geojson",
        lambda d: [f["properties"].pop("mode") for f in d["features"]],
        "`mode` is missing: one of rail, road, sea, transfer",
    ),
    ("network/nodes.geojson", lambda d: d["features"].pop(0), "'west'"),
    ("points/crossings.geojson", lambda d: d["features"].pop(0), "no row for the network's crossing 'gate'"),
]


@pytest.mark.parametrize(("name", "change", "message"), BROKEN)
def test_facts_that_do_not_fit_are_refused_and_nothing_is_written(tiny, edit, name, change, message):
    before = bytes_of(tiny)
    with edit(tiny / name) as document:
        change(document)
    with pytest.raises(DataError) as caught:
        write_layers(Atlas.open(tiny))
    assert message in str(caught.value)
    assert bytes_of(tiny) == before


def test_where_nothing_changes_nothing_is_read_anew(tiny):
    atlas = Atlas.open(tiny)
    atlas.layer("links")
    frames = dict(atlas._frames)
    assert write_layers(atlas) == []
    assert atlas._frames == frames
    (tiny / "layers" / "links.geojson").write_text("damaged", encoding="utf-8")
    assert write_layers(atlas) == [tiny / "layers" / "links.geojson"]
    assert atlas._frames == {}


def test_a_stale_layer_is_named(tiny):
    path = tiny / "layers" / "sights.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["features"][0]["properties"]["name_en"] = "Changed by hand"
    path.write_text(json.dumps(document), encoding="utf-8")
    (tiny / "layers" / "places.geojson").unlink()
    assert [path.name for path in stale_layers(Atlas.open(tiny))] == ["sights.geojson", "places.geojson"]


def test_the_contents_of_built_files_are_not_held_together(tiny, monkeypatch):
    class Text(str):
        """A text that tells when it is gone."""

        __slots__ = ("__weakref__",)

    dumps, held = geojson.dumps, []

    def written(frame, **how):
        assert not any(text() for text in held)
        text = Text(dumps(frame, **how))
        held.append(ref(text))
        return text

    monkeypatch.setattr(geojson, "dumps", written)
    assert stale_layers(Atlas.open(tiny)) == []
    assert write_layers(Atlas.open(tiny)) == []
    assert len(held) == 2 * len(Atlas.open(tiny).layers)


def test_a_damaged_built_file_is_repaired(tiny):
    path = tiny / "layers" / "sights.geojson"
    good = path.read_bytes()
    path.write_bytes(b"\xff\xfe")
    assert [changed.name for changed in write_layers(Atlas.open(tiny))] == ["sights.geojson"]
    assert path.read_bytes() == good


def test_a_left_over_file_is_stale(tiny):
    (tiny / "statements.toml").unlink()
    assert [path.name for path in stale_layers(Atlas.open(tiny))] == ["datapackage.json", "statements.csv"]


def test_nothing_is_written_when_one_file_cannot_be(tiny):
    before = bytes_of(tiny)
    for path in (tiny / "layers").iterdir():
        path.write_text("old", encoding="utf-8")
    shutil.rmtree(tiny / "tables")
    (tiny / "tables").write_text("in the way", encoding="utf-8")
    with pytest.raises(WriteError, match="cannot be written"):
        write_layers(Atlas.open(tiny))
    assert set(bytes_of(tiny).values()) == {b"old"}
    assert before


def test_a_year_that_one_itinerary_has_is_a_whole_number(tiny):
    path = tiny / "corridors.toml"
    text = path.read_text(encoding="utf-8").replace('id = "south"\n', 'id = "south"\nproperties = { works_end = 2026, lit = true }\n')
    path.write_text(text, encoding="utf-8")
    write_layers(Atlas.open(tiny))
    built = {row["properties"]["id"]: row["properties"] for row in json.loads((tiny / "layers/corridors.geojson").read_bytes())["features"]}
    assert {type(row["works_end"]) for row in built.values()} == {int, type(None)}
    assert (built["south"]["works_end"], built["south"]["lit"], built["coast"]["lit"]) == (2026, True, None)


def test_properties_may_not_overwrite_what_is_measured(tiny):
    path = tiny / "corridors.toml"
    text = path.read_text(encoding="utf-8").replace('id = "south"\n', 'id = "south"\nproperties = { length_km = 1.0 }\n')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="may not set 'length_km'"):
        build_layers(Atlas.open(tiny))


def test_a_way_that_goes_back_must_say_so(tiny):
    path = tiny / "corridors.toml"
    text = path.read_text(encoding="utf-8").replace(
        'nodes = ["south", "middle", "west"]', 'nodes = ["south", "middle", "south", "middle", "west"]'
    )
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="goes back over road:middle-south at 'middle'"):
        build_layers(Atlas.open(tiny))
    path.write_text(
        text.replace('"west"]\n[[itinerary.ways]]\nrole', '"west"]\nreverses_at = ["middle", "south"]\n[[itinerary.ways]]\nrole'),
        encoding="utf-8",
    )
    assert len(build_layers(Atlas.open(tiny))["corridors"]) == 2


@pytest.mark.parametrize(
    ("geometry", "message"),
    [
        ({"type": "GeometryCollection", "geometries": []}, "must be a Point, not a GeometryCollection"),
        ({"type": "Point", "coordinates": []}, "has no coordinates"),
    ],
)
def test_an_empty_geometry_is_refused(tiny, edit, geometry, message):
    with edit(tiny / "points" / "sights.geojson") as document:
        document["features"][0]["geometry"] = geometry
    with pytest.raises(DataError, match=message):
        write_layers(Atlas.open(tiny))


def test_a_layer_where_nothing_is_located(tiny, edit):
    with edit(tiny / "network" / "nodes.geojson") as document:
        document["features"][3]["properties"]["kind"] = "town"
    with edit(tiny / "points" / "crossings.geojson") as document:
        del document["features"][0]
    write_layers(Atlas.open(tiny))
    assert Atlas.open(tiny).layer("crossings").geometry.isna().all()


PLANNED = """
[[itinerary]]
id = "tunnel"
layer = "corridors"
number = 3
mode = "rail"
status = "planned"
sources = ["made-up"]
name = { en = "Tunnel", ru = "Туннель" }
ways = []
[[itinerary.lengths]]
km = 12.0
kind = "official"
source = "made-up"
"""


def test_an_itinerary_whose_way_is_not_known(tiny):
    """It needs a layer that may be unlocated, has the published length alone, and the status it states."""
    path = tiny / "corridors.toml"
    path.write_text(path.read_text(encoding="utf-8") + PLANNED, encoding="utf-8")
    with pytest.raises(DataError, match=r"has no `ways`.*unlocated = true") as raised:
        build_layers(Atlas.open(tiny))
    assert "tunnel" in str(raised.value)
    path = tiny / "atlas.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace('geometry = "MultiLineString"', 'geometry = "MultiLineString"\nunlocated = true', 1)
    path.write_text(text.replace("values.coast", 'values.tunnel = { colour = "#3f987f" }\nvalues.coast'), encoding="utf-8")
    write_layers(Atlas.open(tiny))
    atlas = Atlas.open(tiny)
    tunnel = atlas.layer("corridors").set_index("id").loc["tunnel"]
    assert tunnel.geometry is None
    assert (tunnel["status"], tunnel["length_official_km"]) == ("planned", 12.0)
    assert pd.isna([tunnel["length_km"], tunnel["length_total_km"], tunnel["accuracy_m"]]).all()
    assert atlas.layer("corridors").set_index("id").loc["south", "status"] == "works"
    row = next(row for row in lengths_table(atlas) if row["itinerary"] == "tunnel")
    assert (row["published_km"], row["measured_km"], row["difference_percent"]) == (12.0, None, None)
    assert check_atlas(atlas, severity="warning").findings == []


def test_an_itinerary_may_state_its_own_status(tiny):
    path = tiny / "corridors.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('id = "coast"\n', 'id = "coast"\nstatus = "planned"\n'), encoding="utf-8")
    status = build_layers(Atlas.open(tiny))["corridors"].set_index("id")["status"]
    assert status.to_dict() == {"south": "works", "coast": "planned"}


def test_a_layer_of_lines_refuses_a_gap(tiny):
    path = tiny / "atlas.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"MultiLineString"', '"LineString"'), encoding="utf-8")
    with pytest.raises(DataError, match="gives 2 lines"):
        build_layers(Atlas.open(tiny))


def test_every_route_is_found_once_a_run(tiny, monkeypatch):
    found = []
    find = Atlas._find_route
    monkeypatch.setattr(Atlas, "_find_route", lambda atlas, itinerary: found.append(itinerary) or find(atlas, itinerary))
    atlas = Atlas.open(tiny)
    assert stale_layers(atlas) == []
    assert sorted(found) == sorted(atlas.itineraries)
    assert atlas.itineraries_of_links() is atlas.itineraries_of_links()
    assert atlas.itineraries_of_nodes is atlas.itineraries_of_nodes


def test_the_itineraries_of_links_and_nodes(tiny):
    atlas = Atlas.open(tiny)
    of_links = atlas.itineraries_of_links()
    for link in atlas.links.index:
        using = [name for name in atlas.itineraries if any(step.id == link for way in atlas.route(name) for step in way)]
        assert of_links.get(link, []) == using
    for node in atlas.nodes.index:
        passing = [name for name, record in atlas.itineraries.items() if any(node in way.nodes for way in record.ways)]
        assert atlas.itineraries_of_nodes.get(node, []) == passing
    turned = list(atlas.itineraries)[::-1]
    assert atlas.itineraries_of_links(turned) == {link: names[::-1] for link, names in of_links.items()}


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (['layer = "corridor"', 'layer = "corridors"'], r"corridors.toml, south: names no layer: 'corridor'"),
        (['layer = "links"', 'layer = "corridors"'], r"corridors.toml, south: names no layer: 'links'"),
        ([], r"atlas.toml, corridors: no itinerary names this layer"),
    ],
)
def test_itineraries_and_their_layers_fit_together(tiny, layers, message):
    path = tiny / "corridors.toml"
    head, *blocks = path.read_text(encoding="utf-8").split('layer = "corridors"')
    text = head + "".join(layer + block for layer, block in zip(layers, blocks, strict=True)) if layers else ""
    path.write_text(text, encoding="utf-8")
    before = bytes_of(tiny)
    with pytest.raises(DataError, match=message):
        write_layers(Atlas.open(tiny))
    assert bytes_of(tiny) == before
