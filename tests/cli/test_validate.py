"""The command: sources, options, formats, exit codes."""

import json

import pytest

from corridormap.checks import RULES

GOOD = '{"type":"Feature","geometry":{"type":"Point","coordinates":[71.4,51.1]},"properties":{}}'
WARN = '{"type":"Feature","crs":null,"geometry":{"type":"Point","coordinates":[71.4,51.1]},"properties":{}}'
BAD = '{"type":"Feature","geometry":{"type":"Point","coordinates":[71.4]},"properties":{}}'
CLOCKWISE = '{"type":"Polygon","coordinates":[[[10,10],[10,20],[20,20],[20,10],[10,10]]]}'


@pytest.fixture
def files(tmp_path):
    found = {}
    for name, text in {"good": GOOD, "warn": WARN, "bad": BAD, "clockwise": CLOCKWISE}.items():
        found[name] = tmp_path / f"{name}.geojson"
        found[name].write_text(text, encoding="utf-8")
    return found


def test_exit_codes(run, files):
    assert run("validate", files["good"]).exit_code == 0
    assert run("validate", files["warn"]).exit_code == 0
    assert run("validate", files["warn"], "--strict").exit_code == 1
    assert run("validate", files["bad"]).exit_code == 1
    assert run("validate", files["bad"], "--ignore", "CM1").exit_code == 0
    assert run("validate", files["good"].parent).exit_code == 1
    assert run("validate", files["good"].parent / "nowhere.geojson").exit_code == 2


def test_text_is_terse_and_ends_with_a_summary(run, files):
    result = run("validate", files["bad"], files["good"])
    first, *_, last = result.stdout.splitlines()
    assert "bad.geojson:1:" in first
    assert "error CM114" in first
    assert "/geometry/coordinates" in first
    assert last == "2 files, 2 features: 1 error, 0 warnings, 0 notes"
    assert result.stderr == ""


def test_json(run, files):
    one, other = (run("validate", files["bad"], *options).stdout for options in (["--json"], ["--format", "json"]))
    assert one == other
    report = json.loads(one)
    assert report["counts"] == {"error": 1, "warning": 0, "note": 0}
    assert report["findings"][0]["code"] == "CM114"


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit", "html"])
def test_every_format_goes_to_standard_output_and_to_a_file(run, files, tmp_path, form):
    target = tmp_path / "out" / "report"
    result = run("validate", files["bad"], "--format", form)
    assert result.exit_code == 1
    assert "CM114" in result.stdout
    written = run("validate", files["bad"], "--format", form, "-o", target)
    assert written.exit_code == 1
    assert written.stdout == ""
    assert target.read_text(encoding="utf-8").rstrip("\n") == result.stdout.rstrip("\n")


