"""Facts that nobody expects: each is told once, with its place, in every command alike; none ends in a traceback."""

import json
import re

import pyproj
import pytest

from corridormap.atlas import Atlas
from corridormap.checks import check_atlas
from corridormap.derive import build_layers
from corridormap.errors import DataError, UsageError
from corridormap.projection import from_degrees, in_metres

COMMANDS = (
    ("build",),
    ("render", "-o", "map.html"),
    ("plot", "-o", "map.svg"),
    ("export", "gpkg", "-o", "a.gpkg"),
    ("export", "qgis", "-o", "a"),
    ("export", "kml", "-o", "a.kml"),
)

CRS = r'planar_crs = ".*"'
# What is replaced in atlas.toml, by what; the line of the fault, and what is said of it.
ATLAS = {
    "no such CRS": (CRS, 'planar_crs = "EPSG:999999"', 8, "`planar_crs`: no CRS 'EPSG:999999'"),
    "no CRS": (CRS, 'planar_crs = ""', 8, "`planar_crs`: no CRS ''"),
    "geographic": (CRS, 'planar_crs = "EPSG:4326"', 8, "`planar_crs`: EPSG:4326 is not projected in metres"),
    "in feet": (CRS, 'planar_crs = "EPSG:2263"', 8, "`planar_crs`: EPSG:2263 is not projected in metres"),
    "geocentric": (CRS, 'planar_crs = "EPSG:4978"', 8, "`planar_crs`: EPSG:4978 is not projected in metres"),
    "vertical": (CRS, 'planar_crs = "EPSG:5773"', 8, "`planar_crs`: EPSG:5773 is not projected in metres"),
    "of Mars": (CRS, 'planar_crs = "+proj=laea +R=3396190 +units=m"', 8, "`planar_crs`: nothing on Earth can be projected to +proj=laea"),
    "elsewhere": (CRS, 'planar_crs = "+proj=gnom +lat_0=-64 +lon_0=160"', 8, "does not reach -24, 63"),
    "dash of no numbers": ('"6 3"', '"6 x"', 53, '`layers[1].style.symbol.dash` must be lengths such as "6 3"'),
    "empty dash": ('"6 3"', '""', 53, "`layers[1].style.symbol.dash` must be lengths"),
    "negative dash": ('"6 3"', '"-6 3"', 53, "`layers[1].style.symbol.dash` must be lengths"),
    "dash of nothing": ('"6 3"', '"0 0.0"', 53, "`layers[1].style.symbol.dash` must be lengths"),
    "dash without end": ('"6 3"', '"1e999 3"', 53, "`layers[1].style.symbol.dash` must be lengths"),
    "no width": ("width = 2.0", "width = 0", 53, "`layers[1].style.symbol.width` must be a number of pixels above 0"),
    "wide": ("width = 2.0", "width = 1e300", 53, "`layers[1].style.symbol.width` must be a number of pixels above 0"),
    "NaN": ("width = 2.0", "width = nan", 53, "`layers[1].style.symbol.width` must be finite"),
    "negative size": ("size = 14.0", "size = -14.0", 78, "`layers[3].style.symbol.size` must be a number of pixels above 0"),
    "negative limit": ("dash_over_m = 1000.0", "dash_over_m = -1.0", 38, "`layers[0].style.dash_over_m` must be a number of 0 or more"),
    "input twice": ("points/crossings.geojson", "points/sights.geojson", 1, "input: 'points/sights.geojson' is given twice"),
    "no group": ('group = "points"', 'group = "pionts"', 1, "names no group: 'pionts'. Did you mean 'points'?"),
    "no property": ('by = "id"', 'by = "nmae_en"', 24, "`style.by` names 'nmae_en', which no feature has"),
}


def rewrite(folder, old, new):
    text = (folder / "atlas.toml").read_text(encoding="utf-8")
    assert re.search(old, text)
    (folder / "atlas.toml").write_text(re.sub(old, lambda _: new, text, count=1), encoding="utf-8")


