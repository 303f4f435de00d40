"""What holds for every document: mended twice is mended once, the shapes stay, and every other byte too."""

import json
import re
from decimal import Decimal
from itertools import pairwise

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from corridormap.checks import fix
from corridormap.checks.fix import fix_text
from corridormap.checks.fix.edits import Unfixable, prove
from corridormap.checks.rule import RULES

pytestmark = pytest.mark.slow

REPAIRED = {rule.code: rule.repair for rule in RULES if rule.repair is not None}
COMMON = {"deadline": None, "max_examples": 80}
NUMBERS = st.integers(-9, 9).map(str) | st.sampled_from(
    ["0.0", "-0", "1e0", "2.50", "1.123456789012", "1.12345678", "3.00000000001", "4.99999999999", "1E-9", "-7.00000004"]
)
POSITIONS = st.lists(NUMBERS, min_size=2, max_size=2) | st.lists(NUMBERS, min_size=2, max_size=3)


@st.composite
def lines(draw, *, ring=False):
    positions = draw(st.lists(POSITIONS, max_size=8))
    doubled = [position for position in positions for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3])))]
    return [*doubled, doubled[0]] if ring and doubled and draw(st.booleans()) else doubled


def spelled(value, draw):
    """An array as text, with odd blanks."""
    if isinstance(value, str):
        return value
    blank = draw(st.sampled_from(["", "", " ", "\n  ", "\r\n\t"]))
    return f"[{blank}{f'{blank},{blank}'.join(spelled(item, draw) for item in value)}{blank}]"


