"""`corridormap new`: a folder that builds, validates and renders at once; what it refuses."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from corridormap.atlas import Atlas

FILES = {
    "atlas.toml",
    "border/outline.geojson",
    "context/boundaries.geojson",
    "context/country.geojson",
    "context/lakes.geojson",
    "context/land.geojson",
    "corridors.toml",
    "network/links.geojson",
    "network/nodes.geojson",
    "sources.toml",
}


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def proven(run, folder, *, warnings=0):
    """Build, validate and render an atlas; give the page."""
    for command in (["build"], ["validate"], ["render", "-o", folder / "page.html"]):
        done = run(*command, geodata=folder)
        assert done.exit_code == 0, done.output
        if command == ["validate"]:
            assert f"0 errors, {warnings} warning" in done.output
    return (folder / "page.html").read_text(encoding="utf-8")


def test_from_new_to_the_page(run, tmp_path):
    folder = tmp_path / "my atlas"
    made = run("new", folder, "--country", "AZ", "--lang", "az,en,ru")
    assert made.exit_code == 0, made.output
    assert files(folder) == FILES
    assert re.findall(r"^wrote ", made.stdout, re.MULTILINE) == ["wrote "] * len(FILES)
    # The next two commands, as a shell takes them.
    assert made.stdout.splitlines()[-2:] == [
        f"  corridormap --geodata '{folder}' build",
        f"  corridormap --geodata '{folder}' render -o '{folder}.html'",
    ]
    # No words in Azerbaijani, the description to be replaced, and nine texts to be translated.
    tidied = run("network", "tidy", geodata=folder)
    assert tidied.stdout == "nothing to tidy\n"
    page = proven(run, folder, warnings=11)
    assert "Azərbaycan" in page
    assert "ПРИМЕР" in page
    assert "Kazakh" not in (folder / "datapackage.json").read_text(encoding="utf-8")


# Countries across 180°, tiny ones, archipelagos, one without neighbours, one round a pole.
@pytest.mark.slow
@pytest.mark.parametrize("code", ["RU", "FJ", "NZ", "US", "KI", "TV", "VA", "SG", "MC", "NR", "MV", "AQ", "FR", "NO"])
def test_any_country(run, tmp_path, code):
    assert run("new", tmp_path / code, "--country", code, "--lang", "en,kk").exit_code == 0
    proven(run, tmp_path / code, warnings=1)  # that the description is to be replaced
    assert run("plot", "--graticule", "-o", tmp_path / "map.svg", geodata=tmp_path / code).exit_code == 0
    for kind, target in (("qgis", "qgis"), ("gpkg", "atlas.gpkg")):
        assert run("export", kind, "-o", tmp_path / target, geodata=tmp_path / code).exit_code == 0


def test_the_example_cannot_be_taken_for_data(run, tmp_path):
    run("new", tmp_path / "a", "--country", "GE", "--lang", "en,ru,kk,ka")
    atlas = Atlas.open(tmp_path / "a")
    (itinerary,) = atlas.itineraries.values()
    assert itinerary.name == {
        "en": "EXAMPLE, to be replaced",
        "ru": "ПРИМЕР, заменить",
        "kk": "ҮЛГІ, ауыстыру керек",
        "ka": "EXAMPLE, to be replaced",
    }
    (link,) = atlas.links.to_dict("records")
    assert (link["status"], link["source"]) == ("planned", "example")
    assert link["accuracy_m"] > 30_000
    assert set(atlas.nodes["source"]) == {"example"}
    assert all(name.startswith("Example: ") for name in atlas.nodes["name_en"])
    assert all(name.startswith("Пример: ") for name in atlas.nodes["name_ru"])
    assert atlas.sources["example"].title.startswith("No source")


def test_what_is_english_for_want_of_words_is_said_and_marked(run, tmp_path):
    made = run("new", tmp_path / "a", "--country", "AZ", "--lang", "az,zz,en")
    assert "The texts in az, zz are English: corridormap has no words in it" in made.stdout
    assert "The country's name in zz is English" in made.stdout
    text = (tmp_path / "a" / "atlas.toml").read_text(encoding="utf-8")
    assert 'az = "Azərbaycan"\nzz = "Azerbaijan"  # to translate\n' in text
    assert 'az = "Transport corridors: Azərbaycan"  # to translate\n' in text
    assert "# to translate: az, zz" in text
    spoken = run("new", tmp_path / "b", "--country", "AZ", "--lang", "en,ru,kk")
    assert "English" not in spoken.stdout
    assert "translate:" not in (tmp_path / "b" / "atlas.toml").read_text(encoding="utf-8")


def test_the_same_command_gives_the_same_bytes(run, tmp_path):
    for name in ("a", "b"):
        run("new", tmp_path / name, "--country", "Georgia")
    for path in FILES - {"context/lakes.geojson"}:
        assert (tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes()


def test_as_json(run, tmp_path):
    made = json.loads(run("new", tmp_path / "a", "--country", "Fiji", "--lang", "en,fj", "--json").stdout)
    assert made["countries"] == ["FJ"]
    assert made["to_translate"] == {"texts": ["fj"], "country_name": ["fj"]}
    assert len(made["written"]) == len(files(tmp_path / "a"))
    assert len(made["next"]) == 2


def test_every_field_has_a_word_of_comment(run, tmp_path):
    run("new", tmp_path / "a", "--country", "AZ")
    for name in ("atlas.toml", "sources.toml", "corridors.toml"):
        text = (tmp_path / "a" / name).read_text(encoding="utf-8")
        tomllib.loads(text)
        assert "# To do: " in text
        assert "$" not in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--country", "Azerbajan"], "Did you mean AZ (Azerbaijan)?"),
        (["--country", "QQ"], "no country 'QQ'"),
        (["--country", "AZ", "--lang", "english"], "not a language code: 'english'"),
        (["--country", "AZ", "--lang", "en-Latin"], "not a language code: 'en-Latin'"),
        (["--country", "AZ", "--lang", "en,EN"], "language 'en' is given twice"),
        (["--country", "AZ", "--lang", "en,en"], "language 'en' is given twice"),
        (["--country", "AZ", "--lang", ","], "no language"),
        ([], "--country"),
    ],
)
def test_what_is_refused(run, tmp_path, options, message):
    done = run("new", tmp_path / "a", *options)
    assert done.exit_code == 2
    assert message in done.output
    assert not (tmp_path / "a").exists()


def test_a_folder_that_holds_something_is_left_alone(run, tmp_path):
    (tmp_path / "a").mkdir()
    assert run("new", tmp_path / "a", "--country", "MC").exit_code == 0  # an empty one is fine
    before = (tmp_path / "a" / "atlas.toml").read_bytes()
    done = run("new", tmp_path / "a", "--country", "AZ")
    assert done.exit_code == 2
    assert "the folder is not empty" in done.output
    assert (tmp_path / "a" / "atlas.toml").read_bytes() == before
    (tmp_path / "file").write_text("x")
    done = run("new", tmp_path / "file", "--country", "AZ")
    assert done.exit_code == 2
    assert "is a file, not a folder" in done.output
    done = run("new", tmp_path / "file" / "a", "--country", "AZ")
    assert done.exit_code == 1
    assert "cannot be" in done.output


def test_words_of_an_atlas_opened_before_are_not_those_of_a_new_one(run, tmp_path):
    azerbaijan = Path(__file__).parents[2] / "examples" / "azerbaijan"
    assert run("layers", geodata=azerbaijan).exit_code == 0
    made = run("new", tmp_path / "new", "--country", "AZ", "--lang", "az")
    assert made.exit_code == 0, made.output
    assert "The texts in az are English" in made.stdout


def test_codes_of_languages_are_written_as_usual(run, tmp_path):
    folder = tmp_path / "a"
    assert run("new", folder, "--country", "RS", "--lang", "sr-latn,SR_CYRL,zh-Hant,PT_br").exit_code == 0
    assert Atlas.open(folder).languages == ["sr-Latn", "sr-Cyrl", "zh-Hant", "pt-BR"]
    for command in ("build", "render", "plot"):
        rest = [] if command == "build" else ["-o", tmp_path / {"render": "a.html", "plot": "a.svg"}[command]]
        assert run(command, *rest, geodata=folder).exit_code == 0
