"""The real atlas against the figures it was drawn from."""

import json
import subprocess
from pathlib import Path

import pytest
import shapely

from corridormap.checks import check_atlas
from corridormap.derive import stale_layers
from corridormap.geodesic import lengths_km
from corridormap.measure.itineraries import published_km

GEODATA = Path(__file__).parent.parent / "geodata"


def test_nothing_is_found(atlas):
    assert [str(finding) for finding in check_atlas(atlas, severity="warning").findings] == []


def test_committed_layers_are_what_the_facts_give(atlas):
    assert stale_layers(atlas) == []


def test_eleven_corridors(atlas):
    corridors = atlas.layer("corridors")
    assert corridors["number"].tolist() == list(range(1, 12))
    assert corridors["mode"].tolist() == ["rail"] * 5 + ["road"] * 6


# In-country lengths from the sources in facts, kilometres; the atlas states them with 3 %.
EXPECTED = {
    ("rail-1-northern", "dostyk", "petropavl"): 1909,
    ("rail-2-southern", "dostyk", "saryagash"): 1757,
    ("rail-3-central", "saryagash", "kandyagash"): 1452,
    ("rail-4-north-south", "aktau-port", "zhaisan"): 1305,
    ("road-7-shymkent-samara", None, None): 2036,
    ("road-10-omsk-maikapchagai", None, None): 1130,
}


@pytest.mark.parametrize(("itinerary", "start", "end"), EXPECTED)
def test_lengths(atlas, itinerary, start, end):
    measured = published_km(atlas, atlas.itineraries[itinerary], start, end)
    assert measured == pytest.approx(EXPECTED[itinerary, start, end], rel=0.03)


def test_central_corridor_inside_the_country(atlas):
    central = atlas.layer("corridors").set_index("id").loc["rail-3-central"]
    assert central["length_km"] == pytest.approx(1970, rel=0.03)
    assert central["length_abroad_km"] > 100


def test_border_land_line(atlas):
    border = atlas.layer("border").set_index("id").geometry
    assert lengths_km([border["border:land"]])[0] == pytest.approx(7591, rel=0.005)
    # The two lines meet in one point, at the shore.
    assert border["border:land"].coords[-1] == border["border:caspian"].coords[0]


def test_links_keep_to_their_country_as_well_as_the_outline_is_known(atlas):
    assert atlas.record.tolerance.containment_m == atlas.facts(atlas.record.outline)["accuracy_m"].max()


def test_shared_links_exist_once(atlas):
    links = atlas.layer("network_links")
    assert not links.geometry.map(lambda line: shapely.normalize(line).wkb).duplicated().any()
    shared = links.set_index("id").loc["rail:dostyk-beskol", "corridors"].split("; ")
    assert {"rail-1-northern", "rail-2-southern", "rail-5-traceca"} <= set(shared)


def test_crossings_with_russia(atlas):
    crossings = atlas.layer("crossings")
    road = crossings[(crossings["neighbour"] == "RU") & (crossings["mode"] == "road")]
    assert len(road) == 30
    assert road["multilateral"].sum() == 17
    # What has no published position is listed, not placed.
    assert road.loc[road.geometry.isna(), "accuracy_m"].isna().all()


def test_every_source_with_an_address_is_http(atlas):
    for source in atlas.sources.values():
        assert source.url is None or source.url.startswith(("http://", "https://")), source.id


def test_layers_are_rfc_7946(atlas):
    for layer in atlas.layers:
        document = json.loads(atlas.layer_path(layer.id).read_text(encoding="utf-8"))
        assert "crs" not in document
        assert document["bbox"] == pytest.approx([float(value) for value in atlas.layer(layer.id).total_bounds])
        assert document["name"] == layer.id


@pytest.mark.slow
def test_what_the_distributions_carry(tmp_path):
    """The sources of the page's scripts are in the source distribution; the wheel, built from that, has their bundles only."""
    import sys
    import tarfile
    import zipfile

    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path, GEODATA.parent],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("atlas.toml", "layers/corridors.geojson", "LICENSE", "context/land.geojson"):
        assert f"corridormap/geodata/{name}" in names
    for name in ("start/countries.fgb.gz", "start/lakes.fgb.gz", "start/templates/atlas.toml", "words/cldr/countries.json"):
        assert f"corridormap/{name}" in names
    front = "corridormap/web/front/"
    bundle = {
        "LICENSES.txt",
        "atlas.css",
        "atlas.js",
        "atlas-detail.js",
        "findings.css",
        "findings.js",
        "folium.css",
        "folium.js",
        "leaflet.js",
    }
    assert {name.removeprefix(front) for name in names if name.startswith(front)} == {f"bundle/{name}" for name in bundle}
    assert any(name.endswith(".dist-info/licenses/src/corridormap/web/front/bundle/LICENSES.txt") for name in names)
    (source,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    for name in ("build.js", "package-lock.json", "src/atlas.ts", "styles/base.css", "licences/pmtiles.txt", "bundle/atlas.js"):
        assert f"src/{front}{name}" in inside
    assert not any("node_modules" in name for name in inside)
