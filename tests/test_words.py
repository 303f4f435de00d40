"""The store of words: complete, used, said once, and written by one rule."""

from __future__ import annotations

import json
import re
import string
from pathlib import Path

import pytest

import corridormap
from corridormap import words
from corridormap.atlas import Atlas
from corridormap.errors import DataError
from corridormap.words.catalogues import UNASKED

ROOT = Path(corridormap.__file__).parent
LANGUAGES = ("en", "ru", "kk")
ENGLISH_ONLY = {"descriptions", "report"}
"""Sections for readers of data packages and of findings, which are in English."""


def catalogue(lang):
    return json.loads((ROOT / "words" / f"{lang}.json").read_text(encoding="utf-8"))


def flat(lang):
    return {f"{section}.{key}": text for section, table in catalogue(lang).items() for key, text in table.items()}


def blanks(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_one_catalogue_a_language():
    assert sorted(path.stem for path in (ROOT / "words").glob("*.json")) == sorted(LANGUAGES)
    assert [path for path in ROOT.rglob("locales") if "node_modules" not in path.parts] == []


@pytest.mark.parametrize("lang", ["ru", "kk"])
def test_nothing_is_missing(lang):
    ours, english = catalogue(lang), catalogue("en")
    assert english.keys() - ours.keys() == ENGLISH_ONLY
    for section, table in ours.items():
        # Browsers know no names of countries in Kazakh.
        extra = {key for key in table.keys() - english[section].keys() if not key.startswith("country.")}
        assert not extra
        assert not english[section].keys() - table.keys()
        for key, text in english[section].items():
            assert table[key].strip() or key == "thousands", key
            assert blanks(table[key]) == blanks(text), key
    for key in ("months", "months_of_day"):
        assert len(ours["page"][key].split()) == 12


def test_nothing_is_said_twice():
    tables = [flat(lang) for lang in LANGUAGES]
    by_text = {}
    for key in tables[0]:
        if key.split(".")[0] in ENGLISH_ONLY:
            continue
        by_text.setdefault(tuple(table.get(key) for table in tables), []).append(key)
    assert [keys for keys in by_text.values() if len(keys) > 1] == []


def sources(*suffixes):
    paths = [path for path in ROOT.rglob("*") if path.suffix in suffixes and not {"node_modules", "test", "bundle"} & set(path.parts)]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def test_every_word_is_used():
    text = sources(".py", ".ts")
    quoted = set(re.findall(r"""(?:["']|\?\.)([a-z_]+(?:\.[a-z_]+)*)\b""", text))
    begun = tuple(set(re.findall(r"""[`"']((?:[a-z_]+[._])+)\$?\{""", text)))
    fields = set(words.CODES)
    for section in ("shared", "page", "still", "print", "gis", "export"):
        for key in catalogue("en")[section]:
            stem = key.split(".")[0]
            known = {key, f"{section}.{key}"} & quoted or f"{section}.{key}".startswith(begun) or key.startswith(begun)
            assert known or stem in fields, f"{section}.{key}"
    for key in catalogue("en")["report"]:
        assert key in quoted or f"{key.split('.')[0]}." in begun, key


def test_every_word_the_page_asks_for_exists():
    english = catalogue("en")
    known = {**english["shared"], **english["page"], **english["thinned"], **{f"field.{key}": "" for key in english["labels"]}}
    text = sources(".ts")
    asked = set(re.findall(r'\b(?:t|has|inEveryLanguage)\("([a-z_.]+)"', text))
    assert len(asked) > 50
    assert asked <= known.keys()
    assert set(re.findall(r'\bword\("([a-z_.]+)"', text)) <= english["report"].keys()


def test_a_language_without_a_catalogue_falls_back():
    assert words.say("legend", lang="de") == "Legend"
    assert words.say("gis.unlocated", lang="ru", title="А") == "А: положение не опубликовано"
    with pytest.raises(KeyError):
        words.say("gis.nothing", lang="en")
    assert all(texts.keys() == {"en"} for texts in words.page(["de"], columns=[]).values())
    assert words.label("gauge_mm", lang="en") == "gauge_mm"
    assert words.label("name_de", lang="de", languages=("en", "de")) == "Name"
    assert words.label("name_de", lang="en", languages=("en", "de")) == "Name (de)"
    assert words.description("gauge_mm") is None
    assert words.meanings("mode", lang="ru")["rail"] == "Железная дорога"
    assert words.meanings("note", lang="ru") == {}


@pytest.mark.parametrize(
    ("value", "digits", "english", "russian"),
    [
        (0, 0, "0", "0"),
        (1234, 0, "1,234", "1\u202f234"),
        (7591.4, 1, "7,591.4", "7\u202f591,4"),
        (7591.0, 1, "7,591", "7\u202f591"),
        (1_234_567.25, 2, "1,234,567.25", "1\u202f234\u202f567,25"),
        (298.5, 0, "299", "299"),  # as in the page, where halves go up
        (1e300, 0, f"{10**300:,}", f"{10**300:,}".replace(",", "\u202f")),
    ],
)
def test_numbers(value, digits, english, russian):
    assert words.number(value, lang="en", digits=digits) == english
    assert words.number(value, lang="ru", digits=digits) == russian
    assert words.number(value, lang="kk", digits=digits) == russian


def test_distances():
    assert words.distance(300, lang="kk") == "300 м"
    assert words.distance(1500, lang="ru") == "1,5 км"
    assert words.distance(2_000_000, lang="en") == "2,000 km"


def texts_of(value):
    """Every text for readers in a record of the atlas, by language."""
    if isinstance(value, dict):
        if value and value.keys() <= set(LANGUAGES):
            yield from value.items()
        for item in value.values():
            yield from texts_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item)


