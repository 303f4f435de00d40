"""The rules about the ground, on the tiny atlas with a shore, a boundary, towns and check points: silent as it is, speaking on one change."""

import json
import shutil

import numpy as np
import pytest
import shapely

from corridormap.atlas import Atlas
from corridormap.checks import check_atlas
from corridormap.derive import write_layers
from corridormap.measure.accuracy import fingerprint

CAPE = [[-24, 63.4], [-21.2, 63.4], [-21, 63.1], [-20.8, 63.4], [-14, 63.4], [-14, 65], [-24, 65], [-24, 63.4]]
GROUND = {
    "context/land.geojson": [("land", "Polygon", [CAPE], {"accuracy_m": 1000})],
    "context/boundaries.geojson": [("boundary", "LineString", [[-15, 63], [-15, 65.5]], {"accuracy_m": 1000})],
    "context/towns.geojson": [
        ("town:east", "Point", [-16.5, 64.2], {"country": "FO"}),
        ("town:far", "Point", [-14.5, 64.0], {"country": "OM"}),
    ],
    "points/checkpoints.geojson": [
        ("east", "Point", [-16.502, 64.2], {"kind": "station", "names": "Easting", "accuracy_m": 50}),
        ("place:gate", "Point", [-18.01, 64.0], {"kind": "settlement", "names": "Gatehouse; Gate", "accuracy_m": 3000}),
        ("place:far-gate", "Point", [-18.05, 64.0], {"kind": "settlement", "names": "Fargate", "accuracy_m": 3000}),
    ],
}
BACKDROP = '[[backdrop]]\nid = "{0}"\npath = "context/{0}.geojson"\nkind = "{1}"\nlicence = "CC0-1.0"\nsource = "made-up"\n'


@pytest.fixture(scope="module")
def _ground(_built, tmp_path_factory, edit):
    """The tiny atlas on the ground, built once."""
    folder = shutil.copytree(_built, tmp_path_factory.mktemp("ground") / "tiny")
    lay(folder, edit)
    return folder


@pytest.fixture
def ground(tmp_path, _ground):
    """A folder with a built copy of it; change it freely."""
    return shutil.copytree(_ground, tmp_path / "tiny")


def lay(tiny, edit):
    """Give the tiny atlas a sea link round a cape, and what the rules compare with."""
    (tiny / "context").mkdir()
    for name, features in GROUND.items():
        members = [
            {
                "type": "Feature",
                "id": key,
                "geometry": {"type": kind, "coordinates": at},
                "properties": {"id": key, "source": "made-up", **more},
            }
            for key, kind, at, more in features
        ]
        (tiny / name).write_text(json.dumps({"type": "FeatureCollection", "features": members}), encoding="utf-8")
    text = (tiny / "atlas.toml").read_text(encoding="utf-8")
    text = text.replace("[[groups]]", 'checkpoints = "points/checkpoints.geojson"\n[[groups]]', 1)
    text += "".join(BACKDROP.format(*pair) for pair in (("land", "land"), ("boundaries", "boundary"), ("towns", "town")))
    (tiny / "atlas.toml").write_text(text, encoding="utf-8")
    with edit(tiny / "network" / "nodes.geojson") as nodes:
        harbour = json.loads(json.dumps(nodes["features"][2]))
        harbour["id"] = harbour["properties"]["id"] = "harbour"
        harbour["geometry"]["coordinates"] = [-22.0, 63.4]
        nodes["features"].append(harbour)
    with edit(tiny / "network" / "links.geojson") as links:
        ferry = json.loads(json.dumps(links["features"][0]))
        ferry["id"] = "sea:south-harbour"
        ferry["properties"] |= {"id": ferry["id"], "from": "south", "to": "harbour", "mode": "sea", "country": "XZ", "accuracy_m": 30000}
        ferry["geometry"]["coordinates"] = [[-20.1, 63.4], [-21, 63.0], [-22.0, 63.4]]
        links["features"].append(ferry)
    measured(tiny, "road:gate-east", 4000)
    write_layers(Atlas.open(tiny))


def measured(folder, link, p95_m):
    """Write an accuracy.json about one link as it is now."""
    row = {"against": "the reference line", "p95_m": p95_m, "max_lon": -17.0, "max_lat": 64.05}
    row["shape"] = fingerprint(Atlas.open(folder).links.geometry[link])
    (folder / "accuracy.json").write_text(json.dumps({"links": {link: row}}), encoding="utf-8")


