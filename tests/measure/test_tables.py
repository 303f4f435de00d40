"""Tables as spreadsheets write them, and points in them."""

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from corridormap import measure
from corridormap.errors import DataError, UsageError
from corridormap.measure.tables import READ, read_table

LIMITS = "Коридор;Км начала;Км конца;Скорость, км/ч\n1;72,5;85,0;40\n7;1 205,5;1\u00a0240;50\n3;900;;80\n"
COLUMNS = {"route": "Коридор", "from_km": "Км начала", "to_km": "Км конца"}


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-8", "is read with semicolons"), ("utf-8-sig", "is read with"), ("cp1251", "is read as Windows-1251, with")]
)
def test_a_table_of_a_russian_spreadsheet(atlas, tmp_path, encoding, said):
    path = tmp_path / "limits.csv"
    path.write_bytes(LIMITS.encode(encoding))
    laid = measure.events(table=path, **COLUMNS, errors="coerce", atlas=atlas)
    assert laid["length_km"].round(6).tolist()[:2] == [12.5, 34.5]
    assert laid["Км конца"].isna().tolist() == [False, False, True]
    assert f"limits.csv {said}" in laid.attrs["note"]
    assert "decimal commas in Км начала, Км конца" in laid.attrs["note"]
    assert "rows without a length: 1" in laid.attrs["note"]
    assert len(measure.cut(table=str(path), **COLUMNS, errors="coerce", atlas=atlas)) == 2


def test_where_commas_stand_between_columns_a_comma_is_no_decimal_one(tmp_path):
    path = tmp_path / "limits.csv"
    path.write_text('from_km,to_km,code\n10,"1,234",a\n', encoding="utf-8")
    table = read_table(path)
    assert table["to_km"].tolist() == ["1,234"]
    assert READ not in table.attrs
    path.write_text("from_km\tto_km\tcode\n10\t12,5\t1,5 t\n", encoding="utf-8")
    assert read_table(path).loc[0].tolist() == [10, 12.5, "1,5 t"]


def test_a_sheet(atlas, tmp_path):
    works = pd.DataFrame({"from_km": [600, 640], "to_km": [630, 660], "money": [1.5, 2.0]})
    pyogrio.write_dataframe(works, tmp_path / "works.xlsx")
    assert measure.events("7", table=tmp_path / "works.xlsx", atlas=atlas)["length_km"].round(6).tolist() == [30, 20]
    works.to_csv(tmp_path / "works.csv", index=False)
    pyogrio.write_dataframe(works, tmp_path / "works.xlsx", layer="more", append=True)
    two = measure.events("7", table=tmp_path / "works.xlsx", atlas=atlas)
    assert "of works.xlsx the sheet 'works' is read, and no other" in two.attrs["note"]
    both = measure.overlay(tmp_path / "works.xlsx", str(tmp_path / "works.csv"), amounts="money")
    assert both["money_2"].tolist() == [1.5, 2.0]
    assert measure.dissolve(tmp_path / "works.xlsx", amounts="money")["money"].tolist() == [1.5, 2.0]


@pytest.mark.parametrize("content", [b"", b"\x98\xff", b'a,b\n"'])
def test_what_is_no_table(tmp_path, content):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(DataError, match=r"t\.csv: cannot be read"):
        read_table(tmp_path / "t.csv")
    (tmp_path / "t.xlsx").write_bytes(content)
    with pytest.raises(DataError, match=r"t\.xlsx: cannot be read"):
        read_table(tmp_path / "t.xlsx")
    with pytest.raises(DataError, match="no such file"):
        measure.events("1", table="nowhere.csv")


@pytest.mark.slow
def test_points_of_a_table(atlas, tmp_path):
    table = pd.DataFrame({"name": ["Hub", "None"], "Lon": [80.27, None], "lat": [44.16, None]})
    table.to_csv(tmp_path / "places.csv", index=False)
    (tmp_path / "russian.csv").write_bytes("Название;Долгота;Широта\nУзел;80,27;44,16\n;;\n".encode("cp1251"))
    true = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["Lon"], table["lat"]), crs="EPSG:4326")
    wanted = measure.nearest(true, atlas=atlas)
    for given in (table, tmp_path / "places.csv", tmp_path / "russian.csv"):
        found = measure.nearest(given, atlas=atlas)
        assert found["offset_m"].tolist()[0] == wanted["offset_m"].tolist()[0]
        assert found["corridor"].isna().tolist() == [False, True]
        assert "points are of the columns" in found.attrs["note"]
    posts = pd.DataFrame({"km": [0, 100], "lon": [66.0, 67.0], "lat": [50.0, 50.0]})
    line = gpd.GeoSeries.from_wkt(["LINESTRING (66 50, 67 50)"], crs="EPSG:4326")
    assert measure.calibrate(line, posts=posts).ends_km == (0, 100)
    posts.assign(at=[0.0, 71.0]).to_csv(tmp_path / "posts.csv", index=False)
    assert measure.calibrate(line, posts=tmp_path / "posts.csv", chainage="at").posts["chainage_km"].tolist() == [0, 71]


def test_points_that_are_none(tmp_path):
    with pytest.raises(UsageError, match="the points are a table without geometry\n  Columns lon and lat"):
        measure.chainage("1", points=pd.DataFrame({"x": [1], "y": [2]}))
    (tmp_path / "p.csv").write_text("lon,lat\neast,50\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"'lon' of .*p.csv must hold numbers, not 'east' \(row 0\)"):
        measure.chainage("1", points=tmp_path / "p.csv")
    (tmp_path / "p.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="has no geometry\n  Points of a table stand in its columns lon and lat"):
        measure.chainage("1", points=tmp_path / "p.csv")
