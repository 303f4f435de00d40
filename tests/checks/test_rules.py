"""Each rule on the tiny atlas: silent as it is, and speaking on one bad change."""

import re
from copy import deepcopy

import pytest
from tests.checks import test_ground

from corridormap.atlas import Atlas
from corridormap.checks import RULES, Severity, check_atlas
from corridormap.checks.rule import RETIRED, AtlasRule, LayerRule
from corridormap.derive import write_layers
from corridormap.errors import DataError, InternalError, UsageError
from corridormap.start import lay_out


def validate(atlas, layers=None):
    """What is found, but that a layer that was changed is out of step: so it always is here."""
    return check_atlas(atlas, layers=layers, severity="warning", ignore=["CM517"]).findings


def codes(folder):
    return {finding.code for finding in validate(Atlas.open(folder))}


def test_the_tiny_atlas_is_clean(tiny):
    assert [str(finding) for finding in validate(Atlas.open(tiny))] == []


# code → the file changed and what is done to it. Layer files are changed after the build, facts before it is checked.
# That each is found, and in which words, test_messages.py proves.
BAD = {
    "CM102": ("layers/sights.geojson", lambda d: d["features"].clear()),
    "CM201": ("layers/sights.geojson", lambda d: d["features"][0].update(geometry=None)),
    "CM202": ("layers/border.geojson", lambda d: d["features"][0].update(geometry={"type": "Point", "coordinates": [-18, 64]})),
    "CM212": ("layers/border.geojson", lambda d: d["features"][0]["geometry"].update(coordinates=[[-18, 64], [-18, 64]])),
    "CM213": (
        "layers/links.geojson",
        lambda d: d["features"][0]["geometry"]["coordinates"].insert(1, d["features"][0]["geometry"]["coordinates"][0]),
    ),
    "CM134": ("layers/sights.geojson", lambda d: d["features"][0]["geometry"].update(coordinates=[])),
    "CM214": ("layers/links.geojson", lambda d: d["features"][0]["geometry"].update(coordinates=[[-20, 64], [-18, 64], [-19, 64]])),
    "CM216": ("layers/links.geojson", lambda d: d["features"][0]["geometry"].update(coordinates=[[-20, 64], [-18, 64], [-19, 64]])),
    "CM205": ("layers/links.geojson", lambda d: d["features"][0]["geometry"]["coordinates"].insert(1, [-18.1, 64.0])),
    "CM215": (
        "layers/links.geojson",
        lambda d: d["features"][0]["geometry"].update(coordinates=[[-20, 64], [-19, 64], [-19.5, 64.2], [-19.5, 63.9]]),
    ),
    "CM207": (
        "layers/links.geojson",
        lambda d: d["features"][0]["geometry"].update(coordinates=[[-20, 64], [-19, 64], [-19.0, 64.002], [-18, 64.002]]),
    ),
    "CM313": ("layers/sights.geojson", lambda d: d["features"][0]["geometry"].update(coordinates=[500000.0, 7100000.0])),
    "CM302": ("layers/sights.geojson", lambda d: d["features"][0]["geometry"].update(coordinates=[64.3, -20.3])),
    "CM517": ("layers/links.geojson", lambda d: d["features"][0]["properties"].update(refs="R2")),
    "CM137": ("layers/links.geojson", lambda d: d["features"][0]["properties"].update(id="road:west-middle")),
    "CM412": ("layers/corridors.geojson", lambda d: [f["properties"].pop("length_official_km") for f in d["features"]]),
    "CM411": ("layers/corridors.geojson", lambda d: d["features"][0]["properties"].update(length_km="98")),
    "CM415": ("layers/sights.geojson", lambda d: d["features"][0]["properties"].update(name_ru=None)),
    "CM405": ("layers/sights.geojson", lambda d: d["features"][0]["properties"].update(sources=None)),
    "CM406": ("layers/corridors.geojson", lambda d: d["features"][0]["properties"].update(mode="boat")),
    "CM407": ("layers/sights.geojson", lambda d: d["features"][0]["properties"].update(sources="survey;survey")),
    "CM414": ("layers/sights.geojson", lambda d: [f["properties"].update(date="2025-02-30") for f in d["features"]]),
    "CM413": ("layers/sights.geojson", lambda d: [f["properties"].update(photo_url="javascript:alert(1)") for f in d["features"]]),
    "CM501": ("layers/corridors.geojson", lambda d: d["features"].pop()),
    "CM502": ("network/links.geojson", lambda d: d["features"].pop(0)),
    "CM503": ("network/links.geojson", lambda d: d["features"][0]["geometry"]["coordinates"][-1].__setitem__(1, 64.001)),
    "CM504": ("network/links.geojson", lambda d: d["features"][1]["geometry"]["coordinates"][1].__setitem__(1, 62.9)),
    "CM510": ("layers/corridors.geojson", lambda d: d["features"][1]["properties"].update(length_published_reason_en=None)),
    "CM506": ("network/nodes.geojson", lambda d: d["features"][0]["properties"].update(source="nobody")),
    "CM507": ("network/nodes.geojson", lambda d: d["features"][3]["geometry"]["coordinates"].__setitem__(0, -18.05)),
}


