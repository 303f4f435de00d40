import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import geopandas as gpd
import pytest
import shapely.affinity
from click.testing import CliRunner

from corridormap import cli, measure
from corridormap.atlas import Atlas
from corridormap.cli import COMMANDS as LISTED
from corridormap.cli import MODULES, main

COMMANDS = sorted(LISTED)
# What a group's commands do is tested beside them.
SINGLE = [name for name in COMMANDS if not isinstance(main.get_command(None, name), click.Group)]
NEEDED = {"compare": ["links", "links"], "export": ["geojson", "-o", "layers"], "find": ["gate"], "locate": ["south", "--km", "1"]}
NEEDED["new"] = ["--country", "MC"]
NEEDED["trace"] = [Path(__file__).parents[1] / "trace" / "tiny.osm", "--mode", "road"]


def test_every_module_of_a_command_is_listed():
    folder = Path(cli.__file__).parent
    modules = {path.stem for path in folder.iterdir()} - {"__init__", "__pycache__", "results", "shared"}
    assert modules == {MODULES.get(name, name) for name in LISTED}
    assert MODULES.keys() <= LISTED.keys()
    assert list(LISTED) == sorted(LISTED)
    assert all(isinstance(main.get_command(None, name), click.Command) for name in LISTED)
    assert main.get_command(None, "options") is None


