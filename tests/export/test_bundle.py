import json
import re

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from corridormap import geojson, words
from corridormap.atlas import Atlas
from corridormap.errors import DataError, UsageError
from corridormap.export import Bundle
from corridormap.export.qgis.titles import LISTS
from corridormap.geodesic import lengths_km


def test_layers_come_in_the_atlas_order(atlas):
    bundle = Bundle.of(atlas, layers=["places", "corridors"])
    assert [layer.id for layer in bundle.layers] == ["corridors", "places"]
    assert bundle.chosen
    assert [layer.id for layer in Bundle.of(atlas).layers] == [record.id for record in atlas.layers]


def test_a_layer_knows_its_names_types_and_sources(atlas):
    layer = Bundle.of(atlas, layers=["crossings"], lang="ru").layers[0]
    assert layer.title() == "Пункты пропуска"
    assert Bundle.of(atlas, layers=["crossings"], lang="en").layers[0].title() == "Border crossings"
    assert layer.columns[0] == "id"
    assert layer.types["multilateral"] == "boolean"
    assert layer.types["accuracy_m"] == "number"
    assert len(layer.unlocated) == 7
    named = {source.id for source in layer.sources}
    assert set(layer.record.sources) <= named
    assert layer.rows()[0]["multilateral"] is None
    assert layer.aliases()["name_kk"] == "Название (на казахском)"
    assert layer.aliases()["name_ru"] == "Название"


def test_rows_ask_for_the_columns_once_not_feature_by_feature(atlas, monkeypatch):
    import geopandas

    layer, asked = Bundle.of(atlas, layers=["network_links"]).layers[0], []
    known = geopandas.GeoDataFrame.__getitem__
    monkeypatch.setattr(geopandas.GeoDataFrame, "__getitem__", lambda frame, key: asked.append(key) or known(frame, key))
    assert len(layer.rows()) == 215
    assert len(asked) < 2 * len(layer.columns)


def test_tables_of_sources_and_statements_ask_once(atlas, monkeypatch):
    from corridormap.export.qgis import contents

    asked, split, bundle = [], [], Bundle.of(atlas)
    uses, split_list = contents.statement_uses, geojson.split_list
    monkeypatch.setattr(contents, "statement_uses", lambda bundle: asked.append(bundle) or uses(bundle))
    monkeypatch.setattr(geojson, "split_list", lambda text: split.append(text) or split_list(text))
    made = {table.name: table.frame for table in contents.Contents.of(bundle).tables}
    assert len(asked) == 1
    lists = [layer.frame[column] for layer in bundle.layers for column in {*layer.source_columns, *LISTS} & {*layer.columns}]
    # For the sources, for what they are about, and for titles.
    assert len(split) <= 3 * sum(values.nunique() for values in lists) < sum(values.notna().sum() for values in lists)
    assert set(made["sources"]["id"]) == set(made["source_links"]["source"])


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_every_property_has_a_label_and_a_description(atlas, lang):
    languages = tuple(atlas.languages)
    for layer in Bundle.of(atlas).layers:
        for column in layer.columns:
            assert words.label(column, lang=lang, languages=languages) != column
            assert words.description(column, languages=languages)