BAD_TOML = {
    "CM505": ("corridors.toml", "km = 98.0", "km = 90.0"),
    "CM508": ("atlas.toml", 'title = { en = "Tiny atlas", ru = "Крошечный атлас" }', 'title = { en = "Tiny atlas" }'),
    "CM509": ("statements.toml", 'about = "south"', 'about = "north"'),
    "CM521": ("atlas.toml", 'en = "Made up for tests."', 'en = "Not filled in yet: the one line on this map is an example to replace."'),
    "CM522": ("sources.toml", 'url = "https://example.org/made-up"', 'licence = "ODbL-1.0"'),
    "CM519": ("corridors.toml", "km = 98.0", 'km = "98"'),
    "CM520": ("corridors.toml", "number = 1\n", "number = 1\nproperties = { length_km = 98.0 }\n"),
}


# code → the file that is added, and what it holds.
BAD_FILES = {"CM518": ("words/ru.json", "{}")}


@pytest.mark.parametrize("code", BAD_FILES)
def test_files_that_should_not_be_there_are_found(tiny, code):
    name, text = BAD_FILES[code]
    (tiny / name).parent.mkdir()
    (tiny / name).write_text(text, encoding="utf-8")
    assert codes(tiny) == {code}


@pytest.mark.parametrize("code", BAD_TOML)
def test_bad_facts_are_found(tiny, code):
    name, old, new = BAD_TOML[code]
    text = (tiny / name).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (tiny / name).write_text(text.replace(old, new), encoding="utf-8")
    assert codes(tiny) == {code}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "CM010"),
        (b"{", "CM004"),
        (b"\xff\xfe", "CM002"),
        (b'{"type":"FeatureCollection","features":[{}]}', "CM104"),
        (b'{"type":"FeatureCollection","features":[]}', "CM102"),
        (None, "CM001"),
    ],
)
def test_an_unreadable_layer_is_a_finding(tiny, content, code):
    path = tiny / "layers" / "sights.geojson"
    path.unlink() if content is None else path.write_bytes(content)
    found = {finding.code: finding for finding in validate(Atlas.open(tiny), layers=["sights"])}
    assert found[code].severity is Severity.ERROR


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "nan", "inf", "+NaN"])
def test_no_number_is_not_a_coordinate(tiny, number):
    path = tiny / "layers" / "sights.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace("-20.3", number), encoding="utf-8")
    found = {finding.code: finding for finding in validate(Atlas.open(tiny), layers=["sights"])}
    assert number in found["CM005"].message
    assert found["CM005"].line


@pytest.mark.parametrize("rule", RETIRED)
def test_a_rule_that_another_has_taken_in_is_named(tiny, rule):
    assert RETIRED[rule] in {known.code for known in RULES}
    with pytest.raises(UsageError, match=f"{rule} is {RETIRED[rule]} now"):
        check_atlas(Atlas.open(tiny), select=[rule])


def test_a_layer_is_checked_by_the_rules_of_any_file_too(tiny, edit):
    with edit(tiny / "layers" / "sights.geojson") as document:
        document["features"][0]["properties"]["building_en"] = "javascript:alert(1)"
    found = {finding.code: finding for finding in validate(Atlas.open(tiny), layers=["sights"])}
    assert found["CM413"].pointer == "/features/0/properties/building_en"
    assert found["CM413"].line