def test_where_nobody_reads_on_it_ends_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run([sys.executable, "-m", "corridormap", "rules"], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (result.returncode, result.stderr) == (1, "")


def test_the_package_runs_as_a_module():
    result = subprocess.run([sys.executable, "-m", "corridormap", "--help"], capture_output=True, text=True, check=True)
    assert result.stdout.startswith("Usage: corridormap [OPTIONS]")
    result = subprocess.run([sys.executable, "-m", "corridormap", "rendr"], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")


def test_a_mistyped_command_is_wrong_usage(run):
    result = run("rendr")
    assert result.exit_code == 2
    assert "rendr" in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(run, command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert re.search(rf"Examples:\n    corridormap {command}\b", result.output)


@pytest.mark.parametrize("command", SINGLE)
def test_every_command_speaks_json(run, tiny, tmp_path, command):
    outputs = {"render": "page.html", "plot": "map.svg", "export": "layers"}
    extra = [*NEEDED.get(command, []), *(["-o", tmp_path / outputs[command]] if command in outputs else [])]
    extra += [tmp_path / "atlas"] if command == "new" else []
    result = run(command, "--json", *extra, geodata=tiny)
    assert result.exit_code == 0, result.output
    json.loads(result.stdout)
    assert result.stderr == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_shows_every_command(request, command):
    assert f"corridormap {command}" in (request.config.rootpath / "README.md").read_text(encoding="utf-8")


def test_build_check(run, tiny):
    assert run("build", "--check", geodata=tiny).exit_code == 0
    (tiny / "layers" / "sights.geojson").unlink()
    result = run("build", "--check", geodata=tiny)
    assert result.exit_code == 1
    assert "sights.geojson: differs" in result.stdout
    assert not (tiny / "layers" / "sights.geojson").exists()
    assert run("build", geodata=tiny).exit_code == 0
    assert run("build", "--check", geodata=tiny).exit_code == 0


def test_validate_exits_1_on_findings(run, tiny, edit):
    assert run("validate", geodata=tiny).exit_code == 0
    with edit(tiny / "layers" / "sights.geojson") as document:
        document["features"][0]["geometry"]["coordinates"] = [400, 0]
    result = run("validate", geodata=tiny)
    assert result.exit_code == 1
    assert "CM311" in result.stdout
    assert "3 errors, 1 warning" in result.stdout
    report = json.loads(run("validate", "--json", geodata=tiny).stdout)
    assert report["counts"] == {"error": 3, "warning": 1, "note": 0}
    assert {finding["code"] for finding in report["findings"]} == {"CM128", "CM311", "CM302", "CM517"}


def test_compare_a_layer_with_itself_and_with_a_file(run, tiny, tmp_path, edit):
    path = tmp_path / "reference.geojson"
    path.write_text((tiny / "network" / "links.geojson").read_text(encoding="utf-8"), encoding="utf-8")
    report = json.loads(run("compare", "links", path, "--json", geodata=tiny).stdout)
    assert report["all"]["max_m"] < 1
    with edit(path) as document:
        document["features"][0]["geometry"]["coordinates"][1] = [-21.0, 64.25]
    worst = tmp_path / "worst.geojson"
    result = run("compare", "links", path, "--where", "status=open", "--where", "country=IS", "-o", worst, geodata=tiny)
    assert result.exit_code == 0
    assert "1 stretch beyond 300 m" in result.stdout
    (feature,) = json.loads(worst.read_text(encoding="utf-8"))["features"]
    assert feature["properties"]["feature"] == "road:west-middle"
    assert 9_000 < feature["properties"]["max_m"] < 11_200  # the bend was moved by 0.1° of latitude


@pytest.mark.parametrize("form", ["geojson", "gpkg", "shp", "kml", "gpx"])
def test_my_track_is_compared_with_a_corridor(run, tiny, tmp_path, form):
    """The corridor is much longer than the track: what it has beyond is not the track's fault."""
    line = measure.cut("south", from_km=10, to_km=30, atlas=Atlas.open(tiny)).geometry.item()
    track = tmp_path / f"track.{form}"
    frame = gpd.GeoDataFrame({"name": ["mine"]}, geometry=[shapely.affinity.translate(line, yoff=0.002)], crs="EPSG:4326")
    frame.to_file(track, **({"layer": "tracks", "FORCE_GPX_TRACK": "YES"} if form == "gpx" else {}))
    report = json.loads(run("compare", track, "corridors", "--where", "number=1", "--json", geodata=tiny).stdout)
    assert json.loads(run("compare", track, "1", "--json", geodata=tiny).stdout) == report
    # The line runs at a slant: off its meridian by 222 m it lies nearer.
    assert 150 < report["all"]["median_m"] < 223
    assert report["all"]["max_m"] < 230
    turned = run("compare", "corridors", track, "--where", "number=1", "--tolerance", "300", geodata=tiny)
    assert "goes on where there is no reference" in turned.stderr


def test_lengths_of_one_itinerary(run, tiny):
    rows = json.loads(run("lengths", "--itinerary", "south", "--sections", "--json", geodata=tiny).stdout)
    assert {row["itinerary"] for row in rows} == {"south"}
    assert [row["kind"] for row in rows] == ["whole", "whole", "section", "section", "section", "official"]


def test_find(run, tiny):
    assert "Ворота" in run("find", "gate", geodata=tiny).stdout
    missed = run("find", "atlantis", geodata=tiny)
    assert (missed.exit_code, missed.stdout) == (1, "")
    assert "atlantis" in missed.stderr
    assert "Did you mean Gate?" in run("find", "gatte", geodata=tiny).stderr


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="no pipes of that kind")
def test_a_reader_that_has_enough_is_no_fault(tiny):
    command = [sys.executable, "-m", "corridormap", "--geodata", str(tiny), "fields", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_statements_in_a_language(run, tiny):
    assert "Кто-то сказал" in run("statements", "--about", "south", "--lang", "ru", geodata=tiny).stdout


def test_layers_in_a_language(run, tiny):
    assert "Коридоры" in run("layers", "--lang", "ru", geodata=tiny).stdout
    # Unless told, the atlas's first.
    assert json.loads(run("layers", "--json", geodata=tiny).stdout)[0]["name"] == "Corridors"
    assert [layer["id"] for layer in json.loads(run("layers", "--json", geodata=tiny).stdout)][:2] == ["corridors", "border"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["layers", "--lang", "xx"], 2, "no language 'xx'"),
        (["render", "--lang", "kk"], 2, "Languages are: en, ru"),
        (["render", "--layers", "corridors,rails"], 2, "no layer 'rails'"),
        (["validate", "--layers", "rails"], 2, "no layer 'rails'"),
        (["validate", "--layers", " , "], 2, "names no layer"),
        (["render", "--colour"], 2, "No such option"),
        (["compare", "links"], 2, "Missing argument"),
        (["compare", "rails", "links"], 2, "no layer 'rails'"),
        (["compare", "links", "nowhere.geojson"], 1, "no such file"),
        (["compare", "links", "sights"], 1, "no lines to compare"),
        (["compare", "links", "links", "--where", "mode"], 2, "no property 'mode'"),
        (["compare", "links", "links", "--where", "mode=air"], 2, "no feature of links is left"),
        (["compare", "links", "links", "--tolerance", "0"], 2, "--tolerance"),
        (["lengths", "--itinerary", "north"], 2, "Itineraries are: south, coast"),
        (["statements", "--about", "nothing"], 2, "no statement is about 'nothing'"),
        (["fly"], 2, "No such command"),
        (["render", "-o", "."], 1, "is a folder"),
    ],
)
def test_wrong_usage(run, tiny, tmp_path, monkeypatch, arguments, code, message):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments, geodata=tiny)
    assert result.exit_code == code
    assert message in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.output
    assert sorted(os.listdir(tmp_path)) == ["tiny"]


