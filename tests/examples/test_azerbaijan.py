"""The example atlas: sound, as long as its track, in the languages it brings, and with no word of the atlas the package comes with."""

import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from corridormap import measure, words
from corridormap.atlas import Atlas
from corridormap.checks import check_atlas
from corridormap.derive import stale_layers

FOLDER = Path(__file__).parents[2] / "examples" / "azerbaijan"

KAZAKHSTAN = re.compile(
    r"kazak|qazaq|qazax[ıi]stan|казах|қаза|almat|алмат|astana|астана|aktau|актау|ақтау|dostyk|достык|zhezkazgan|жезказган"
    r"|(?<=[\"'>=_/])(?:KZ|KAZ|kk|kk_KZ|kk-KZ)(?=[\"'<;,/])",
    re.IGNORECASE,
)
EXTRACT = Path(__file__).parents[3] / "shared" / "reference" / "osm" / "azerbaijan-rail.osm.pbf"
READABLE = {"qgis": "", "gpkg": ".gpkg", "geojson": "", "kml": ".kml", "shapefile": "", "csv": "", "topojson": ".topojson", "svg": ".svg"}
"""The formats whose texts can be read without a library of theirs, and how the name of a file or folder ends."""
KAZAKH_LETTERS = re.compile("[әғқңөұүһі]", re.IGNORECASE)
SCRIPT = re.compile(r"<script(?! type=\"application/json\")[^>]*>.*?</script>", re.DOTALL)


@pytest.fixture(scope="module")
def azerbaijan():
    return Atlas.open(FOLDER)