def test_a_name_given_twice_and_another_fault_are_both_told_with_their_places(tiny):
    path = tiny / "layers" / "sights.geojson"
    text = path.read_text(encoding="utf-8")
    sources = re.search(r'"sources": "[^"]+"', text)[0]
    text = text.replace(sources, '"sources": ""', 1).replace('"name_en": ', '"name_en": "again", "name_en": ', 1)
    path.write_text(text, encoding="utf-8")
    report = check_atlas(Atlas.open(tiny), layers=["sights"])
    found = {finding.code: finding for finding in report.findings}
    assert {"CM006", "CM405"} <= set(found)
    assert all(finding.line and finding.column for finding in report.findings)
    assert report.checked[0].features == 1


def test_a_fault_of_a_rule_is_told_as_ours(tiny, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("oh")

    (rule,) = (rule for rule in RULES if rule.code == "CM405")
    monkeypatch.setattr(type(rule), "check", fail)
    with pytest.raises(InternalError, match="rule CM405 failed: ZeroDivisionError: oh"):
        check_atlas(Atlas.open(tiny))


@pytest.mark.parametrize("name", ["corridors.toml", "sources.toml", "statements.toml", "network/nodes.geojson", "network/links.geojson"])
def test_facts_that_cannot_be_read_are_findings_about_them(tiny, name):
    (tiny / name).write_text("}", encoding="utf-8")
    found = validate(Atlas.open(tiny))
    of_facts = [finding for finding in found if finding.file == str(tiny / name)]
    assert [(finding.code, finding.line) for finding in of_facts] == [("CM519", 1)]
    assert found == of_facts
    for layer in Atlas.open(tiny).layers:
        validate(Atlas.open(tiny), layers=[layer.id])


@pytest.mark.parametrize("name", ["network/nodes.geojson", "network/links.geojson", "border/outline.geojson"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda f: f.pop("geometry"),
        lambda f: f.update(geometry=5),
        lambda f: f["geometry"].update(type=[]),
        lambda f: f["geometry"].update(coordinates=[]),
        lambda f: f.pop("properties"),
    ],
)
def test_facts_that_make_no_features_are_findings(tiny, edit, name, damage):
    with edit(tiny / name) as document:
        damage(document["features"][-1])
    assert any(finding.file == str(tiny / name) and finding.line for finding in validate(Atlas.open(tiny)))


def test_a_missing_facts_file_is_a_finding_not_an_end(tiny):
    (tiny / "network" / "links.geojson").unlink()
    (finding,) = validate(Atlas.open(tiny))
    assert (finding.code, finding.message, finding.file) == ("CM519", "no such file", str(tiny / "network" / "links.geojson"))


def test_a_finding_says_what_where_and_what_next(tiny, edit):
    with edit(tiny / "layers" / "sights.geojson") as document:
        document["features"][0]["geometry"]["coordinates"] = [64.3, -20.3]
    (finding,) = (finding for finding in validate(Atlas.open(tiny), layers=["sights"]) if finding.code == "CM302")
    text = str(finding)
    assert text.startswith(f"{tiny / 'layers' / 'sights.geojson'}, geyser at 64.30000, -20.30000: error CM302: ")
    assert "swapped axes" in text


def test_the_outline_of_the_country_is_read_once(tiny, monkeypatch):
    atlas, read = Atlas.open(tiny), []
    facts = Atlas.facts
    monkeypatch.setattr(Atlas, "facts", lambda self, path: read.append(path) or facts(self, path))
    assert validate(atlas) == []
    assert read.count(atlas.record.outline) == 1


def test_a_link_abroad_inside_the_country_is_found(tiny, edit):
    with edit(tiny / "network" / "links.geojson") as document:
        document["features"][0]["properties"]["country"] = "FO"
    assert "CM504" in codes(tiny)


def test_a_crossing_whose_links_do_not_change_country_is_found(tiny, edit):
    with edit(tiny / "network" / "links.geojson") as document:
        document["features"][2]["properties"]["country"] = "IS"
    found = [finding for finding in validate(Atlas.open(tiny)) if finding.code == "CM507"]
    assert [finding.feature for finding in found] == ["gate"]


def test_a_change_of_country_at_a_town_is_found(tiny, edit):
    with edit(tiny / "network" / "nodes.geojson") as document:
        document["features"][3]["properties"]["kind"] = "town"
    assert "CM507" in codes(tiny)


def test_a_crossing_placed_far_from_the_border_is_found(tiny, edit):
    with edit(tiny / "layers" / "crossings.geojson") as document:
        lost = document["features"][1]
        lost["geometry"] = {"type": "Point", "coordinates": [-20, 64]}
        lost["properties"]["accuracy_m"] = 10_000
    found = [finding for finding in validate(Atlas.open(tiny)) if finding.code == "CM507"]
    assert [finding.feature for finding in found] == ["lost"]


def test_a_property_left_out_is_found(tiny, edit):
    with edit(tiny / "layers" / "corridors.geojson") as document:
        del document["features"][0]["properties"]["status"]
    assert codes(tiny) == {"CM412"}


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("layers/corridors.geojson", lambda d: d["features"][1]["properties"].update(length_km=None)),
        ("layers/corridors.geojson", lambda d: d["features"][1]["properties"].update(length_published_source=["a"])),
        ("layers/corridors.geojson", lambda d: [f["properties"].update(mode=["road"]) for f in d["features"]]),
        ("layers/sights.geojson", lambda d: d["features"][0]["properties"].update(sources=5)),
        ("layers/links.geojson", lambda d: d["features"][0]["geometry"]["coordinates"][0].__setitem__(1, 1000)),
        ("network/links.geojson", lambda d: d["features"][0]["properties"].update(**{"from": ["a"]})),
        ("network/links.geojson", lambda d: d["features"][0]["properties"].update(**{"from": "nowhere"})),
        ("network/links.geojson", lambda d: d["features"][0]["properties"].update(accuracy_m="abc")),
        ("network/links.geojson", lambda d: d["features"][0]["properties"].update(status="closed")),
        ("network/nodes.geojson", lambda d: d["features"][0].update(geometry=None)),
        ("network/nodes.geojson", lambda d: d["features"][0]["properties"].update(country="nowhere")),
        ("border/outline.geojson", lambda d: d["features"][0].update(geometry=None)),
    ],
)
def test_data_of_the_wrong_shape_is_a_finding(tiny, edit, path, change):
    with edit(tiny / path) as document:
        change(document)
    assert validate(Atlas.open(tiny))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('planar_crs = "+proj=aea', 'planar_crs = "nonsense'),
        ('group = "points"', 'group = "nowhere"'),
        ('languages = ["en", "ru"]', 'languages = ["en", "en"]'),
        ('id = "sights"', 'id = "places"'),
        ("view = [-24.0, 63.0, -16.0, 65.0]", "view = [-24.0, 65.0, -16.0, 63.0]"),
    ],
)
def test_an_atlas_that_contradicts_itself_is_refused(tiny, old, new):
    text = (tiny / "atlas.toml").read_text(encoding="utf-8")
    assert old in text
    (tiny / "atlas.toml").write_text(text.replace(old, new), encoding="utf-8")
    if "planar_crs" in old:  # only a projection library can tell
        assert codes(tiny) == {"CM519"}
        return
    with pytest.raises(DataError, match=r"atlas\.toml"):
        Atlas.open(tiny)


