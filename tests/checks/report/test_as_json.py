from __future__ import annotations

import json

from corridormap.checks.report import write


def test_the_shape(plain_report):
    document = json.loads(write(plain_report, format="json"))
    assert list(document) == ["version", "counts", "files", "dropped", "findings"]
    assert document["version"] == 1
    assert document["counts"] == {"error": 2, "warning": 2, "note": 1}
    assert document["dropped"] == 3
    assert document["files"][1] == {"file": "b/clean.gpkg", "format": "GPKG", "features": 1, "vertices": 4}
    assert document["findings"] == plain_report.records()
    assert set(document["findings"][0]) == {
        "code", "severity", "message", "file", "feature", "index", "pointer", "line", "column", "lon", "lat", "hint",
    }  # fmt: skip


def test_hostile_texts_come_through_as_they_were(make_hostile, harm):
    for text in harm:
        written = write(make_hostile(text), format="json")
        assert "NaN" not in written
        assert "Infinity" not in written
        first = json.loads(written)["findings"][0]
        assert first["message"] == first["feature"] == first["hint"] == text
        assert first["lon"] is None