def test_options_choose(run, files):
    folder = files["good"].parent
    assert "CM130" in run("validate", folder).stdout
    assert "CM130" not in run("validate", folder, "--severity", "error").stdout
    assert "CM130" not in run("validate", folder, "--select", "CM11,CM12").stdout
    many = folder / "many.geojsonl"
    many.write_text((BAD + "\n") * 9, encoding="utf-8")
    report = json.loads(run("validate", many, "--max-findings", "2", "--json").stdout)
    assert (len(report["findings"]), report["dropped"]) == (2, 7)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "CM9"], "no rule 'CM9'"),
        (["--ignore", ","], "names no code"),
        (["--severity", "bad"], "--severity"),
        (["--format", "xml"], "--format"),
        (["--max-findings", "0"], "--max-findings"),
        (["--json", "--format", "html"], "contradict"),
        (["--layers", "corridors"], "--layers is about the atlas"),
        (["*.nothing"], "nothing fits"),
    ],
)
def test_wrong_usage(run, files, arguments, message):
    result = run("validate", files["good"], *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_standard_input(files):
    from click.testing import CliRunner

    from corridormap.cli import main

    for text, code in ((GOOD, 0), (BAD, 1), ("", 1), (f"{GOOD}\n{GOOD}\n", 0)):
        result = CliRunner().invoke(main, ["validate", "-"], input=text)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output


def test_the_atlas_by_default_and_as_a_folder(run, tiny, edit):
    assert run("validate", geodata=tiny).exit_code == 0
    assert run("validate", tiny).exit_code == 0
    with edit(tiny / "layers" / "sights.geojson") as document:
        document["features"][0]["properties"]["sources"] = None
    for result in (run("validate", geodata=tiny), run("validate", tiny), run("validate", tiny / "layers" / "sights.geojson")):
        assert result.exit_code == 1
        assert "CM405" in result.stdout


def test_fix_mends_and_diff_only_shows(run, files):
    before = files["clockwise"].read_text(encoding="utf-8")
    assert "CM120" in run("validate", files["clockwise"]).stdout
    shown = run("validate", files["clockwise"], "--diff")
    assert shown.exit_code == 1
    assert shown.stdout.startswith("--- ")
    assert files["clockwise"].read_text(encoding="utf-8") == before
    result = run("validate", files["clockwise"], "--fix")
    assert result.exit_code == 0
    assert "CM120" not in result.stdout
    assert "mended in 1 place" in result.stderr
    assert run("validate", files["clockwise"], "--diff").exit_code == 0
    assert run("validate", files["clockwise"], "--diff").stdout == ""


def test_fix_needs_files_and_leaves_what_is_no_geojson(run, files, tmp_path):
    assert run("validate", "--fix").exit_code == 2
    (tmp_path / "broken.geojson").write_text("{", encoding="utf-8")
    result = run("validate", tmp_path / "broken.geojson", "--fix")
    assert result.exit_code == 1
    assert "left as it is" in result.stderr
    assert (tmp_path / "broken.geojson").read_text(encoding="utf-8") == "{"


def test_fix_mends_only_what_is_chosen(run, files):
    assert run("validate", files["clockwise"], "--fix", "--ignore", "CM120").exit_code == 0
    assert files["clockwise"].read_text(encoding="utf-8") == CLOCKWISE


def test_a_bar_shows_only_on_a_terminal_and_only_if_it_takes_long(monkeypatch):
    import click

    from corridormap.cli.validate import Bar

    shown = []
    monkeypatch.setattr(
        click,
        "progressbar",
        lambda **options: shown.append(options) or type("Silent", (), {"update": lambda *_: None, "render_finish": lambda _: None})(),
    )
    for terminal, seconds, expected in ((False, 9.0, 0), (True, 1.0, 0), (True, 9.0, 1)):
        monkeypatch.setattr("sys.stderr", type("Stream", (), {"isatty": lambda _, terminal=terminal: terminal})())
        with Bar() as bar:
            bar.of(100)
            bar.start -= seconds
            bar.moved(50)
            bar.moved(50)
        assert len(shown) == expected
    assert [options["length"] for options in shown] == [100]


def test_a_fault_of_a_rule_is_told_as_ours_and_shown_on_request(run, files, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("by\nnought")

    (rule,) = (rule for rule in RULES if rule.code == "CM120")
    monkeypatch.setattr(type(rule), "check", fail)
    result = run("validate", files["clockwise"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "clockwise.geojson: rule CM120 failed: ZeroDivisionError: by\\nnought" in result.stderr
    assert "a fault of corridormap" in result.stderr
    monkeypatch.setenv("CORRIDORMAP_DEBUG", "1")
    assert isinstance(run("validate", files["clockwise"]).exception.__cause__, ZeroDivisionError)


def test_an_atlas_that_cannot_be_read_is_a_finding_in_every_format(run, tiny):
    (tiny / "atlas.toml").write_text("id = [", encoding="utf-8")
    result = run("validate", "--json", geodata=tiny)
    assert result.exit_code == 1
    assert [finding["code"] for finding in json.loads(result.stdout)["findings"]] == ["CM519"]
    assert json.loads(run("validate", "--format", "sarif", geodata=tiny).stdout)["runs"][0]["results"]


def test_in_its_folder_an_atlas_is_meant(run, tiny, monkeypatch):
    monkeypatch.chdir(tiny)
    assert "layers/sights.geojson" in run("layers", "--json").stdout
    monkeypatch.chdir(tiny.parent)
    assert "venues" in run("layers", "--json").stdout
