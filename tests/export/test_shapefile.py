"""The shapefile's table: names counted in bytes, numbers written as they are."""

import json
import shutil
import subprocess

import pandas as pd
import pyogrio
import pytest

from corridormap.atlas import Atlas
from corridormap.export import export
from corridormap.export.shapefile import short_names

LANGUAGES = ["en", "ru", "kk"]
NUMBERS = {
    "length": [2246.4, 0.1, 3008.8],
    "whole": [1.0, 2.0, 3.0],
    "fine": [0.1234567890123456, 12345.6, None],
    "tiny": [1e-7, -2.5e-7, 1.0],
    "vast": [1e15, 1.5, None],
    "тип": [-17.25, 0.0, 5.0],
}
TEXTS = {"тип_пути": ["электро", "дизель", None], "наименование_участка": ["а", "б", "в"], "наименование_станции": ["г", "д", "е"]}


@pytest.mark.parametrize(
    ("columns", "shorts"),
    [
        (["id", "length_published_km"], ["id", "lenpub_km"]),
        (["тип_пути"], ["типу"]),
        (["тип", "ширина_пути"], ["тип", "шипу"]),
        (["наименование_участка_ru", "наименование_участка_kk"], ["ну_ru", "ну_kk"]),
        (["наименование_участка", "наименование_станции"], ["науч", "наст"]),
        (["ұзындығы", "ұзындығы_км"], ["ұзынд", "ұзкм"]),
        (["name", "Name", "NAME"], ["name", "Name_2", "NAME_3"]),
        (["abcdefghijk", "abcdefghijl", "ABCDEFGHIJM"], ["abcdefghij", "abcdefgh_2", "ABCDEFGH_3"]),
    ],
)
def test_short_names_count_bytes(columns, shorts):
    names = short_names(columns, languages=LANGUAGES)
    assert list(names.values()) == shorts
    assert all(0 < len(name.encode()) <= 10 for name in names.values())
    assert len({name.casefold() for name in names.values()}) == len(names)


@pytest.fixture(scope="module")
def made(_built, tmp_path_factory):
    folder = shutil.copytree(_built, tmp_path_factory.mktemp("shp") / "tiny")
    path = folder / "layers" / "sights.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    sight = document["features"][0]
    columns = {**NUMBERS, **TEXTS}
    document["features"] = [
        {
            **sight,
            "id": f"s{row}",
            "properties": {**sight["properties"], "id": f"s{row}"} | {key: values[row] for key, values in columns.items()},
        }
        for row in range(3)
    ]
    path.write_text(json.dumps(document), encoding="utf-8")
    return export(Atlas.open(folder), tmp_path_factory.mktemp("out") / "out", format="shapefile", layers=["sights"])


@pytest.mark.slow
def test_numbers_are_read_as_they_are(made):
    frame = pyogrio.read_dataframe(made.target / "sights.shp")
    for column in ("length", "whole", "tiny", "тип"):
        assert list(frame[column]) == NUMBERS[column], column
        assert str(frame[column].dtype) == "float64"
    assert frame["vast"][0] == 1e15
    # Seventeen digits and five before the point are more than a field of 20 holds.
    assert frame["fine"][0] == pytest.approx(NUMBERS["fine"][0], abs=1e-14)
    assert "sights: fine rounded, decimals kept: 14" in made.losses
    assert pd.isna(frame["fine"][2])
    assert not any("length rounded" in loss or "tiny rounded" in loss for loss in made.losses)


@pytest.mark.slow
def test_names_and_texts_in_other_letters_come_back(made):
    frame = pyogrio.read_dataframe(made.target / "sights.shp")
    names = short_names([*NUMBERS, *TEXTS], languages=LANGUAGES)
    for column, values in TEXTS.items():
        assert [value if isinstance(value, str) else None for value in frame[names[column]]] == values
        assert any(f"{column} → {names[column]}" in loss for loss in made.losses)


@pytest.mark.slow
@pytest.mark.gdal
def test_another_gdal_writes_them_without_a_tail(made):
    told = subprocess.run(["ogrinfo", "-ro", "-al", made.target / "sights.shp"], check=True, capture_output=True, text=True).stdout
    assert "length: Real (6.1)" in told
    assert "length (Real) = 2246.4\n" in told
    assert "fine (Real) = (null)" in told
    assert "типу (String) = электро" in told


def test_the_table_says_so_in_its_head(made):
    """By dBase's own layout: 32 bytes a field, its width in the 17th and its decimals in the 18th."""
    content = (made.target / "sights.dbf").read_bytes()
    head, size = (int.from_bytes(content[place : place + 2], "little") for place in (8, 10))
    fields = [content[place : place + 32] for place in range(32, head - 1, 32)]
    assert len(content) == head + 3 * size + 1
    assert size == 1 + sum(field[16] for field in fields)
    widths = {field[:11].rstrip(b"\0").decode(): (field[16], field[17]) for field in fields}
    assert widths["length"] == (6, 1)
    assert widths["tiny"] == (11, 8)
    assert content[head - 1 : head] == b"\r"
