"""The GeoPackage: valid to two validators, whole, documented, and the same bytes on every run."""

import json
import os
import shutil
import sqlite3
import subprocess
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path

import pyogrio
import pytest
import shapely
from click.testing import CliRunner

from corridormap.atlas import Atlas
from corridormap.cli import main
from corridormap.errors import UsageError, WriteError
from corridormap.export import export
from corridormap.export.shape import simple_parts
from corridormap.geodesic import lengths_km

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXTRA = {"sources", "source_links", "statements", "statement_links", "crossings_unlocated", "works_unlocated"}


@pytest.fixture(scope="module")
def made(atlas, tmp_path_factory):
    path = tmp_path_factory.mktemp("gpkg") / "atlas.gpkg"
    return path, export(atlas, path, format="gpkg", lang="ru")


@pytest.fixture
def rows(made):
    """Ask the file in SQL."""
    with closing(sqlite3.connect(made[0])) as connection:
        yield lambda sql, *values: connection.execute(sql, values).fetchall()


@pytest.fixture(scope="module")
def pdok():
    """PDOK's validator: where CORRIDORMAP_PDOK says, where tests/install_programs.sh puts it, or on the path."""
    for place in (os.environ.get("CORRIDORMAP_PDOK"), ROOT / ".venv/pdok/bin/geopackage-validator", shutil.which("geopackage-validator")):
        if place and Path(place).exists():
            return str(place)
    pytest.skip("needs PDOK's GeoPackage validator: bash tests/install_programs.sh")


def validated(pdok, path):
    done = subprocess.run([pdok, "validate", "--gpkg-path", path], check=False, capture_output=True, text=True)
    return json.loads(done.stdout)


def gdal_says(path):
    command = ["/usr/bin/python3", "-m", "osgeo_utils.samples.validate_gpkg", "--extra", "--warning-as-error", path]
    return subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": ""})


@pytest.mark.gdal
def test_pdok_s_validator_finds_nothing(made, pdok):
    report = validated(pdok, made[0])
    assert report["success"], report
    assert report["results"] == []
    # None of its rules is left out.
    assert {"RQ1", "RQ2", "RQ9", "RQ10", "RQ11", "RQ15", "RQ22", "RQ23", "RQ24", "RC17", "RC20", "RC25"} <= set(
        report["validations_executed"]
    )


@pytest.mark.gdal
def test_pdok_s_validator_would_find_a_lost_index(made, pdok, tmp_path):
    broken = shutil.copy(made[0], tmp_path)
    with closing(sqlite3.connect(broken)) as connection:
        connection.execute("DELETE FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'")
        connection.commit()
    report = validated(pdok, broken)
    assert not report["success"]
    assert {result["validation_code"] for result in report["results"]} == {"RQ9"}


@pytest.mark.gdal
def test_gdal_s_validator_finds_nothing(made):
    done = gdal_says(made[0])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "error" not in (done.stdout + done.stderr).lower()


@pytest.mark.gdal
def test_gdal_s_validator_would_find_a_wrong_extension(made, tmp_path):
    broken = shutil.copy(made[0], tmp_path)
    with closing(sqlite3.connect(broken)) as connection:
        connection.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'SPOT' WHERE table_name = 'venues'")
        connection.commit()
    assert gdal_says(broken).returncode != 0


@pytest.mark.gdal
@pytest.mark.parametrize("folder", ["tiny"])
def test_another_atlas_is_valid_too(tiny, pdok, tmp_path, folder):
    path = tmp_path / "tiny.gpkg"
    export(Atlas.open(tiny), path, format="gpkg")
    assert validated(pdok, path)["results"] == []
    assert gdal_says(path).returncode == 0


@pytest.mark.gdal
def test_ogrinfo_reads_titles_and_metadata(made, atlas):
    done = subprocess.run(["ogrinfo", "-json", made[0]], check=False, capture_output=True, text=True)
    text = (
        done.stdout
        if done.returncode == 0
        else subprocess.run(["ogrinfo", "-al", "-so", made[0]], check=True, capture_output=True, text=True).stdout
    )
    for layer in atlas.layers:
        assert layer.id in text
    assert atlas.layer_record("corridors").name["ru"] in text


