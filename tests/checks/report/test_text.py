from __future__ import annotations

from collections import Counter
from pathlib import Path

from corridormap.checks.report import Checked, Report, write
from corridormap.checks.report.report import relative, summary
from corridormap.checks.rule import Finding, Severity
from corridormap.escape import visible


def test_a_finding_a_line(plain_report):
    assert write(plain_report, format="text").splitlines() == [
        "a/lines.geojson:4123:17: error CM215 crosses itself [feature rail-3, /features/2/geometry/coordinates/0/118, 66.91000 48.02000]",
        "  hint: Cut it there.",
        "a/lines.geojson:4123: warning CM302 lies outside the atlas's extent [feature rail-3, 66.91000 48.02000]",
        "a/lines.geojson: error CM311 is not in degrees [feature 7, /features/7, 500000.00000 5300000.00000]",
        "-: note CM405 names no source",
        "warning CM501 counts 10 corridors, not 11",
        "3 files, 1,204 features: 2 errors, 2 warnings, 1 note (list cut at 5: 3 more findings not shown)",
    ]


def test_the_summary_counts_one_and_none():
    one = Finding("CM311", Severity.ERROR, "x")
    assert summary(Report()) == "0 files, 0 features: 0 errors, 0 warnings, 0 notes"
    assert summary(Report([one], [Checked("a", features=1)])) == "1 file, 1 feature: 1 error, 0 warnings, 0 notes"
    # Two layers of a file are one file.
    assert summary(Report(checked=[Checked("a.gpkg", "GPKG", 1), Checked("a.gpkg", "GPKG", 2)])).startswith("1 file, 3 features")


def test_hostile_texts_stay_on_their_lines(hostile):
    assert len(write(hostile, format="text").splitlines()) == 2 + 1
    lines = write(hostile, format="text", every=True).splitlines()
    assert len(lines) == 3 * 2 + 1
    assert all(not line.lstrip().startswith("::") for line in lines)
    assert not any("##[" in line for line in lines)
    assert "\\x1b[31mred\\x1b]0;title\\x07" in lines[0]
    assert "a\\n::error" in lines[0]
    assert "nul\\0nul" in lines[0]
    assert "\\u202eesrever" in lines[1]


def test_a_file_named_like_a_command_is_none(make_hostile):
    assert write(make_hostile("::error::x"), format="text").startswith("\\x3a:error::x:1:1: error")


def test_a_rule_is_told_once_a_file_with_a_count_and_the_next_places():
    found = [Finding("CM120", Severity.WARNING, f"ring {n}", "a.geojson", f"f{n}", n, None, n + 2, 7) for n in range(6)]
    found += [Finding("CM120", Severity.WARNING, "ring", "b.gpkg", f"f{n}", n) for n in range(2)]
    found += [Finding("CM501", Severity.ERROR, message) for message in ("10 corridors, not 11", "5 roads, not 6")]
    report = Report(found, more=Counter({("a.geojson", "CM120"): 1200}))
    *told, _ = write(report, format="text").splitlines()
    assert told == [
        "a.geojson:2:7: warning CM120 ring 0 [feature f0] (1,206 times, also at 3:7, 4:7, 5:7 …)",
        "b.gpkg: warning CM120 ring [feature f0] (2 times, also at feature f1)",
        "error CM501 10 corridors, not 11 (2 times)",
    ]
    assert len(write(report, format="text", every=True).splitlines()) == len(found) + 1


def test_long_texts_are_cut():
    finding = Finding("CM311", Severity.ERROR, "m" * 5000, "a.geojson", "f" * 5000, pointer="/" + "p" * 5000, hint="h" * 5000)
    first, hint, _ = write(Report([finding]), format="text").splitlines()
    assert len(first) < 1400
    assert "m…" in first
    assert len(hint) < 400


def test_visible_leaves_other_scripts_alone():
    text = "Ақтөбе – Қызылорда, 铁路, فارسی‌ها, 😀, é"
    assert visible(text) == text
    assert visible("a\tb\u200b\U000e0041") == "a\\tb\\u200b\\U000e0041"


def test_files_below_the_folder_are_named_from_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert relative(str(Path.cwd() / "a" / "b.geojson")) == "a/b.geojson"
    for other in ("a.geojson", "../a.geojson", "/elsewhere/a.geojson", "<stdin>", "-", "", "\x00"):
        assert relative(other) == other
