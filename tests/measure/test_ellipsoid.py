import itertools

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiLineString, Point, Polygon, box

from corridormap import measure
from corridormap.errors import DataError, UsageError

W = "EPSG:4326"
MIXED = [
    LineString([(66, 50), (67, 50)]),
    Point(66, 50),
    None,
    LineString(),
    box(66, 50, 67, 51),
    GeometryCollection([Point(66, 50), GeometryCollection([LineString([(66, 50), (66, 51)])])]),
    shapely.from_wkt("LINESTRING ZM (66 50 9 1, 67 50 9000 2)"),
]


def reference_km(line):
    """Length by GeographicLib's own implementation, segment by segment."""
    geodesic, places = Geodesic.WGS84, shapely.get_coordinates(line)
    return sum(geodesic.Inverse(a[1], a[0], b[1], b[0])["s12"] for a, b in itertools.pairwise(places)) / 1000.0


def agrees(measured, expected):
    """To 1 mm in 1,000 km."""
    return abs(measured - expected) <= max(expected, 1.0) * 1e-9


places = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@settings(max_examples=150)
@given(st.lists(places, min_size=2, max_size=8))
def test_lengths_of_any_line_agree_with_geographiclib(coordinates):
    line = LineString(coordinates)
    assert agrees(measure.lengths(line)["length_km"].item(), reference_km(line))


@pytest.mark.slow
def test_lengths_of_the_network_agree_with_geographiclib(atlas):
    links = atlas.links
    table = measure.lengths(links)
    assert table.index.equals(links.index)
    expected = [reference_km(line) for line in links.geometry]
    assert all(map(agrees, table["length_km"], expected))
    assert agrees(table["length_km"].sum(), sum(expected))


def test_areas_of_holes_and_collections_agree_with_geographiclib():
    def ring(coordinates):
        polygon = Geodesic.WGS84.Polygon()
        for lon, lat in coordinates[:-1]:
            polygon.AddPoint(lat, lon)
        _, perimeter, area = polygon.Compute()
        return abs(area) / 1e6, perimeter / 1000.0

    shell, hole = list(box(60, 45, 70, 52).exterior.coords), list(box(62, 47, 65, 49).exterior.coords)
    expected = ring(shell)[0] - ring(hole)[0], ring(shell)[1] + ring(hole)[1]
    wound = [
        Polygon(shell, [hole]),
        Polygon(shell[::-1], [hole]),
        Polygon(shell, [hole[::-1]]),
        GeometryCollection([Polygon(shell, [hole])]),
    ]
    for area, perimeter in measure.areas(wound).itertuples(index=False):
        assert area == pytest.approx(expected[0], rel=1e-10)
        assert perimeter == pytest.approx(expected[1], rel=1e-10)
    # Over the 180th meridian a ring's drawn direction says nothing.
    over = Polygon([(179, 0), (-179, 0), (-179, 2), (179, 2)], [[(179.5, 0.5), (179.8, 0.5), (179.8, 1), (179.5, 1)]])
    here = Polygon([(9, 0), (11, 0), (11, 2), (9, 2)], [[(9.5, 0.5), (9.8, 0.5), (9.8, 1), (9.5, 1)]])
    one, other = measure.areas([over, here])["area_km2"]
    assert one == pytest.approx(other, rel=1e-9)


def test_mixed_missing_empty_and_duplicate_index():
    frame = gpd.GeoDataFrame(geometry=MIXED, crs=W, index=[1, 1, 2, 2, 3, 3, 3])
    lengths = measure.lengths(frame)
    assert lengths.index.tolist() == [1, 1, 2, 2, 3, 3, 3]
    assert lengths["length_km"].isna().tolist() == [False, True, True, True, True, False, False]
    assert lengths["length_km"].iloc[0] == lengths["length_km"].iloc[-1]  # Z and M are left out
    assert measure.areas(frame)["area_km2"].notna().tolist() == [False, False, False, False, True, False, False]
    assert "Karney" in lengths.attrs["method"]