def on_feature(path, name, change):
    """Make a change of a folder out of the change of one feature."""

    def changed(folder, edit):
        with edit(folder / path) as document:
            change(next(feature for feature in document["features"] if feature["id"] == name))

    return changed


LINKS, NODES, POINTS = "network/links.geojson", "network/nodes.geojson", "points/checkpoints.geojson"


def straight(link):
    link["geometry"]["coordinates"][1:-1] = []


BAD = {
    "CM511": on_feature(LINKS, "sea:south-harbour", straight),
    "CM512": on_feature(LINKS, "road:gate-east", lambda f: f["properties"].update(country="OM")),
    "CM513": on_feature(POINTS, "place:gate", lambda f: f["properties"].update(names="Doorstep; Порог")),
    "CM514": on_feature(NODES, "east", lambda f: f["properties"].update(accuracy_m=1)),
    "CM515": on_feature(LINKS, "road:gate-east", straight),
    "CM516": lambda folder, _: measured(folder, "road:gate-east", 5100.0),
}


def found(folder):
    """What is found, by code and feature; the layers are not what the facts give now, which is no matter here."""
    return {
        (finding.code, finding.feature): finding
        for finding in check_atlas(Atlas.open(folder), severity="warning", ignore=["CM517"]).findings
    }


def test_the_ground_is_clean(ground):
    assert [str(finding) for finding in found(ground).values()] == []


@pytest.mark.parametrize("code", BAD)
def test_what_is_wrong_is_found_with_its_place(ground, edit, code):
    BAD[code](ground, edit)
    (finding,) = (finding for finding in found(ground).values() if finding.code.startswith("CM51"))
    assert finding.code == code
    assert finding.line
    assert finding.lon is not None
    assert finding.hint


def test_a_port_that_lies_inland_is_found(ground, edit):
    """A port's own accuracy excuses it no farther than the land's."""
    for accuracy in (200, 50_000):
        move_harbour(ground, edit, 63.45, accuracy)
        assert set(found(ground)) == {("CM511", "sea:south-harbour")}


def move_harbour(folder, edit, lat, accuracy=100):
    """Move the harbour, and the end of its link."""
    for path, name in ((NODES, "harbour"), (LINKS, "sea:south-harbour")):
        with edit(folder / path) as document:
            feature = next(feature for feature in document["features"] if feature["id"] == name)
            place = feature["geometry"]["coordinates"]
            (place if path == NODES else place[-1])[:] = [-22.0, lat]
            if path == NODES:
                feature["properties"]["accuracy_m"] = accuracy


def test_a_port_within_the_accuracy_of_the_shore_is_none(ground, edit):
    move_harbour(ground, edit, 63.41)
    assert found(ground) == {}


def test_a_node_beyond_the_boundary_is_found(ground, edit):
    with edit(ground / NODES) as nodes:
        next(feature for feature in nodes["features"] if feature["id"] == "east")["geometry"]["coordinates"] = [-14.9, 64.2]
    assert ("CM512", "east") in found(ground)


@pytest.mark.parametrize(
    ("node", "at", "country", "what"),
    [
        ("middle", None, "FO", "lies in IS, not in FO"),
        ("east", None, "IS", "lies in FO, not in IS"),
        ("west", [-40.0, 64.1], "IS", "km outside IS"),
    ],
)
def test_the_country_of_a_node_is_held_against_the_outline(ground, edit, node, at, country, what):
    with edit(ground / NODES) as nodes:
        feature = next(feature for feature in nodes["features"] if feature["id"] == node)
        feature["properties"]["country"] = country
        feature["geometry"]["coordinates"] = at or feature["geometry"]["coordinates"]
    told = found(ground)["CM512", node]
    assert what in told.message
    assert (told.file, told.lon is not None) == (str(ground / NODES), True)


@pytest.mark.parametrize("lon", [-15.01, -14.99])
def test_close_to_a_boundary_nothing_is_said_of_the_country(ground, edit, lon):
    with edit(ground / NODES) as nodes:
        next(feature for feature in nodes["features"] if feature["id"] == "east")["geometry"]["coordinates"] = [lon, 64.2]
    assert "CM512" not in {code for code, _ in found(ground)}


def test_where_towns_do_not_agree_nothing_is_said_of_the_country(ground, edit):
    BAD["CM512"](ground, edit)
    with edit(ground / "context/towns.geojson") as towns:
        towns["features"][1]["geometry"]["coordinates"] = [-16.0, 64.0]
    assert found(ground) == {}