# `fields`, `new` and `rules` are about no atlas.
@pytest.mark.parametrize("command", [command for command in SINGLE if command not in {"fields", "new", "rules"}])
def test_no_atlas(run, tmp_path, command):
    result = run(command, *NEEDED.get(command, []), geodata=tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "no such folder" in result.stderr


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("atlas.toml", "id = ", "atlas.toml: is not TOML"),
        ("corridors.toml", "[[itinerary]]\nid = 'a'", "corridors.toml, line 1, column 1, a: `layer` is missing"),
        ("network/links.geojson", "{", "links.geojson, line 1"),
        ("network/nodes.geojson", "", "nodes.geojson"),
    ],
)
@pytest.mark.parametrize("command", ["build", "render"])
def test_broken_facts_are_one_message(run, tiny, tmp_path, name, content, message, command):
    page = tmp_path / "page.html"
    page.write_text("the old page")
    (tiny / name).write_text(content, encoding="utf-8")
    extra = ["-o", page] if command == "render" else []
    result = run(command, *extra, geodata=tiny)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert page.read_text() == "the old page"


def test_an_output_that_cannot_be(run, tiny):
    result = run("render", "-o", "/proc/page.html", geodata=tiny)
    assert result.exit_code == 1
    assert "/proc/page.html: cannot be written" in result.stderr


def speak(folder, lang, catalogue):
    """Let the tiny atlas speak one more language, in the words of its own Russian texts."""
    for path in [folder / "atlas.toml", folder / "corridors.toml", folder / "statements.toml", *folder.glob("[np]*/*s.geojson")]:
        text = path.read_text(encoding="utf-8").replace('["en", "ru"]', f'["en", "ru", "{lang}"]')
        text = re.sub(r'\bru = ("[^"]*")', rf"ru = \1, {lang} = \1", text)
        text = re.sub(r'"name_ru": ("[^"]*")', rf'"name_ru": \1, "name_{lang}": \1', text)
        path.write_text(text, encoding="utf-8")
    border = folder / "border" / "border.geojson"
    border.write_text(border.read_text(encoding="utf-8").replace('"kind"', f'"name_{lang}": "Meridian", "kind"'), encoding="utf-8")
    (folder / "words").mkdir()
    (folder / "words" / f"{lang}.json").write_text(json.dumps(catalogue), encoding="utf-8")


@pytest.mark.slow
def test_an_atlas_speaks_the_language_it_brings_and_what_is_english_is_said(run, tiny, tmp_path):
    hostile = "</script><script>alert(1)</script><b>$& [% 1 + 1 %]"
    speak(tiny, "de", {"shared": {"legend": "Zeichen", "measured": hostile}, "page": {"no_script": hostile, "zoom_in": hostile}})
    page = tmp_path / "page.html"
    result = run("render", "--lang", "de", "-o", page, geodata=tiny)
    assert result.exit_code == 0, result.output
    assert re.search(r"words/de\.json: \d+ texts lacking, and said in English: ", result.stderr)
    text = page.read_text(encoding="utf-8")
    assert '<html lang="de">' in text
    assert "Zeichen" in text
    assert text.count("alert(1)") > 2
    assert "<script>alert" not in text
    found = json.loads(run("validate", "--json", "--severity", "warning", geodata=tiny).stdout)["findings"]
    assert {(finding["code"], finding["file"]) for finding in found} == {("CM518", str(tiny / "words" / "de.json"))}
    assert run("validate", geodata=tiny).exit_code == 0
    for what, target in (("qgis", tmp_path / "out"), ("gpkg", tmp_path / "out.gpkg"), ("kml", tmp_path / "out.kml")):
        exported = run("export", what, "--lang", "de", "-o", target, geodata=tiny)
        assert exported.exit_code == 0, exported.output
    (tiny / "words" / "de.json").write_text('{"shared": {"legend": 1}}', encoding="utf-8")
    broken = run("render", "-o", page, geodata=tiny)
    assert (broken.exit_code, "words/de.json, shared.legend: must be a text" in broken.stderr) == (1, True)
    assert page.read_text(encoding="utf-8") == text


