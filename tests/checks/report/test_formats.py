"""What holds for every format."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridormap.checks.report import FORMATS, Checked, Report, write
from corridormap.checks.rule import Finding, Severity
from corridormap.errors import UsageError

LIGHT = [name for name in FORMATS if name != "html"]
# What a terminal obeys, what hides or turns text, and what no encoding holds.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_report_gives_the_same_text(plain_report, name):
    text = write(plain_report, format=name)
    assert text == write(plain_report, format=name)
    assert text.endswith("\n")
    text.encode()


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_found_is_a_whole_report(name):
    for report in (Report(), Report(checked=[Checked("a.geojson", features=1)])):
        assert write(report, format=name)


def test_an_unknown_format_names_those_there_are():
    with pytest.raises(UsageError, match=r"no format 'yaml'\n  Formats are: text, json, sarif, github, junit, html\."):
        write(Report(), format="yaml")


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_texts_leave_nothing_unseen(make_hostile, harm, name):
    for text in harm:
        written = write(make_hostile(text), format=name)
        assert not UNSEEN.search(written), text
        written.encode()


@pytest.mark.parametrize("name", LIGHT)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=40))
def test_any_text_is_written(make_hostile, name, text):
    written = write(make_hostile(text), format=name)
    assert not UNSEEN.search(written)
    written.encode()


def test_the_command_offers_all_formats():
    from corridormap.cli.validate import validate

    (option,) = [one for one in validate.params if one.name == "form"]
    assert tuple(option.type.choices) == tuple(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_numbers_of_numpy_are_numbers(name):
    import numpy as np

    finding = Finding(
        "CM311", Severity.ERROR, "x", "a.geojson", index=np.int64(3), line=np.int64(2), lon=np.float64(1.5), lat=np.float64(2.5)
    )
    assert write(Report([finding], [Checked("a.geojson", features=np.int64(4))]), format=name)


def test_writing_terse_formats_needs_nothing_heavy():
    code = (
        "import sys; from corridormap.checks.report import *; from corridormap.checks.report import write, Report\n"
        "[write(Report(), format=name) for name in ('text', 'json', 'sarif', 'github', 'junit')]\n"
        "print([name for name in ('geopandas', 'shapely', 'folium', 'pandas', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.replace("'", '"')) == []