def test_the_nearest_settlement_counts(ground, edit):
    with edit(ground / POINTS) as points:
        next(feature for feature in points["features"] if feature["id"] == "place:far-gate")["geometry"]["coordinates"] = [-18.001, 64]
    assert {finding.message for finding in found(ground).values()} == {"lies 0.0 km from Fargate, whose name it does not bear"}


def test_a_straight_link_that_states_what_it_may_be_off_is_none(ground, edit):
    BAD["CM515"](ground, edit)
    on_feature(LINKS, "road:gate-east", lambda f: f["properties"].update(accuracy_m=16_000))(ground, edit)
    assert found(ground) == {}


def test_a_straight_link_that_was_measured_may_keep_its_class(ground, edit):
    BAD["CM515"](ground, edit)
    measured(ground, "road:gate-east", 4000)
    assert found(ground) == {}


def test_a_short_link_may_be_straight(ground, edit):
    on_feature(LINKS, "road:gate-east", lambda f: f["geometry"].update(coordinates=[[-18, 64], [-17.7, 64.0]]))(ground, edit)
    assert "CM515" not in {code for code, _ in found(ground)}


def test_what_was_measured_of_another_line_is_not_told(ground, edit):
    BAD["CM516"](ground, edit)
    on_feature(LINKS, "road:gate-east", lambda f: f["geometry"]["coordinates"].insert(1, [-17.5, 64.01]))(ground, edit)
    assert found(ground) == {}


@pytest.mark.parametrize("text", ["{", "[]", '{"links": {"road:gate-east": {"against": "the reference line"}}}'])
def test_an_accuracy_file_of_another_make_is_a_finding(ground, text):
    (ground / "accuracy.json").write_text(text, encoding="utf-8")
    assert any(finding.code == "CM516" and finding.file == str(ground / "accuracy.json") for finding in found(ground).values())


def test_context_that_does_not_say_how_good_it_is_proves_nothing(ground, edit):
    BAD["CM511"](ground, edit)
    with edit(ground / "context/land.geojson") as land:
        del land["features"][0]["properties"]["accuracy_m"]
    assert found(ground) == {}


def test_the_faults_of_november_2026_would_be_found(atlas):
    """What stood on the map until then, drawn again beside what is known now: shore, outline, boundaries and check points of the atlas."""
    from corridormap.checks.ground import _backdrop, _checkpoints, _countries
    from corridormap.geodesic import distances_m

    def km_to(points, lon, lat):
        return distances_m(shapely.get_coordinates(points.to_numpy()), np.full((len(points), 2), (lon, lat))) / 1000

    crs = atlas.record.planar_crs
    land = _backdrop(atlas, "land")
    cape = shapely.LineString([(51.31, 43.34), (51.37, 43.17)])
    margin = land["accuracy_m"].max()
    assert land.to_crs(crs).buffer(-margin).intersects(_flat(cape, crs)).any()
    inside = [country for country, area in _countries(atlas) if area.contains(_flat(shapely.Point(54.612, 37.4107), crs))]
    assert inside == ["IR"]
    points = _checkpoints(atlas, "settlement")
    assert points.index[km_to(points.geometry, 69.3589, 41.47145).argmin()] == "place:1524815"
    stations = _checkpoints(atlas, "station").geometry
    for name, lon, lat, km in (("orsk", 58.48802, 51.23206, 9.4), ("sirjan", 55.6809, 29.45137, 7.0), ("akyayla", 54.612, 37.4107, 6.1)):
        assert km_to(stations[[name]], lon, lat) == pytest.approx(km, abs=0.1)


def test_each_area_abroad_is_of_one_country(atlas):
    """The atlas's boundaries close: whoever lives in an area lives in one country, and the neighbours are all there."""
    from corridormap.checks.ground import _countries

    assert {country for country, _ in _countries(atlas)} >= {"RU", "CN", "KG", "UZ", "TM", "IR", "AZ"}


def _flat(shape, crs):
    import geopandas as gpd

    return gpd.GeoSeries([shape], crs="EPSG:4326").to_crs(crs).iloc[0]


def test_a_check_point_of_no_source_is_found(ground, edit):
    on_feature(POINTS, "east", lambda f: f["properties"].update(source="nobody"))(ground, edit)
    assert set(found(ground)) == {("CM506", "east")}
