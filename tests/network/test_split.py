"""A link is split, and what names it goes along."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest
import shapely

from corridormap.atlas import Atlas
from corridormap.checks import check_atlas
from corridormap.derive import write_layers
from corridormap.errors import DataError, UsageError, WriteError
from corridormap.geodesic import lengths_km
from corridormap.network.split import split_link
from corridormap.trace.lock import read_lock

NAMES = {"en": "Halfway", "ru": "На полпути"}
HALFWAY = (-21.5, 64.125)


def split(folder, link="road:west-middle", *, at=HALFWAY, node="halfway", names=NAMES, **how):
    return split_link(Atlas.open(folder), link, at=at, node=node, names=names, **how)


def features(folder, name):
    document = json.loads((folder / "network" / f"{name}.geojson").read_text(encoding="utf-8"))
    return {feature["properties"]["id"]: feature for feature in document["features"]}


def lengths(folder):
    return Atlas.open(folder).layer("corridors").set_index("id")[["length_km", "length_main_km", "length_abroad_km"]]


def test_a_split_changes_no_length_and_carries_the_itineraries(tiny):
    before, old, was = lengths(tiny), features(tiny, "links"), Atlas.open(tiny).links.geometry["road:west-middle"]
    done = split(tiny)
    done.write()
    now = features(tiny, "links")
    one, other = (now[name] for name in ("road:west-halfway", "road:halfway-middle"))
    assert {name: now[name] for name in old if name in now} == {name: old[name] for name in old if name != "road:west-middle"}
    for part, start, end in ((one, "west", "halfway"), (other, "halfway", "middle")):
        ends = {"id": f"road:{start}-{end}", "from": start, "to": end}
        assert part["properties"] == old["road:west-middle"]["properties"] | ends
    whole = one["geometry"]["coordinates"] + other["geometry"]["coordinates"][1:]
    assert [tuple(vertex) for vertex in whole if tuple(vertex) in was.coords] == list(was.coords)
    assert sum(done.km) == pytest.approx(float(lengths_km([was])[0]), abs=0.001)
    node = features(tiny, "nodes")["halfway"]
    assert node["geometry"]["coordinates"] == one["geometry"]["coordinates"][-1] == [done.lon, done.lat]
    told = {"name_en": "Halfway", "name_ru": "На полпути", "kind": "junction", "country": "IS", "accuracy_m": 200, "source": "made-up"}
    assert node["properties"] == {"id": "halfway", **told}
    atlas = Atlas.open(tiny)
    assert atlas.itineraries["south"].ways[0].nodes == ["west", "halfway", "middle", "gate", "east"]
    assert atlas.itineraries["coast"].ways[0].nodes == ["south", "middle", "halfway", "west"]
    assert "# Travelled against the links' own direction" in (tiny / "corridors.toml").read_text(encoding="utf-8")
    assert done.carried == ["corridors.toml: south", "corridors.toml: coast"]
    write_layers(atlas)
    assert (lengths(tiny) == before).all(axis=None)
    assert not {finding.code for finding in check_atlas(Atlas.open(tiny)).findings} & {"CM500", "CM501", "CM502", "CM503"}


def test_long_segments_are_split_on_the_geodesic(tiny, edit):
    """Of 2,200 km along a parallel the geodesic runs 200 km to the north: a place on the parallel is refused, one on it is not."""
    with edit(tiny / "network" / "links.geojson") as document:
        document["features"][0]["geometry"]["coordinates"] = [[-62.0, 64.1], [-20.0, 64.0]]
    with pytest.raises(UsageError, match=r"lies 1[0-9]{5} m from that place"):
        split(tiny, at=(-41.0, 64.05))
    line = shapely.LineString([(-62.0, 64.1), (-20.0, 64.0)])
    done = split(tiny, at=(-41.0, 65.5), within_m=100_000.0)
    assert sum(done.km) == pytest.approx(float(lengths_km([line])[0]), abs=0.001)


def test_at_a_vertex_none_is_doubled_and_beyond_180_degrees_the_line_stays(tiny, edit):
    done = split(tiny, at=(-21.0, 64.15))
    done.write()
    assert features(tiny, "links")["road:west-halfway"]["geometry"]["coordinates"] == [[-22.0, 64.1], [-21.0, 64.15]]
    assert features(tiny, "links")["road:halfway-middle"]["geometry"]["coordinates"] == [[-21.0, 64.15], [-20.0, 64.0]]
    with edit(tiny / "network" / "links.geojson") as document:
        document["features"][0]["geometry"]["coordinates"] = [[179.0, 64.0], [181.0, 64.0]]
    name = json.loads((tiny / "network" / "links.geojson").read_text(encoding="utf-8"))["features"][0]["properties"]["id"]
    split(tiny, name, at=(-179.5, 64.0), node="beyond").write()
    first, second = list(features(tiny, "links").values())[-2:]
    assert first["geometry"]["coordinates"][-1][0] == second["geometry"]["coordinates"][0][0] == pytest.approx(180.5, abs=1e-3)
    assert features(tiny, "nodes")["beyond"]["geometry"]["coordinates"][0] == pytest.approx(-179.5, abs=1e-3)


def test_statements_and_the_lock_go_along_and_the_rest_is_listed(tiny):
    statements = tiny / "statements.toml"
    statements.write_text(statements.read_text(encoding="utf-8") + 'features = ["road:west-middle"] # the first\n', encoding="utf-8")
    entry = {
        "extract": "x.pbf",
        "sha256": "0",
        "date": None,
        "tolerance_m": 10.0,
        "metres": 1.5,
        "ways": ["1"],
        "snaps": {"west": [-22.0, 64.1]},
    }
    lock = {"road:gate-east": entry, "road:west-middle": entry}
    (tiny / "network" / "trace.lock.json").write_text(json.dumps(lock), encoding="utf-8")
    (tiny / "accuracy.json").write_text('{"links": {\n"road:west-middle": {},\n"road:west-middle-2": {}}}', encoding="utf-8")
    done = split(tiny)
    done.write()
    assert tomllib.loads(statements.read_text(encoding="utf-8"))["statement"][0]["features"] == ["road:west-halfway", "road:halfway-middle"]
    assert "# the first" in statements.read_text(encoding="utf-8")
    assert sorted(read_lock(Atlas.open(tiny))) == ["road:gate-east", "road:halfway-middle", "road:west-halfway"]
    assert done.to_do == ["accuracy.json, line 2, names road:west-middle"]
    assert {"statements.toml: claim", "trace.lock.json: road:west-middle"} <= set(done.carried)


def test_ways_of_termini_and_reversals_need_nothing(tiny):
    path = tiny / "corridors.toml"
    text = path.read_text(encoding="utf-8").replace('nodes = ["west", "middle", "gate", "east"]', 'from = "west"\nto = "east"')
    text = text.replace(
        'nodes = ["south", "middle", "west"]', 'reverses_at = ["west"]\nnodes = ["south", "middle", "west", "middle", "gate"]'
    )
    path.write_text(text, encoding="utf-8")
    done = split(tiny)
    done.write()
    assert done.carried == ["corridors.toml: coast", "corridors.toml: south, which finds its way from its termini"]
    atlas = Atlas.open(tiny)
    assert atlas.way_nodes("south") == [["west", "halfway", "middle", "gate", "east"]]
    assert atlas.way_nodes("coast")[0] == ["south", "middle", "halfway", "west", "halfway", "middle", "gate"]
    assert len(atlas.route("coast")[0]) == 6


def test_one_of_two_links_side_by_side(tiny, edit):
    """Splitting one makes both usable; itineraries that name the two ends go by the other, and that is said."""
    with edit(tiny / "network" / "links.geojson") as document:
        twin = json.loads(json.dumps(document["features"][0]))
        twin["id"] = twin["properties"]["id"] = "road:west-middle-2"
        document["features"].append(twin)
    with pytest.raises(DataError, match="2 road links join"):
        Atlas.open(tiny).route("south")
    done = split(tiny)
    assert "road:west-middle-2 joins west and middle as well" in done.to_do[0]
    done.write()
    assert Atlas.open(tiny).route("south")[0][0].id == "road:west-middle-2"


@pytest.mark.parametrize(
    ("how", "fault"),
    [
        ({"link": "road:nowhere"}, "no link 'road:nowhere'"),
        ({"at": (-21.0, 65.0)}, "from that place"),
        ({"at": (-22.0, 64.1)}, "ends there, at 'west'"),
        ({"at": (-25.0, 64.0), "within_m": 1e6}, "ends there, at 'west'"),
        ({"node": "east"}, "node 'east' is there already"),
        ({"node": "../x"}, "is no id"),
        ({"names": {"en": "Halfway"}}, "no name in ru"),
        ({"names": {**NAMES, "kk": "x"}}, "no language 'kk'"),
        ({"source": "nobody"}, "no source 'nobody'"),
    ],
)
def test_wrong_usage_is_named(tiny, how, fault):
    with pytest.raises(UsageError, match=fault):
        split(tiny, **how)


def test_broken_files_are_named(tiny, edit):
    with edit(tiny / "network" / "links.geojson") as document:
        document["features"][1]["geometry"] = None
    with pytest.raises(DataError, match="must be a LineString"):
        split(tiny, "road:middle-gate", at=(-19.0, 63.9))
    (tiny / "corridors.toml").write_text("itinerary = [", encoding="utf-8")
    with pytest.raises(DataError, match="is not TOML"):
        split(tiny)


def test_all_files_are_written_or_none(tiny, monkeypatch):
    before = {path: path.read_bytes() for path in tiny.rglob("*") if path.is_file()}
    done = split(tiny)
    done.files[tiny / "corridors.toml" / "below"] = "x"
    with pytest.raises(WriteError):
        done.write()
    assert {path: path.read_bytes() for path in tiny.rglob("*") if path.is_file()} == before


def test_the_command(run, tiny):
    options = ["road:west-middle", "--at", "-21.5,64.125", "--node", "halfway", "--name", "en=Halfway", "--name", "ru=На полпути"]
    dry = run("network", "split", *options, "--dry-run", "--json", geodata=tiny)
    assert (dry.exit_code, json.loads(dry.stdout)["written"]) == (0, []), dry.output
    assert "halfway" not in features(tiny, "nodes")
    result = run("network", "split", *options, "--kind", "station", geodata=tiny)
    assert result.exit_code == 0, result.output
    assert "carried: corridors.toml: south" in result.stdout
    assert features(tiny, "nodes")["halfway"]["properties"]["kind"] == "station"
    for wrong in (["--at", "64"], ["--at", "1,95"], ["--name", "en"], ["--name", "=x"]):
        assert run("network", "split", *options, *wrong, geodata=tiny).exit_code == 2


@pytest.mark.slow
def test_every_link_of_the_real_atlas_can_be_split_in_its_middle(atlas, tmp_path):
    folder = shutil.copytree(atlas.folder, tmp_path / "geodata", ignore=shutil.ignore_patterns("layers", "tables", "context"))
    names = dict.fromkeys(atlas.languages, "X")
    opened = Atlas.open(folder)
    for link in list(atlas.links.index)[::12]:
        line = atlas.links.geometry[link]
        middle = shapely.line_interpolate_point(line, 0.5, normalized=True)
        done = split_link(opened, link, at=(middle.x, middle.y), node="x-new", names=names, within_m=20_000.0)
        assert sum(done.km) == pytest.approx(float(lengths_km([line])[0]), abs=0.001), link
        assert Path(folder / "corridors.toml") in done.files or link not in atlas.itineraries_of_links()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"link": "road:west-midle"}, "no link 'road:west-midle'\n  Did you mean 'road:west-middle'?"),
        ({"source": "made-upp"}, "no source 'made-upp'\n  Did you mean 'made-up'?"),
        ({"at": HALFWAY[::-1]}, "Longitude comes first: is -21.5, 64.125 meant? Give a place on it"),
        ({"node": "h" * 119}, "is longer than the 120 letters of an id"),
    ],
)
def test_what_was_meant_is_said(how, said, tiny):
    with pytest.raises(UsageError) as error:
        split(tiny, **how)
    assert said in error.value.message


@pytest.mark.parametrize("name", ["nodes", "links"])
def test_a_file_of_the_network_that_is_gone_is_named(name, tiny):
    (tiny / "network" / f"{name}.geojson").unlink()
    with pytest.raises(DataError, match=rf"{name}\.geojson: no such file"):
        split(tiny)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("corridors.toml", "itinerary = 5\n"),
        ("corridors.toml", '[[itinerary]]\nmode = "road"\nways = [5]\n'),
        ("statements.toml", "[[statement]]\nfeatures = 5\n"),
    ],
)
def test_records_that_are_none_are_named(name, text, tiny):
    (tiny / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=rf"{name}: is not as the records of the facts have it\n  Run `corridormap validate`"):
        split(tiny)