@pytest.mark.parametrize("function", [measure.lengths, measure.areas])
def test_an_empty_frame_keeps_its_columns(function):
    table = function(gpd.GeoDataFrame({"a": []}, geometry=[], crs=W))
    assert len(table) == 0
    assert set(table.dtypes) == {np.dtype(float)}


def test_another_crs_is_reprojected_and_said_so():
    frame = gpd.GeoDataFrame(geometry=MIXED[:1], crs=W)
    table = measure.lengths(frame.to_crs("EPSG:32642"))
    assert table.attrs["note"] == "reprojected from EPSG:32642 to EPSG:4326"
    assert table["length_km"].item() == pytest.approx(measure.lengths(frame)["length_km"].item(), abs=1e-6)
    assert "note" not in measure.lengths(frame).attrs
    assert "note" not in measure.lengths(frame.set_crs("OGC:CRS84", allow_override=True)).attrs


def test_what_cannot_be_measured_is_refused_with_the_fix():
    frame = gpd.GeoDataFrame(geometry=MIXED[:1])
    with pytest.raises(DataError, match=r"no CRS\n  .*set_crs"):
        measure.lengths(frame)
    with pytest.raises(DataError, match=r"row 1: 500000, 5.53e\+06 is no longitude and latitude\n  .*set_crs"):
        measure.lengths([None, LineString([(500000, 5530000), (500100, 5530000)])])
    with pytest.raises(DataError, match="no longitude and latitude"):
        measure.chainage(MIXED[0], points=Point(float("inf"), 50))
    with pytest.raises(DataError, match="no geometry column"):
        measure.lengths(gpd.GeoDataFrame({"a": [1]}))
    with pytest.raises(UsageError, match="not str"):
        measure.lengths("LINESTRING (0 0, 1 1)")
    with pytest.raises(UsageError, match="no ellipsoid 'flat'"):
        measure.lengths(MIXED[0], ellipsoid="flat")


def test_the_ellipsoid_is_a_parameter():
    on_krass, on_wgs = (measure.lengths(MIXED[0], ellipsoid=name) for name in ("krass", "WGS84"))
    krass = Geodesic(6378245.0, 1 / 298.3)
    assert on_krass["length_km"].item() == pytest.approx(krass.Inverse(50, 66, 50, 67)["s12"] / 1000, rel=1e-10)
    assert on_krass["length_km"].item() != on_wgs["length_km"].item()
    assert "krass" in on_krass.attrs["method"]


GROUND = gpd.GeoDataFrame({"side": ["west", "east", None]}, geometry=[box(65, 49, 66.5, 51), box(66.5, 49, 70, 51), None], crs=W)


def by(data, **more):
    table = measure.lengths_by(data, by="side", areas=GROUND, **more)
    return {side if isinstance(side, str) else None: km for side, km in zip(table["side"], table["length_km"], strict=True)}


def test_by_areas_parts_add_up_to_the_whole():
    line = LineString([(64, 50), (71, 50.3)])
    parts = by(line)
    assert set(parts) == {"west", "east", None}
    assert sum(parts.values()) == pytest.approx(measure.lengths(line)["length_km"].item(), abs=1e-6)
    # The cuts are those of the geodesic, not of the straight line on the map, which runs kilometres away from it.
    geodesic = Geodesic.WGS84.InverseLine(50, 64, 50.3, 71)

    def at(lon):
        low, high = 0.0, geodesic.s13
        while high - low > 0.001:
            middle = (low + high) / 2
            low, high = (middle, high) if geodesic.Position(middle)["lon2"] < lon else (low, middle)
        return low / 1000

    assert parts["west"] == pytest.approx(at(66.5) - at(65), abs=0.0002)
    assert parts["east"] == pytest.approx(at(70) - at(66.5), abs=0.0002)


def test_by_areas_counts_what_is_passed_twice_twice():
    out_and_back = LineString([(65.5, 50), (66, 50), (65.5, 50)])
    assert by(out_and_back) == {"west": pytest.approx(measure.lengths(out_and_back)["length_km"].item(), abs=1e-9)}