def written(atlas):
    import msgspec

    for lang in LANGUAGES:
        yield from ((lang, text) for text in flat(lang).values())
    for record in (atlas.record, *atlas.statements.values(), *atlas.itineraries.values()):
        yield from texts_of(msgspec.to_builtins(record))
    for layer in atlas.layers:
        frame = atlas.layer(layer.id)
        for lang in LANGUAGES:
            for column in frame.columns:
                if column.endswith(f"_{lang}"):
                    yield from ((lang, text) for text in frame[column] if isinstance(text, str))


WRONG = {
    "thousands": re.compile(r"(?<![\d.,])\d{1,3}(?:[ \u00a0]\d{3})+(?!\d)"),
    "no-break space before %": re.compile(r"\d[^\S\u00a0]?%"),
    "en dash": re.compile(r"—|(?<![\w-])(?<!ISO )\d+(?:-|\s-\s)\d+(?![\w-])"),
    "comma for decimals": re.compile(r"(?<![\d.])(?<!BY )\d+\.\d+(?![\d.])"),
}


@pytest.mark.parametrize("rule", WRONG)
def test_rules_of_writing(atlas, rule):
    found = [
        (lang, text) for lang, text in written(atlas) if WRONG[rule].search(text) and not (lang == "en" and rule == "comma for decimals")
    ]
    assert found == []


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        ("thousands", "7 591 км", "7\u202f591 км"),
        ("no-break space before %", "85% и 6 %", "85\u00a0%"),
        ("en dash", "2020-2025", "2020–2025; 2026-10-01; ISO 3166-1"),
        ("comma for decimals", "1.5 км", "1,5 км; 1.10.2026"),
    ],
)
def test_the_rules_see_what_is_wrong(rule, bad, good):
    assert WRONG[rule].search(bad)
    assert not WRONG[rule].search(good)


@pytest.fixture
def brought(tmp_path):
    """A folder of an atlas, with a function that writes a catalogue into it; afterwards no atlas brings any."""

    def write(lang, text):
        (tmp_path / "words").mkdir(exist_ok=True)
        path = tmp_path / "words" / f"{lang}.json"
        path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return path

    write.folder = tmp_path
    yield write
    words.bring(tmp_path, [])


def test_an_atlas_brings_a_language(brought):
    german = {
        section: {key: f"{text}." if " " in text else text for key, text in table.items()}
        for section, table in catalogue("en").items()
        if section not in UNASKED
    }
    german["shared"] |= {"legend": "Legende", "thousands": ".", "decimal": ",", "country.IS": "Island"}
    german["page"] |= {"language_name": "Deutsch", "zoom_in": "Näher"}
    german["languages"] = {"en": "englisch"}
    german["labels"] |= {"berths": "Liegeplätze"}
    brought("de", german)
    words.bring(brought.folder, ["en", "de"])
    assert list(words.shortcomings(brought.folder, ["en", "de"])) == []
    assert words.say("legend", lang="de") == "Legende"
    assert words.number(7591.4, lang="de", digits=1) == "7.591,4"
    assert words.page(["en", "de"], columns=["berths"])["zoom_in"] == {"en": "Zoom in", "de": "Näher"}
    assert words.page(["en", "de"], columns=["berths"])["field.berths"] == {"de": "Liegeplätze"}
    assert words.page(["en", "de"], columns=[])["country.IS"] == {"de": "Island"}
    assert words.label("name_en", lang="de", languages=("en", "de")) == "Name (englisch)"
    assert words.label("name_de", lang="en", languages=("en", "de")) == "Name (Deutsch)"
    # What only English has stays there; another atlas does not speak it.
    assert words.description("id", lang="de") is None
    words.bring(brought.folder, ["en"])
    assert words.say("legend", lang="de") == "Legend"


