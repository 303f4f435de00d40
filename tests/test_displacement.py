"""Roads along railways."""

import geopandas as gpd
import pytest
import shapely

from corridormap.cartography.offsets import beside

PLANE = "EPSG:32642"


def links(*lines):
    flat = gpd.GeoDataFrame({"mode": [mode for mode, _ in lines]}, geometry=[shapely.LineString(places) for _, places in lines], crs=PLANE)
    flat.index = [f"{mode}-{number}" for number, (mode, _) in enumerate(lines)]
    return flat.to_crs("EPSG:4326")


RAIL = ("rail", [(500_000, 5_000_000), (500_000, 5_100_000)])


@pytest.mark.parametrize(
    ("road", "wanted"),
    [
        ([(503_000, 5_000_000), (503_000, 5_100_000)], (1, 1)),
        ([(503_000, 5_100_000), (503_000, 5_000_000)], (-1, -1)),
        ([(497_000, 5_000_000), (497_000, 5_100_000)], (-1, 1)),
        # Too far, across, and alongside for too short a way.
        ([(507_000, 5_000_000), (507_000, 5_100_000)], None),
        ([(450_000, 5_050_000), (550_000, 5_050_000)], None),
        ([(503_000, 5_000_000), (503_000, 5_040_000), (543_000, 5_090_000)], None),
    ],
)
def test_a_road_beside_a_railway(road, wanted):
    assert beside(links(RAIL, ("road", road)), PLANE) == ({} if wanted is None else {"road-1": ("rail-0", *wanted)})


def test_railways_in_a_row_count_together():
    rails = [("rail", [(500_000, 5_000_000 + 30_000 * part), (500_000, 5_030_000 + 30_000 * part)]) for part in range(3)]
    road = ("road", [(502_000, 5_005_000), (502_000, 5_090_000)])
    assert beside(links(*rails, road), PLANE)["road-3"][0] in {"rail-1", "rail-2"}


def test_no_railway_no_neighbour():
    assert beside(links(("road", [(500_000, 5_000_000), (500_000, 5_100_000)])), PLANE) == {}