def test_by_areas_along_a_common_edge_counts_in_both_and_a_touch_in_none():
    assert by(LineString([(66.5, 49.5), (66.5, 50)])) == {"west": pytest.approx(55.612, abs=1e-3), "east": pytest.approx(55.612, abs=1e-3)}
    assert set(by(LineString([(60, 52), (65, 51), (60, 53)]))) == {None}


def test_by_areas_over_the_180th_meridian():
    halves = gpd.GeoDataFrame({"side": ["east", "west"]}, geometry=[box(178, -1, 180, 1), box(-180, -1, -178, 1)], crs=W)
    table = measure.lengths_by([LineString([(179, 0), (-179.5, 0)]), LineString([(-179, 0.5), (179, 0.5)])], by="side", areas=halves)
    km = dict(zip(table["side"], table["length_km"], strict=True))
    assert km == {"east": pytest.approx(2 * 111.3, abs=0.1), "west": pytest.approx(1.5 * 111.3, abs=0.1)}


def test_by_areas_for_each_line_on_the_callers_index():
    frame = gpd.GeoDataFrame(geometry=[*MIXED, LineString([(69, 50), (71, 50)])], crs=W, index=list("aabbcccd"))
    each = measure.lengths_by(frame, by="side", areas=GROUND, each=True)
    assert each.index.tolist() == ["a", "a", "c", "c", "c", "d", "d"]
    sums = each.groupby("side", dropna=False)["length_km"].sum()
    whole = measure.lengths_by(frame, by="side", areas=GROUND).set_index("side")["length_km"]
    assert sums.to_dict() == pytest.approx(whole.to_dict(), nan_ok=True)
    assert each.loc["d", "share"].sum() == pytest.approx(1.0)


def test_by_an_attribute():
    frame = gpd.GeoDataFrame({"class": [1, 2, 2, None]}, geometry=[MIXED[0]] * 4, crs=W)
    table = measure.lengths_by(frame, by="class")
    assert table["class"].tolist()[:2] == [2.0, 1.0]
    assert np.isnan(table["class"].iloc[2])
    assert table["share"].tolist() == pytest.approx([0.5, 0.25, 0.25])


def test_by_countries_of_the_network_is_what_the_links_say(atlas):
    outline = atlas.facts(atlas.record.outline)
    links = atlas.links[atlas.links["mode"] != "sea"]
    country = gpd.GeoDataFrame(
        {"country": ["KZ"]},
        geometry=[
            shapely.union_all(
                shapely.build_area(outline.union_all())
                if outline.geom_type.isin(["LineString", "MultiLineString"]).all()
                else outline.geometry
            )
        ],
        crs=W,
    )
    inside = measure.lengths_by(links, by="country", areas=country).set_index("country")["length_km"]["KZ"]
    said = measure.lengths_by(links, by="country").set_index("country")["length_km"]["KZ"]
    assert inside == pytest.approx(said, rel=0.002)


def test_nothing_to_split():
    empty = gpd.GeoDataFrame({"side": []}, geometry=[], crs=W)
    for table in (measure.lengths_by(empty, by="side"), measure.lengths_by(empty, by="side", areas=GROUND, each=True)):
        assert table.columns.tolist() == ["side", "length_km", "share"]
        assert table["length_km"].dtype == float
    assert by(MIXED[1]) == {}
    assert measure.lengths_by(MIXED[0], by="side", areas=GROUND.iloc[:0])["share"].tolist() == [1.0]


def test_wrong_columns_and_areas():
    frame = gpd.GeoDataFrame({"a": [[1]], "share": [1]}, geometry=MIXED[:1], crs=W)
    for column, message in (
        ("b", "Columns are: a, share"),
        ("geometry", "no column 'geometry'"),
        ("a", "holds lists"),
        ("share", "Rename"),
    ):
        with pytest.raises(UsageError, match=message):
            measure.lengths_by(frame, by=column)
    with pytest.raises(UsageError, match="must be a GeoDataFrame"):
        measure.lengths_by(MultiLineString([[(0, 0), (1, 1)]]), by="a")
    bow = gpd.GeoDataFrame({"side": ["x"]}, geometry=[Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])], crs=W)
    with pytest.raises(DataError, match=r"row 0 is no valid area\n  .*make_valid"):
        measure.lengths_by(MIXED[0], by="side", areas=bow)
    with pytest.raises(DataError, match="the areas: has no CRS"):
        measure.lengths_by(MIXED[0], by="side", areas=GROUND.set_crs(None, allow_override=True))