def test_unlocated_features_are_allowed_only_where_the_layer_says_so(tiny):
    text = (tiny / "atlas.toml").read_text(encoding="utf-8")
    (tiny / "atlas.toml").write_text(text.replace("unlocated = true\n", ""), encoding="utf-8")
    assert codes(tiny) == {"CM201"}


def test_a_text_missing_in_one_language_is_found_on_any_property(tiny, edit):
    with edit(tiny / "points" / "sights.geojson") as document:
        document["features"][0]["properties"].update(position_en="on the hill", position_ru=None)
    write_layers(Atlas.open(tiny))
    found = validate(Atlas.open(tiny), layers=["sights"])
    assert [(finding.code, finding.feature) for finding in found] == [("CM415", None)]


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"date": "2025"}, None),
        ({"date": "2025-10"}, None),
        ({"date": "2025-10-09"}, None),
        ({"date": "9.10.2025"}, "CM414"),
        ({"date": "2025-13"}, "CM414"),
        ({"date": 2025.5}, "CM414"),
        ({"page_url": "https://example.org/a"}, None),
        ({"page_url": "ftp://example.org/a"}, "CM413"),
        ({"names_alt": "a; b"}, None),
        ({"names_alt": "a;b"}, "CM407"),
        ({"names_alt": "a; "}, "CM407"),
        ({"names_alt": "a; b; a"}, "CM407"),
        ({"corridors": "south"}, None),
        ({"corridors": "atlantis"}, "CM407"),
        ({"status": "open"}, None),
        ({"status": "closed"}, "CM406"),
        ({"length_published_kind": "rumour"}, "CM406"),
    ],
)
def test_dates_addresses_lists_and_vocabularies(tiny, edit, properties, code):
    with edit(tiny / "layers" / "sights.geojson") as document:
        for feature in document["features"]:
            feature["properties"].update(properties)
    assert codes(tiny) == ({code} if code else set())


