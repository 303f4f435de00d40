"""What the package carries of Natural Earth and the CLDR is what it claims to be, and a region is cut from it."""

from __future__ import annotations

import math
import re
from functools import cache

import geopandas
import pytest
import shapely
from pyproj import CRS, Geod

from corridormap.antimeridian import continuous, crosses, is_box, one_world
from corridormap.errors import UsageError
from corridormap.start.geography import _read, find_code
from corridormap.start.geography import region as cut
from corridormap.words import country_names

GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def countries():
    return _read("countries")


@cache
def region(*codes):
    """Cut the region of some countries, once for all tests that ask for it; read only."""
    return cut(list(codes))


def km2(shape):
    return abs(GEOD.geometry_area_perimeter(shape)[0]) / 1e6


@pytest.mark.slow
def test_countries_are_a_coverage(countries):
    shapes = countries.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert countries.crs == CRS("EPSG:4326")
    assert (shapely.get_coordinates(shapes) * 4096 % 1 == 0).mean() > 0.999


def test_codes_are_given_once_and_named_in_every_language(countries):
    codes = [code for code in countries["code"] if code]
    assert len(codes) == len(set(codes)) == 239
    # Those that Natural Earth's own column ISO_A2 lacks.
    assert {"FR", "NO", "XK", "TW"} <= set(codes)
    assert all(table.keys() == set(codes) and all(table.values()) for table in country_names().values())
    assert {"en", "ru", "kk", "az", "ka", "hy", "uz", "tk", "tg", "ky", "mn", "lt", "lv", "et"} <= country_names().keys()


@pytest.mark.parametrize(
    ("code", "area"),
    # Areas in km² by the CIA's World Factbook; Singapore, of which Natural Earth has 511, has grown since.
    [("AZ", 86_600), ("KZ", 2_724_900), ("FJ", 18_274), ("LT", 65_300), ("SG", 511), ("NZ", 268_838)],
)
def test_areas_are_about_the_published_ones(countries, code, area):
    (shape,) = countries.geometry[countries["code"] == code]
    assert km2(shape) == pytest.approx(area, rel=0.05)


@pytest.mark.parametrize(
    ("place", "at", "code"),
    [
        ("Baku", (49.87, 40.40), "AZ"),
        ("Tbilisi", (44.80, 41.70), "GE"),
        ("Simferopol", (34.10, 44.95), "UA"),
        ("Kyrenia", (33.32, 35.30), "CY"),
    ],
)
def test_places_lie_in_their_country(countries, place, at, code):
    assert countries["code"][countries.covers(shapely.Point(at))].tolist() == [code]


def test_the_atlas_s_own_outline_agrees(countries, atlas):
    """Two outlines of Kazakhstan, from Natural Earth and OpenStreetMap, lie apart as far as the accuracy says that `new` writes."""
    from corridormap.start import ACCURACY_M

    crs = atlas.record.planar_crs
    ours = atlas.facts("border/border.geojson").set_index("id").to_crs(crs).geometry.loc[["border:land"]]
    theirs = countries[countries["code"] == "KZ"].to_crs(crs).geometry.iloc[0].boundary
    points = shapely.line_interpolate_point(ours.iloc[0], range(0, int(ours.length.iloc[0]), 5000))
    gaps = sorted(shapely.distance(points, theirs))
    assert gaps[int(0.95 * len(gaps))] < ACCURACY_M


def test_lakes_are_large_ones():
    lakes = _read("lakes")
    assert len(lakes) == 992
    assert lakes.is_valid.all()
    assert min(map(km2, lakes.geometry)) > 90
    assert lakes.covers(shapely.Point(31.5, 60.8)).sum() == 1  # Ladoga


@pytest.mark.parametrize(
    ("given", "code"),
    [("AZ", "AZ"), (" az ", "AZ"), ("Georgia", "GE"), ("Азербайджан", "AZ"), ("FRANCE", "FR"), ("United States of America", "US")],
)
def test_a_country_by_code_or_name(given, code):
    assert find_code(given) == code


def test_an_unknown_country_is_refused_with_names_near_to_it():
    with pytest.raises(UsageError, match=r"no country 'Azerbajan'.*\n.*AZ \(Azerbaijan\)"):
        find_code("Azerbajan")
    with pytest.raises(UsageError, match=r"no country 'QQ'(?s:.*)ISO 3166-1"):
        find_code("QQ")