@pytest.mark.parametrize(
    "line",
    [[(170, 50), (190, 50)], [(170, 50), (180, 50), (190, 50)], [(170, 50), (-170, 50)], [(-190, 50), (-170, 50)], [(190, 50), (170, 50)]],
)
@pytest.mark.parametrize("beyond", [0.0, 360.0])
def test_each_side_of_the_180th_meridian_counts_once_however_longitudes_are_written(line, beyond):
    """A fault of once: longitudes beyond 180° counted in the area and once more in none."""
    areas = gpd.GeoDataFrame({"side": ["west", "east"]}, geometry=[box(170, 40, 180, 60), box(beyond - 180, 40, beyond - 170, 60)], crs=W)
    km = measure.lengths_by(LineString(line), by="side", areas=areas).set_index("side")["length_km"]
    half = Geodesic.WGS84.Inverse(50, 170, 50, 180)["s12"] / 1000
    assert set(km.index) == {"west", "east"}
    assert km.to_numpy() == pytest.approx([half, half], rel=0.003)
    assert km.sum() == pytest.approx(measure.lengths(LineString(line))["length_km"].item(), rel=1e-9)
    whole = gpd.GeoDataFrame({"side": ["both"]}, geometry=[box(170 - beyond, 40, 190 - beyond, 60)], crs=W)
    assert measure.lengths_by(LineString(line), by="side", areas=whole)["length_km"].tolist() == pytest.approx([km.sum()])


@pytest.mark.parametrize("limits", [{}, {"CHUNK": 7, "RUN": 3, "DETAILED": 8}, {"RUN": 1}])
def test_by_areas_is_what_cutting_each_segment_by_itself_gives(limits, monkeypatch):
    """However lines are parted and areas cut down to be quick, over detailed edges, holes, a common edge, an overlap and a gap between."""
    for name, value in limits.items():
        monkeypatch.setattr(f"corridormap.measure.ellipsoid.{name}", value)
    random = np.random.default_rng(4)
    lines = [LineString(random.normal(0, 0.004, (300, 2)).cumsum(axis=0) + start) for start in ([66, 50], [66.05, 50.05], [65.95, 50])]
    lines += [
        LineString(shapely.get_coordinates(lines[0])[::-1]),
        LineString([(66.05, 50), (66.05, 50.005), (66.05, 50.005), (66.05, 50.01)]),
    ]
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    star = Polygon(np.column_stack([66 + np.cos(turn) * (0.06 + 0.02 * np.sin(30 * turn)), 50 + 0.04 * np.sin(turn)]))
    shapes = {"star": star - Point(66, 50).buffer(0.02), "east": box(66.05, 49.9, 67, 51), "more": box(66.02, 49.98, 66.05, 50.2)}
    areas = gpd.GeoDataFrame({"side": list(shapes)}, geometry=list(shapes.values()), crs=W)
    each = measure.lengths_by(lines, by="side", areas=areas, each=True)
    for row, line in enumerate(lines):
        segments = shapely.linestrings([pair for pair in itertools.pairwise(shapely.get_coordinates(line)) if (pair[0] != pair[1]).any()])
        expected = {side: measure.lengths(shapely.intersection(segments, shape))["length_km"].sum() for side, shape in shapes.items()}
        apart = shapely.difference(segments, shapely.union_all(list(shapes.values())))
        expected[None] = measure.lengths(apart)["length_km"].sum()
        found = each.loc[[row]]
        assert dict(zip(found["side"].astype(object).where(found["side"].notna(), None), found["length_km"], strict=True)) == pytest.approx(
            {side: km for side, km in expected.items() if km > 0}, rel=1e-9
        )
