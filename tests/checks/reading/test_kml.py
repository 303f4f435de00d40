"""KML and KMZ, good, odd and hostile."""

import struct
import zipfile

import pytest

from corridormap.checks import check_files
from corridormap.checks.filecheck import FileCheck
from corridormap.checks.reading import foreign

POINT = "<Placemark><name>{0}</name><Point><coordinates>{0},51.1</coordinates></Point></Placemark>"
BOWTIE = "<Polygon><outerBoundaryIs><LinearRing><coordinates>0,1 1,2 1,1 0,2 0,1</coordinates></LinearRing></outerBoundaryIs></Polygon>"
LAUGHS = "".join(f'<!ENTITY {new} "{f"&{old};" * 50}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))


def document(*inner, head=""):
    return f'{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>doc</name>{"".join(inner)}</Document></kml>'


def placemark(inner):
    return f"<Placemark><name>a</name>{inner}</Placemark>"


def write(folder, text, name="a.kml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def packed(folder, *files, method=zipfile.ZIP_DEFLATED):
    path = folder / "a.kmz"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, text in files:
            archive.writestr(name, text)
    return path


def codes(report):
    return {finding.code for finding in report.findings}


def refused(path):
    report = check_files([path])
    (finding,) = report.findings
    assert (finding.code, finding.file, len(report.checked)) == ("CM014", str(path), 1)
    assert finding.hint
    return finding


def test_the_text_is_read_once_and_some_placemarks_are_held_at_once(tmp_path, monkeypatch):
    path = write(tmp_path, document(*(POINT.format(number / 100) for number in range(3000))))
    fed, rows, feed, batch = [], [], foreign.Reader.feed, FileCheck.batch
    monkeypatch.setattr(foreign, "PART", 4_000)
    monkeypatch.setattr(foreign.Reader, "feed", lambda self, part, **how: fed.append(len(part)) or feed(self, part, **how))
    monkeypatch.setattr(FileCheck, "batch", lambda self, read, *found: rows.append(read.rows) or batch(self, read, *found))
    moved = []
    report = check_files([path], progress=moved.append)
    assert sum(fed) == sum(moved) == path.stat().st_size
    assert (report.checked[0].features, report.checked[0].vertices, codes(report)) == (3000, 3000, set())
    assert sum(rows) == 3000
    assert max(rows) < 50


def test_every_folder_with_placemarks_is_a_layer(tmp_path):
    nested = f"<Folder><name>inner</name>{placemark(BOWTIE)}</Folder>"
    text = document(
        POINT.format(70),
        f"<Folder><name>outer</name>{POINT.format(71)}{nested}{placemark('<description>no place</description>')}{placemark(BOWTIE)}</Folder>",
        "<Folder><name>empty</name></Folder>",
        f"<Folder>{POINT.format(72)}</Folder>",
    )
    for path in (write(tmp_path, text), packed(tmp_path, ("pictures/a.png", b"\x89PNG"), ("other.kml", "<kml/>"), ("doc.kml", text))):
        report = check_files([path])
        assert [(checked.file.removeprefix(f"{path}:"), checked.features) for checked in report.checked] == [
            ("doc", 1),
            ("outer", 3),
            ("inner", 1),
            ("Layer3", 1),
        ]
        assert [(finding.code, finding.file, finding.index, finding.feature) for finding in report.findings] == [
            ("CM211", f"{path}:outer", 2, "3"),
            ("CM211", f"{path}:inner", 0, "1"),
        ]


def test_a_single_layer_goes_by_the_name_of_the_file(tmp_path):
    path = write(tmp_path, document(f"<Folder><name>only</name>{placemark(BOWTIE)}</Folder>"))
    report = check_files([path])
    assert [checked.file for checked in report.checked] == [finding.file for finding in report.findings] == [str(path)]


def test_what_is_not_told_is_counted_by_layer(tmp_path):
    path = write(tmp_path, document(f"<Folder>{placemark(BOWTIE) * 3}</Folder><Folder>{POINT.format(71)}</Folder>"))
    report = check_files([path], max_findings=1)
    assert [finding.file for finding in report.findings] == [f"{path}:Layer1"]
    assert report.more == {(f"{path}:Layer1", "CM211"): 2, (f"{path}:Layer1", "CM604"): 2}


def test_geometries_of_every_type(tmp_path):
    point, line = "<Point><coordinates>1,2,3</coordinates></Point>", "<LineString><coordinates>1,2 \n 3,4</coordinates></LineString>"
    ring = "<{0}><LinearRing><coordinates>{1}</coordinates></LinearRing></{0}>"
    outer, inner = (
        ring.format("outerBoundaryIs", "0,0 9,0 9,9 0,9 0,0"),
        ring.format("innerBoundaryIs", "20,20 21,20 21,21 20,21 20,20"),
    )
    track = "<gx:Track><when>2026-01-01</when><gx:coord>1 2 3</gx:coord><gx:coord>2 3 4</gx:coord></gx:Track>"
    polygon = f"<Polygon>{inner}{outer}</Polygon>"
    shapes = [
        (point, 1),
        (line, 2),
        (polygon, 10),
        (track, 2),
        (f"<MultiGeometry>{point}{point}</MultiGeometry>", 2),
        (f"<MultiGeometry>{line}{line}</MultiGeometry>", 4),
        (f"<MultiGeometry>{polygon}{polygon}</MultiGeometry>", 20),
        (f"<MultiGeometry>{point}<MultiGeometry>{line}{polygon}</MultiGeometry></MultiGeometry>", 13),
        ("<Point><coordinates/></Point>", 0),
        ("", 0),
    ]
    for shape, vertices in shapes:
        report = check_files([write(tmp_path, document(placemark(shape)))])
        assert (report.checked[0].features, report.checked[0].vertices) == (1, vertices), shape
        assert ("CM211" in codes(report)) == ("Polygon" in shape)  # the hole lies outside
        assert "CM014" not in codes(report)


def test_properties_are_looked_at_as_a_table(tmp_path):
    data = "<ExtendedData>{}</ExtendedData>"
    first = data.format('<Data name="name_en"><value>a</value></Data><Data name="name_ru"><value>b</value></Data>')
    second = data.format('<Data name="name_en"><value>a</value></Data><Data name="url"><value>ftp://a</value></Data>')
    third = data.format('<SchemaData><SimpleData name="start_date">2020-02-31</SimpleData></SchemaData>')
    report = check_files([write(tmp_path, document(*map(placemark, (first, second, third))))])
    assert [(finding.code, finding.index) for finding in report.findings] == [("CM413", 1), ("CM415", 1), ("CM414", 2)]


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("<LineString><coordinates>0,0 foo 1,1</coordinates></LineString>", '"foo" is neither'),
        ("<LineString><coordinates>0, 0 1, 1</coordinates></LineString>", '"0," is neither'),
        ("<Point><coordinates>nan,1</coordinates></Point>", '"nan,1" is neither'),
        ("<Point><coordinates>1e999,1</coordinates></Point>", '"1e999,1" is neither'),
        ("<Point><coordinates>1,2,3,4</coordinates></Point>", '"1,2,3,4" is neither'),
        ("<LineString><coordinates>1,2</coordinates></LineString>", "only one position"),
        (BOWTIE.replace(" 0,1<", "<"), "does not end where it begins"),
        (BOWTIE.replace("1,2 1,1 0,2 ", ""), "fewer than four positions"),
    ],
)
def test_coordinates_that_are_none_are_told_of_their_placemark(tmp_path, shape, message):
    report = check_files([write(tmp_path, document(POINT.format(70), "\n" + placemark(shape), POINT.format(71)))])
    (finding,) = report.findings
    assert (finding.code, finding.index, finding.line, finding.column) == ("CM014", 1, 2, 1)
    assert message in finding.message
    assert (report.checked[0].features, report.checked[0].vertices) == (3, 2)


