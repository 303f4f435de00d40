"""Choosing rules, keeping within bounds, order and places of findings."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from corridormap.atlas import Atlas
from corridormap.checks import RULES, check_atlas, check_files, check_folder
from corridormap.checks.rule import AtlasRule, BatchRule
from corridormap.errors import DataError, UsageError

BAD = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [71.4]}, "properties": {}}
ODD = {"type": "FeatureCollection", "crs": None, "features": [BAD, {**BAD, "geometry": None, "title": "x"}]}


def write(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def codes(*sources, **options):
    return [finding.code for finding in check_files(sources, **options).findings]


def test_rules_are_chosen(tmp_path):
    path = write(tmp_path / "a.geojson", ODD)
    assert codes(path) == ["CM130", "CM114", "CM133"]
    assert codes(path, select=["CM11", "CM13"]) == ["CM130", "CM114", "CM133"]
    assert codes(path, select=["CM114"]) == ["CM114"]
    assert codes(path, ignore=["CM1"]) == []
    assert codes(path, ignore=["CM114"]) == ["CM130", "CM133"]
    assert codes(path, severity="warning") == ["CM130", "CM114"]
    assert codes(path, severity="error") == ["CM114"]


@pytest.mark.parametrize(
    "options",
    [{"select": ["CM9"]}, {"ignore": ["X1"]}, {"severity": "fatal"}, {"max_findings": 0}, {"select": ["cm101"]}, {"select": "CM1"}],
)
def test_wrong_options(tmp_path, options):
    with pytest.raises(UsageError):
        check_files([write(tmp_path / "a.geojson", ODD)], **options)


def test_findings_are_kept_up_to_a_number_and_counted_beyond(tmp_path):
    path = write(tmp_path / "a.geojson", {"type": "FeatureCollection", "features": [BAD] * 50})
    report = check_files([path], max_findings=7, select=["CM1"])
    assert [finding.index for finding in report.findings] == list(range(7))
    assert report.dropped == 43


def test_the_gravest_findings_are_kept(tmp_path):
    path = write(tmp_path / "a.geojson", {**ODD, "features": [{**BAD, "geometry": None, "title": "x"}] * 5 + [BAD]})
    report = check_files([path], max_findings=1)
    assert [finding.code for finding in report.findings] == ["CM114"]
    assert report.dropped == 2
    assert report.failed()


def test_a_file_of_errors_is_not_read_to_its_end(tmp_path):
    path = write(tmp_path / "a.geojson", '{"type":"FeatureCollection","features":[' + ",".join(["[]"] * 30_000) + "]}")
    report = check_files([path], max_findings=10)
    assert report.dropped < 30_000
    assert "CM013" in {finding.code for finding in report.findings}
    assert report.failed()


CONFIG = 'select = ["CM1"]\nignore = ["CM133"]\nper-file-ignores = { "raw/*.geojson" = ["CM114"] }\n'


@pytest.mark.parametrize(("name", "head"), [("pyproject.toml", "[tool.corridormap.validate]"), ("atlas.toml", "[validate]")])
def test_the_nearest_configuration_holds(tmp_path, name, head):
    write(tmp_path / name, f"{head}\n{CONFIG}")
    assert codes(write(tmp_path / "data" / "a.geojson", ODD)) == ["CM130", "CM114"]
    assert codes(write(tmp_path / "raw" / "a.geojson", ODD)) == ["CM130"]
    assert codes(tmp_path / "data" / "a.geojson", select=["CM13"]) == ["CM130"]
    write(tmp_path / "data" / "pyproject.toml", '[tool.corridormap.validate]\nseverity = "error"\nmax-findings = 5\n')
    assert codes(tmp_path / "data" / "a.geojson") == ["CM114"]


@pytest.mark.parametrize(
    "table",
    [
        'selekt = ["CM1"]',
        'select = ["CM999"]',
        'select = "CM1"',
        "select = [1]",
        "max-findings = 0",
        'severity = "bad"',
        "per-file-ignores = 3",
    ],
)
def test_a_configuration_that_is_not_understood_is_named(tmp_path, table):
    write(tmp_path / "pyproject.toml", f"[tool.corridormap.validate]\n{table}\n")
    with pytest.raises(DataError, match=r"pyproject\.toml: validate"):
        check_files([write(tmp_path / "a.geojson", ODD)])


def test_an_atlas_may_hold_its_configuration(tiny, edit):
    path = tiny / "atlas.toml"
    path.write_text(path.read_text(encoding="utf-8") + '\n[validate]\nignore = ["CM405"]\n', encoding="utf-8")
    with edit(tiny / "layers" / "sights.geojson") as document:
        document["features"][0]["properties"].update(sources=None, name_ru=None)
    assert [finding.code for finding in check_atlas(Atlas.open(tiny)).findings] == ["CM517", "CM415"]


def test_an_ignored_rule_about_the_atlas_is_not_asked(tiny, monkeypatch):
    asked = []
    check = AtlasRule.check
    monkeypatch.setattr(AtlasRule, "check", lambda rule, *what: asked.append(rule.code) or check(rule, *what))
    check_atlas(Atlas.open(tiny), select=["CM504", "CM517"], ignore=["CM517"])
    assert asked == ["CM502", "CM503", "CM504", "CM519"]


def test_what_an_ignored_rule_tells_first_no_other_tells(tiny, edit):
    with edit(tiny / "network" / "links.geojson") as document:
        document["features"] = document["features"][1:]
    told = {finding.code for finding in check_atlas(Atlas.open(tiny)).findings}
    assert told == {"CM502"}
    assert check_atlas(Atlas.open(tiny), ignore=["CM502"]).findings == []


def test_what_was_found_about_the_shapes_of_a_layer_is_not_held(tiny, monkeypatch):
    held = []
    monkeypatch.setattr(AtlasRule, "check", lambda _rule, _atlas, layers: held.extend(layers.values()) or ())
    check_atlas(Atlas.open(tiny))
    assert held
    assert all(set(vars(batch.shapes)) == {field.name for field in fields(batch.shapes)} for batch in held)
    assert not any("geometries" in vars(batch) for batch in held)


def test_the_layers_of_an_atlas_are_read_to_the_letter(tiny):
    path = tiny / "layers" / "sights.geojson"
    path.write_bytes(path.read_bytes().replace(b'"name":"sights"', b'"name":"sights","name":"again","crs":null'))
    report = check_atlas(Atlas.open(tiny))
    assert [finding.code for finding in report.findings] == ["CM517", "CM006", "CM130"]
    assert len(report.checked) == len(Atlas.open(tiny).layers)


def test_places_are_exact(tmp_path):
    text = (
        '{"type": "FeatureCollection",\n "features": [\n  {"type": "Feature", "id": "ä",\n   "properties": {"имя": "Өскемен", "имя": 2},\n'
        '   "geometry": {"type": "LineString",\n     "coordinates": [[71.4, 51.1],\n       [171.4, "51"]]}}\n]}\n'
    )
    found = {finding.code: finding for finding in check_files([write(tmp_path / "a.geojson", text)]).findings}
    number = found["CM116"]
    assert (number.line, number.column, number.pointer, number.index, number.feature) == (
        7,
        16,
        "/features/0/geometry/coordinates/1/1",
        0,
        "ä",
    )
    name = found["CM006"]
    assert (name.line, name.column, name.pointer) == (4, 37, "/features/0/properties/имя")


def test_places_on_the_ground(tmp_path):
    text = '{"type":"Polygon","coordinates":[[[0,1],[10,11],[10,1],[0,11],[0,1]]]}'
    found = {finding.code: finding for finding in check_files([write(tmp_path / "a.geojson", text)]).findings}
    assert (found["CM211"].lon, found["CM211"].lat) == (5.0, 6.0)


def test_the_same_file_gives_the_same_report(tmp_path):
    path = write(
        tmp_path / "a.geojson", {"type": "FeatureCollection", "features": [BAD, {"type": "Feature", "bbox": [1], "id": None}] * 20}
    )
    assert check_files([path]).records() == check_files([path]).records()


def test_progress_is_told(tmp_path):
    path = write(tmp_path / "a.geojson", ODD)
    moved, totals = [], []
    check_files([path, path], progress=moved.append, total=totals.append)
    assert sum(moved) == path.stat().st_size
    assert totals == [path.stat().st_size]


def test_files_that_are_not_what_their_name_says(tmp_path):
    import zipfile

    path = tmp_path / "zip.geojson"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.geojson", json.dumps(ODD))
    (finding,) = check_files([path]).findings
    assert finding.code == "CM011"
    assert "zip" in finding.message


def test_what_is_said_of_a_feature_has_its_place(tmp_path):
    path = tmp_path / "places.geojson"
    feature = {"type": "Feature", "properties": {"url": "ftp://x"}, "geometry": {"type": "LineString", "coordinates": [[66, 50], [67, 51]]}}
    nowhere = {"type": "Feature", "properties": {"url": "ftp://y"}, "geometry": None}
    far = {"type": "Feature", "properties": {"url": "ftp://z"}, "geometry": {"type": "Point", "coordinates": [7e6, 5e6]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature, nowhere, far]}), encoding="utf-8")
    found = [finding for finding in check_files([path]).findings if finding.code == "CM413"]
    assert [(finding.lon, finding.lat) for finding in found] == [(66.0, 50.0), (None, None), (None, None)]


def test_an_error_in_the_text_has_its_line_and_column(tmp_path):
    path = tmp_path / "a.geojson"
    for text, expected in (
        (b'{"type": "Point",\n "coordinates": [1, \xe9]}', ("CM002", 2, 21)),
        (b'{"type": "Point",\n "coordinates": [1, NaN]}', ("CM005", 2, 21)),
        (b'{"type": "Point",\n "coordinates": [1, 2],\n\n "coordinates": 1}', ("CM006", 4, 2)),
        (b'{"type": "Point",\n "coordinates": [1, 2] 3}', ("CM004", 2, 24)),
    ):
        path.write_bytes(text)
        first = {finding.code: finding for finding in check_files([path]).findings}[expected[0]]
        assert (first.line, first.column) == expected[1:], text


def test_the_total_of_all_files_is_told_before_any_is_read(tmp_path):
    paths = [write(tmp_path / name, ODD) for name in ("a.geojson", "b.geojson", "c.geojson")]
    (tmp_path / "c.geojson").write_text(json.dumps(ODD, indent=4), encoding="utf-8")
    told = []
    check_files(paths, progress=lambda count: told.append(("moved", count)), total=lambda count: told.append(("total", count)))
    sizes = [path.stat().st_size for path in paths]
    assert told[0] == ("total", sum(sizes))
    assert sum(count for kind, count in told if kind == "moved") == sum(sizes)


def test_a_broken_atlas_toml_hides_nothing(tiny):
    settings = tiny / "atlas.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('id = "tiny"', "id = 5"), encoding="utf-8")
    corridors = tiny / "corridors.toml"
    corridors.write_text(corridors.read_text(encoding="utf-8").replace("km = 98.0", 'km = "98"'), encoding="utf-8")
    (tiny / "network" / "links.geojson").write_text("{", encoding="utf-8")
    report = check_folder(tiny)
    assert [(finding.code, Path(finding.file).name, finding.line) for finding in report.findings] == [
        ("CM519", "atlas.toml", 3),
        ("CM519", "corridors.toml", 13),
        ("CM519", "links.geojson", 1),
    ]
    assert check_folder(tiny, ignore=["CM519"]).findings == []
    # With other files beside it, these are checked all the same.
    (tiny.parent / "good.geojson").write_text('{"type": "Point", "coordinates": [71, 51]}', encoding="utf-8")
    assert [file.file for file in check_files([tiny, tiny.parent / "good.geojson"]).checked] == [str(tiny.parent / "good.geojson")]
    with pytest.raises(DataError):
        check_folder(tiny, layers=["sights"])
    settings.unlink()
    with pytest.raises(DataError, match="no such file"):
        check_folder(tiny)


def test_a_rule_says_of_itself_only_what_its_kind_knows():
    with pytest.raises(TypeError, match="hnit"):
        BatchRule.define("CM999", "Nothing is misspelt.", hnit="Mend the spelling.")
    assert "CM999" not in {rule.code for rule in RULES}