def texts(name, content):
    """Every text in a file, opened as what it is: an archive, a database, or text."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                yield f"{name}/{inner}", inner
                yield from texts(f"{name}/{inner}", archive.read(inner))
    elif content.startswith(b"SQLite"):
        with closing(sqlite3.connect(":memory:")) as base:
            base.deserialize(content)
            for (table,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                for row in base.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  a table that the file itself names
                    for value in row:
                        if isinstance(value, bytes):
                            yield from texts(f"{name}/{table}", value)
                        elif isinstance(value, str):
                            yield f"{name}/{table}", value
    else:
        yield name, content.decode("utf-8", "replace")


def leaks(folder):
    """Words of Kazakhstan in the files of a folder, each with its place. Of scripts, whose search knows letters of many languages, words alone count."""
    for path in sorted(folder.rglob("*")):
        for name, text in texts(path.name, path.read_bytes()) if path.is_file() else ():
            for pattern, where in ((KAZAKHSTAN, text), (KAZAKH_LETTERS, SCRIPT.sub("", text))):
                for match in pattern.finditer(where):
                    yield f"{name}: {where[max(match.start() - 30, 0) : match.end() + 30]!r}"


def test_it_is_sound_and_in_step(azerbaijan):
    assert [str(finding) for finding in check_atlas(azerbaijan, severity="warning").findings] == []
    assert list(stale_layers(azerbaijan)) == []


def test_the_lines_are_as_long_as_the_track(azerbaijan):
    """Baku – Böyük Kəsik is about 498 km of track in OpenStreetMap; thinning by 10 m shortens it by little."""
    corridors = azerbaijan.layer("corridors").set_index("id")
    assert corridors.loc["middle-corridor", "length_main_km"] == pytest.approx(498, abs=1.5)
    # What is shown is the network's: the sum of its links on the way, and never shorter than the straight line between Baku and Böyük Kəsik.
    lock = json.loads((FOLDER / "network" / "trace.lock.json").read_text(encoding="utf-8"))
    main = [step.id for step in azerbaijan.route("middle-corridor")[0]]
    assert sum(lock[link]["metres"] for link in main) / 1000 == pytest.approx(498.4, abs=0.1)
    lengths = azerbaijan.layer("network_links").set_index("id")["length_km"]
    for link, traced in lock.items():
        assert lengths[link] == pytest.approx(traced["metres"] / 1000, rel=0.005), link


def test_both_corridors_pass_their_places_and_the_port(azerbaijan):
    routes = azerbaijan.layer("corridors").set_index("id")["route_az"]
    assert routes["middle-corridor"].startswith("Bakı – Biləcəri – ")
    assert "Böyük Kəsik" in routes["middle-corridor"]
    assert routes["north-south-west"].startswith("Yalama – Xudat – ")
    assert routes["north-south-west"].endswith("Lənkəran – Astara")
    assert "rail:alat-alat-port" in azerbaijan.itineraries_of_links(["middle-corridor"])


def test_its_words_are_azerbaijani_and_complete(azerbaijan):
    catalogue = json.loads((FOLDER / "words" / "az.json").read_text(encoding="utf-8"))
    assert list(words.shortcomings(azerbaijan.folder, azerbaijan.languages)) == []
    said = words.page(azerbaijan.languages, columns=azerbaijan.layer("corridors").columns)
    plain = {key: {lang: re.sub(r"\{\w+\}|\W", "", text) for lang, text in texts.items()} for key, texts in said.items()}
    assert {key for key, texts in plain.items() if len(texts.get("az", "")) > 3 and texts["az"] == texts.get("en")} == set()
    letters = set("".join(text for table in catalogue.values() for text in table.values()).casefold())
    assert set("əğıöüçş") <= letters
    assert not re.search("[\u0400-\u04ff]", "".join(letters))
    assert words.number(7591.4, lang="az", digits=1) == "7.591,4"
    assert words.label("name_az", lang="en", languages=("az", "en")) == "Name (Azərbaycanca)"


@pytest.mark.parametrize("lang", ["az", "en", "ru"])
@pytest.mark.slow
def test_no_word_of_kazakhstan_leaves_the_engine(run, tmp_path, lang):
    for command in (
        ("render", "--lang", lang, "-o", tmp_path / "index.html"),
        ("plot", "--lang", lang, "-o", tmp_path / "sheet.svg"),
        *(("export", what, "--lang", lang, "-o", tmp_path / f"{what}{suffix}") for what, suffix in READABLE.items()),
    ):
        result = run(*command, geodata=FOLDER)
        assert result.exit_code == 0, f"{command}: {result.output}"
        assert "English" not in result.stderr
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) > 20
    assert list(leaks(tmp_path)) == []


def test_a_leak_is_seen(tmp_path):
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as base, base:
        base.execute("CREATE TABLE notes (text)")
        base.execute("INSERT INTO notes VALUES ('Republic of Kazakhstan')")
    with zipfile.ZipFile(tmp_path / "a.qgz", "w") as archive:
        archive.writestr("a.qgs", "<language>KAZ</language>")
    (tmp_path / "a.html").write_text('<p>Жол</p><script>"өңү"</script><script type="application/json">"Қала"</script>', encoding="utf-8")
    assert len(list(leaks(tmp_path))) == 3


def test_it_carries_nothing_but_traced_lines(azerbaijan):
    """Each link has its ways in the lock, its accuracy and its licence; nothing is drawn by hand."""
    links = azerbaijan.links
    lock = json.loads((FOLDER / "network" / "trace.lock.json").read_text(encoding="utf-8"))
    assert set(lock) == set(links.index)
    assert {one["tolerance_m"] for one in lock.values()} == {10.0}
    assert set(links["accuracy_m"]) == {20.0}
    assert all("ODbL" in azerbaijan.sources[source].licence for source in set(links["source"]))
    assert "OpenStreetMap" in azerbaijan.record.attribution["az"]


@pytest.mark.skipif(not EXTRACT.exists(), reason="needs the extract of Azerbaijan beside the checkout")
@pytest.mark.slow
def test_tracing_it_again_changes_nothing(run):
    result = run("trace", EXTRACT, "--check", geodata=FOLDER)
    assert result.exit_code == 0, result.output
    assert "would change" not in result.output


def test_where_no_corridor_has_a_number_all_are_meant(azerbaijan):
    track = measure.shared_track(atlas=azerbaijan)
    used = {link for name in azerbaijan.itineraries for way in azerbaijan.route(name) for link in [step.id for step in way]}
    assert set(track.loc[track["count"] > 0, "link"]) == used
    assert set(measure.shared_matrix(atlas=azerbaijan).index) == set(azerbaijan.itineraries)