@st.composite
def geometries(draw):
    kind = draw(st.sampled_from(["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "Polygon", "MultiPolygon"]))
    rings = st.lists(lines(ring=True), max_size=2)
    value = draw(
        {
            "Point": POSITIONS,
            "MultiPoint": lines(),
            "LineString": lines(),
            "MultiLineString": st.lists(lines(), max_size=2),
            "Polygon": rings,
            "MultiPolygon": st.lists(rings, max_size=2),
        }[kind]
    )
    members = [
        f'"type":"{kind}"',
        f'"coordinates": {spelled(value, draw)}',
        *draw(st.sampled_from([[], ['"x":1e3'], ['"bbox":[0,0,1,1]']])),
    ]
    return f"{{{' , '.join(draw(st.permutations(members)))}}}"


@st.composite
def documents(draw):
    crs = ['"crs":{"type":"name","properties":{"name":"EPSG:4326"}}', '"crs": {"type":"name","properties":{"name":"EPSG:3857"}}']
    features = [
        f'{{"type":"Feature","properties":{{"n":1.10,"t":"\\u00e9\\/","big":{10**30}}},"geometry":{draw(geometries() | st.just("null"))}}}'
        for _ in range(draw(st.integers(0, 3)))
    ]
    joined = ",\n".join(features)
    members = [
        '"type":"FeatureCollection"',
        f'"features":[{joined}]',
        '"note":-0.0',
        *draw(st.sampled_from([[], crs[:1], crs[1:], ['"bbox":[1,1,1,1]']])),
    ]
    end = draw(st.sampled_from(["", "\n", "\r\n"]))
    return f"{{{', '.join(draw(st.permutations(members)))}}}{end}".encode()


@settings(**COMMON)
@given(documents() | geometries().map(str.encode), st.sets(st.sampled_from(sorted(REPAIRED))) | st.none())
def test_mended_twice_is_mended_once(text, codes):
    fixed = fix_text(text, codes=codes)
    assert fixed.refused is None
    again = fix_text(fixed.new, codes=codes)
    assert again.refused is None
    assert not again.changed, again.repairs
    assert bool(fixed.repairs) == fixed.changed == (fixed.new != text)


@settings(**COMMON)
@given(documents())
def test_every_byte_outside_the_edits_stays(text):
    run = fix.Run(text, frozenset(REPAIRED.values())).run()
    new = fix_text(text).new
    at = shift = 0
    for edit in run.edits:
        assert text[at : edit.start] == new[at + shift : edit.start + shift]
        at = edit.end
        shift += len(edit.text) - (edit.end - edit.start)
    assert text[at:] == new[at + shift :]
    # And the edits lie in coordinates, bboxes and crs members alone.
    assert _elsewhere(text) == _elsewhere(new)


def _elsewhere(text):
    value = json.loads(
        text, parse_float=Decimal, object_pairs_hook=lambda pairs: [(k, v) for k, v in pairs if k not in ("coordinates", "bbox", "crs")]
    )
    return repr(value)


@settings(**COMMON)
@given(geometries())
def test_a_shape_stays_the_same_set_of_points(text):
    codes = {code for code, kind in REPAIRED.items() if kind in {"winding", "closing", "repeated"}}
    old, new = _shape(text), fix_text(text.encode(), codes=codes).new
    assume(old is not None and not old.is_empty and old.is_valid)
    made = _shape(new)
    assert made.is_valid
    assert made.equals(old)


@settings(**COMMON)
@given(geometries())
def test_a_valid_shape_stays_valid_and_in_its_place(text):
    old, new = _shape(text), _shape(fix_text(text.encode()).new)
    assume(old is not None and not old.is_empty and old.is_valid)
    assert new.is_valid
    assert old.hausdorff_distance(new) <= 1e-7
    # The lines of a geometry may meet when rounded, but each stays simple.
    parts = zip(shapely.get_parts(old), shapely.get_parts(new), strict=True) if "Line" in old.geom_type else [(old, new)]
    assert all(not before.is_simple or after.is_simple for before, after in parts)


@settings(**COMMON)
@given(geometries())
def test_nothing_new_is_wrong(text):
    """Closed and simple rings are wound right afterwards, and no repair makes what another one mends."""
    old, new = _wrongs(text), _wrongs(fix_text(text.encode()).new)
    assert all(new[what] <= old[what] for what in old), (old, new)


def _shape(text):
    geometry = json.loads(text)
    if "[]" in json.dumps(geometry["coordinates"]):
        return None  # `equals` of a polygon with an empty hole ends GEOS 3.14 with a segmentation fault.
    nested = json.loads(json.dumps(geometry["coordinates"]), parse_int=float)

    def flat(value):
        return value[:2] if value and isinstance(value[0], float) else [flat(item) for item in value]

    try:
        return shapely.geometry.shape({"type": geometry["type"], "coordinates": flat(nested)})
    except (shapely.errors.ShapelyError, ValueError, IndexError):
        return None


def _wrongs(text):
    geometry = json.loads(text, parse_float=Decimal)
    value = geometry["coordinates"]
    rings = {"Polygon": [value], "MultiPolygon": value}.get(geometry["type"], [])
    paths = [ring for polygon in rings for ring in polygon] + {"LineString": [value], "MultiLineString": value}.get(geometry["type"], [])
    wound = 0
    for polygon in rings:
        for index, ring in enumerate(polygon):
            if len(ring) > 3 and ring[0] == ring[-1] and all(len(position) > 1 for position in ring):
                shape = shapely.linearrings([[float(x) for x in position[:2]] for position in ring])
                wound += shape.is_simple and shapely.is_ccw(shape) != (index == 0)
    return {
        "repeated": sum(a == b for path in paths for a, b in pairwise(path)),
        "open": sum(ring[0] != ring[-1] for polygon in rings for ring in polygon if ring),
        "wound": int(wound),
        "long": len(re.findall(r"\.[0-9]{8,}", json.dumps(value, default=str))),
    }


OLD = b'{"type":"Polygon","crs":null,"coordinates":[[[0,0],[0,0],[1.0,0.123456789],[1,1]]],"bbox":[0,0,1,1],"n":1.0}'


@pytest.mark.parametrize(
    "new",
    [
        OLD.replace(b'"n":1.0', b'"n":1'),
        OLD.replace(b"[1,1]", b"[1,2]"),
        OLD.replace(b"[1,1]", b"[1.0,1]"),
        OLD.replace(b"[1,1]", b"[1,1],[0,0]"),
        OLD.replace(b"[0,0],[0,0]", b"[0,0]"),
        OLD.replace(b"0.123456789", b"0.1234568"),
        OLD.replace(b'"crs":null,', b""),
        OLD.replace(b'"bbox":[0,0,1,1]', b'"bbox":[0,0,1,2]'),
        OLD.replace(b'"type":"Polygon","crs":null', b'"crs":null,"type":"Polygon"'),
        OLD.replace(b'"n":1.0', b'"n":1.0,"n":1.0'),
        OLD[:-1],
        b"null",
    ],
)
def test_the_proof_fails_on_a_change_without_a_record(new):
    prove(OLD, OLD, [])
    with pytest.raises(Unfixable):
        prove(OLD, new, [])


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("repeated", OLD.replace(b"[0,0],[0,0]", b"[0,0]"), OLD.replace(b",[1,1]", b"")),
        ("closing", OLD.replace(b"[1,1]", b"[1,1],[0,0]"), OLD.replace(b"[1,1]", b"[1,1],[0,1]")),
        (
            "winding",
            OLD.replace(b"[[[0,0],[0,0],[1.0,0.123456789],[1,1]]]", b"[[[1,1],[1.0,0.123456789],[0,0],[0,0]]]"),
            OLD,
        ),
        ("precision", OLD.replace(b"0.123456789", b"0.1234568"), OLD.replace(b"0.123456789", b"0.1234567")),
        ("precision", OLD.replace(b"0.123456789", b"0.1234568"), OLD.replace(b'"n":1.0', b'"n":1')),
        ("bbox", OLD.replace(b'"bbox":[0,0,1,1]', b'"bbox":[0,0,1,2]'), OLD.replace(b'"bbox":[0,0,1,1]', b'"bbox":[0,0,1,0.9]')),
        ("crs", OLD.replace(b'"crs":null,', b""), OLD),
    ],
)
def test_the_proof_takes_what_the_record_says_and_nothing_else(kind, good, bad):
    prove(OLD, good, [kind])
    with pytest.raises(Unfixable):
        prove(OLD, bad, [kind])


def test_a_repair_that_cannot_be_proven_changes_nothing(monkeypatch):
    from corridormap.checks.fix import geometry as module

    text = b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1.123456789,2]}}]}'
    monkeypatch.setattr(module, "shorten", lambda token: b"7" if len(token) > 9 else token)
    fixed = fix_text(text)
    assert fixed.new is text
    assert "cannot be proven" in fixed.refused
    assert "/features/0" in fixed.refused


def test_a_diff_is_what_patch_reads(tmp_path):
    import shutil
    import subprocess

    if shutil.which("patch") is None:
        pytest.skip("no patch program here")
    lines = [
        f'{{"type":"Feature","properties":{{"n":{n}}},"geometry":{{"type":"Point","coordinates":[{n}.5{"0" * 9 if n % 37 in (0, 3, 9) else ""},2]}}}}'
        for n in range(150)
    ]
    for end in ("\n", ""):
        text = ('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}" + end).encode()
        file = tmp_path / "a.geojson"
        file.write_bytes(text)
        fixed = fix_text(text, name="a.geojson")
        (tmp_path / "d").write_text("".join(fixed.diff_lines()), encoding="utf-8", newline="")
        subprocess.run(["patch", "-s", "-p0", "-i", "d"], cwd=tmp_path, check=True)
        assert file.read_bytes() == fixed.new