def test_sentences_that_are_still_english_are_told(brought):
    english = {section: table for section, table in catalogue("en").items() if section not in UNASKED}
    brought("fr", english | {"languages": {"en": "anglais"}})
    ((_, message),) = words.shortcomings(brought.folder, ["en", "fr"])
    assert " texts still in English: " in message
    assert "shared.km" not in message


def test_what_an_atlas_does_not_translate_is_said_and_english(brought):
    said = {"shared": {"legend": "Légende", "km": "km", "legende": "?"}, "page": {"zoom_in": " "}}
    path = brought("fr", said)
    brought("ru", {"shared": {"legend": "Моя легенда"}})
    brought("it", {})
    words.bring(brought.folder, ["en", "ru", "fr", "de"])
    found = [(file.name, message) for file, message in words.shortcomings(brought.folder, ["en", "ru", "fr", "de"])]
    needed = sum(len(table) for section, table in catalogue("en").items() if section not in {*UNASKED, "languages"})
    lacking, blank, vain, missing, italian, russian = found
    assert lacking[0] == path.name
    assert lacking[1].startswith(f"{needed - 2 + 3} texts lacking, and said in English: ")
    assert lacking[1].endswith(f" and {needed - 2 + 3 - 10} more")
    assert len(lacking[1].partition(": ")[2].split(", ")) == 10
    assert blank == ("fr.json", "1 text with other blanks than the English text, which is used: shared.km")
    assert vain == ("fr.json", "1 text that nothing uses: shared.legende")
    assert missing == ("de.json", "there are no words in 'de': the page, print and exports say theirs in English")
    assert italian == ("it.json", "is not read: 'it' is no language of the atlas")
    assert russian == ("ru.json", "is not read: the package has its own words in 'ru'")
    assert words.say("legend", lang="fr") == "Légende"
    assert words.say("legend", lang="ru") == "Условные знаки"
    assert words.distance(1500, lang="fr") == "1.5 km"
    assert words.say("page.zoom_in", lang="fr") == "Zoom in"


@pytest.mark.parametrize(
    ("text", "what", "place"),
    [
        ('{"shared": {"legend": }}', "is not JSON", "line 1, column 23"),
        ("[]", "must be an object of sections", ""),
        ("[" * 100_000, "too deep", ""),
        ('{"shared": []}', "must be an object of texts", "shared"),
        ('{"shared": {"legend": 3}}', "must be a text", "shared.legend"),
        ('{"shared": {"m": "a", "m": "b"}}', "a key is given twice", "m"),
        ('{"shared": {"legend": "\\ud800"}}', "cannot be shown", "shared.legend"),
        ('{"shared": {"legend": "\\u0000"}}', "cannot be shown", "shared.legend"),
        ('{"shared": {"number_locales": "de_DE"}}', "codes of languages", "shared.number_locales"),
        ('{"page": {"months": "Januar Februar"}}', "twelve words, not 2", "page.months"),
    ],
)
def test_a_broken_catalogue_is_named_with_its_place(brought, text, what, place):
    path = brought("de", text)
    with pytest.raises(DataError) as error:
        words.bring(brought.folder, ["en", "de"])
    assert what in error.value.what
    assert error.value.where == (f"{path}, {place}" if place else str(path))


@pytest.mark.parametrize("folder", ["geodata", "examples/azerbaijan", "tests/tiny_atlas"])
def test_the_units_of_statements_have_names_in_every_language(folder):
    atlas = Atlas.open(Path(__file__).parents[1] / folder)
    units = {statement.unit for statement in atlas.statements.values()} - {None}
    for lang in atlas.languages:
        assert units - {"km"} <= words.catalogue(lang)["units"].keys(), lang
    assert words.unit("km", lang="ru") == "км"
    assert words.unit("trains a day", lang="kk") == "тәулігіне пойыз"
    assert words.unit("TEU", lang="ru") == "TEU"
