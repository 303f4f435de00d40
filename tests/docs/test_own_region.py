"""The pages about an atlas of one's own are followed to the letter, in an empty folder."""

from __future__ import annotations

import re

import pytest
from tests.docs.test_examples import DOCS, run_console

from corridormap.atlas import Atlas
from corridormap.checks import check_atlas
from corridormap.derive import write_layers
from corridormap.errors import DataError

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def blocks(page):
    """The fenced blocks of a page: kind, text."""
    text = (DOCS / "how-to" / page).read_text(encoding="utf-8")
    return [(kind, re.sub(f"(?m)^{indent}", "", body)) for indent, kind, body in BLOCK.findall(text)]


def change(folder, diff):
    """Change lines of a file, wherever they stand, as a diff of the page says."""
    head, *lines = diff.splitlines()
    path = folder / head.removeprefix("--- ")
    text = path.read_text(encoding="utf-8")
    for old, new in zip(lines[::2], lines[1::2], strict=True):
        assert old[1:] in text.splitlines()
        text = "".join(new[1:] + "\n" if line == old[1:] else line + "\n" for line in text.splitlines())
    path.write_text(text, encoding="utf-8")


def replace(path, start, end, text):
    """Put a text in the place of what stands between two marks."""
    whole = path.read_text(encoding="utf-8")
    first, last = whole.index(start), whole.index(end) if end else len(whole)
    path.write_text(whole[:first] + text + "\n" + whole[last:], encoding="utf-8")


@pytest.mark.slow
def test_an_atlas_of_ones_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    atlas, tables = tmp_path / "estonia", []
    for kind, text in blocks("own-region.md"):
        if kind == "console":
            # One example a command; what it prints is compared.
            assert run_console(type("Example", (), {"parsed": text})) is None
        elif kind == "json":
            (tmp_path / "lines.geojson").write_text(text, encoding="utf-8")
            for name in ("nodes", "links"):
                (atlas / "network" / f"{name}.geojson").unlink()
        elif kind == "diff":
            change(tmp_path, text)
        else:
            tables.append(text)
            if len(tables) == 1:
                replace(atlas / "sources.toml", "# To do: delete this one", None, text)
            else:
                replace(atlas / "corridors.toml", "# To do: replace this one", "# What may be added", text)
    assert len(tables) == 2
    assert (tmp_path / "estonia.html").stat().st_size > 100_000
    assert "example" not in {source for layer in Atlas.open(atlas).layers for source in layer.sources}
    assert (tmp_path / "estonia-qgis").is_dir()


def test_the_corridor_of_the_page_is_taken(tiny):
    ((_, text),) = blocks("add-corridor.md")
    (tiny / "corridors.toml").write_text((tiny / "corridors.toml").read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")
    settings = (tiny / "atlas.toml").read_text(encoding="utf-8")
    settings = settings.replace("expect = { road = 2 }", "expect = { road = 3 }")
    settings = settings.replace("values.south = ", 'values.south-again = { colour = "#000000" }\nvalues.south = ')
    (tiny / "atlas.toml").write_text(settings, encoding="utf-8")
    write_layers(Atlas.open(tiny))
    assert check_atlas(Atlas.open(tiny)).findings == []


def refused(folder):
    """How many faults a build tells of; none if it writes."""
    with pytest.raises(DataError) as caught:
        write_layers(Atlas.open(folder))
    return [fault.message for fault in caught.value.faults]


def test_a_corridor_takes_two_failing_builds(tiny, edit):
    """Every field is left out at first: of a corridor, of a place that it needs and of the link there."""
    corridors = tiny / "corridors.toml"
    before = corridors.read_text(encoding="utf-8")
    corridors.write_text(before + "\n[[itinerary]]\n", encoding="utf-8")
    place = {"type": "Point", "coordinates": [-19.0, 63.2]}
    with edit(tiny / "network" / "nodes.geojson") as nodes:
        nodes["features"].append({"type": "Feature", "geometry": None, "properties": {}})
    with edit(tiny / "network" / "links.geojson") as links:
        links["features"].append({"type": "Feature", "geometry": None, "properties": {}})
    first = refused(tiny)
    named = {re.search(r"`(\w+)` is missing", message)[1] for message in first if "is missing" in message}
    assert {
        "id",
        "layer",
        "name",
        "mode",
        "sources",
        "ways",
        "name_en",
        "name_ru",
        "kind",
        "country",
        "accuracy_m",
        "source",
        "from",
        "to",
        "status",
    } == named
    assert sum("has no geometry" in message for message in first) == 2

    # All that was named is filled in, but carelessly: a line that ends beside its node, a way to no node, a layer that is none.
    corridor = '[[itinerary]]\nid = "new"\nlayer = "corridor"\nname = { en = "New", ru = "Новый" }\nmode = "road"\nsources = ["made-up"]\n'
    corridor += '[[itinerary.ways]]\nfrom = "west"\nto = "prot"\n'
    corridors.write_text(before + "\n" + corridor, encoding="utf-8")
    node = {"id": "port", "kind": "town", "country": "IS", "accuracy_m": 100, "source": "made-up", "name_en": "Port", "name_ru": "Порт"}
    link = {"id": "road:south-port", "from": "south", "to": "port", "mode": "road", "country": "IS", "status": "open", "accuracy_m": 100}
    with edit(tiny / "network" / "nodes.geojson") as nodes:
        nodes["features"][-1] |= {"geometry": place, "properties": node}
    with edit(tiny / "network" / "links.geojson") as links:
        line = {"type": "LineString", "coordinates": [[-20.1, 63.4], [-19.0, 63.21]]}
        links["features"][-1] |= {"geometry": line, "properties": link | {"source": "made-up"}}
    second = refused(tiny)
    assert len(second) == 3
    assert "names no layer: 'corridor'" in second[0]
    assert "m from its node 'port'" in second[1]
    assert "no node 'prot'" in second[2]

    with edit(tiny / "network" / "links.geojson") as links:
        links["features"][-1]["geometry"]["coordinates"][1] = place["coordinates"]
    corridors.write_text(before + "\n" + corridor.replace('"corridor"', '"corridors"').replace("prot", "port"), encoding="utf-8")
    assert write_layers(Atlas.open(tiny))