def add_backdrop(folder, features, kind="land", names=("one",)):
    path = folder / "context.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    tables = [
        f'[[backdrop]]\nid = "{name}"\npath = "context.geojson"\nkind = "{kind}"\nlicence = "CC0-1.0"\nsource = "made-up"\n'
        for name in names
    ]
    with (folder / "atlas.toml").open("a", encoding="utf-8") as stream:
        stream.write("\n" + "\n".join(tables))


def feature(geometry, **properties):
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def square(*corners):
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


WHOLE = square([-21, 63.5], [-19, 63.5], [-19, 65], [-21, 65])
CROSSED = square([-21, 63.5], [-19, 65], [-19, 63.5], [-21, 65])
POINT = {"type": "Point", "coordinates": [-20, 64]}


def every_command(run, folder, target):
    """The result of each command on an atlas."""
    for command, *rest in COMMANDS:
        where = [target / name if name in {"map.html", "map.svg", "a.gpkg", "a", "a.kml"} else name for name in rest]
        result = run(command, *where, geodata=folder)
        assert "unexpected" not in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        yield result


@pytest.mark.parametrize("case", ATLAS)
def test_every_command_refuses_it_in_the_same_words(case, run, tiny, tmp_path):
    old, new, _, said = ATLAS[case]
    rewrite(tiny, old, new)
    for result in every_command(run, tiny, tmp_path):
        assert result.exit_code == 1
        assert said in result.stderr


@pytest.mark.parametrize("case", ATLAS)
def test_it_is_told_once_with_its_line(case, run, tiny):
    old, new, line, said = ATLAS[case]
    rewrite(tiny, old, new)
    result = run("validate", geodata=tiny)
    assert result.exit_code == 1
    (told,) = [text for text in result.output.splitlines() if said in text]
    assert re.search(rf"atlas\.toml(:{line}:|, line {line},)", told)


def test_of_a_crs_that_is_none_it_is_said_what_to_do(run, tiny):
    rewrite(tiny, CRS, 'planar_crs = "nonsense"')
    (found,) = [finding for finding in check_atlas(Atlas.open(tiny)).findings if finding.code == "CM519"]
    assert found.hint == "For instance EPSG:32642, or a PROJ string."
    assert "EPSG:32642" in run("measure", "lengths", "south", geodata=tiny).output or run("build", geodata=tiny).exit_code == 1


def test_a_crs_that_is_none_is_looked_up_once_and_refused_each_time(monkeypatch):
    looked_up, look_up = [], pyproj.CRS.from_user_input
    monkeypatch.setattr(pyproj.CRS, "from_user_input", lambda name: looked_up.append(name) or look_up(name))
    for _ in range(2):
        with pytest.raises(UsageError, match="no CRS 'EPSG:999998'"):
            in_metres("EPSG:999998")
    assert looked_up == ["EPSG:999998"]
    assert in_metres("EPSG:32642").is_projected
    assert from_degrees("EPSG:32642") is from_degrees("EPSG:32642")


@pytest.mark.parametrize("kind", ["land", "country", "water"])
def test_an_area_that_crosses_itself_is_told_with_the_place(kind, tiny):
    add_backdrop(tiny, [feature(WHOLE, id="fine"), feature(CROSSED, id="crossed")], kind)
    (fault,) = Atlas.open(tiny).faults()
    assert (fault.feature, fault.line) == ("crossed", 1)
    assert fault.what == "is not a valid area: Self-intersection at -20 64.25; QGIS's “Fix geometries” mends most"


def test_an_outline_that_crosses_itself_is_told_with_the_place(tiny, edit):
    with edit(tiny / "border" / "outline.geojson") as document:
        document["features"][0]["geometry"] = CROSSED
    (fault,) = Atlas.open(tiny).faults()
    assert "Self-intersection at -20 64.25" in fault.what


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (None, "has no geometry"),
        ({"type": "Polygon", "coordinates": []}, "has no coordinates"),
        ({"type": "GeometryCollection", "geometries": [WHOLE]}, "must be a MultiPolygon or Polygon, not a GeometryCollection"),
    ],
)
def test_a_backdrop_without_areas_is_told(geometry, said, tiny):
    add_backdrop(tiny, [feature(geometry, id="a")])
    assert [fault.what for fault in Atlas.open(tiny).faults()] == [said]


