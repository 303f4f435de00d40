"""Every format, read by every reader that claims to, holds what the atlas holds; what a reader loses is known, and the page of it is what the run gives.

After a change on purpose `UPDATE_MESSAGES=1 pytest tests/readers` writes docs/reference/readers.md anew; read what it changed.
"""

import csv
import json
import os
import shutil
import subprocess
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import shapely
from PIL import Image
from pyproj import Transformer
from tests.readers.compare import LONLAT, differences, shape_of
from tests.readers.readers import HERE, READERS

from corridormap.atlas import Atlas
from corridormap.cartography.symbols import TABLE
from corridormap.export import FORMATS, export

pytestmark = [pytest.mark.slow, pytest.mark.readers]

PAGE = Path(__file__).parents[2] / "docs/reference/readers.md"
KNOWN = tomllib.loads((HERE / "known.toml").read_text(encoding="utf-8"))
CRS, CRS_NAMES = "EPSG:32642", ("WGS 84 / UTM zone 42N", "EPSG:32642")
IN_CRS = ("gpkg", "flatgeobuf", "geoparquet", "shapefile", "csv")
HARD = {
    "open": [True, False, None],
    "big": [3_000_000_000, -5, None],
    "small": [2**31 - 1, -(2**31) + 1, None],
    "exact": [2246.4, 0.1, -17.25],
    "тип_пути": ["электро", "дизель", None],
    "ұзындығы_км": [1.5, None, 3008.8],
    "words": ["one\ntwo", "a \"quoted\" 'text'; with, all &amp; <b>bold</b>", "ұ" * 200],
    "empty": ["", "full", None],
    "code": ["007", "1e5", None],
    "day": ["2025-10-09", "2026-01-31", None],
}
"""What formats and readers trip over, in the properties of the layer of crossings, some of whose points nobody published."""


@pytest.fixture(scope="module")
def hard(atlas, tmp_path_factory):
    """The atlas, with what is hard to read."""
    folder = shutil.copytree(atlas.folder, tmp_path_factory.mktemp("hard") / "geodata")
    path = folder / "layers/crossings.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    for number, feature in enumerate(document["features"]):
        feature["properties"] |= {name: values[number % 3] for name, values in HARD.items()}
    path.write_text(json.dumps(document), encoding="utf-8")
    return Atlas.open(folder)


def rows(atlas, layer, *, crs):
    """The features of a layer's own file, as JSON has them, in another CRS where one is asked for."""
    features = json.loads(atlas.layer_path(layer).read_text(encoding="utf-8"))["features"]
    move = Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform
    for feature in features:
        shape = shape_of(feature["geometry"])
        yield feature["properties"], shapely.transform(shape, move, interleaved=False) if crs and shape else shape


def exported(atlas, folder):
    """Each CRS with its jobs: every format with all layers, and those that take another CRS with one."""
    for name, crs in [*((name, None) for name in FORMATS if name != "svg"), *((name, CRS) for name in IN_CRS)]:
        known = FORMATS[name]
        target = folder / f"{name}-{crs or 'lonlat'}" / (f"atlas{known.suffix}" if known.kind == "file" else "atlas")
        target.parent.mkdir()
        layers = [layer.id for layer in atlas.layers] if crs is None else ["crossings"]
        export(atlas, target, format=name, layers=layers, **({"crs": crs} if crs else {}))
        yield crs, [job(atlas, known, target, layer, crs) for layer in layers]


def job(atlas, known, target, layer, crs):
    """Where a layer is: a file of its own, or one of that name within, which KML calls by its title."""
    path, inner = target, atlas.layer_record(layer).name["en"] if known.name in {"kml", "kmz"} else layer
    if known.name == "qgis":
        path = next(target.glob("*.qgz"))
    elif known.kind != "file":
        path, inner = target / known.file_of(layer), None
    return {"format": known.name, "layer": layer, "path": str(path), "inner": inner, "epsg": int((crs or "EPSG:4326").split(":")[1])}


def names_of(job, properties):
    """Property → what the file calls it, by the list of fields that goes with the files."""
    path = Path(job["path"]).with_name("fields.csv")
    if job["format"] != "shapefile":
        return {name: name for name in properties}
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["property"]: row["field"] for row in csv.DictReader(stream) if row["layer"] == job["layer"]}


def seen_by(reader, made, atlas):
    """Give the kinds of difference for each format that the reader claims to read."""
    asked = [
        (crs, {**job, "whole": job["format"] in reader.whole}) for crs, jobs in made for job in jobs if job["format"] in reader.formats
    ]
    answer = reader.read([job for _, job in asked])
    version = reader.title.rpartition(" ")[2]
    assert not version[0].isdigit() or answer["version"].startswith(f"{version}."), (reader.title, answer["version"])
    found = {}
    for (crs, job), seen in zip(asked, answer["layers"], strict=True):
        features = list(rows(atlas, job["layer"], crs=crs))
        kinds = differences(
            job,
            seen,
            names=names_of(job, features[0][0]),
            features=features,
            crs=CRS_NAMES if crs else LONLAT,
            within=reader.tiles_within_m if job["format"] == "mvt" else None,
        )
        found.setdefault(job["format"], set()).update(kinds)
    return found