def test_what_stands_before_a_fault_is_checked(tmp_path):
    path = write(tmp_path, document(placemark(BOWTIE)).replace("</Document>", "\n</Dokument>"))
    report = check_files([path])
    assert [(finding.code, finding.line) for finding in report.findings] == [("CM014", 2), ("CM211", None)]
    assert report.checked[0].features == 1


@pytest.mark.parametrize("text", ["<gpx/>", document(), "<kml/>", document("<GroundOverlay/>"), '<?xml version="1.0" encoding="x"?><kml/>'])
def test_no_placemarks_is_a_finding(tmp_path, text):
    refused(write(tmp_path, text))


def test_a_doctype_that_declares_entities_is_refused(tmp_path):
    laughs = f'<!DOCTYPE kml [<!ENTITY a "{"ha" * 50}">{LAUGHS}]>'
    text = document(placemark("<description>&i;</description>"), head=laughs)
    finding = refused(write(tmp_path, text))
    assert "DOCTYPE" in finding.message
    assert finding.line == 1
    assert "DOCTYPE" in refused(packed(tmp_path, ("doc.kml", text))).message
    attribute = '<!DOCTYPE kml [<!ATTLIST Placemark id CDATA "{}">]>'.format("x" * 1000)
    assert "DOCTYPE" in refused(write(tmp_path, document(POINT.format(70), head=attribute))).message
    assert codes(check_files([write(tmp_path, document(POINT.format(70), head='<!DOCTYPE kml SYSTEM "kml.dtd">'))])) == set()
    gpx = write(tmp_path, f"{laughs}<gpx><wpt><name>&i;</name></wpt></gpx>", "a.gpx")
    assert codes(check_files([gpx])) == {"CM011"}