def test_two_backdrops_have_two_ids(tiny):
    add_backdrop(tiny, [feature(WHOLE)], names=("one", "one"))
    with pytest.raises(DataError, match="backdrop: 'one' is given twice"):
        Atlas.open(tiny)


def test_a_label_has_an_id_a_kind_and_names(tiny):
    add_backdrop(tiny, [feature(POINT, name_en="Here")], "label")
    found = [fault.what for fault in Atlas.open(tiny).faults()]
    assert [text.partition(" (")[0] for text in found] == [f"`{name}` is missing: a text" for name in ("id", "kind", "name_ru")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "features"),
    [
        ("label", [feature(POINT, id="label:XX", kind="country", name_en="Here", name_ru="Здесь")]),
        (
            "town",
            [feature(POINT), feature(POINT, name_en=7, population=-5), feature(POINT, name_en="Here", population="many", country=True)],
        ),
        ("water", [feature(WHOLE, name_en=7, name_ru="Озеро"), feature(WHOLE, name_en="")]),
    ],
)
def test_what_is_odd_but_not_wrong_is_drawn(kind, features, run, tiny, tmp_path):
    # Two of one kind have one title, and so may two layers.
    rewrite(tiny, 'en = "Border", ru = "Граница"', 'en = "Sights", ru = "Виды"')
    add_backdrop(tiny, features, kind, names=("one", "other"))
    for result in every_command(run, tiny, tmp_path):
        assert result.exit_code == 0, result.output


@pytest.mark.parametrize(("name", "hint"), [("town-c", "Did you mean 'town-b'? "), ("nowhere", "")])
def test_a_reversal_where_the_way_does_not_pass_is_told(name, hint, tiny):
    path = tiny / "corridors.toml"
    text = path.read_text(encoding="utf-8")
    nodes = re.search(r"nodes = \[(.*)\]", text)
    assert nodes
    meant = json.loads(f"[{nodes[1]}]")[1]
    name, hint = (f"{meant}z", f"Did you mean {meant!r}? ") if hint else (name, hint)
    path.write_text(text.replace(nodes[0], f'{nodes[0]}\nreverses_at = ["{name}"]', 1), encoding="utf-8")
    with pytest.raises(DataError) as error:
        build_layers(Atlas.open(tiny))
    (fault,) = error.value.faults
    assert fault.what == f"`reverses_at` names {name!r}, which the way does not pass"
    assert fault.hint == f"{hint}Mend the id, or take it out."
    assert "CM502" in {finding.code for finding in check_atlas(Atlas.open(tiny)).findings}


def test_ids_are_found_in_files_of_either_kind(tiny, tmp_path):
    from corridormap.checks.facts import line_of

    path = tmp_path / "a.toml"
    path.write_text('[[a]]\n  id = "one"\n[[a]]\nid="two"\nnote = "é"\nwith = { id = "three" }\nid = "one"\n', encoding="utf-8")
    assert [line_of(str(path), name) for name in ("one", "two", "three", "three.name", "four", None)] == [
        (2, 3),
        (4, 1),
        (6, 10),
        (6, 10),
        (1, 1),
        (1, 1),
    ]
    path.write_text('[[a]]\n\n\nid = "one"\n', encoding="utf-8")
    assert line_of(str(path), "one") == (4, 1)
    assert line_of(str(tmp_path / "none"), "one") == (None, None)
    nodes = tiny / "network" / "nodes.geojson"
    line, column = line_of(str(nodes), "gate")
    assert nodes.read_text(encoding="utf-8").splitlines()[line - 1][column - 1 :].startswith('"id": "gate"')