@pytest.mark.slow
@pytest.mark.parametrize("code", ["AZ", "FR", "NO", "SG", "VA", "NR", "AQ", "CL", "US", "RU", "NZ", "MV", "FJ", "KI", "TV", "WS"])
def test_a_region_holds_its_country(code):
    found = region(code)
    assert is_box(found.extent)
    assert is_box(found.view)
    extent, view = (one_world(shapely.box(*continuous(box))) for box in (found.extent, found.view))
    assert extent.covers(view)
    assert CRS(found.planar_crs).is_projected
    assert found.land.is_valid
    assert extent.covers(found.land)
    shown = shapely.intersection(found.outlines[code], view)
    assert km2(shown) > 0.8 * km2(found.outlines[code])


@pytest.mark.parametrize(
    ("code", "west", "east", "lon_0"),
    # From the westernmost island to the easternmost, a little wider.
    [
        ("FJ", 177, -178, 179),
        ("RU", 19, -169, 105),
        ("US", 172, -67, -127),
        ("KI", 169, -151, -171),
        ("NZ", 166, -176, 175),
        ("TV", 176, 180, 178),
    ],
)
def test_countries_across_the_180th_meridian(code, west, east, lon_0):
    found = region(code)
    assert found.view[0] == pytest.approx(west, abs=1.5)
    assert found.view[2] % 360 == pytest.approx(east % 360, abs=1.5)
    assert crosses(found.extent)
    assert float(re.search(r"\+lon_0=(\S+)", found.planar_crs)[1]) == pytest.approx(lon_0, abs=0.6)
    west_of_all, _, east_of_all, _ = found.land.bounds
    assert -180 <= west_of_all < east_of_all <= 180
    assert (west_of_all < -150) == (code != "TV")  # whose islands lie on one side


def test_several_countries_on_both_sides_are_one_box():
    found = region("FJ", "TO", "TV")
    assert found.view[0] == pytest.approx(176, abs=1)
    assert found.view[2] == pytest.approx(-173.5, abs=1)
    assert not crosses(region("TO").extent)


def test_what_lies_far_off_is_left_out_of_the_map():
    assert region("FR").view[0] > -10  # Guiana is part of France
    assert region("NO").view[1] > 50  # and Bouvet Island of Norway


def test_boundaries_are_shared_lines():
    found = region("AZ")
    assert {"AZ-GE", "AM-AZ", "AZ-IR", "AZ-RU", "AZ-TR", "GE-RU"} <= found.boundaries.keys()
    line = found.boundaries["AZ-GE"]
    assert line.length == pytest.approx(line.intersection(found.outlines["AZ"].boundary).length)
    assert region("NR").boundaries == {}


@pytest.mark.parametrize(
    ("code", "pair", "km"),
    # As long as Natural Earth has them before they are thinned.
    [("AZ", "AZ-GE", 302.6), ("LT", "LT-LV", 435.3), ("KZ", "KZ-UZ", 2183.3), ("FR", "ES-FR", 567.7)],
)
def test_thinning_hardly_shortens_boundaries(code, pair, km):
    assert GEOD.geometry_length(region(code).boundaries[pair]) / 1000 == pytest.approx(km, rel=0.01)


@pytest.mark.parametrize("code", ["AZ", "KZ", "CL", "AQ", "SE"])
def test_the_projection_keeps_areas_and_hardly_bends_lengths(code):
    found = region(code)
    (outline,) = geopandas.GeoSeries([found.outlines[code]], crs="EPSG:4326").to_crs(found.planar_crs)
    assert outline.area / 1e6 == pytest.approx(km2(found.outlines[code]), rel=0.01)
    middle = shapely.Point((found.view[0] + found.view[2]) / 2, (found.view[1] + found.view[3]) / 2)
    east = shapely.Point(middle.x + 0.1, middle.y)
    flat = geopandas.GeoSeries([middle, east], crs="EPSG:4326").to_crs(found.planar_crs)
    true = GEOD.line_length([middle.x, east.x], [middle.y, east.y])
    assert math.isclose(flat.iloc[0].distance(flat.iloc[1]), true, rel_tol=0.06)