@pytest.mark.parametrize(
    "text",
    [
        document(placemark(f"<description>{'x' * 9000}</description>")),
        document(placemark(f"<Point><coordinates>{'1,2 ' * 3000}</coordinates></Point>")),
        document(placemark('<Data name="a"/>' * 3000)),
        document(placemark(f'<Data name="{"x" * 9000}"/>')),
        document(f"<!--{'x' * 9000}"),
        f'<kml a="{"x" * 9000}',
        f"<kml>{'<Folder>' * 1000}",
    ],
)
def test_what_would_have_to_be_held_as_a_whole_is_bounded(tmp_path, monkeypatch, text):
    monkeypatch.setattr(foreign, "LARGE", 8000)
    monkeypatch.setattr(foreign, "PART", 500)
    assert "more than" in refused(write(tmp_path, text)).message


def test_a_table_of_many_columns_is_not_filled_up(tmp_path, monkeypatch):
    wide = "".join(f'<Data name="n{number}"><value/></Data>' for number in range(5000))
    cells, batch = [], FileCheck.batch
    monkeypatch.setattr(
        FileCheck, "batch", lambda self, read, *found: cells.append(sum(map(len, read.properties))) or batch(self, read, *found)
    )
    report = check_files([write(tmp_path, document(placemark(wide), placemark("") * 3000))])
    assert (report.checked[0].features, codes(report)) == (3001, set())
    assert max(cells) <= 5000 + foreign.ROWS * foreign.COLUMNS
    assert len(cells) == 4


def test_a_zip_bomb_is_not_unfolded(tmp_path, monkeypatch):
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("doc.kml", "w", force_zip64=True) as member:
        for _ in range(50):
            member.write(b" " * (1 << 20))
    assert path.stat().st_size < 60_000
    fed = []
    monkeypatch.setattr(foreign.Reader, "feed", lambda *_, **__: fed.append(1))
    finding = refused(path)
    assert "unfolds to 52,428,800 bytes" in finding.message
    assert "zip bomb" in finding.hint
    assert not fed


def test_a_header_that_lies_unfolds_to_no_more_than_it_says(tmp_path, monkeypatch):
    text = document(*(POINT.format(number / 10_000) for number in range(9000)))
    path = packed(tmp_path, ("doc.kml", text))
    content = path.read_bytes()
    size = struct.pack("<I", len(text))
    assert content.count(size) == 2
    fed, feed = [], foreign.Reader.feed
    monkeypatch.setattr(foreign.Reader, "feed", lambda self, part, **how: fed.append(len(part)) or feed(self, part, **how))
    path.write_bytes(content.replace(size, struct.pack("<I", 1000)))
    assert "CRC" in refused(path).message
    assert sum(fed) <= 1000
    most = foreign.RATIO * len(content)
    path.write_bytes(content.replace(size, struct.pack("<I", most)))  # it says more than there is
    assert codes(check_files([path])) == set()
    path.write_bytes(content.replace(size, struct.pack("<I", most + 1)))
    assert f"{most:,} are read" in refused(path).message


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(tmp_path, method):
    assert "packed" in refused(packed(tmp_path, ("doc.kml", document(POINT.format(70))), method=method)).message


def test_a_kmz_that_is_damaged_is_a_finding(tmp_path):
    assert "no .kml" in refused(packed(tmp_path, ("a.txt", ""))).message
    path = packed(tmp_path, ("doc.kml", document(*(POINT.format(number / 10) for number in range(500)))))
    content = path.read_bytes()
    for at in range(0, len(content), 97):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
        assert codes(check_files([path])) <= {"CM014"}
        path.write_bytes(content[:at])
        refused(path)
    encrypted = bytearray(content)
    encrypted[6] |= 1
    encrypted[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(encrypted)
    assert "encrypted" in refused(path).message
