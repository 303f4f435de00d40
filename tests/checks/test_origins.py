"""What is found in a built layer is told of the facts it stems from, with its place there."""

import pytest

from corridormap.atlas import Atlas
from corridormap.checks import check_atlas, check_files
from corridormap.derive import write_layers

BY_KIND = 'style = { by = "kind", symbol = { colour = "#444444" }, values.town = { colour = "#444444" } }'


def change_toml(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def told(folder, code, **options):
    """Say where a rule found something, and what stands there in the text of the file."""
    found = []
    for finding in check_atlas(Atlas.open(folder), select=[code], **options).findings:
        name = finding.file.removeprefix(f"{folder}/")
        line = (folder / name).read_text(encoding="utf-8").splitlines()[finding.line - 1]
        found.append((name, finding.feature, finding.pointer, line[finding.column - 1 :].partition(":")[0].partition(" ")[0]))
    return found


@pytest.mark.parametrize(
    ("code", "file", "change", "pointer"),
    [
        ("CM413", "points/sights.geojson", lambda d: d["features"][0]["properties"].update(photo_url="ftp://a"), "properties/photo_url"),
        ("CM407", "points/sights.geojson", lambda d: d["features"][0]["properties"].update(sources="a;b"), "properties/sources"),
        ("CM414", "border/border.geojson", lambda d: d["features"][0]["properties"].update(date="1.2.03"), "properties/date"),
        ("CM406", "network/nodes.geojson", lambda d: d["features"][1]["properties"].update(kind="twon"), "properties/kind"),
        ("CM407", "border/border.geojson", lambda d: d["features"][0]["properties"].update(source="a;b"), "properties/source"),
        ("CM302", "points/sights.geojson", lambda d: d["features"][0]["geometry"].update(coordinates=[1, 2]), "geometry/coordinates"),
        (
            "CM205",
            "network/links.geojson",
            lambda d: d["features"][0]["geometry"]["coordinates"].insert(1, [-23, 64.1]),
            "geometry/coordinates/1",
        ),
    ],
)
def test_a_fault_of_a_feature_is_told_of_its_file(tiny, edit, code, file, change, pointer):
    change_toml(tiny / "atlas.toml", 'style = { symbol = { colour = "#444444", shape = "circle", size = 6.0 } }', BY_KIND)
    with edit(tiny / "network/nodes.geojson") as nodes:
        for node in nodes["features"]:
            node["properties"]["kind"] = node["properties"]["kind"].replace("port", "town")
    with edit(tiny / file) as document:
        change(document)
        names = [feature["properties"]["id"] for feature in document["features"]]
    write_layers(Atlas.open(tiny))
    ((name, feature, where, text),) = told(tiny, code)
    assert name == file
    assert where == f"/features/{names.index(feature)}/{pointer}"
    assert text == f'"{pointer.split("/")[0 if pointer.startswith("geometry") else 1]}"'


def test_the_place_of_a_crossing_is_told_of_its_node_and_the_rest_of_its_row(tiny, edit):
    change_toml(tiny / "atlas.toml", "extent = [-25.0, ", "extent = [-18.5, ")
    with edit(tiny / "points/crossings.geojson") as document:
        document["features"][0]["properties"]["status"] = "shut"
    write_layers(Atlas.open(tiny))
    change_toml(tiny / "atlas.toml", "extent = [-18.5, ", "extent = [-17.5, ")
    (crossing,) = [found for found in told(tiny, "CM302", layers=["crossings"]) if found[1] == "gate"]
    assert crossing[0] == "network/nodes.geojson"
    assert [(name, feature) for name, feature, *_ in told(tiny, "CM406")] == [("points/crossings.geojson", "gate")]


def test_a_fault_of_an_itinerary_is_told_of_its_record(tiny):
    change_toml(tiny / "corridors.toml", "number = 1\n", 'number = 1\nproperties = { photo_url = "ftp://a", old_source = "nobody" }\n')
    write_layers(Atlas.open(tiny))
    assert told(tiny, "CM413") == [("corridors.toml", "south", None, "properties")]
    assert told(tiny, "CM506") == [("corridors.toml", "south", None, "id")]


def test_a_fault_of_a_layer_as_a_whole_is_told_of_its_file_of_facts(tiny):
    change_toml(
        tiny / "atlas.toml", 'style = { symbol = { colour = "#a8790a"', 'required = ["height_m"]\nstyle = { symbol = { colour = "#a8790a"'
    )
    change_toml(tiny / "atlas.toml", "expect = { road = 2 }", "expect = { road = 3 }")
    write_layers(Atlas.open(tiny))
    assert [name for name, *_ in told(tiny, "CM412")] == ["points/sights.geojson"]
    assert [name for name, *_ in told(tiny, "CM501")] == ["corridors.toml"]


def test_what_is_not_as_the_facts_give_it_is_told_of_the_layer(tiny, edit):
    with edit(tiny / "layers/sights.geojson") as document:
        document["features"][0]["properties"]["accuracy_m"] = None
    assert [name for name, *_ in told(tiny, "CM405")] == ["layers/sights.geojson"]
    (tiny / "network/nodes.geojson").write_text("}", encoding="utf-8")  # no layers can be made
    assert [name for name, *_ in told(tiny, "CM405")] == ["layers/sights.geojson"]


def test_what_is_ignored_in_the_facts_is_not_told_of_them_and_what_is_not_listed_is_counted_there(tiny, edit):
    with edit(tiny / "points/sights.geojson") as document:
        first = document["features"][0]
        first["properties"]["photo_url"] = "ftp://a"
        document["features"] += [{**first, "properties": {**first["properties"], "id": f"geyser-{number}"}} for number in range(3)]
    write_layers(Atlas.open(tiny))
    report = check_files([tiny / "layers/sights.geojson"], select=["CM413"], max_findings=1)
    assert [finding.file for finding in report.findings] == [str(tiny / "points/sights.geojson")]
    assert dict(report.more) == {(str(tiny / "points/sights.geojson"), "CM413"): 3}
    path = tiny / "atlas.toml"
    path.write_text(path.read_text(encoding="utf-8") + '\n[validate]\nper-file-ignores = { "points/*" = ["CM413"] }\n', encoding="utf-8")
    assert told(tiny, "CM413") == []


def test_what_is_told_of_facts_is_not_told_of_them_again_by_their_layer(tiny):
    text = (tiny / "corridors.toml").read_text(encoding="utf-8")
    reason = next(line for line in text.splitlines() if line.startswith("reason"))
    change_toml(tiny / "corridors.toml", f"{reason}\n", "")
    write_layers(Atlas.open(tiny))
    assert [finding.code for finding in check_atlas(Atlas.open(tiny), select=["CM505", "CM510"]).findings] == ["CM505"]
    assert [name for name, *_ in told(tiny, "CM510")] == ["corridors.toml"]
