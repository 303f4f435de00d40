"""Nothing ends in an exception, whatever is done to real layers; and the fast way says what the slow one does."""

import io
import json
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridormap.checks import RULES
from corridormap.checks.filecheck import FileCheck
from corridormap.checks.reading import document, objects
from corridormap.checks.reading.document import read

pytestmark = pytest.mark.slow

CODES = frozenset(rule.code for rule in RULES)
LAYERS = ["border_points", "crossings", "network_links", "places", "venues", "north_south"]
VALUES = [
    None,
    True,
    0,
    -1.5,
    1e308,
    10**400,
    "",
    "Feature",
    "Point",
    "\x00\x1b",
    [],
    [[]],
    [[[[]]]],
    {},
    [1],
    [1, 2],
    [1, 2, 3, 4],
    [None, "a"],
    "NaN",
    {"type": "Point"},
]
KEYS = ["type", "coordinates", "geometry", "properties", "features", "id", "bbox", "crs", "geometries", "name", "a/b~c", ""]


def run(text, *, at_once=1 << 20, most=200, sequence=False):
    check = FileCheck("case", CODES, most)
    start = time.process_time()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "AT_ONCE", at_once)
        read(io.BytesIO(text), check, sequence=sequence)
    check.conclude()
    assert time.process_time() - start < 20
    findings = check.findings()
    for finding in findings:
        assert finding.line, finding
        assert finding.column, finding
        json.dumps(finding.as_dict()).encode("utf-8")
    return findings


@pytest.fixture(scope="session")
def documents(request):
    """Real layers, cut down to some features each."""

    class Documents(list):
        def __repr__(self):
            return "documents"

    found = Documents()
    for name in LAYERS:
        document = json.loads((request.config.rootpath / "geodata" / "layers" / f"{name}.geojson").read_text(encoding="utf-8"))
        document["features"] = document["features"][:6]
        for feature in document["features"]:
            geometry = feature["geometry"]
            if geometry and geometry["type"] == "LineString":
                geometry["coordinates"] = geometry["coordinates"][:20]
            if geometry and geometry["type"] == "MultiLineString":
                geometry["coordinates"] = [line[:10] for line in geometry["coordinates"][:3]]
        square = [[10, 10], [20, 10], [20, 20], [10, 20], [10, 10]]
        shapes = [{"type": "Polygon", "coordinates": [square]}, {"type": "MultiPolygon", "coordinates": [[square], [square[::-1]]]}]
        document["features"] += [
            {"type": "Feature", "geometry": shape, "properties": {"a": 1}, "bbox": [10, 10, 20, 20]} for shape in shapes
        ]
        found.append(json.dumps(document, ensure_ascii=False))
    return found


def mutate(value, chance):  # noqa: C901
    """Change something somewhere within a JSON value."""
    places = []

    def walk(item):
        if isinstance(item, dict):
            places.extend((item, key) for key in item)
            for inner in item.values():
                walk(inner)
        elif isinstance(item, list):
            places.extend((item, index) for index in range(len(item)))
            for inner in item:
                walk(inner)

    walk(value)
    holder, key = chance.choice(places)
    what = chance.randrange(6)
    if what == 0:
        holder[key] = chance.choice(VALUES)
    elif what == 1:
        del holder[key]
    elif what == 2 and isinstance(holder, dict):
        holder[chance.choice(KEYS)] = holder.pop(key)
    elif what == 3 and isinstance(holder, list):
        holder.insert(key, holder[key])
    elif what == 4 and isinstance(holder, dict):
        holder[chance.choice(KEYS)] = chance.choice(VALUES)
    else:
        holder[key] = [holder[key]]


seeds = st.randoms(use_true_random=False)
quick = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@quick
@given(chance=seeds)
def test_mutated_layers(documents, chance):
    document = json.loads(chance.choice(documents))
    for _ in range(chance.randrange(1, 4)):
        mutate(document, chance)
    text = json.dumps(document).encode()
    findings = run(text)
    # However many features are checked at once, what is found must be the same.
    again = run(text, at_once=chance.choice([64, 333, 4096]))
    assert [finding.as_dict() for finding in findings] == [finding.as_dict() for finding in again]