def test_a_position_without_accuracy_is_found(tiny, edit):
    with edit(tiny / "layers" / "sights.geojson") as document:
        document["features"][0]["properties"]["accuracy_m"] = None
    assert codes(tiny) == {"CM405"}


@pytest.mark.parametrize(("language", "expected"), [("en", {"CM415", "CM510"}), ("ru", {"CM415"})])
def test_the_reason_for_another_length_stands_in_the_first_language(tiny, edit, language, expected):
    with edit(tiny / "layers" / "corridors.geojson") as document:
        document["features"][1]["properties"][f"length_published_reason_{language}"] = None
    assert codes(tiny) == expected


def test_an_official_length_without_a_source_is_found(tiny, edit):
    with edit(tiny / "layers" / "corridors.geojson") as document:
        document["features"][1]["properties"]["length_official_source"] = None
    assert codes(tiny) == {"CM510"}


def test_a_statement_about_a_feature_that_is_not_there_is_found(tiny):
    path = tiny / "statements.toml"
    path.write_text(path.read_text(encoding="utf-8") + 'features = ["geyser", "volcano"]\n', encoding="utf-8")
    found = validate(Atlas.open(tiny))
    assert [(finding.code, "volcano" in finding.message) for finding in found] == [("CM509", True)]


def test_every_rule_of_atlases_has_a_bad_case_here():
    of_atlases = [rule.code for rule in RULES if isinstance(rule, LayerRule | AtlasRule) or rule.on_layer is not None]
    assert set(of_atlases) <= {*BAD, *BAD_TOML, *BAD_FILES, *test_ground.BAD}


def test_an_atlas_across_the_180th_meridian_is_clean_and_has_an_extent(pacific, edit):
    assert [str(finding) for finding in validate(Atlas.open(pacific))] == []
    with edit(pacific / "layers" / "places.geojson") as document:
        document["features"][0]["geometry"]["coordinates"] = [-170.0, -19.7]
        document.pop("bbox")
    assert {finding.code for finding in validate(Atlas.open(pacific), layers=["places"])} == {"CM302"}


@pytest.mark.parametrize(("line", "told"), [([(178.9, -19.9), (181.1, -19.7)], "CM312"), ([(178.9, -19.9), (-178.9, -19.7)], "CM129")])
def test_a_link_across_the_180th_meridian_that_is_not_cut_is_no_error(pacific, edit, line, told):
    with edit(pacific / "network" / "links.geojson") as document:
        (link, _) = document["features"]
        link["properties"].update(id="sea:west-east", **{"from": "west", "to": "east"})
        link["geometry"]["coordinates"] = line
        document["features"] = [link]
    text = (pacific / "corridors.toml").read_text(encoding="utf-8")
    (pacific / "corridors.toml").write_text(text.replace('"west", "date-line", "east"', '"west", "east"'), encoding="utf-8")
    atlas = Atlas.open(pacific)
    write_layers(atlas)
    assert {(finding.code, str(finding.severity)) for finding in validate(Atlas.open(pacific))} == {(told, "warning")}
    assert atlas.layer("corridors")["length_km"].tolist() == pytest.approx([231.0], abs=1.0)