def known(reader, form):
    """The kinds of difference that are declared."""
    return {loss["kind"] for loss in KNOWN["loss"] if {"all", reader.title} & set(loss["where"].get(form, []))}


def page(found):
    """Give the page: formats by readers, and what the marks mean."""
    marks = {loss["kind"]: loss["mark"] for loss in KNOWN["loss"]}
    titles = list(found)
    lines = [f"| format | {' | '.join(titles)} |", f"|---{'|:-:' * len(titles)}|"]
    for form in FORMATS:
        if any(form in seen for seen in found.values()):
            cells = ("✓ " + " ".join(sorted(marks[kind] for kind in seen[form])) if form in seen else "–" for seen in found.values())
            lines.append(f"| `{form}` | {' | '.join(cell.strip() for cell in cells)} |")
    meant = [f"- **{loss['mark']}** – {loss['said']}" for loss in KNOWN["loss"]]
    return KNOWN["head"] + "\n".join(lines) + "\n\n" + "\n".join(meant) + "\n\n" + KNOWN["foot"]


def drawn(atlas, picture):
    """MapLibre's picture has the ground and each corridor's own colour, though the style has no lanes and one hides most of another."""
    pixels = {colour: count for count, colour in picture.getcolors(1 << 24)}
    assert max(pixels, key=pixels.get) == tuple(bytes.fromhex(TABLE.grounds["country"][1:]))
    for name, symbol in atlas.layer_record("corridors").style.values.items():
        assert pixels.get(tuple(bytes.fromhex(symbol.colour[1:])), 0) > 3, name


def test_every_reader_sees_what_the_atlas_holds(hard, tmp_path):
    here = [reader for reader in READERS if not reader.lacking]
    made = list(exported(hard, tmp_path))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = dict(zip([reader.title for reader in here], pool.map(lambda reader: seen_by(reader, made, hard), here), strict=True))
    cells = [(reader, form) for reader in here for form in reader.formats]
    wrong = {(reader.title, form): found[reader.title][form] ^ known(reader, form) for reader, form in cells}
    told = [f"{form} in {reader}: {', '.join(sorted(kinds))}" for (reader, form), kinds in wrong.items() if kinds]
    assert not told, "\n".join(["lost and not in known.toml, or there and not lost:", *told])
    if (picture := tmp_path / "mvt-lonlat/drawn.png").exists():
        drawn(hard, Image.open(picture).convert("RGB"))
    if lacking := [f"{reader.title} ({', '.join(reader.lacking)})" for reader in READERS if reader.lacking]:
        pytest.skip(f"bash tests/install_programs.sh and make readers bring what is lacking: {'; '.join(lacking)}")
    if os.environ.get("UPDATE_MESSAGES"):
        PAGE.write_text(page(found), encoding="utf-8")
        pytest.skip("readers.md is written anew")
    assert page(found) == PAGE.read_text(encoding="utf-8")


def validated(style):
    """What MapLibre's own validator says of a style."""
    validator = HERE / "node_modules/@maplibre/maplibre-gl-style-spec/dist/gl-style-validate.mjs"
    return subprocess.run(["node", validator, style], capture_output=True, text=True, check=False)


def test_maplibre_s_validator_takes_the_style(atlas, tmp_path):
    if not (HERE / "node_modules/stamp").exists():
        pytest.skip("needs Node 20: make readers installs MapLibre's validator")
    style = export(atlas, tmp_path / "a.pmtiles", format="mvt").target.with_suffix(".style.json")
    done = validated(style)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    document = json.loads(style.read_text(encoding="utf-8"))
    document["layers"][1]["paint"]["line-width"] = "broad"
    style.write_text(json.dumps(document), encoding="utf-8")
    assert "number expected" in validated(style).stdout


def test_togeojson_gives_every_feature_its_colour(atlas, tmp_path):
    reader = next(reader for reader in READERS if reader.title.startswith("togeojson"))
    if reader.lacking:
        pytest.skip("needs Node 20: make readers installs togeojson")
    path = export(atlas, tmp_path / "a.kml", format="kml", layers=["corridors", "crossings"]).target
    (seen,) = reader.read([{"path": str(path)}])["layers"]
    assert len(seen["features"]) == 67
    for feature in seen["features"]:
        read = feature["properties"]
        styles = {layer: atlas.layer_record(layer).style for layer in ("corridors", "crossings")}
        style = styles["corridors" if "length_km" in read else "crossings"]
        symbol = style.values.get(read.get(style.by), style.symbol)
        assert (read.get("stroke") or read["icon-color"]) == symbol.colour, read["id"]
        assert "stroke" in read or read["icon"].endswith(".png")