def test_labels_are_told_apart(atlas):
    for lang in atlas.languages:
        for layer in Bundle.of(atlas, lang=lang).layers:
            labels = list(layer.aliases().values())
            assert len(set(labels)) == len(labels), layer.id


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layers": ["rails"]}, "no layer 'rails'"),
        ({"layers": []}, "no layer is named"),
        ({"lang": "xx"}, "no language 'xx'"),
        ({"crs": "EPSG:1"}, "no CRS 'EPSG:1'"),
        ({"crs": "EPSG:4978"}, "is no CRS of a map"),
        ({"crs": "EPSG:5773"}, "is no CRS of a map"),
        ({"simplify": 0}, "a tolerance of 0 m"),
        ({"simplify": -1}, "a tolerance of -1 m"),
        ({"simplify": float("nan")}, "a tolerance of nan m"),
        ({"simplify": float("inf")}, "a tolerance of inf m"),
    ],
)
def test_wrong_options(atlas, options, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        Bundle.of(atlas, **options)


def test_a_crs_that_does_not_reach(atlas):
    with pytest.raises(UsageError, match="is not defined where layer 'places' lies"):
        Bundle.of(atlas, layers=["places"], crs="+proj=gnom +lat_0=-45 +lon_0=-110")


def test_reprojection_is_stated(atlas):
    bundle = Bundle.of(atlas, layers=["places"], crs="EPSG:28413")
    assert "Pulkovo 1942" in bundle.notes[0]
    assert re.search(r"within \d+(\.\d+)? m|unknown accuracy", bundle.notes[0])
    assert bundle.layers[0].frame.crs.to_epsg() == 28413
    assert Bundle.of(atlas, layers=["places"]).notes == []


def test_simplified_lines_keep_the_tolerance_and_say_what_it_cost(atlas):
    plain = Bundle.of(atlas, layers=["border", "places", "network_links"])
    thin = Bundle.of(atlas, layers=["border", "places", "network_links"], simplify=500)
    to_plane = Transformer.from_crs("EPSG:4326", atlas.record.planar_crs, always_xy=True).transform
    for before, after, loss in zip(plain.layers[::2], thin.layers[::2], thin.losses, strict=True):
        farthest = 0.0
        for one, other in zip(before.frame.geometry, after.frame.geometry, strict=True):
            old, new = (shapely.transform(shape, lambda xy: np.column_stack(to_plane(*xy.T))) for shape in (one, other))
            farthest = max(farthest, shapely.distance(shapely.points(shapely.get_coordinates(old)), new).max())
            assert {tuple(xy) for xy in shapely.get_coordinates(other)} <= {tuple(xy) for xy in shapely.get_coordinates(one)}
            assert one.coords[0] == other.coords[0]
            assert one.coords[-1] == other.coords[-1]
        assert 0 < farthest <= 500 + 1e-6
        stated = re.fullmatch(
            rf"{before.id}: simplified: (\d+) vertices became (\d+); the lines moved by up to (\d+) m and are drawn "
            r"([\d.]+) km \(([\d.]+) %\) shorter; length properties keep what was measured before",
            loss,
        )
        old_count, new_count, moved, km, _ = (float(value) for value in stated.groups())
        counts = [shapely.get_num_coordinates(layer.frame.geometry.to_numpy()).sum() for layer in (before, after)]
        assert [old_count, new_count] == counts
        # The line may pass nearer elsewhere than where the vertex was.
        assert farthest - 0.5 <= moved <= 500
        lengths = [lengths_km(layer.frame.geometry.to_numpy()).sum() for layer in (before, after)]
        assert km == pytest.approx(lengths[0] - lengths[1], abs=0.06)
        assert before.rows() == after.rows()
    # Points stay, and nothing is said of them.
    assert plain.layers[1].frame.geometry.equals(thin.layers[1].frame.geometry)


def test_multilines_keep_their_parts(atlas):
    plain, thin = (Bundle.of(atlas, layers=["corridors"], simplify=metres).layers[0].frame for metres in (None, 2000))
    for before, after in zip(plain.geometry, thin.geometry, strict=True):
        assert after.geom_type == before.geom_type
        assert len(after.geoms) == len(before.geoms)


def test_a_tolerance_that_costs_nothing_is_not_mentioned(tiny):
    assert Bundle.of(Atlas.open(tiny), layers=["border"], simplify=0.001).losses == []


def test_mixed_types_are_refused(tiny, edit):
    with edit(tiny / "layers" / "crossings.geojson") as document:
        document["features"][0]["properties"]["odd"] = 1
        document["features"][1]["properties"]["odd"] = "two"
    with pytest.raises(DataError, match=r"crossings.geojson: property 'odd' holds values of several types: int, str"):
        Bundle.of(Atlas.open(tiny))


def test_lists_are_refused(tiny, edit):
    with edit(tiny / "layers" / "crossings.geojson") as document:
        document["features"][0]["properties"]["odd"] = ["a"]
    with pytest.raises(DataError, match="'odd' holds values of several types: list"):
        Bundle.of(Atlas.open(tiny))


def test_characters_no_file_can_hold_are_replaced_and_reported(tiny):
    path = tiny / "layers" / "sights.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["features"][0]["properties"]["name_en"] = "A\0B\ud800C"
    path.write_text(json.dumps(document), encoding="utf-8")
    bundle = Bundle.of(Atlas.open(tiny), layers=["sights"])
    assert bundle.layers[0].rows()[0]["name_en"] == "A\ufffdB\ufffdC"
    assert bundle.losses == ["sights: name_en holds characters that no file can, in so many features: 1; each became \ufffd"]


def test_a_measure_nobody_has_is_still_a_number(tiny, edit):
    with edit(tiny / "layers" / "corridors.geojson") as document:
        for feature in document["features"]:
            feature["properties"]["length_official_km"] = None
    layer = Bundle.of(Atlas.open(tiny), layers=["corridors"]).layers[0]
    assert layer.types["length_official_km"] == "number"
    assert layer.types["length_official_source"] == "text"
    assert {row["length_official_km"] for row in layer.rows()} == {None}