@pytest.mark.parametrize(
    ("change", "hint"),
    [(lambda line: line[::-1], "turn it round"), (lambda line: [vertex[::-1] for vertex in line], "Longitude comes first")],
)
def test_a_line_the_other_way_round_or_with_its_axes_swapped_is_one_fault(tiny, edit, change, hint):
    with edit(tiny / "network" / "links.geojson") as document:
        geometry = document["features"][0]["geometry"]
        geometry["coordinates"] = change(geometry["coordinates"])
    name = "road:west-middle"
    told = [finding for finding in validate(Atlas.open(tiny)) if finding.feature == name and finding.code.startswith("CM50")]
    assert [finding.code for finding in told] == ["CM503"]
    assert hint in told[0].hint


def test_a_source_that_the_facts_lack_is_not_told_of_the_layers_again(tiny, edit):
    with edit(tiny / "network" / "links.geojson") as document:
        document["features"][0]["properties"]["source"] = "nobody"
    write_layers(Atlas.open(tiny))
    told = [finding for finding in validate(Atlas.open(tiny)) if finding.code == "CM506"]
    assert [finding.file for finding in told] == [str(tiny / "network" / "links.geojson")]
    with edit(tiny / "layers" / "links.geojson") as document:
        document["features"][1]["properties"]["sources"] = "another"
    assert sum(finding.code == "CM506" for finding in validate(Atlas.open(tiny))) == 2


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("network/nodes.geojson", "names_source", "made-up; nobody"),
        ("network/links.geojson", "tracks_source", "nobody"),
        ("points/crossings.geojson", "sources", "nobody; made-up"),
        ("border/border.geojson", "source", "made-up; nobody"),
    ],
)
def test_every_column_of_sources_is_looked_at_where_it_stands(tiny, edit, name, column, value):
    with edit(tiny / name) as document:
        document["features"][0]["properties"][column] = value
    write_layers(Atlas.open(tiny))
    told = [finding for finding in validate(Atlas.open(tiny)) if finding.code == "CM506"]
    assert [(finding.file, finding.message) for finding in told] == [(str(tiny / name), "names no source: 'nobody'")]


def test_of_a_node_that_is_given_twice_nothing_else_is_told(tiny, edit):
    with edit(tiny / "network" / "nodes.geojson") as document:
        again = deepcopy(document["features"][0])
        again["geometry"]["coordinates"][0] += 0.5
        document["features"].insert(0, again)
    told = [finding for finding in validate(Atlas.open(tiny)) if finding.severity == "error"]
    assert [(finding.code, finding.message) for finding in told] == [
        ("CM519", f"id {again['properties']['id']!r} is given twice, first in line 1")
    ]


def test_where_fields_are_wrong_links_out_of_their_country_are_told_all_the_same(tiny, edit):
    with edit(tiny / "network" / "links.geojson") as document:
        document["features"][0]["properties"]["status"] = "shut"
        document["features"][1]["geometry"]["coordinates"][1][1] = 62.9
    assert {"CM504", "CM519"} <= codes(tiny)


@pytest.mark.parametrize(("layers", "told"), [("CC-BY-4.0", set()), ("CC-BY-NC-4.0", {"CM522"}), ("CC-BY-ND-4.0", {"CM522"})])
def test_what_the_licence_of_a_source_bars_its_layers_bar(tiny, layers, told):
    """The layers are under CC BY, the source is named."""
    text = (tiny / "sources.toml").read_text(encoding="utf-8")
    (tiny / "sources.toml").write_text(text.replace('url = "https://example.org/made-up"', f'licence = "{layers}"'), encoding="utf-8")
    text = (tiny / "atlas.toml").read_text(encoding="utf-8")
    text = re.sub('licence = ".*"', 'licence = "CC-BY-4.0"', text)
    text = re.sub("(?m)^attribution = .*", 'attribution = { en = "corridormap", ru = "corridormap" }', text)
    (tiny / "atlas.toml").write_text(text, encoding="utf-8")
    write_layers(Atlas.open(tiny))
    assert codes(tiny) == told


def test_english_that_is_left_of_a_new_atlas_is_told_in_each_place(tmp_path):
    lay_out(tmp_path / "new", countries=["GE"], languages=["ka", "en", "ru"])
    write_layers(Atlas.open(tmp_path / "new"))
    told = [finding for finding in validate(Atlas.open(tmp_path / "new")) if finding.code == "CM521"]
    assert {finding.message for finding in told if finding.feature != "description"} == {"is still that of a new atlas, in English, in ka"}
    assert len(told) == 10
    assert len({finding.line for finding in told}) == 10