@quick
@given(chance=seeds)
def test_the_fast_way_agrees_with_the_slow_one(documents, chance):
    document = json.loads(chance.choice(documents))
    if chance.random() < 0.3:
        document = chance.choice(document["features"])
        document = (chance.random() < 0.5 and document["geometry"]) or document
    if chance.random() < 0.9:
        mutate(document, chance)
    text = json.dumps(document).encode()
    quick_findings = run(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(objects, "decode", lambda _, pieces: objects.Decoded(len(pieces)))
        patch.setattr(objects, "decode_geometry", lambda text: None)
        slow_findings = run(text)
    assert [finding.as_dict() for finding in quick_findings] == [finding.as_dict() for finding in slow_findings]


@quick
@given(chance=seeds)
def test_mutated_bytes(documents, chance):
    text = bytearray(chance.choice(documents).encode())
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(text))
        what = chance.randrange(4)
        if what == 0:
            text[at] = chance.randrange(256)
        elif what == 1:
            del text[at : at + chance.randrange(1, 50)]
        elif what == 2:
            text[at:at] = bytes(chance.randrange(256) for _ in range(3))
        else:
            text[at:at] = chance.choice([b"[", b"]", b"{", b"}", b'"', b",", b"\\", b"\x00", b"\n", b"NaN", b"1e999"])
    findings = run(bytes(text))
    again = run(bytes(text), at_once=chance.choice([64, 1000]))
    assert [finding.as_dict() for finding in findings] == [finding.as_dict() for finding in again]


@quick
@given(text=st.binary(max_size=300))
def test_any_bytes(text):
    run(text)
    run(text, sequence=True)
    run(b'{"type":"FeatureCollection","features":[' + text, at_once=50)


@quick
@given(chance=seeds)
def test_cut_off_anywhere(documents, chance):
    text = chance.choice(documents).encode()
    cut = chance.randrange(len(text.rstrip()) - 1)
    findings = run(text[:cut], at_once=chance.choice([500, 1 << 20]))
    assert {"CM004", "CM010"} & {finding.code for finding in findings} or cut == 0


@quick
@given(chance=seeds)
def test_mutated_sequences(documents, chance):
    lines = [json.dumps(feature) for feature in json.loads(chance.choice(documents))["features"]]
    lines.insert(
        chance.randrange(len(lines)),
        chance.choice(["", "{", "null", "[]", '{"type":"FeatureCollection","features":[null,{"type":"Feature"}]}', "\x1e", "{}{}"]),
    )
    text = (chance.choice(["\n", "\r\n", "\n\n"]).join(lines)).encode()
    findings = run(text, sequence=True)
    assert [str(finding) for finding in run(text, sequence=True, at_once=300)] == [str(finding) for finding in findings]
    run(b"".join(b"\x1e" + line.encode() + b"\n" for line in lines), sequence=True)


def sameness(text, sizes):
    """What is found, which must not depend on how much is checked at once."""
    found = [[finding.as_dict() for finding in run(text, at_once=size)] for size in sizes]
    assert all(one == found[0] for one in found)
    return found[0]


@pytest.mark.parametrize("number", range(6))
def test_the_size_of_a_batch_changes_nothing(documents, number):
    chance = random.Random(number)  # noqa: S311
    for _ in range(25):
        document = json.loads(chance.choice(documents))
        for _ in range(chance.randrange(1, 4)):
            mutate(document, chance)
        sameness(json.dumps(document).encode(), [64, 333, 1 << 20])


@pytest.mark.parametrize("good", [0, 30_000])
def test_a_foreign_member_is_told_of_the_first_feature_however_many_follow(good):
    point = {"type": "Point", "coordinates": [71.4, 51.1]}
    a = {"type": "Feature", "id": "a", "extra": 1, "geometry": point, "properties": {}}
    b = {"type": "Feature", "id": "b", "extra": 1, "properties": {}}
    more = [{"type": "Feature", "id": n, "geometry": {**point, "coordinates": [70, n / 1e3]}, "properties": {}} for n in range(good)]
    text = json.dumps({"type": "FeatureCollection", "features": [a, b, *more]}).encode()
    found = sameness(text, [4096, 65_536, 1 << 20, 1 << 30])
    assert [(one["code"], one["feature"]) for one in found] == [("CM133", "a"), ("CM108", "b")]