def test_render_writes_to_standard_output(tiny):
    result = CliRunner().invoke(main, ["--geodata", str(tiny), "render", "-o", "-"])
    assert result.exit_code == 0
    assert result.stdout_bytes.startswith(b"<!DOCTYPE html>")


def test_the_folder_can_come_from_the_environment(tiny):
    result = CliRunner().invoke(main, ["layers", "--json"], env={"CORRIDORMAP_GEODATA": str(tiny)})
    assert len(json.loads(result.stdout)) == 6


@pytest.mark.slow
@pytest.mark.parametrize("command", ["render", "export", "plot"])
def test_layers_out_of_step_are_built_first_and_it_is_said(run, tiny, tmp_path, edit, command):
    extra = ["geojson"] if command == "export" else []
    target = ["-o", tmp_path / {"render": "page.html", "export": "layers", "plot": "map.svg"}[command]]
    with edit(tiny / "network" / "nodes.geojson") as document:
        document["features"][0]["properties"]["name_en"] = "Occidentale"
    assert "CM517" in run("validate", geodata=tiny).stdout
    refused = run(command, *extra, "--no-build", *target, geodata=tiny)
    assert (refused.exit_code, "differs from what the facts give" in refused.stderr) == (1, True)
    assert not target[1].exists()
    result = run(command, *extra, *target, geodata=tiny)
    assert result.exit_code == 0, result.output
    assert "built " in result.stderr
    assert run("validate", geodata=tiny).exit_code == 0
    again = run(command, *extra, "--no-build", *(["--force"] if command == "export" else []), *target, geodata=tiny)
    assert again.exit_code == 0, again.output
    assert "built " not in again.stderr


def test_no_output_takes_the_place_of_the_atlas_itself(run, tiny):
    before = {path: path.read_bytes() for path in tiny.rglob("*") if path.is_file()}
    layer = ["geojson", "--force", "--layers", "corridors", "-o"]
    for target in ("atlas.toml", "sources.toml", "datapackage.json", "layers/corridors.geojson", "network/links.geojson"):
        for command in (["render", "-o"], ["render", "--preview"], ["plot", "-o"], ["export", *layer], ["validate", "-o"]):
            result = run(*command, tiny / target, geodata=tiny)
            assert result.exit_code == 1, (command, result.output)
            assert f"{target}: is a file of the atlas itself\n  Choose another place. Nothing was changed." in result.stderr
    for target in (".", "network", "layers"):
        result = run("export", *layer, tiny / target, geodata=tiny)
        assert (result.exit_code, "holds files of the atlas itself" in result.stderr) == (1, True)
    file = tiny / "network" / "nodes.geojson"
    assert "nodes.geojson: is a file that was checked" in run("validate", file, "-o", file).stderr
    assert {path: path.read_bytes() for path in tiny.rglob("*") if path.is_file()} == before
    # Elsewhere in its folder there is room.
    assert run("export", *layer, tiny / "out.geojson", geodata=tiny).exit_code == 0


def test_a_page_is_named_as_one(run, tiny, tmp_path):
    letter = tmp_path / "letter.docx"
    letter.write_text("Dear Sir", encoding="utf-8")
    result = run("render", "-o", letter, geodata=tiny)
    assert (result.exit_code, letter.read_text(encoding="utf-8")) == (2, "Dear Sir")
    assert "letter.docx is no name of a page: end it in .html." in result.stderr


def test_an_unknown_format_is_told_in_plain_words(run, tiny):
    result = run("export", "xlsx", "-o", "x", geodata=tiny)
    assert (result.exit_code, "\\n" in result.stderr) == (2, False)
    assert "no format 'xlsx'. Formats are: gpkg, qgis" in result.stderr