def test_the_same_bytes_on_every_run_and_under_any_clock(made, atlas, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Almaty")
    again = tmp_path / "atlas.gpkg"
    export(atlas, again, format="gpkg", lang="ru")
    assert again.read_bytes() == made[0].read_bytes()


def test_every_layer_is_there_with_its_features(made, atlas):
    path, written = made
    layers = {name for name, _ in pyogrio.list_layers(path)}
    assert layers == {layer.id for layer in atlas.layers} | EXTRA | {"layer_styles"} | {
        f"backdrop_{item.id}" for item in atlas.record.backdrop
    }
    for layer in atlas.layers:
        frame = atlas.layer(layer.id)
        assert written.features[layer.id] == len(frame)
        info = pyogrio.read_info(path, layer=layer.id)
        assert info["features"] == frame.geometry.notna().sum()
        assert info["geometry_type"] == layer.geometry


def test_lines_are_cut_not_changed(made, atlas):
    for name in ("corridors", "north_south"):
        ours, theirs = atlas.layer(name), pyogrio.read_dataframe(made[0], layer=name)
        assert shapely.is_simple(theirs.geometry).all()
        assert lengths_km(theirs.geometry) == pytest.approx(lengths_km(ours.geometry), abs=1e-5)
        for one, other in zip(ours.geometry, theirs.geometry, strict=True):
            assert shapely.get_coordinates(one)[0].tolist() == shapely.get_coordinates(other)[0].tolist()
            assert shapely.hausdorff_distance(one, other) < 1e-9


def test_a_stretch_travelled_twice_stays_twice():
    there_and_back = shapely.from_wkt("MULTILINESTRING((0 0, 1 0, 0 0))")
    assert simple_parts(there_and_back).length == 2
    crossing = simple_parts(shapely.from_wkt("MULTILINESTRING((0 0, 2 2), (0 2, 2 0))"))
    assert crossing.is_simple
    assert len(crossing.geoms) == 4
    loop = simple_parts(shapely.from_wkt("MULTILINESTRING((0 0, 1 0, 1 1, 0 1, 0 0), (0 0, -1 -1))"))
    assert loop.is_simple
    assert loop.length == pytest.approx(4 + 2**0.5)


def test_what_changed_is_said(made):
    losses = made[1].losses
    assert any("corridors: 6 lines" in loss for loss in losses)
    assert any("crossings: 7 features" in loss and "crossings_unlocated" in loss for loss in losses)


def test_it_is_version_1_3_with_indexes_styles_and_a_project(rows, atlas):
    assert rows("PRAGMA user_version") == [(10300,)]
    assert rows("PRAGMA application_id") == [(0x47504B47,)]
    indexed = {name for (name,) in rows("SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'")}
    assert {layer.id for layer in atlas.layers} <= indexed
    styles = {
        name: rest
        for name, *rest in rows(
            "SELECT f_table_name, f_table_schema, f_geometry_column, useAsDefault, styleQML, styleSLD FROM layer_styles"
        )
    }
    assert set(styles) == {layer.id for layer in atlas.layers} | EXTRA
    for layer in atlas.layers:
        schema, column, default, qml, sld = styles[layer.id]
        assert (schema, column, default) == ("", "geom", 1)
        assert ET.fromstring(qml).tag == "qgis"
        assert ET.fromstring(sld).tag == "{http://www.opengis.net/sld}StyledLayerDescriptor"
    ((name, metadata, content),) = rows("SELECT name, metadata, content FROM qgis_projects")
    assert name == "kazakhstan"
    assert set(json.loads(metadata)) == {"last_modified_time", "last_modified_user"}
    assert bytes.fromhex(content)[:2] == b"PK"


def test_columns_have_labels_and_value_lists(rows, atlas):
    labels = dict(rows("SELECT column_name, title FROM gpkg_data_columns WHERE table_name = 'corridors'"))
    assert labels["length_km"] == "Измеренная длина, км"
    ((constraint,),) = rows("SELECT constraint_name FROM gpkg_data_columns WHERE table_name = 'corridors' AND column_name = 'mode'")
    words = dict(rows("SELECT value, description FROM gpkg_data_column_constraints WHERE constraint_name = ?", constraint))
    assert words == {"rail": "Железная дорога", "road": "Автодорога", "sea": "Море"}


def test_metadata_says_title_licence_and_sources(rows, atlas):
    ((whole,),) = rows(
        "SELECT metadata FROM gpkg_metadata JOIN gpkg_metadata_reference ON id = md_file_id WHERE reference_scope = 'geopackage'"
    )
    assert atlas.record.title["ru"] in whole
    assert "ODbL-1.0" in whole
    for layer in atlas.layers:
        ((text,),) = rows(
            "SELECT metadata FROM gpkg_metadata JOIN gpkg_metadata_reference ON id = md_file_id WHERE table_name = ?", layer.id
        )
        document = ET.fromstring(text)
        assert document.findtext("title") == layer.name["ru"]
        assert document.findtext("license") == layer.licence
    assert {date for (date,) in rows("SELECT DISTINCT last_change FROM gpkg_contents")} == {
        rows("SELECT max(last_change) FROM gpkg_contents")[0][0]
    }


def test_tables_join_layers_to_their_sources(rows, atlas):
    assert rows("SELECT count(*) FROM source_links WHERE source NOT IN (SELECT id FROM sources)") == [(0,)]
    assert rows("SELECT count(*) FROM sources WHERE id NOT IN (SELECT source FROM source_links)") == [(0,)]
    assert rows("SELECT count(*) FROM statement_links WHERE statement NOT IN (SELECT id FROM statements)") == [(0,)]
    named = {name for (name,) in rows("SELECT source FROM source_links WHERE layer = 'corridors' AND feature = 'rail-1-northern'")}
    frame = atlas.layer("corridors").set_index("id")
    assert named >= set(frame.loc["rail-1-northern", "sources"].split("; "))
    assert rows("SELECT count(*) FROM statements")[0][0] <= len(atlas.statements)


def test_a_part_in_another_crs(atlas, tmp_path):
    path = tmp_path / "part.gpkg"
    made = export(atlas, path, format="gpkg", layers=["border", "venues"], crs="EPSG:3857")
    assert made.features == {"border": 2, "venues": 19}
    assert pyogrio.read_info(path, layer="border")["crs"] == "EPSG:3857"
    assert "corridors" not in {name for name, _ in pyogrio.list_layers(path)}


def test_a_file_in_the_way_stays(atlas, tmp_path):
    path = tmp_path / "atlas.gpkg"
    path.write_text("mine")
    with pytest.raises(WriteError, match="exists already"):
        export(atlas, path, format="gpkg", layers=["venues"])
    assert path.read_text() == "mine"
    with pytest.raises(UsageError, match=r"\.gpkg"):
        export(atlas, tmp_path / "atlas.sqlite", format="gpkg")


def test_the_disk_is_full(atlas, tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise sqlite3.OperationalError("database or disk is full")

    path = tmp_path / "atlas.gpkg"
    path.write_text("mine")
    monkeypatch.setattr("corridormap.export.gpkg.add_documents", full)
    with pytest.raises(WriteError, match="disk is full"):
        export(atlas, path, format="gpkg", layers=["venues"], force=True)
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_gdal_goes_back_to_its_own_clock(made):
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_the_command_writes_it(tmp_path):
    path = tmp_path / "atlas.gpkg"
    done = CliRunner().invoke(main, ["export", "gpkg", "-o", str(path), "--layers", "venues", "--lang", "kk"])
    assert done.exit_code == 0, done.output
    assert path.exists()


def test_properties_called_as_its_own_columns_are_renamed_and_told(tiny, edit, tmp_path):
    """Points that come out of another GeoPackage bring its `fid`."""
    with edit(tiny / "layers/sights.geojson") as document:
        (sight,) = document["features"]
        sight["properties"] |= {"fid": 7, "geom": "wkt", "Name_en": "Capital", "FID": "seven", "fid_2": 2}
    path = tmp_path / "a.gpkg"
    made = export(Atlas.open(tiny), path, format="gpkg")
    (row,) = pyogrio.read_dataframe(path, layer="sights").drop(columns="geometry").to_dict("records")
    assert {
        "fid_3": 7,
        "geom_2": "wkt",
        "Name_en_2": "Capital",
        "FID_4": "seven",
        "fid_2": 2,
        "name_en": sight["properties"]["name_en"],
    }.items() <= row.items()
    (told,) = [loss for loss in made.losses if "renamed" in loss]
    assert told.endswith("fid → fid_3, geom → geom_2, FID → FID_4, Name_en → Name_en_2")


def test_titles_that_clash_are_told_apart_as_names_elsewhere_are(tiny, edit, tmp_path):
    text = (tiny / "atlas.toml").read_text(encoding="utf-8")
    (tiny / "atlas.toml").write_text(text.replace('name = { en = "Border"', 'name = { en = "Corridors"'), encoding="utf-8")
    with edit(tiny / "layers/sights.geojson") as document:
        document["features"][0]["properties"] |= {"ID": "s"}
    path = tmp_path / "a.gpkg"
    export(Atlas.open(tiny), path, format="gpkg")
    with closing(sqlite3.connect(path)) as connection:
        titles = dict(connection.execute("SELECT table_name, identifier FROM gpkg_contents"))
        assert (titles["corridors"], titles["border"]) == ("Corridors", "Corridors-2")
        named = dict(connection.execute("SELECT column_name, name FROM gpkg_data_columns WHERE table_name = 'sights'"))
    assert len(set(map(str.casefold, named.values()))) == len(named)
