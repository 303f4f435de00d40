"""Facts edited in place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from corridormap.edits import put_between, rename_features
from corridormap.errors import DataError

WHERE = Path("corridors.toml")


@pytest.mark.parametrize("listed", ["'middle', 'east'", '"middle", # the town\n "east"'])
def test_itineraries_are_edited_as_people_write_them(listed):
    block = '[[itinerary]]\nid = "{0}"\nmode = "{0}"\n[[itinerary.ways]]\nreverses_at = ["middle", "east"]\nnodes = ["west", {1}]\n'
    text = block.format("rail", listed) + block.format("road", listed)
    edited = tomllib.loads(put_between(text, ["east", "x", "middle"], where=WHERE, mode="road")[0])["itinerary"]
    assert edited[0]["ways"][0]["nodes"] == ["west", "middle", "east"]
    assert edited[1]["ways"][0]["nodes"] == ["west", "middle", "x", "east"]
    assert edited[1]["ways"][0]["reverses_at"] == ["middle", "east"]


def test_comments_and_layout_stay():
    text = """# The corridors.
[[itinerary]]   # the first
id = "one"
mode = "road"
ways = [{ nodes = ["a", "b", "a"] }, { from = "a", to = "b" }]

[[itinerary]]
mode = 'road' # spoken of as the second
id = 'two'
[[itinerary.ways]]
nodes = [
  "z",
  "b", # where it turns
  "a",
]
"""
    edited, changed = put_between(text, ["a", "x", "y", "b"], where=WHERE, mode="road")
    assert changed == ["one", "two"]
    record = tomllib.loads(edited)["itinerary"]
    assert record[0]["ways"] == [{"nodes": ["a", "x", "y", "b", "y", "x", "a"]}, {"from": "a", "to": "b"}]
    assert record[1]["ways"][0]["nodes"] == ["z", "b", "y", "x", "a"]
    for kept in ("# The corridors.", "[[itinerary]]   # the first", "mode = 'road' # spoken of as the second", "# where it turns"):
        assert kept in edited
    assert put_between(text, ["a", "x", "b"], where=WHERE, mode="rail") == (text, [])


def test_a_statement_is_about_both_parts():
    text = 'statement = [{ id = "s", features = ["p", "old", "q"] }, { id = "t" }] # claims\n'
    edited, changed = rename_features(text, "old", ["one", "two"], where=WHERE)
    assert changed == ["s"]
    assert tomllib.loads(edited)["statement"][0]["features"] == ["p", "one", "two", "q"]
    assert edited.endswith("# claims\n")
    assert rename_features(text, "other", ["one"], where=WHERE) == (text, [])


def test_what_is_not_written_as_meant_is_refused(monkeypatch):
    import tomlkit

    monkeypatch.setattr(tomlkit, "dumps", lambda document: "itinerary = []")
    text = '[[itinerary]]\nmode = "road"\n[[itinerary.ways]]\nnodes = ["a", "b"]\n'
    with pytest.raises(DataError, match="cannot be edited without harm"):
        put_between(text, ["a", "x", "b"], where=WHERE, mode="road")
